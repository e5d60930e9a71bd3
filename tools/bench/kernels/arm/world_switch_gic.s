@ From Hyp mode into a guest and back, with the guest's list registers.

        .equ    VIRTUAL_INTERFACE, 1
        .include "switches.s"
