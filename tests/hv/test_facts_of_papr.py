"""Claims: what is known of PAPR's calls and of KVM Book3S HV of 2011 to 2012 holds, number by number.

From the period's kernel sources (Linux 3.1 to 3.12: arch/powerpc/include/asm/hvcall.h, reg.h, mmu-hash64.h, kvm.h,
lppaca.h) and the manuals, written down here once more: an edit of the description cannot change both.
"""

from __future__ import annotations

import pytest

from trapline.isa.model.items import Description
from trapline.server.hv.book3s.thread.registers import ONE_REGS
from trapline.server.hv.book3s.vcpu import Book3sVcpu

from ..server.guests import RAM, description, gpr, hcall, partition, power_off
from .hosts import host, put, vcpu_of, vm_of, vm_with

REAL_MODE, KERNEL, USER = "real_mode", "kernel", "user"
CALLS = {
    "H_REMOVE": (0x04, REAL_MODE),
    "H_ENTER": (0x08, REAL_MODE),
    "H_READ": (0x0C, REAL_MODE),
    "H_PROTECT": (0x18, REAL_MODE),
    "H_PUT_TCE": (0x20, REAL_MODE),
    "H_SET_DABR": (0x28, REAL_MODE),
    "H_BULK_REMOVE": (0x124, REAL_MODE),
    "H_CEDE": (0xE0, REAL_MODE),
    "H_PROD": (0xE8, KERNEL),
    "H_CONFER": (0xE4, KERNEL),
    "H_REGISTER_VPA": (0xDC, KERNEL),
    "H_EOI": (0x64, USER),
    "H_CPPR": (0x68, USER),
    "H_IPI": (0x6C, USER),
    "H_XIRR": (0x74, USER),
    "H_GET_TERM_CHAR": (0x54, USER),
    "H_PUT_TERM_CHAR": (0x58, USER),
    "H_SET_SPRG0": (0x24, USER),
    "H_RANDOM": (0x300, USER),
    "H_SET_MODE": (0x31C, USER),
    "H_RTAS": (0xF000, USER),
}
CODES = {
    "H_SUCCESS": 0,
    "H_HARDWARE": -1,
    "H_FUNCTION": -2,
    "H_PRIVILEGE": -3,
    "H_PARAMETER": -4,
    "H_PTEG_FULL": -6,
    "H_NOT_FOUND": -7,
    "H_RESOURCE": -16,
    "H_TOO_HARD": 9999,
}
CONSTANTS = {
    "H_EXACT": 1 << 39,
    "H_R_XLATE": 1 << 38,
    "H_READ_4": 1 << 37,
    "H_AVPN": 1 << 31,
    "H_ANDCOND": 1 << 30,
    "H_LOCAL": 1 << 28,
    "H_ZERO_PAGE": 1 << 15,
    "H_COPY_PAGE": 1 << 14,
    "HPTE_VALID": 1,
    "HPTE_SECONDARY": 2,
    "HPTE_LARGE": 4,
    "HPTE_LOCK": 8,
    "HPTE_BOLTED": 0x10,
    "HPTE_ABSENT": 0x20,
    "HPTE_HVLOCK": 0x40,
    "HPTE_CHANGED": 0x80,
    "HPTE_REFERENCED": 0x100,
    "HPTE_CLASS_KEY": 3 << 60 | 0xE00,
    "VRMA_VSID": 0x1FFFFFF,
    "NO_EXECUTE": 0x10000000,
    "PROTECTION": 0x08000000,
    "IS_STORE": 0x02000000,
    "CLASS_KEY": 0x00200000,
    "VPA_SHARED_PROCESSOR": 2,
    "SLB_SHADOW_SMALLEST": 8,
}
FIELDS = {
    "LPCR": {
        "VPM0": 1 << 63, "VPM1": 1 << 62, "ISL": 1 << 61, "DPFD": 7 << 52, "VRMASD_L": 1 << 51, "VRMASD_LP": 3 << 47,
        "RMLS": 0xF << 26, "ILE": 1 << 25, "PECE0": 0x4000, "PECE1": 0x2000, "PECE2": 0x1000, "MER": 0x800, "TC": 0x200,
        "LPES0": 8, "LPES1": 4, "RMI": 2, "HDICE": 1,
    },
    "HID4": {
        "LPES0": 1 << 63, "RMLS2": 3 << 61, "LPID5": 0xF << 57, "RMOR": 0xFFFF << 41, "LPES1": 1 << 6, "RMLS0": 1 << 5,
        "LPID1": 3,
    },
    "HID0": {"HDICE": 1 << 40},
    "MSR": {
        "SF": 1 << 63, "HV": 1 << 60, "VEC": 1 << 25, "VSX": 1 << 23, "EE": 1 << 15, "PR": 1 << 14, "FP": 1 << 13,
        "ME": 1 << 12, "SE": 1 << 10, "BE": 1 << 9, "IR": 1 << 5, "DR": 1 << 4, "RI": 2,
    },
}  # fmt: skip
HPTE = {
    "B": 1 << 126, "V": 1 << 64, "PP0": 1 << 63, "KEY_HIGH": 3 << 60, "KEY_LOW": 0xE00, "R": 0x100, "C": 0x80,
    "W": 0x40, "I": 0x20, "M": 0x10, "G": 8, "N": 4, "PP": 3,
}  # fmt: skip
VECTORS = {
    "system_reset": 0x100, "machine_check": 0x200, "data_storage": 0x300, "data_segment": 0x380,
    "instruction_storage": 0x400, "instruction_segment": 0x480, "external": 0x500, "alignment": 0x600, "program": 0x700,
    "floating_point_unavailable": 0x800, "decrementer": 0x900, "hypervisor_decrementer": 0x980, "system_call": 0xC00,
    "trace": 0xD00, "hypervisor_data_storage": 0xE00, "hypervisor_instruction_storage": 0xE20,
    "hypervisor_emulation_assistance": 0xE40, "hypervisor_maintenance": 0xE60, "performance_monitor": 0xF00,
    "vector_unavailable": 0xF20, "vsx_unavailable": 0xF40,
}  # fmt: skip
LIMITS = {8: 32 << 20, 3: 64 << 20, 7: 128 << 20, 4: 256 << 20, 2: 1 << 30, 1: 16 << 30, 0: 256 << 30}


@pytest.fixture(scope="module")
def power7() -> Description:
    """The description of POWER7."""
    return description("power7")


def test_each_call_has_its_number_and_its_level(power7: Description) -> None:
    """And a call that nobody has is none of the description's."""
    calls = {one.name: (one.number, one.level) for one in power7.hypercalls.values() if one.abi == "papr"}
    assert {name: calls[name] for name in CALLS} == CALLS
    assert 0x1C8 not in {number for number, _ in calls.values()}


def test_return_codes_flags_and_bits(power7: Description) -> None:
    """Return codes, H_ flags, bits of page table entries and of DSISR, VRMA."""
    codes = power7.abis["papr"].return_codes
    assert {name: codes[name].value for name in CODES} == CODES
    assert {name: power7.constants[name].value for name in CONSTANTS} == CONSTANTS


@pytest.mark.parametrize("register", FIELDS)
def test_fields_of_registers(register: str) -> None:
    """LPCR and MSR of POWER7, HID4 and HID0 of the 970, by Linux' masks."""
    core = "ppc970" if register.startswith("HID") else "power7"
    fields = {one.name: ((1 << one.width) - 1) << one.low for one in description(core).registers[register].fields}
    assert {name: fields.get(name) for name in FIELDS[register]} == FIELDS[register]


def test_page_table_entries_and_areas(power7: Description) -> None:
    """Fields of an entry; of the virtual processor area yield count 0x100, use of counters 0xBB, SLB count 0xFC, index
    of the trace log 0x218, whose entries have 48 bytes."""
    bits = {one.name: ((1 << one.width) - 1) << one.low for one in power7.bitfields["hpte"].fields}
    assert {name: bits[name] & mask for name, mask in HPTE.items()} == HPTE
    vpa = {one.name: (5120 - one.low - one.width) // 8 for one in power7.bitfields["vpa"].fields}
    names = ("SIZE", "STATUS", "YIELD_COUNT", "PMC_IN_USE", "SLB_COUNT", "LOG_INDEX")
    assert [vpa[name] for name in names] == [4, 9, 0x100, 0xBB, 0xFC, 0x218]
    assert power7.bitfields["vpa"].width == 640 * 8
    assert power7.bitfields["dispatch_log_entry"].width == 48 * 8


def test_vectors(power7: Description) -> None:
    """Of each interrupt; Power ISA 2.07's doorbells do not exist."""
    assert {name: power7.interrupts[name].vector for name in VECTORS} == VECTORS
    assert not {0xA00, 0xE80} & {one.vector for one in power7.interrupts.values()}


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_real_mode_limits(core: str) -> None:
    """By their selectors; the 970's has three bits. SLB of 32 and 64 entries, page table of 2^24 bytes."""
    from trapline.server.hv.book3s.partition.real_mode import limits

    vcpu = vcpu_of(vm_of(host(core), size=RAM))
    expected = {selector: limit for selector, limit in LIMITS.items() if core == "power7" or selector < 8}
    assert limits(vcpu.core) == expected
    assert vcpu.core.constant("SLB_ENTRIES") == (32 if core == "power7" else 64)
    assert vcpu.core.register("HPT_ORDER").reset == 24


def test_one_reg_ids() -> None:
    """HIOR 1, DABR 8, DSCR 9, PURR 0xA, SPURR 0xB; VPA_ADDR 0x82, and of two doublewords VPA_SLB 0x83, VPA_DTL 0x84."""
    low = {name: one.id & 0xFFFF for name, one in ONE_REGS.items()}
    names = ("HIOR", "DABR", "DSCR", "PURR", "SPURR", "VPA_ADDR", "VPA_SLB", "VPA_DTL")
    assert [low[name] for name in names] == [1, 8, 9, 0xA, 0xB, 0x82, 0x83, 0x84]
    assert [ONE_REGS[name].id >> 52 & 0xF for name in names] == [3] * 6 + [4] * 2


def test_all_that_the_hypervisor_does_not_handle_leaves_with_nine_arguments() -> None:
    """And what the description does not have gets H_FUNCTION: 0x1C8 too."""
    machine = partition("li %r3, 0x1c8\nsc 1\nmr %r20, %r3\n" + power_off())
    machine.run(10_000)
    assert gpr(machine, 20) == -2 & (1 << 64) - 1


def test_an_injected_interrupt_leaves_sf_and_me() -> None:
    """MSR of the handler, whatever it was before; SRR1 has the flag of the program interrupt."""
    vcpu: Book3sVcpu = vcpu_of(vm_of(host("power7"), size=RAM))
    put(vm_with(vcpu), ".long 0\n")
    vcpu.core.put_fields("MSR", FP=1, EE=1, RI=1)
    vcpu.run(1)
    assert (vcpu.core.pc, vcpu.core.read("MSR")) == (0x700, 1 << 63 | 1 << 12)
    assert vcpu.core.read("SRR1") & 0x1F0000 == 0x80000


def test_h_set_dabr_is_always_done() -> None:
    """Whatever is asked for."""
    machine = partition(hcall("H_SET_DABR", 0xFFFF_FFFF_FFFF_FFFF) + "mr %r20, %r3\n" + power_off())
    machine.run(10_000)
    assert gpr(machine, 20) == 0
