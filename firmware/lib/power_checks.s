# Macros of guests that check what hypercalls answer; `.include` it behind `.text`.

        .macro  load64 register, value
        lis     \register, (\value)@highest
        ori     \register, \register, (\value)@higher
        sldi    \register, \register, 32
        oris    \register, \register, (\value)@h
        ori     \register, \register, (\value)@l
        .endm

        # check N, register, value: main returns N if the register holds anything else.
        .macro  check number, register, value
        load64  r30, \value
        cmpd    \register, r30
        li      r31, \number
        bne     failed
        .endm

        # Bit 0x40 of a first doubleword is the hypervisor's own lock. KVM never shows it, QEMU's pseries does.
        .macro  without_lock register
        li      r30, -0x41
        and     \register, \register, r30
        .endm
