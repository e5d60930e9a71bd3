@ The guest of hoststubs/arm_kvm_host.s: it springs three traps and knows nothing of the host.
@
@ It runs in SVC mode with VMID 1, stage 1 off and stage 2 on. Its code stands in a 2 MB block of its own, because that is what the
@ host maps for it.

        .section .guest, "ax"
        .place  .guest, 0x40200000
        .equ    DEVICE, 0x0A000000

        .global guest_entry
        .type   guest_entry, %function
guest_entry:
        @ A call with a number and a value; the host answers in r0.
        ldr     r0, =0xC0FFEE
guest_hvc:
        hvc     #0x4A11

        @ A word from a device that is not there: stage 2 maps nothing here, so the hypervisor has to play it.
        ldr     r2, =DEVICE
guest_load:
        ldr     r1, [r2, #8]

        @ Tell the host what came of both.
        hvc     #0x4A11
1:      b       1b
        .size   guest_entry, . - guest_entry
        .ltorg
