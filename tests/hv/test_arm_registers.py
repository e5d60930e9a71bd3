"""One-reg of KVM/Arm: ids as uapi/asm/kvm.h makes them, what each is, and what is refused."""

from __future__ import annotations

from functools import partial

import pytest

from trapline.server.hv.arm.vcpu import ArmVcpu

from .arm_hosts import arm_host, arm_vcpu, arm_vm, put, reg, running
from .hosts import refused

CORE, DEMUX, VFP, CP15 = 0x10, 0x11, 0x12, 0x0F
U32, U64 = 0x4020_0000_0000_0000, 0x4030_0000_0000_0000


def cp15(crn: int, crm: int, opc1: int, opc2: int) -> int:
    """ARM_CP15_REG32."""
    return U32 | CP15 << 16 | opc2 | opc1 << 3 | crm << 7 | crn << 11


def cp15_64(opc1: int, crm: int) -> int:
    """ARM_CP15_REG64."""
    return U64 | CP15 << 16 | opc1 << 3 | crm << 7


def core(offset: int) -> int:
    """KVM_REG_ARM_CORE_REG, by the word in struct kvm_regs."""
    return U32 | CORE << 16 | offset


def vfp(number: int, size: int = U32) -> int:
    """KVM_REG_ARM_VFP."""
    return size | VFP << 16 | number


@pytest.fixture(name="vcpu", scope="module")
def made() -> ArmVcpu:
    """A vcpu that nobody runs."""
    return arm_vcpu(arm_vm(arm_host()))


def test_ids_of_core_registers(vcpu: ArmVcpu) -> None:
    """struct kvm_regs: r0-r15, CPSR, ORIG_r0, then sp, lr, spsr of svc, abt, und, irq, then r8-r14 and spsr of fiq."""
    vcpu.set_one_reg("CPSR", 0x1D3)
    for offset in (*range(16), *range(17, 38)):
        vcpu.set_one_reg(core(offset), 0x100 + offset)
    assert [vcpu.get_one_reg(core(n)) for n in range(38) if n != 16] == [0x100 + n for n in range(38) if n != 16]
    names = ("SP_usr", "LR_usr", "SP_svc", "SPSR_svc", "LR_abt", "SP_und", "SPSR_irq", "BANKED_R8_fiq", "SPSR_fiq")
    assert [vcpu.get_one_reg(name) - 0x100 for name in names] == [13, 14, 18, 20, 22, 24, 29, 30, 37]
    kernel = ("usr_regs.ARM_r3", "usr_regs.ARM_pc", "svc_regs[2]", "fiq_regs[7]", "usr_regs.ARM_ORIG_r0")
    assert [vcpu.get_one_reg(name) - 0x100 for name in kernel] == [3, 15, 20, 37, 17]
    assert vcpu.get_one_reg(core(16)) == vcpu.get_one_reg("usr_regs.ARM_cpsr") == 0x1D3
    assert refused(lambda: vcpu.get_one_reg(core(38))) == "ENOENT"


def test_the_users_registers_are_banked_whatever_the_mode(vcpu: ArmVcpu) -> None:
    """usr_regs has User mode's r8-r12 also while the vcpu is in FIQ mode; its own are fiq_regs."""
    vcpu.set_one_reg("CPSR", 0x1D1)
    vcpu.set_one_reg(core(9), 0x99)
    vcpu.set_one_reg(core(31), 0x31)
    assert (reg(vcpu, 9), vcpu.get_one_reg(core(9)), vcpu.get_one_reg(core(31))) == (0x31, 0x99, 0x31)
    vcpu.set_one_reg("CPSR", 0x1D3)
    assert reg(vcpu, 9) == 0x99


@pytest.mark.parametrize("mode", [0x1A, 0x1F, 0x16, 0x00])
def test_modes_that_a_vcpu_cannot_be_in(vcpu: ArmVcpu, mode: int) -> None:
    """Hyp, Monitor, no mode; and System mode, which the kernel's list leaves out."""
    assert refused(lambda: vcpu.set_one_reg("CPSR", 0x1C0 | mode)) == "EINVAL"


def test_ids_of_coprocessor_registers(vcpu: ArmVcpu) -> None:
    """The numbers by which the description has them, as ARM_CP15_REG32 and REG64 pack them."""
    ids = {
        "SCTLR": cp15(1, 0, 0, 0),
        "CPACR": cp15(1, 0, 0, 2),
        "TTBR0": cp15_64(0, 2),
        "TTBR1": cp15_64(1, 2),
        "TTBCR": cp15(2, 0, 0, 2),
        "DACR": cp15(3, 0, 0, 0),
        "DFSR": cp15(5, 0, 0, 0),
        "IFAR": cp15(6, 0, 0, 2),
        "PAR": cp15_64(0, 7),
        "VBAR": cp15(12, 0, 0, 0),
        "CONTEXTIDR": cp15(13, 0, 0, 1),
        "CSSELR": cp15(0, 0, 2, 0),
        "L2CTLR": cp15(9, 0, 1, 2),
        "VMPIDR": cp15(0, 0, 0, 5),
        "MIDR": cp15(0, 0, 0, 0),
        "CNTV_CVAL": cp15_64(3, 14),
        "CNTV_CTL": cp15(14, 3, 0, 1),
        "CNTVCT": cp15_64(1, 14),
    }
    known = vcpu.register_ids().by_name
    assert {name: known[name].id for name in ids} == ids
    vcpu.set_one_reg(cp15_64(0, 2), 0x12_3456_7000)
    assert vcpu.get_one_reg("TTBR0") == 0x12_3456_7000


def test_the_list_has_what_can_be_read(vcpu: ArmVcpu) -> None:
    """All ids are different, and readable; what is listed can be written back. Too little room is E2BIG."""
    ids = vcpu.get_reg_list()
    assert len(set(ids)) == len(ids) > 120
    for one in ids:
        vcpu.set_one_reg(one, vcpu.get_one_reg(one))
    assert refused(lambda: vcpu.get_reg_list(len(ids) - 1)) == "E2BIG"
    assert vcpu.get_reg_list(len(ids)) == ids
    assert {core(37), cp15(1, 0, 0, 0), vfp(31, U64), vfp(0x1008), U32 | DEMUX << 16} <= set(ids)


def test_caches_are_demultiplexed(vcpu: ArmVcpu) -> None:
    """KVM_REG_ARM_DEMUX: CCSIDR for each value of CSSELR that CLIDR has, whatever the guest has selected."""
    vcpu.set_one_reg("CSSELR", 1)
    sizes = [vcpu.get_one_reg(U32 | DEMUX << 16 | n) for n in (0, 1, 2)]
    assert sizes == [0x701F_E00A, 0x201F_E00A, 0x711F_E07A]
    assert vcpu.get_one_reg("CSSELR") == 1
    assert [refused(partial(vcpu.get_one_reg, U32 | DEMUX << 16 | n)) for n in (3, 4, 12, 0x100)] == ["ENOENT"] * 4
    assert refused(lambda: vcpu.set_one_reg(U32 | DEMUX << 16, 0)) == "EINVAL"


def test_floating_point(vcpu: ArmVcpu) -> None:
    """KVM_REG_ARM_VFP: d0-d31 of 64 bits, the control registers from 0x1000 on; identities are fixed."""
    vcpu.set_one_reg(vfp(31, U64), 1 << 63)
    vcpu.set_one_reg(vfp(0x1001), 0x0300_0000)
    assert (vcpu.get_one_reg("D[31]"), vcpu.get_one_reg("FPSCR")) == (1 << 63, 0x0300_0000)
    assert refused(lambda: vcpu.set_one_reg(vfp(0x1007), 0)) == "EINVAL"
    assert refused(lambda: vcpu.get_one_reg(vfp(32, U64))) == "ENOENT"
    bare = arm_vcpu(arm_vm(arm_host("armv7ve_novfp")))
    assert refused(lambda: bare.get_one_reg(vfp(0, U64))) == "ENOENT"
    assert not any(one >> 16 & 0xFFF == VFP for one in bare.get_reg_list())


def test_refused_registers(vcpu: ArmVcpu) -> None:
    """Ids of another architecture are EINVAL, of no register ENOENT; values that cannot be, EINVAL."""
    assert refused(lambda: vcpu.get_one_reg(0x1030_0000_0000_000C)) == "EINVAL"
    assert refused(lambda: vcpu.get_one_reg(cp15(9, 0, 1, 3))) == "ENOENT"  # L2ECTLR: no register of KVM's
    assert refused(lambda: vcpu.get_one_reg(cp15(2, 0, 0, 0))) == "ENOENT"  # TTBR0 has 64 bits
    assert [refused(partial(vcpu.get_one_reg, one)) for one in ("R[16]", "R", "SCTLR[0]", "x")] == ["ENOENT"] * 4
    assert refused(lambda: vcpu.set_one_reg("MIDR", 0)) == "EINVAL"
    assert refused(lambda: vcpu.set_one_reg("VBAR", 1 << 32)) == "EINVAL"


def test_identities_reach_the_guest() -> None:
    """MPIDR is what user space has set; the counter begins where KVM_REG_ARM_TIMER_CNT says, on all vcpus."""
    vm = arm_vm(arm_host())
    put(vm, "mrc p15, 0, r4, c0, c0, 5\nmrc p15, 0, r5, c0, c0, 0\nmrrc p15, 1, r6, r7, c14\n")
    vcpu, other = arm_vcpu(vm), arm_vcpu(vm, 1)
    vcpu.set_one_reg(cp15(0, 0, 0, 5), 0x8000_0F01)
    vcpu.set_one_reg(cp15_64(1, 14), 0x5_0000_0000)
    vcpu.run(4)
    assert [reg(vcpu, n) for n in (4, 5, 7)] == [0x8000_0F01, vcpu.get_one_reg("MIDR"), 5]
    other.run(4)
    assert [reg(other, n) for n in (4, 7)] == [0x8000_0001, 5]


def test_registers_that_were_set_are_the_guests() -> None:
    """What one-reg writes is what the guest's first instruction finds, and the other way round."""
    vcpu = running("mov r4, r9\nmsr spsr_cxsf, r4\nmov sp, #0x1000\nmcr p15, 0, r9, c13, c0, 3\n")
    vcpu.set_one_reg(core(9), 0x8000_0013)
    vcpu.run(5)
    assert [vcpu.get_one_reg(one) for one in (core(4), core(20), core(18), cp15(13, 0, 0, 3))] == [
        *(0x8000_0013, 0x8000_0013),
        *(0x1000, 0x8000_0013),
    ]
