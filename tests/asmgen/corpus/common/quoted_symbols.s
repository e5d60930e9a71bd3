/* Names that need quotes, and names with dots and dollars. */
        .data
"a name": .long 1
        .long   "a name" - first
first:  .long   0
with.dot: .long with.dot - first
with$dollar: .long with$dollar - first
_under: .long   _under - first
        .globl  "a-b"
"a-b":  .long   5
