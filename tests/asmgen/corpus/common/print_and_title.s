/* What says something and makes nothing. */
        .print  "assembling"
        .title  "a title"
        .sbttl  "a subtitle"
        .psize  60, 132
        .eject
        .list
        .nolist
        .data
        .byte   1
        .ifdef  never
        .error  "not reached"
        .err
        .endif
        .abort_is_a_label:
        .byte   2
        .end
        .byte   3
        this is not read
