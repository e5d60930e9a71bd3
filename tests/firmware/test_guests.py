"""The bundled guests pass, and each fails visibly when the thing that it tests is broken in the description."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from trapline.firmware.catalogue import GUESTS, Guest, build, find_guest
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import CORES, ENTRIES, load_core, load_files
from trapline.isa.model.items import Description
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import MACHINES
from trapline.server.machine.elf import parse_elf
from trapline.server.verdict import Outcome, Verdict

BUDGET = 100_000


def run(guest: Guest, description: Description, engine: str | None = None) -> tuple[Verdict, str]:
    """The guest's verdict on a machine made from a description, and what stood on its console."""
    elf = parse_elf(build(guest).elf, guest.name)
    memory = None if guest.memory is None else guest.memory << 20
    options = MachineOptions(guest.vcpus, threads=guest.threads, ram_size=memory, engine=engine, rma=guest.rma)
    machine = MACHINES[guest.machine](description, elf, options)
    shown = bytearray()
    machine.console.add_sink(shown.extend)
    return machine.run(BUDGET), shown.decode()


@pytest.mark.parametrize("guest", GUESTS, ids=lambda guest: guest.name)
def test_a_bundled_guest_passes_and_says_so(guest: Guest) -> None:
    """The verdict is PASSED, and the console has the line that it rests on."""
    verdict, console = run(guest, load_core(guest.core))
    assert (verdict.outcome, verdict.status) == (Outcome.PASSED, 0)
    assert f"PASS {guest.payload or guest.name}" in console.splitlines()


@dataclass(frozen=True)
class Break:
    """A change of the description that breaks what a guest tests, and what the guest then says."""

    name: str
    guest: str
    description: str
    says: str
    engine: str | None = None
    """None: the usual one, for which native code is made of the changed description."""


BREAKS = [
    Break(
        "H_READ gives the second doubleword of another entry",
        "power_hcalls",
        """replace hypercall H_READ = 0x0C "Broken" in papr real_mode {
            arguments flags : hpt_flags, index : hpt_index
            returns H_SUCCESS(read_first : u64, read_second : u64) | H_PARAMETER
            body {
                let first = phys_be[hpte_address(index), 8]
                return H_SUCCESS(shown_first(first), shown_second(index ^ 1, first))
            }
        }""",
        "FAIL power_hcalls: check 05",
    ),
    Break(
        "H_REMOVE ignores H_AVPN",
        "power_hcalls",
        """replace function entry_matches(flags : u64, first : u64, avpn : u64) -> u1 {
            (first & (HPTE_VALID | HPTE_ABSENT)) != 0
        }""",
        "FAIL power_hcalls: check 09",
    ),
    Break(
        "no absent entries",
        "power_mmio",
        "replace choice ABSENT_OUTSIDE_MEMORY : u1 = 0",
        "FAIL power_mmio: check 04",
    ),
    Break(
        "an absent entry is shown as it is",
        "power_mmio",
        "replace function shown_first(first : u64) -> u64 { first }",
        "FAIL power_mmio: check 05",
    ),
    Break(
        "hvc gives the wrong number",
        "arm_hyp",
        'replace instruction hvc "Broken" : hypervisor_format {\n'
        " syntax hvc #hvc_number\n call_hypervisor(hvc_number + 1) }",
        "FAIL arm_hyp: check 03",
    ),
    Break(
        "HPFAR is not written",
        "arm_hyp",
        "replace function hpfar_is_valid(what : fault) -> u1 { what.STAGE2 && 0 == u1(1) }",
        "FAIL arm_hyp: check 08",
    ),
    Break(
        "the virtual CPU interface signals nothing",
        "arm_vgic",
        "replace function virtual_irq_pending() -> u1 { HCR.IMO && HCR.VI }",
        "FAIL arm_vgic: check 13",
        "reference",
    ),
    Break(
        "the running priority ignores what is active",
        "arm_vgic",
        "replace function gic_running(active : u32) -> u9 { 0x100 }",
        "FAIL arm_vgic: check 16",
        "reference",
    ),
]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_a_guest_fails_visibly_when_what_it_tests_is_broken(broken: Break, tmp_path: Path) -> None:
    """The same guest on the changed description: FAIL with the check's number, and a status that is not 0."""
    guest = find_guest(broken.guest)
    change = tmp_path / "broken.isa"
    change.write_text(broken.description)
    description = load_files([ENTRIES[CORES[guest.core]], change], guest.core)
    verdict, console = run(guest, description, broken.engine)
    assert broken.says in console
    assert (verdict.outcome, verdict.status) == (Outcome.FAILED, 1)


def test_an_unknown_guest_is_answered_with_the_closest_name() -> None:
    """`trapline guests power_hcall` says what was meant."""
    with pytest.raises(TraplineError, match="power_hcall") as error:
        find_guest("power_hcall")
    assert "power_hcalls" in (error.value.hint or "")
