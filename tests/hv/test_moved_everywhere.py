"""A VM that moves to another host after each turn of each of its vcpus ends up as one that stays where it is."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from trapline.server.core import Core
from trapline.server.hv.book3s.kvm import Book3sKvm
from trapline.server.hv.book3s.vm import Book3sVm
from trapline.server.hv.exits import Halt, Interrupted, Mmio, PaprHcall
from trapline.server.hv.kvm import Interrupt
from trapline.server.hv.regions import RegionFlags
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import hcall, load
from .hosts import RAM, SMALL_TABLE, host, put, start

MEMORY = 1 << 20
DEVICE = 0x80_0000_0000
LEAVE = load(3, 0xF00) + "sc 1\n"
FAR = load(3, 0x7FFFFFFF) + "mtdec %r3\n"
TURNS = (1, 2, 3, 7, 23)
"""Instructions of turns, one after the other: every few instructions something moves."""

# Accesses of one and of several words to a device, update forms, paging in, areas, a table of a bus, a reservation.
DEVICES = (
    hcall("H_REGISTER_VPA", 1 << 45, 0, 0x11000)
    + hcall("H_REGISTER_VPA", 2 << 45, 0, 0x12000)
    + hcall("H_ENTER", 1 << 39, (0x123 ^ 0x10) * 8, 0x123001, DEVICE | 0x1BA)
    + hcall("H_ENTER", 1 << 39, (0x123 ^ 0x30) * 8, 0x123001, 0x30012)
    + hcall("H_PUT_TCE", 5, 0x2000, 0x7003)
    + load(9, 0x123 << 12)
    + load(8, 0x8000000)
    + "slbmte %r9, %r8\nmfmsr %r9\nori %r9, %r9, 0x10\nmtmsrd %r9\nisync\nlis %r11, 1\nlis %r12, 3\n"
    + "4: lmw %r29, 0(%r11)\nstwu %r31, 8(%r12)\nstmw %r30, 16(%r11)\nldarx %r20, 0, %r12\naddi %r20, %r20, 1\n"
    + "stdcx. %r20, 0, %r12\nmfcr %r21\nlbzu %r22, 3(%r11)\naddi %r11, %r11, -3\n"
    + LEAVE
    + "add %r23, %r23, %r3\nbdnz 4b\n5: b 5b\n"
)
# Four threads that cede, prod each other and leave, each in a ring.
THREADS = (
    "addi %r30, %r3, 1\nandi. %r30, %r30, 3\n"
    + FAR
    + "4: addi %r20, %r20, 1\nandi. %r21, %r20, 3\nbne 6f\n"
    + LEAVE
    + "add %r23, %r23, %r3\n6:"
    + hcall("H_PROD")
    + "mr %r4, %r30\nli %r3, "
    + "0xE8\nsc 1\n"
    + hcall("H_CEDE")
    + "mftb %r24\nb 4b\n"
)


def machine(core: str, count: int, code: str) -> Book3sVm:
    """A partition of a new host, its vcpus about to execute some code, each with its number in r3."""
    kvm = new_host(core)
    vm = kvm.create_vm(SMALL_TABLE)
    ram = GuestRam(MEMORY) if kvm.is_power7 else vm.allocate_rma()
    vm.set_user_memory_region(MemorySlot(0, 0, ram.size, ram), RegionFlags.LOG_DIRTY_PAGES)
    vm.create_spapr_tce(5, 0x4000)
    vm.memory.write_int(0x11004, 2, 640, "big")
    vm.memory.write_int(0x12004, 4, 480, "big")
    put(vm, code)
    # An external interrupt is counted in r25.
    put(vm, "addi %r25, %r25, 1\nrfid\n", at=0x500)
    for number in range(count):
        vcpu = vm.create_vcpu(number)
        start(vcpu)
        vcpu.set_one_reg("GPR[3]", number)
        vcpu.set_one_reg("CTR", 6)
    return vm


def new_host(core: str) -> Book3sKvm:
    """One that is like all others."""
    return host(core, threads=4 if core == "power7" else None)


def moved(vm: Book3sVm, folder: Path, core: str) -> Book3sVm:
    """The same in another host."""
    vm.save(folder / "vm")
    vm.close()
    return new_host(core).restore_vm(folder / "vm")


def run(vm: Book3sVm, turns: int, core: str, folder: Path | None) -> Book3sVm:
    """User space: turns in a fixed order, answers that hang on what is asked alone. With `folder` the VM moves after
    each turn, so also between an exit and its answer."""
    for turn in range(turns):
        number = turn % len(vm.vcpus)
        left = vm.vcpus[number].run(TURNS[turn % len(TURNS)])
        assert isinstance(left, Halt | Interrupted | Mmio | PaprHcall), left
        if folder is not None:
            vm = moved(vm, folder, core)
        vcpu = vm.vcpus[number]
        if isinstance(left, Mmio):
            vcpu.complete_mmio(b"" if left.is_write else bytes((left.address + n) & 0xFF for n in range(left.size)))
        elif isinstance(left, PaprHcall):
            vcpu.complete_hcall((left.number & 0xFF, turn))
        if turn % 29 == 11:
            vcpu.interrupt(Interrupt.SET)
        if turn % 53 == 17:
            vm.page_out(0x3_0000, 0x1000)
    return vm


def registers(core: Core) -> list[int]:
    """All that the description stores, next address and count of instructions. (Whether an engine is about to look for
    interrupts is its own business.)"""
    found = [core.pc, core.retired]
    for one in core.description.registers.values():
        if one.kind == "storage":
            found += [core.read(one.name, n) for n in (range(one.count) if one.count else [None])]
    return found


def seen(vm: Book3sVm) -> dict[str, object]:
    """All that anybody could tell a difference by."""
    return {
        "registers": [registers(vcpu.core) for vcpu in vm.vcpus],
        "states": [(vcpu.ceded, vcpu.mp_state, vcpu.thread_state, vcpu.external) for vcpu in vm.vcpus],
        "counted": [vcpu.statistics for vcpu in vm.vcpus],
        "areas": [(vcpu.areas.vpa, vcpu.areas.dispatch_log, vcpu.areas.log_index) for vcpu in vm.vcpus],
        "memory": vm.memory.read(0, MEMORY),
        "table": list(vm.page_table.in_use()),
        "tce": vm.tce_tables[0][2],
        "dirty": vm.get_dirty_log(0)[: MEMORY >> 15],
        "cores": [
            (one.state, [thread.number for thread in one.runnable], one.entry_exit_count, one.napping_threads)
            for one in vm.vcores
        ],
        "calls": vm.calls(),
    }


def same(core: str, count: int, code: str, turns: int) -> Book3sVm:
    """Both runs end alike; the one that stayed."""
    with TemporaryDirectory() as folder:
        stayed = run(machine(core, count, code), turns, core, None)
        went = run(machine(core, count, code), turns, core, Path(folder))
    expected, found = seen(stayed), seen(went)
    assert {name: found[name] == expected[name] for name in expected} == dict.fromkeys(expected, True)
    return stayed


def test_devices_paging_and_areas_move_at_every_step() -> None:
    """Among other points in the middle of multiple accesses, with an answered half; a reservation is kept."""
    vm = same("power7", 1, DEVICES, 150)
    vcpu = vm.vcpus[0]
    assert vcpu.statistics.mmio_exits > 20
    assert vcpu.core.read("GPR", 23) >= 3 * 0xF00 & 0xFF
    assert vcpu.areas.log_index > 10


def test_napping_threads_move_at_every_step() -> None:
    """Four threads of a core that cede, prod and leave, and interrupts for some of them."""
    vm = same("power7", 4, THREADS, 200)
    assert min(vcpu.core.read("GPR", 20) for vcpu in vm.vcpus) > 2
    assert vm.calls()[0xE0] > 10
    assert any(vcpu.core.read("GPR", 25) for vcpu in vm.vcpus)


def test_a_970_moves_at_every_step() -> None:
    """With its real mode area."""
    code = "mtctr %r3\n4: addi %r20, %r20, 1\nstw %r20, 0x100(0)\n" + LEAVE + "add %r23, %r23, %r4\nb 4b\n"
    vm = same("ppc970", 1, code, 40)
    assert vm.memory.slots[0].ram.size == RAM
    assert vm.vcpus[0].core.read("GPR", 23) > 0
