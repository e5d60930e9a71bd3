# Defaults of parameters: in brackets, in strings, with blanks; in a list with and without commas.
        .macro  m a, b=(1 << 6), c = "x y", d =  5 + 2 , e=[1 2], f
        .ascii  "\a|\b|\c|\d|\e|\f;"
        .endm
        .data
        m       1
        m       1, 2, 3
        m       1, , , 4, f=6
        .macro  stack name, size, align=(1 << 2)
        .balign \align
\name:  .space  \size * ((1) + (1)), \align
        .endm
        stack   first, (2 + 1)
        stack   second, 3, (1 << 3)
