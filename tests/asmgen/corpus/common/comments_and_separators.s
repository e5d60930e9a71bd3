/* Statements, labels and comments in every arrangement. */
        .data; .byte 1; .byte 2
a: b: c: .byte  3
d :     .byte   4       /* behind */ ; .byte 5
/* over
   several lines */ .byte 6
        .byte   /* inside */ 7, /* here */ 8
# a line of its own
        .byte   9 ; /* end */
        .BYTE   10
        .Byte   11
        .long   a - b, c - a, d - a
	.byte	12	
        ;;; .byte 13 ;;
e: f: ; .byte 14
