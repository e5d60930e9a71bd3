@ From Hyp mode into a guest and back.

        .equ    VIRTUAL_INTERFACE, 0
        .include "switches.s"
