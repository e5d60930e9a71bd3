"""Page table and memory of a partition: pages that a slot holds in part, pages that the host takes away, areas."""

from __future__ import annotations

import pytest

from trapline.server.hv.book3s.thread.vpa import Structure
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.book3s.vm import Book3sVm
from trapline.server.hv.exits import Mmio, PaprHcall
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import description, hcall, load, number
from .hosts import gpr, host, put, running, start, until, vcpu_of, vm_of

PARAMETER = number("H_PARAMETER") & (1 << 64) - 1


def asked(vm: Book3sVm, *calls: tuple[object, ...]) -> tuple[Book3sVcpu, list[int]]:
    """Performs calls (name, arguments...); their return codes."""
    code = "".join(hcall(*call) + f"mr %r{20 + n}, %r3\n" for n, call in enumerate(calls))  # type: ignore[arg-type]
    put(vm, code)
    vcpu = vm.vcpu(0) or vcpu_of(vm)
    start(vcpu)
    vcpu.run(len(calls) * 60)
    return vcpu, [gpr(vcpu, 20 + n) for n in range(len(calls))]


@pytest.mark.parametrize(
    ("size", "first", "second", "answer"),
    [
        (24 << 20, 0x123105, 0x1000192, PARAMETER),
        (24 << 20, 0x123105, 0x0000192, PARAMETER),
        (32 << 20, 0x123105, 0x1000192, 0),
        ((2 << 20) + 0x1000, 0x123105, 0x21192, PARAMETER),
        (2 << 20, 0x123105, 0x21192, 0),
        (24 << 20, 0x123105, 0x4000192, 0),
    ],
)
def test_a_large_page_that_a_slot_holds_in_part_is_no_page(size: int, first: int, second: int, answer: int) -> None:
    """H_PARAMETER: RAM never becomes a device. The slot must consist of such pages; where there is none, a device
    may be."""
    _, answers = asked(vm_of(host(), size=size), ("H_ENTER", 0, 0x910, first, second))
    assert answers == [answer]


MAPPED = 0x123001
INDEX = (0x123 ^ 0x30) * 8
DATA_ON = (
    load(9, 0x123 << 12) + load(8, 0x8000000) + "slbmte %r9, %r8\n" + load(11, 0x30000) + load(9, 0x8000000000001010)
) + "mtmsrd %r9\nisync\n"


def test_a_page_that_the_host_takes_away_comes_back_when_it_is_used() -> None:
    """Absent for the hardware meanwhile, as it was for the partition; R and C are harvested; the data is the same."""
    vm = vm_of(host())
    code = hcall("H_ENTER", 1 << 39, INDEX, MAPPED, 0x30012) + DATA_ON
    put(vm, code + "std %r11, 8(%r11)\n" + load(3, 0xF00) + "sc 1\nld %r20, 8(%r11)\n" + hcall("H_READ", 0, INDEX))
    vcpu = vcpu_of(vm)
    until(vcpu, PaprHcall)
    constants = {name: one.value for name, one in vm.description.constants.items()}
    assert vm.page_out(0x30000, 0x1000) >= 1
    entry = vm.page_table.entry(INDEX)
    assert entry.first & constants["HPTE_ABSENT"]
    assert not entry.first & constants["HPTE_VALID"]
    recorded = constants["HPTE_REFERENCED"] | constants["HPTE_CHANGED"]
    assert entry.guest_second == 0x30012 | recorded
    vcpu.complete_hcall((0,))
    vcpu.run(100)
    assert gpr(vcpu, 20) == 0x30000
    assert (gpr(vcpu, 4), gpr(vcpu, 5)) == (MAPPED, 0x30012 | recorded)
    assert vm.page_table.entry(INDEX).first & constants["HPTE_VALID"]


def test_a_deleted_slot_becomes_a_device_and_comes_back() -> None:
    """What mapped it is absent: accesses leave for user space, until memory is there again."""
    vm = vm_of(host())
    ram = GuestRam(0x1_0000)
    ram.write_int(8, 8, 0x77, "big")
    slot = MemorySlot(1, 0x1000_0000, ram.size, ram)
    vm.set_user_memory_region(slot)
    leave = load(3, 0xF00) + "sc 1\n"
    code = hcall("H_ENTER", 1 << 39, INDEX, MAPPED, 0x10000012) + DATA_ON + "ld %r20, 8(%r11)\n" + leave
    put(vm, code + "ld %r21, 8(%r11)\n" + leave + "ld %r22, 8(%r11)\n")
    vcpu = vcpu_of(vm)
    until(vcpu, PaprHcall)
    vm.set_user_memory_region(MemorySlot(1, 0, 0, ram))
    vcpu.complete_hcall((0,))
    assert vcpu.run(100) == Mmio(0x1000_0008, 8, False)
    vcpu.complete_mmio((5).to_bytes(8, "little"))
    until(vcpu, PaprHcall)
    vm.set_user_memory_region(slot)
    vcpu.complete_hcall((0,))
    vcpu.run(3)
    assert [gpr(vcpu, n) for n in (20, 21, 22)] == [0x77, int.from_bytes((5).to_bytes(8, "little"), "big"), 0x77]


# Areas --------------------------------------------------------------------------------------------------------------

VPA, LOG = 0x11000, 0x12000


def areas(*calls: str) -> tuple[Book3sVcpu, Structure]:
    """A partition with garbage where a VPA and a trace log are to be, and code that makes some calls."""
    vcpu = running("".join(calls) + load(3, 0xF00) + "sc 1\n")
    memory, vpa = vcpu.vm.memory, Structure.of(description("power7"), "vpa")
    memory.write(VPA, b"\xa5" * vpa.size)
    memory.write_int(VPA + vpa.offsets["SIZE"], 2, vpa.size, "big")
    memory.write_int(VPA + vpa.offsets["STATUS"], 1, 0x80, "big")
    memory.write_int(LOG + 4, 4, 3 * 48 + 5, "big")
    return vcpu, vpa


def field(vcpu: Book3sVcpu, vpa: Structure, name: str) -> int:
    """A field of the VPA."""
    return vcpu.vm.memory.read_int(VPA + vpa.offsets[name], vpa.sizes[name], "big")


REGISTER = hcall("H_REGISTER_VPA", 1 << 45, 0, VPA)
REGISTER_LOG = hcall("H_REGISTER_VPA", 2 << 45, 0, LOG)


def test_a_registered_vpa_is_initialised_at_the_next_entry() -> None:
    """Shared processor, and a yield count of one; the entry itself counts, and each exit and entry after it."""
    vcpu, vpa = areas(REGISTER)
    until(vcpu, PaprHcall)
    assert field(vcpu, vpa, "STATUS") == 0x82
    assert field(vcpu, vpa, "YIELD_COUNT") == 3, "one, the entry, and the exit of the call that left"
    vcpu.complete_hcall((0,))
    vcpu.run(1)
    assert field(vcpu, vpa, "YIELD_COUNT") == 4, "even while it runs"


def test_a_vpa_that_user_space_sets_is_initialised_as_well() -> None:
    """At the entry, not before."""
    vcpu, vpa = areas()
    vcpu.set_one_reg("VPA_ADDR", VPA)
    assert field(vcpu, vpa, "STATUS") == 0x80
    vcpu.run(1)
    assert (field(vcpu, vpa, "STATUS"), field(vcpu, vpa, "YIELD_COUNT")) == (0x82, 2)


def test_each_dispatch_is_in_the_trace_log() -> None:
    """An entry for each: reason, processor, time, where it stood; the index counts on while the log goes round."""
    vcpu, vpa = areas(REGISTER, REGISTER_LOG, *[load(3, 0xF00) + "sc 1\n"] * 4)
    for _ in range(5):
        until(vcpu, PaprHcall)
    vcpu.complete_hcall((0,))
    vcpu.run(1)
    log = Structure.of(description("power7"), "dispatch_log_entry")
    count = field(vcpu, vpa, "LOG_INDEX")
    assert count == 6
    assert vcpu.get_one_reg("VPA_DTL") == LOG << 64 | 3 * 48
    memory = vcpu.vm.memory
    times = [memory.read_int(LOG + n * 48 + log.offsets["TIMEBASE"], 8, "big") for n in range(3)]
    assert sorted(times) == times
    assert len(set(times)) == 3
    assert memory.read_int(LOG + 2 * 48 + log.offsets["SRR0"], 8, "big") == vcpu.core.pc
    assert memory.read(LOG, 1) == b"\x07"
    assert memory.read(LOG + 3 * 48, 48) == bytes(48), "the log ends behind its third entry"


def test_an_area_whose_memory_has_gone_is_passed_over() -> None:
    """The run goes on, with two vcpus as well."""
    vm = vm_of(host(threads=1))
    ram = GuestRam(0x1_0000)
    vm.set_user_memory_region(MemorySlot(1, 0x1000_0000, ram.size, ram))
    put(vm, "2: b 2b\n")
    vcpus = [vcpu_of(vm, n) for n in range(2)]
    vcpus[0].set_one_reg("VPA_ADDR", 0x1000_0000)
    vcpus[0].run(1)
    vm.set_user_memory_region(MemorySlot(1, 0, 0, ram))
    for vcpu in vcpus * 2:
        vcpu.run(3)
        vcpu.areas.set_running(False)
    assert vcpus[1].core.retired == 6


def test_a_reset_vcpu_has_no_areas() -> None:
    """What user space does with a vcpu that starts again."""
    vcpu, _ = areas(REGISTER, REGISTER_LOG)
    until(vcpu, PaprHcall)
    vcpu.reset()
    assert [vcpu.get_one_reg(name) for name in ("VPA_ADDR", "VPA_DTL", "VPA_SLB")] == [0, 0, 0]
