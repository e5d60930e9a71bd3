# What a symbol that is set to another one takes over: kind and size as they are by then, or in the end.
        .set    before, f
        .set    before_and_more, f + 4
        .globl  before, before_and_more
        .type   f, %function
        .type   object_before, %object
        .set    object_before, f
f:      .byte   0, 0, 0, 0, 0, 0, 0, 0
        .set    without_size, f
        .set    more_without_size, f + 4
        .size   f, . - f
        .set    same, f
        .set    more, f + 4
        .set    more_in_front, 4 + f
        .set    of_another, more
        .type   called_object, %object
        .set    called_object, f
        .set    again, g
        .set    again, f
g:      .byte   0, 0, 0, 0
        .set    before_its_kind, g
        .set    before_its_kind_and_more, g + 4
        .type   g, %object
        .size   g, 3
        .set    behind_its_kind, g
        .size   has_size, 7
        .set    has_size, f
        .set    gets_size, f
        .size   gets_size, 9
        .set    ahead, z
        .size   z, 4
        .type   z, %function
z:      .byte   0, 0, 0, 0
        .set    distance, f - g
        .set    place, . - 4
        .set    first, second
        .set    second, f
