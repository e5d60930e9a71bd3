/* Binding, visibility, type and size. */
        .text
        .globl  f
        .type   f, %function
f:      .long   0
        .size   f, . - f
        .global g
        .type   g, STT_FUNC
g:      .long   0
        .size   g, 4
        .weak   w, w2
        .type   w, %object
        .hidden h
        .globl  h
        .protected p
        .globl  p
        .internal i
        .globl  i
        .local  l
        .data
w:      .long   1
        .size   w, .-w
h:      .long   2
p:      .long   3
i:      .long   4
l:      .long   5
w2:     .long   6
        .type   n, %notype
n:      .long   7
        .weak   absent
        .hidden never
        .extern elsewhere
        .globl  unused_global
