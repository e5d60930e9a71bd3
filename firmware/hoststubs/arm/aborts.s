@ Aborts of the second stage: memory that is not mapped yet, and devices, which the host plays from the syndrome.
@
@ Linux 3.9, arch/arm/kvm/mmu.c (kvm_handle_guest_abort) and mmio.c (io_mem_abort, decode_hsr). Comes from run_vcpu in host.s, with its
@ registers: r4 is the vcpu, r6 its HSR.

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

        .equ    DEVICES, 0x0900                 @ upper half of the addresses that the host lets its guest have: the serial port
        .equ    DISTRIBUTOR, 0x0800             @ the interrupt controller's, if `gives_distributor` says so

        .global prefetch_abort
        .type   prefetch_abort, %function
prefetch_abort:
        bl      fault_address
        mov     r7, r0
        bl      find_slot
        cmp     r1, #0
        bne     map_it
        ldr     r0, [r4, #VCPU_HXFAR]
        bl      inject_prefetch                 @ nothing is fetched from a device
        b       again
map_it:
        mov     r0, r7
        bl      map
        ldr     r0, =kvm_tlb_flush_vmid_ipa
        mov     r1, r4
        mov     r2, r7
        bl      call_hyp
        b       again
        .size   prefetch_abort, . - prefetch_abort

@ fault_address() -> r0: HPFAR has bits 39:12 of the guest physical address at 31:4, the fault address the others.
fault_address:
        ldr     r0, [r4, #VCPU_HPFAR]
        lsr     r0, r0, #4
        lsl     r0, r0, #12
        ldr     r1, [r4, #VCPU_HXFAR]
        ubfx    r1, r1, #0, #12
        orr     r0, r0, r1
        bx      lr

@ A slot's memory is mapped, unless it is a store to a read-only one; what is left is an access to a device. The syndrome has to say
@ how (ISV), or the run ends with it: KVM fails with ENOSYS there.
        .global data_abort
        .type   data_abort, %function
data_abort:
        bl      fault_address
        mov     r7, r0
        bl      find_slot
        cmp     r1, #0
        beq     device
        ldr     r0, [r1, #12]
        cmp     r0, #0
        beq     map_it
        tst     r6, #1 << 6                     @ WnR
        beq     map_it
device: tst     r6, #1 << 24                    @ ISV
        bne     1f
        tst     r6, #1 << 8                     @ CM: maintenance of a device's lines
        bne     refused
        tst     r6, #1 << 7                     @ S1PTW: tables in a device
        bne     refused
        mov     r5, #0x38                       @ ENOSYS
        b       failed
refused:
        ldr     r0, [r4, #VCPU_HXFAR]
        bl      inject_data
        b       again
1:      ubfx    r0, r6, #16, #4                 @ SRT
        bl      guest_register
        mov     r8, r0
        ubfx    r5, r6, #22, #2                 @ SAS
        lsr     r0, r7, #16
        cmp     r0, #DEVICES
        beq     2f
        cmp     r0, #DISTRIBUTOR
        bne     nobody
        ldr     r0, =gives_distributor
        ldr     r0, [r0]
        cmp     r0, #0
        beq     nobody
2:      tst     r6, #1 << 6
        bne     store
        cmp     r5, #1
        blo     load_byte
        beq     load_half
        ldr     r0, [r7]
        b       loaded
load_byte:
        ldrb    r0, [r7]
        tst     r6, #1 << 21                    @ SSE
        beq     loaded
        sxtb    r0, r0
        b       loaded
load_half:
        ldrh    r0, [r7]
        tst     r6, #1 << 21
        beq     loaded
        sxth    r0, r0
loaded: str     r0, [r8]
        b       skip
store:  ldr     r0, [r8]
        cmp     r5, #1
        blo     store_byte
        beq     store_half
        str     r0, [r7]
        b       skip
store_byte:
        strb    r0, [r7]
        b       skip
store_half:
        strh    r0, [r7]
        b       skip
@ Nobody answers there: a store goes nowhere (to read-only memory, say), a load gets zero; or a host that says so in `absent_aborts`
@ gives its guest an external abort.
nobody: ldr     r0, =absent_aborts
        ldr     r0, [r0]
        cmp     r0, #0
        beq     2f
        ldr     r0, [r4, #VCPU_HXFAR]
        bl      inject_external
        b       again
2:      tst     r6, #1 << 6
        bne     1f
        mov     r0, #0
        str     r0, [r8]
1:      b       skip
        .size   data_abort, . - data_abort
        .ltorg
