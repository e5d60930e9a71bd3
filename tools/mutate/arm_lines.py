"""Breakages of the Arm host stub, of the KVM/Arm model, and of the description under both."""

from __future__ import annotations

from typing import Final

from .breakage import Breakage, of_file

_STUB: Final = "firmware/hoststubs/arm"
_HV: Final = "server/hv/arm"
_ISA: Final = "isa/arch/arm"
_WORLD: Final = "arm_world"
_CALLS: Final = "arm_hyp_calls"
_VGIC: Final = "arm_vgic"

ARM_STUB: Final[tuple[Breakage, ...]] = (
    of_file(
        f"{_STUB}/world.s",
        _WORLD,
        ("        load_mode und, VCPU_UND\n", ""),
        ("        save_mode abt, VCPU_ABT\n", ""),
        ("        msr     R11_fiq, r7\n", "        msr     R11_fiq, r6\n"),
        ("        ldr     lr, [r0, #VCPU_LR]\n", ""),
        ("        cmp     r2, #STATUS_PERMISSION\n", "        cmp     r2, #STATUS_KIND\n"),
        ("        lsl     r2, r2, #4\n", "        lsl     r2, r2, #3\n"),
        ("        mcrr    p15, 0, r2, r3, c7\n", ""),
        ("HCPTR_OF_GUESTS | 0x33FF\n        mcr", "0x33FF\n        mcr"),
        ("        ldr     r2, =HSTR_OF_GUESTS\n", "        mov     r2, #0\n"),
    )
    + of_file(
        f"{_STUB}/world.s",
        _CALLS,
        ("        mcr     p15, 4, r2, c0, c0, 5           @ VMPIDR\n        @ From", "        @ From"),
        ("        clrex                                   @ the host's exclusive access is none of the guest's\n", ""),
        ("        pop_mode und\n", "        pop     {r4, r5, r6}\n"),
        ("        mrs     r3, SP_usr\n        push", "        push"),
        ("        mov     r0, r3\n        pop", "        pop"),
        ("        ldr     r1, =host_cp15\n        bl      load_cp15\n", ""),
    )
    + of_file(
        f"{_STUB}/cp15.s",
        _WORLD,
        ("        \\word   84, 0, c12, c0, 0               @ VBAR\n", ""),
        ("        \\word   96, 0, c13, c0, 3               @ TPIDRURO\n", ""),
        ("        \\pair   8, 1, c2                        @ TTBR1\n", ""),
    )
    + of_file(
        f"{_STUB}/vfp.s",
        _CALLS,
        ("        vldmia  r5!, {d16-d31}\n", "        add     r5, r5, #128\n"),
        ("        bl      save_vfp\n        mrc", "        mrc"),
    )
    + of_file(
        f"{_STUB}/vectors.s",
        _CALLS,
        ("        mov     r1, r2\n        mov     r2, r3\n", "        mov     r2, r3\n"),
        ("        cmp     r0, #-1\n", "        cmp     r0, #-2\n"),
        ("        ldr     r0, =\\text\n", "        ldr     r0, =text_reset\n"),
        ("        mov     r1, #ARM_EXCEPTION_IRQ\n", "        mov     r1, #ARM_EXCEPTION_FIQ\n"),
    )
    + of_file(
        f"{_STUB}/interrupts.s",
        "arm_interrupts",
        ("        str     r6, [r5, #16]\n", ""),
        ("        str     r6, [r4, #GICH_VMCR]\n", ""),
        ("        mcrr    p15, 4, r4, r5, c14             @ CNTVOFF\n", ""),
        ("        mcr     p15, 0, r5, c14, c3, 1\n", ""),
        ("        str     r6, [r4, #GICH_HCR]\n        add", "        add"),
    )
    + of_file(
        f"{_STUB}/tlb.s",
        _CALLS,
        ("        mov     r0, #0\n        bx      lr\n", "        bx      lr\n"),
    )
    + of_file(
        f"{_STUB}/host.s",
        _WORLD,
        ("        cmp     r1, #15\n", "        cmp     r1, #13\n"),
    )
    + of_file(
        f"{_STUB}/aborts.s",
        _WORLD,
        ("        sxtb    r0, r0\n", ""),
        ("        ubfx    r1, r1, #0, #12\n", "        ubfx    r1, r1, #0, #3\n"),
        ("        tst     r6, #1 << 6                     @ WnR\n        beq     map_it\n", ""),
    )
)

ARM_MODEL: Final[tuple[Breakage, ...]] = (
    of_file(
        f"{_HV}/switch/world.py",
        _WORLD,
        ("        self._loaded, self.has_vfp = None, False\n        self.left()\n", "        self.left()\n"),
        ('        self._vcpu.core.call("world_give_vfp")\n', ""),
    )
    + of_file(
        f"{_HV}/memory/stage2.py",
        _WORLD,
        ("_READ if slot.read_only else _READ_WRITE", "_READ_WRITE"),
        ("size, first = BLOCK, ipa & -BLOCK", "size, first = PAGE, ipa & -PAGE"),
        ("SH=_INNER_SHAREABLE, AF=1", "SH=_INNER_SHAREABLE, AF=0"),
    )
    + of_file(
        f"{_HV}/exits/aborts.py",
        _WORLD,
        ('FIPA=parts.found.get(found, "PA") >> 12', 'FIPA=parts.found.get(found, "PA") >> 13'),
        ("not (slot.read_only and is_write)", "not slot.read_only"),
        ('bool(get(iss, "SSE")) and size < 4', "False"),
        ("    if not data:\n        inject_prefetch", "    if False:\n        inject_prefetch"),
        ("page | address & _PAGE, address", "page, address"),
    )
    + of_file(
        f"{_HV}/exits/coprocessor.py",
        _WORLD,
        ("value = vcpu.core.read(name) if kept is Kept.AS_IT_IS else 0", "value = 1"),
    )
    + of_file(
        f"{_HV}/exits/inject.py",
        _WORLD,
        ('"prefetch_abort", _fault(vcpu, "debug")', '"prefetch_abort", _fault(vcpu, "external")'),
    )
    + of_file(
        f"{_HV}/exits/traps.py",
        _WORLD,
        ("(vcpu.core.pc - trap.length) & 0xFFFF_FFFF", "vcpu.core.pc"),
        ('    "EC_SMC": ("smc", _undefined),\n', ""),
        ("emulate(vcpu, trap.iss):\n        vcpu.skip(trap)\n", "emulate(vcpu, trap.iss):\n        pass\n"),
    )
    + of_file(
        f"{_HV}/vcpu.py",
        _WORLD,
        ("core.pc = (core.pc + trap.length) & 0xFFFF_FFFF", "core.pc = core.pc"),
    )
)

ARM_DESCRIPTION: Final[tuple[Breakage, ...]] = (
    of_file(
        f"{_ISA}/calls/hypervisor_model.isa",
        _WORLD,
        ("    clear_exclusive_local()\n", ""),
        ("const HCR_OF_GUESTS : u32 = 0x0078_263B", "const HCR_OF_GUESTS : u32 = 0x0058_263B"),
        ("    HDCR = (HDCR & 0x1F) | HDCR_OF_GUESTS\n", "    HDCR = HDCR & 0x1F\n"),
        ("    CNTHCTL = (CNTHCTL & ~3) | 1\n", "    CNTHCTL = CNTHCTL | 3\n"),
    )
    + of_file(
        f"{_ISA}/devices/gic_virtual.isa",
        _VGIC,
        ("    GICH_APR = GICH_APR | (1 << (gich_group_priority(one) >> 3))\n", ""),
        ("GICH_HCR.UIE && valid < 2", "GICH_HCR.UIE && valid < 1"),
        ("        if !found && dropped { gich_count_end() }\n", ""),
        ("    if gicv_ends_physical(register, value[31:0]) { return 0 }\n", ""),
        ("    MAINTENANCE = asserted\n", ""),
    )
    + of_file(
        f"{_ISA}/system_registers/cp15_identification.isa",
        _WORLD,
        ('"l2ectlr", group = "cp15") @kvm(kept = "zero")', '"l2ectlr", group = "cp15") @kvm(kept = "done")'),
    )
    + of_file(
        f"{_ISA}/memory/mmu_stage2.isa",
        _WORLD,
        ("    if !descriptor[10] { return stage2", "    if descriptor[10] { return stage2"),
    )
    + of_file(
        f"{_ISA}/exceptions/syndrome.isa",
        _WORLD,
        (
            "function hpfar_of(what : fault) -> u32 { what.IPA[39:12] ++ 0b0000 }",
            "function hpfar_of(what : fault) -> u32 { what.IPA[31:0] }",
        ),
        (
            "if operation == 0b10 && load { return single_register_syndrome(0, 1,",
            "if operation == 0b10 && load { return single_register_syndrome(0, 0,",
        ),
    )
)
