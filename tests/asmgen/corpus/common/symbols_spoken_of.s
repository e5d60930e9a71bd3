# What .type, .size, .weak and .hidden speak of is in the table, though nothing defines it; .extern is no such word.
        .extern nowhere
        .weak   c
        .type   d, %object
        .size   e, 4
        .type   f, %function
        .hidden never
        .type   h, %notype
        .byte   1
