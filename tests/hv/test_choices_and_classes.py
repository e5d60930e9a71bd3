"""What a partition sees where the original left a choice, and what the description calls valid."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from trapline.isa.lang.load import CORES, ENTRIES, load_files
from trapline.isa.model.items import Description
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.hv.book3s.kvm import Book3sKvm
from trapline.server.hv.book3s.vcpu import Book3sVcpu

from ..server.guests import RAM, description, guest, hcall, load
from .hosts import gpr, host, put, refused, running, vcpu_of, vm_of, vm_with

OUTSIDE = 0x0900_0000
"""Behind the 64 MB of these partitions."""
CAUSES = 0x7800_0000
"""SRR1 33:36 of an instruction storage interrupt."""
MISSING, PROTECTION = 0x4000_0000, 0x0800_0000


def fetch_from_outside(described: Description) -> int:
    """What SRR1 tells a partition that goes where no memory is, in real mode."""
    vm = vm_of(Book3sKvm(described, engine="reference"))
    put(vm, load(9, OUTSIDE) + "mtctr %r9\nbctr\n")
    put(vm, "mfsrr1 %r30\n2: b 2b\n", at=0x400)
    vcpu = vcpu_of(vm)
    vcpu.run(30)
    return gpr(vcpu, 30) & CAUSES


def test_a_fetch_outside_the_virtual_real_mode_area_is_a_missing_translation() -> None:
    """As in Linux of 2012 and later."""
    assert fetch_from_outside(description("power7")) == MISSING


def test_the_original_of_2011_told_of_protection(tmp_path: Path) -> None:
    """The choice has a name, and changes it."""
    change = tmp_path / "original.isa"
    change.write_text("replace choice REAL_MODE_MISS_IS_PROTECTION : u1 = 1\n")
    assert fetch_from_outside(load_files([ENTRIES[CORES["power7"]], change], "power7")) == PROTECTION


def translated(segment: int) -> Book3sVcpu:
    """A vcpu that has loaded from 0xD0000000 through a segment, with an entry for the page of 16 MB in the table."""
    # Segment 0x123 of pages of 16 MB: hash 0x123, index 0x918, L = 1 and LP = 0.
    code = hcall("H_ENTER", 1 << 39, 0x918, 0x123005, 0x192)
    code += load(4, 0xD000_0000 | 0x800_0000 | 1) + load(5, segment) + "slbmte %r5, %r4\n"
    code += load(28, 0xD000_4000) + "mfmsr %r25\nori %r25, %r25, 0x10\nmtmsrd %r25\n"
    code += "ld %r27, 0(%r28)\nli %r26, 1\n2: b 2b\n"
    vcpu = running(code)
    put(vm_with(vcpu), "mfdsisr %r30\n3: b 3b\n", at=0x300)
    vcpu.run(200)
    return vcpu


def test_a_segments_encoding_0x120_is_16_gb() -> None:
    """An entry for 16 MB is none of such a segment's; with 0x100, 16 MB, the same access hits."""
    hit = translated(0x123000 | 0x100)
    assert gpr(hit, 26) == 1
    missed = translated(0x123000 | 0x120)
    assert (gpr(missed, 26), gpr(missed, 30)) == (0, MISSING)
    assert [missed.core.ask("page_size", code) for code in (0, 0x100, 0x110, 0x120)] == [(12,), (24,), (16,), (34,)]


def test_each_vcpu_has_its_own_processor_number() -> None:
    """PIR of a partition's vcpus is their ids, which need not be dense; numbers above the limit are refused."""
    vm = vm_of(host(threads=4))
    put(vm, "mfspr %r30, 1023\n")
    vcpus = [vcpu_of(vm, number) for number in (0, 4, 8, 9)]
    for vcpu in vcpus:
        vcpu.run(1)
    assert [gpr(vcpu, 30) for vcpu in vcpus] == [0, 4, 8, 9]
    assert [refused(partial(vm.create_vcpu, n)) for n in (256, 400, 1000, -1)] == ["EINVAL"] * 4


@pytest.mark.parametrize(
    ("call", "argument", "value"), [("H_CONFER", "target", (1 << 64) - 1), ("H_ENTER", "second", 0x2190)]
)
def test_what_is_valid_is_called_valid(call: str, argument: str, value: int) -> None:
    """To confer to everybody; a second doubleword that only a large page could not have."""
    described = description("power7")
    found = next(one for one in described.hypercalls.values() if one.name == call)
    kind = next(one.type_name for one in found.arguments if one.name == argument)
    assert any(low <= value <= high for low, high in described.argument_classes[kind].valid)
    assert not any(low <= value <= high for low, high in described.argument_classes[kind].invalid)


def test_a_reset_in_a_nap_says_so_and_what_is_left() -> None:
    """SRR1 42:45 is the reset, though external interrupts alone end the nap otherwise; 46:47 what a nap keeps."""
    vector = ".org 0x100\nmfsrr1 %r30\n1: b 1b\n"
    text = f"{vector}.org 0x4000\n_start:\n" + load(9, 0x4000) + "mtspr 318, %r9\nnap\n1: b 1b\n"
    options = MachineOptions(ram_size=RAM, engine="reference")
    machine = build_machine(guest(text, "power7", 0), "power-bare", options)
    machine.run_slice(100)
    machine.vcpus[0].core.set_input("SYSTEM_RESET_PENDING", 1)
    machine.run_slice(100)
    assert machine.vcpus[0].core.read("GPR", 30) & 0x3F_0000 == 0x10_0000 | 0x2_0000
