/* Expressions over symbols of one section; results that are plain numbers. */
        .data
a:      .space  8
b:      .space  24
c:
        .long   b - a, c - b, c - a, (c - a) / 4, (c - b) * 2 + 1
        .long   (b - a) << 2, -(c - a), ~(c - b), (c - a) % 5
        .byte   b - a == 8, c > b, a < c, b - a
        .2byte  c - a
size = c - a
half = size / 2
        .long   size, half, size - half
        .if     size == 32
        .byte   1
        .endif
        .space  size / 8, half
        .fill   half / 4, 1, size
        .long   . - a
        .long   d - c
d:
