/* Other names of places: relocations name them as the source does, whoever else may see them. */
        .text
        .globl  shared
        .type   shared, %function
shared: .long   0
        .type   own, %function
own:    .long   0
plain:  .long   0
        .globl  given
        .set    given, own
        .weak   weakly
        .set    weakly, shared
        .set    local_name, shared
        .set    name_of_name, given
        .set    beside, shared + 4
        .set    of_plain, plain
        .weak   of_plain
        .set    elsewhere, foreign
        .data
        .long   given, weakly, local_name, name_of_name, beside, of_plain, elsewhere
        .long   given + 4, weakly + 4, local_name + 4, name_of_name + 4, elsewhere + 4
        .long   given - ., local_name - ., of_plain - .
        .size   given, 4
