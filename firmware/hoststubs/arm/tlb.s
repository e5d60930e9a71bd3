@ Maintenance of TLBs on behalf of the host, called through call_hyp: translations of guests are out of reach for Supervisor mode.
@
@ Linux 3.9, arch/arm/kvm/interrupts.S (__kvm_tlb_flush_vmid_ipa, __kvm_flush_vm_context).

        .include "context.s"
        .text
        .if T32
        .thumb
        .endif

@ kvm_tlb_flush_vmid_ipa(r0 = vcpu of the VM, r1 = address): no operation takes an intermediate physical address, so all
@ translations of the VM's VMID go. Operations of PL1 act on the VMID that VTTBR has.
        .global kvm_tlb_flush_vmid_ipa
        .type   kvm_tlb_flush_vmid_ipa, %function
kvm_tlb_flush_vmid_ipa:
        ldr     r2, [r0, #VCPU_VTTBR]
        ldr     r3, [r0, #VCPU_VTTBR + 4]
        mcrr    p15, 6, r2, r3, c2
        isb     sy
        mov     r2, #0
        mcr     p15, 0, r2, c8, c3, 0           @ TLBIALLIS
        dsb     ish
        isb     sy
        mov     r3, #0
        mcrr    p15, 6, r2, r3, c2              @ VTTBR: the host again
        isb     sy
        mov     r0, #0
        bx      lr
        .size   kvm_tlb_flush_vmid_ipa, . - kvm_tlb_flush_vmid_ipa

@ kvm_flush_vm_context(): when VMIDs are used up and given out anew. Instruction caches may be tagged with VMIDs, too.
        .global kvm_flush_vm_context
        .type   kvm_flush_vm_context, %function
kvm_flush_vm_context:
        mov     r0, #0
        mcr     p15, 4, r0, c8, c3, 4           @ TLBIALLNSNHIS
        mcr     p15, 0, r0, c7, c1, 0           @ ICIALLUIS
        dsb     sy
        isb     sy
        bx      lr
        .size   kvm_flush_vm_context, . - kvm_flush_vm_context
