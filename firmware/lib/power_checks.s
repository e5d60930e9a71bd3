# Macros of guests that check what hypercalls answer; `.include` it behind `.text`.

        # `main` from its first line to its last; r29 has its return address. What a `check` finds otherwise goes to `failed`, r31 its number.
        .macro  main_begins
        .global main
        .type   main, @function
main:
        .cfi_startproc
        mflr    r29
        .cfi_register lr, r29
        .endm
        .macro  main_ends
        li      r31, 0
failed: main_returns
        .endm
        .macro  main_returns
        mr      r3, r31
        mtlr    r29
        blr
        .cfi_endproc
        .size   main, . - main
        .endm
        # What the verdict's line calls the guest.
        .macro  guest_is called
        .section .rodata, "a"
        .global guest_name
guest_name:
        .asciz  "\called"
        .endm

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
