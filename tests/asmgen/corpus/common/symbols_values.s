/* Assignments: .set, .equ, =, ==, .equiv, .eqv; redefinition, forward use. */
        .set    one, 1
        .equ    two, one + 1
three = two + one
        .equiv  four, 4
five == 5
        .eqv    lazy, one + 10
        .data
        .long   one, two, three, four, five, lazy
        .set    one, 100
        .long   one, two, three, lazy
        .long   later, later + 1
later = 77
        .set    here, .
        .long   here - start
start:  .long   . - start, . - here
        .set    moving, . - start
        .long   moving
        .space  4
        .set    moving, . - start
        .long   moving
        .globl  exported
exported = 0x1234
        .globl  alias
        .set    alias, start + 4
