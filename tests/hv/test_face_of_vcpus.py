"""Registers, interrupts and TCE tables by KVM's face, without any board."""

from __future__ import annotations

import errno
from functools import partial

import pytest

from trapline.server.hv.book3s.thread.registers import ONE_REGS, SlbEntry, Sregs
from trapline.server.hv.exits import Halt, MpState, PaprHcall
from trapline.server.hv.kvm import Interrupt, KvmError

from ..server.guests import hcall, load, number
from .hosts import RAM, gpr, host, put, refused, running, start, until, vcpu_of, vm_of

PARAMETER = number("H_PARAMETER") & (1 << 64) - 1


# Registers ----------------------------------------------------------------------------------------------------------


def test_regs_and_sregs_come_back_as_they_were_set() -> None:
    """All of struct kvm_regs; MSR without HV; the SLB by index."""
    vcpu = vcpu_of(vm_of(host()))
    regs = vcpu.get_regs()
    regs.gpr = list(range(100, 132))
    regs.pc, regs.lr, regs.ctr, regs.cr, regs.xer, regs.msr = 0x5000, 6, 7, 8, 0x20000000, 0x9000000000001000
    regs.sprg[:4] = [1, 2, 3, 4]
    vcpu.set_regs(regs)
    regs.msr = 0x8000000000001000
    assert vcpu.get_regs() == regs
    vcpu.set_sregs(Sregs(slb=[SlbEntry(0xC000000008000003, 0x408000000000500), SlbEntry(0, 0)]))
    assert vcpu.get_sregs().slb == [SlbEntry(0xC000000008000003, 0x408000000000500)]
    assert refused(lambda: vcpu.set_sregs(Sregs(slb=[SlbEntry(0, 0)] * 33))) == "EINVAL"
    vcpu.set_fpu(list(range(32)))
    assert vcpu.get_fpu() == list(range(32))
    assert refused(lambda: vcpu.set_fpu([0])) == "EINVAL"


def test_one_reg_by_id_by_name_and_by_element() -> None:
    """KVM's ids with their sizes, KVM's names, the description's; arrays too."""
    vcpu = vcpu_of(vm_of(host()))
    vcpu.set_one_reg(0x103000000000000C, 0x1234)
    assert vcpu.get_one_reg("KVM_REG_PPC_DAR") == vcpu.get_one_reg("DAR") == 0x1234
    assert ONE_REGS["FPR31"].id == 0x103000000000003F
    assert ONE_REGS["VSR0"].id == 0x1040000000000060
    for name in ("GPR[5]", "FPR[6]", "FPR7", "SLB_VSID[3]", "SLB_ESID[3]"):
        vcpu.set_one_reg(name, 0x8000)
        assert vcpu.get_one_reg(name) == 0x8000
    for name in ("VR[3]", "VSR[33]", "VSR3"):
        vcpu.set_one_reg(name, 5 << 100 | 7)
        assert vcpu.get_one_reg(name) == 5 << 100 | 7
    for which in ("NOTHING", "GPR[32]", "GPR", "PC[1]", 0x1030000000000FFF):
        assert refused(partial(vcpu.get_one_reg, which)) == "EINVAL"
    assert refused(lambda: vcpu.set_one_reg("DSISR", 1 << 32)) == "EINVAL"


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_hior_is_zero(core: str) -> None:
    """Get gives 0, set takes 0 only, on both processors."""
    vcpu = vcpu_of(vm_of(host(core)))
    vcpu.set_one_reg("HIOR", 0)
    assert vcpu.get_one_reg("HIOR") == 0
    assert refused(lambda: vcpu.set_one_reg("HIOR", 1)) == "EINVAL"


def test_one_reg_of_the_areas() -> None:
    """A trace log's length is cut to entries of 48 bytes; what could not be registered is EINVAL."""
    vcpu = vcpu_of(vm_of(host()))
    assert refused(lambda: vcpu.set_one_reg("VPA_DTL", 0x12000 << 64 | 96)) == "EINVAL", "there is no VPA"
    vcpu.set_one_reg("VPA_ADDR", 0x11000)
    vcpu.set_one_reg("VPA_DTL", 0x12000 << 64 | 100)
    assert vcpu.get_one_reg("VPA_DTL") == 0x12000 << 64 | 96
    assert refused(lambda: vcpu.set_one_reg("VPA_DTL", 0x12000 << 64 | 47)) == "EINVAL"
    assert refused(lambda: vcpu.set_one_reg("VPA_ADDR", 0)) == "EINVAL", "the log stands"
    assert refused(lambda: vcpu.set_one_reg("VPA_ADDR", RAM)) == "EINVAL", "no memory is there"
    vcpu.set_one_reg("VPA_DTL", 0)
    vcpu.set_one_reg("VPA_ADDR", 0)
    assert vcpu.get_one_reg("VPA_ADDR") == 0


def test_mp_state() -> None:
    """A stopped vcpu is stopped by user space alone; it cannot be set to halted."""
    vcpu = vcpu_of(vm_of(host()))
    vcpu.set_mp_state(MpState.STOPPED)
    assert vcpu.get_mp_state() is MpState.STOPPED
    assert refused(lambda: vcpu.set_mp_state(MpState.HALTED)) == "EINVAL"


def test_the_register_dump_has_the_layout_that_is_known() -> None:
    """pc and msr first, GPRs in two columns, the SLB, LPCR and the instruction last."""
    vcpu = running("li %r17, 0x55\n")
    vcpu.run(1)
    vcpu.set_sregs(Sregs(slb=[SlbEntry(0x8000001, 0x123500)]))
    lines = vcpu.dump_regs(0x200).splitlines()
    assert lines[1] == "pc  = 0000000000004004  msr = 8000000000001000  trap = 200"
    assert "r 1 = 0000000000000000  r17 = 0000000000000055" in lines
    assert lines[-3:-1] == ["SLB (1 entries):", "  ESID = 0000000008000001 VSID = 0000000000123500"]
    assert lines[-1].startswith("lpcr = ")
    assert lines[-1].endswith("last_inst = 48000000")


# Interrupts ---------------------------------------------------------------------------------------------------------

INTERRUPTIBLE = load(9, 0x8000) + "mtmsrd %r9, 1\n"


@pytest.mark.parametrize("core", ["power7", "ppc970"])
@pytest.mark.parametrize(("request_", "taken"), [(Interrupt.SET, 1), (Interrupt.SET_LEVEL, 3)])
def test_an_external_interrupt_waits_for_the_partition(core: str, request_: Interrupt, taken: int) -> None:
    """It is taken once EE is set: once, or again and again while the line is up; UNSET ends it."""
    vm = vm_of(host(core))
    put(vm, "addi %r31, %r31, 1\nmfsrr1 %r30\ncmpdi %r31, 3\nbeq 1f\nrfid\n", at=0x500)
    put(vm, "li %r29, 1\n" + INTERRUPTIBLE + "li %r29, 2\n")
    vcpu = vcpu_of(vm)
    vcpu.interrupt(request_)
    vcpu.run(1)
    assert (gpr(vcpu, 29), gpr(vcpu, 31)) == (1, 0), "EE is off"
    vcpu.run(40)
    assert gpr(vcpu, 31) == taken
    assert gpr(vcpu, 30) & 0x8000, "SRR1 has the partition's MSR"
    vcpu.interrupt(Interrupt.UNSET)
    start(vcpu)
    vcpu.run(30)
    assert gpr(vcpu, 31) == taken


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_an_interrupt_of_the_hosts_is_counted_and_never_seen(core: str) -> None:
    """LPES0 = 0: it leaves for the hypervisor, and comes back to where it was."""
    vcpu = running(INTERRUPTIBLE + "2: addi %r31, %r31, 1\nb 2b\n", core)
    vcpu.run(20)
    count = gpr(vcpu, 31)
    vcpu.host_interrupt()
    vcpu.run(20)
    assert gpr(vcpu, 31) == count + 10
    assert vcpu.statistics.ext_intr_exits == 1


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_a_request_that_nobody_made_does_not_come_again_and_again(core: str) -> None:
    """LPCR.MER or the core's input set from outside, by a debugger say: the partition runs on."""
    vcpu = running(INTERRUPTIBLE + "2: addi %r31, %r31, 1\nb 2b\n", core)
    vcpu.run(20)
    count = gpr(vcpu, 31)
    vcpu.core.set_input("EXTERNAL_PENDING", 1)
    vcpu.core.put_fields("LPCR", MER=1)
    vcpu.run(20)
    assert gpr(vcpu, 31) == count + 10


def test_the_hypervisor_decrementer_comes_back_and_is_counted() -> None:
    """At the end of a time slice, say."""
    vcpu = running("2: addi %r31, %r31, 1\nb 2b\n")
    vcpu.core.put("HDEC", 5)
    vcpu.run(50)
    assert gpr(vcpu, 31) == 25
    assert (vcpu.statistics.dec_exits, vcpu.statistics.sum_exits) == (1, 1)


def test_a_cede_ends_by_an_interrupt_and_is_counted() -> None:
    """Halt, then the interrupt; halt_wakeup counts who had to be woken."""
    vm = vm_of(host())
    put(vm, "li %r30, 9\n", at=0x500)
    put(vm, hcall("H_CEDE"))
    vcpu = vcpu_of(vm)
    vcpu.core.put("DEC", 0x7FFFFFFF)
    assert isinstance(until(vcpu, Halt), Halt)
    assert vcpu.mp_state is MpState.HALTED
    vcpu.interrupt(Interrupt.SET_LEVEL)
    vcpu.run(10)
    assert gpr(vcpu, 30) == 9
    assert vcpu.statistics.halt_wakeup == 1


# Tables of translation control entries ------------------------------------------------------------------------------


def test_h_put_tce_writes_the_table_that_user_space_shares() -> None:
    """In real mode, without an exit; outside of the window H_PARAMETER; an unknown bus is user space's."""
    vm = vm_of(host())
    table = vm.create_spapr_tce(0x71, 0x4000)
    other = vm.create_spapr_tce(0x72, 0x2000)
    code = hcall("H_PUT_TCE", 0x71, 0x3000, 0x5003) + "mr %r20, %r3\n" + hcall("H_PUT_TCE", 0x71, 0x4000, 1)
    code += "mr %r21, %r3\n" + hcall("H_PUT_TCE", 0x72, 0x1FFF, 0x6001) + "mr %r22, %r3\n"
    put(vm, code + hcall("H_PUT_TCE", 0x99, 0, 7))
    vcpu = vcpu_of(vm)
    left = until(vcpu, PaprHcall)
    assert isinstance(left, PaprHcall)
    assert (left.number, left.arguments[:3]) == (number("H_PUT_TCE"), (0x99, 0, 7))
    assert [gpr(vcpu, n) for n in (20, 21, 22)] == [0, PARAMETER, 0]
    assert [[one[n] for n in range(len(one))] for one in (table, other)] == [[0, 0, 0, 0x5003], [0, 0x6001]]
    table[3] = 0
    assert table[3] == 0
    assert vcpu.statistics.sum_exits == 1


def test_real_mode_calls_are_found_without_the_last_bits_of_their_number() -> None:
    """As KVM's table is; others leave with the number as it was."""
    for asked, leaves in ((0x08, False), (0x0B, False), (0x5A, True)):
        vm = vm_of(host())
        put(vm, load(3, asked) + load(4, 1 << 39) + load(5, 0x910) + load(6, 0x123001) + load(7, 0x20192) + "sc 1\n")
        vcpu = vcpu_of(vm)
        left = vcpu.run(60)
        assert isinstance(left, PaprHcall) == leaves
        assert gpr(vcpu, 3) == (asked if leaves else 0)
        assert vm.calls() == ({} if leaves else {0x08: 1})


def test_refused_tables() -> None:
    """EBUSY for a bus that has one, EINVAL for an entry that there is not."""
    vm = vm_of(host())
    table = vm.create_spapr_tce(1, 0x1000)
    assert refused(lambda: vm.create_spapr_tce(1, 0x1000)) == "EBUSY"
    assert refused(lambda: vm.create_spapr_tce(2, 0)) == "EINVAL"
    assert refused(lambda: table[1]) == "EINVAL"
    for n in range(2, 17):
        vm.create_spapr_tce(n, 0x1000)
    assert refused(lambda: vm.create_spapr_tce(99, 0x1000)) == "ENOMEM"


def test_errors_have_their_number() -> None:
    """`errno` is what the ioctl would set."""
    assert KvmError("no", errno=errno.EBUSY).errno == errno.EBUSY
    assert KvmError("no").name == "EINVAL"
