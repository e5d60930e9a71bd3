"""The bundled guests, moved to another host after each turn of a vcpu, find nothing wrong.

Their user space is here: a terminal, RTAS that starts vcpus and switches off, interrupt presentation, a serial port's
registers. It stays where it is; the VM, without it, goes from file to file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trapline.firmware.catalogue import Guest, build, find_guest
from trapline.server.boards.power.papr.xics import Xics
from trapline.server.hv.book3s.kvm import Book3sKvm
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.exits import Halt, Interrupted, Mmio, MpState, PaprHcall
from trapline.server.hv.kvm import Interrupt
from trapline.server.machine.elf import parse_elf
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import description, number
from .hosts import SMALL_TABLE, start

MEMORY = 256 << 20
"""What the guests expect their memory to end with."""
UART, MODEM_STATUS, LINE_STATUS = 0x80_0000_0000, 6, 5
QUANTUM, MOST_TURNS = 97, 4000
MASK = (1 << 64) - 1


class UserSpace:
    """What a partition talks to. With `folder`, the VM goes to another host `often`: after each so many turns."""

    def __init__(self, guest: Guest, folder: Path | None, often: int = 5) -> None:
        self.core = guest.core
        self.rma = guest.rma or guest.core == "ppc970"
        self.folder = folder
        self.often = often
        self.threads = guest.threads if guest.core == "power7" else 1
        self.ram = GuestRam(MEMORY)
        self.vm = self.host().create_vm(SMALL_TABLE)
        ram = self.vm.allocate_rma() if self.rma else self.ram
        self.vm.set_user_memory_region(MemorySlot(0, 0, ram.size, ram))
        self.vm.create_spapr_tce(0x8000_0000, 0x4000_0000)
        self.elf = parse_elf(build(guest).elf, guest.name)
        for segment in self.elf.segments:
            self.vm.memory.write(segment.physical, segment.data)
        for n in range(guest.vcpus):
            vcpu = self.vm.create_vcpu(n)
            start(vcpu, self.elf.entry)
            vcpu.set_mp_state(MpState.RUNNABLE if n == 0 else MpState.STOPPED)
        self.xics = Xics(guest.vcpus, self.signal)
        self.console = bytearray()
        self.registers = {LINE_STATUS: 0x60, MODEM_STATUS: 0xB0}
        self.is_on = True
        self.ticks = 0
        self.moves = 0
        self.calls: dict[int, Callable[[tuple[int, ...], Book3sVcpu], tuple[int, ...]]] = {
            number("H_PUT_TERM_CHAR"): self.print,
            number("H_RTAS"): self.rtas,
            number("H_XIRR"): lambda _, vcpu: (0, self.xics.accept(vcpu.number)),
            number("H_EOI"): lambda a, vcpu: self.quietly(self.xics.end_of_interrupt, vcpu.number, a[0]),
            number("H_CPPR"): lambda a, vcpu: self.quietly(self.xics.set_priority, vcpu.number, a[0]),
            number("H_IPI"): lambda a, _: (0 if self.xics.request_ipi(a[0], a[1]) else number("H_PARAMETER") & MASK,),
        }

    def host(self) -> Book3sKvm:
        """A host like all others; where the partition wants one, it has a real mode area of the memory's size."""
        pool = (self.ram,) if self.rma and not hasattr(self, "vm") else ()
        if self.rma and not pool:
            pool = (GuestRam(MEMORY),)
        return Book3sKvm(description(self.core), engine="reference", threads=self.threads, rma_pool=pool)

    def signal(self, server: int, level: bool) -> None:
        """The external interrupt of a vcpu."""
        self.vm.vcpus[server].interrupt(Interrupt.SET_LEVEL if level else Interrupt.UNSET)

    @staticmethod
    def quietly(action: Callable[[int, int], None], server: int, value: int) -> tuple[int, ...]:
        """H_SUCCESS, and nothing else."""
        action(server, value)
        return (0,)

    def print(self, arguments: tuple[int, ...], _: Book3sVcpu) -> tuple[int, ...]:
        """H_PUT_TERM_CHAR."""
        self.console += (arguments[2] << 64 | arguments[3]).to_bytes(16, "big")[: arguments[1]]
        return (0,)

    def rtas(self, arguments: tuple[int, ...], _: Book3sVcpu) -> tuple[int, ...]:
        """power-off and start-cpu."""
        token, count, _results, *words = (self.vm.memory.read_int(arguments[0] + 4 * n, 4, "big") for n in range(6))
        if token == number("power_off"):
            self.is_on = False
        else:
            assert token == number("start_cpu")
            vcpu = self.vm.vcpus[words[0]]
            start(vcpu, words[1])
            vcpu.set_one_reg("GPR[3]", words[2])
            vcpu.set_mp_state(MpState.RUNNABLE)
        self.vm.memory.write_int(arguments[0] + 12 + 4 * count, 4, 0, "big")
        return (0,)

    def access(self, left: Mmio) -> bytes:
        """The serial port: what is stored comes back, but for what it says of itself."""
        at = left.address - UART
        if left.is_write:
            for n, byte in enumerate(left.data):
                if at + n not in (LINE_STATUS, MODEM_STATUS):
                    self.registers[at + n] = byte
        return b"" if left.is_write else bytes(self.registers.get(at + n, 0) for n in range(left.size))

    def run(self) -> None:
        """Turns in a fixed order until the guest switches off."""
        for turn in range(MOST_TURNS):
            runnable = [vcpu for vcpu in self.vm.vcpus if vcpu.mp_state is not MpState.STOPPED]
            vcpu = runnable[turn % len(runnable)]
            before = vcpu.core.retired
            left = vcpu.run(QUANTUM)
            self.pass_time((vcpu.core.retired - before) >> 1)
            if self.folder is not None and turn % self.often == 0:
                self.move()
            self.answer(self.vm.vcpus[vcpu.number], left)
            if not self.is_on:
                return
            if all(one.ceded for one in self.vm.vcpus if one.mp_state is not MpState.STOPPED):
                self.sleep()
        raise AssertionError(f"the guest has not ended: {self.console.decode()}")

    def answer(self, vcpu: Book3sVcpu, left: object) -> None:
        """Whatever a vcpu has left with."""
        if isinstance(left, Mmio):
            vcpu.complete_mmio(self.access(left))
        elif isinstance(left, PaprHcall):
            found = self.calls.get(left.number)
            vcpu.complete_hcall(() if found is None else found(left.arguments, vcpu))
        else:
            assert isinstance(left, Halt | Interrupted), left

    def pass_time(self, ticks: int) -> None:
        """All see the same time, whoever ran."""
        self.ticks += ticks
        for vcpu in self.vm.vcpus:
            vcpu.core.put("TIME_OFFSET", (self.ticks - (vcpu.core.retired >> 1)) & MASK)

    def sleep(self) -> None:
        """Until a decrementer is due."""
        due = [vcpu.core.get("DEC") for vcpu in self.vm.vcpus if vcpu.ceded]
        self.pass_time(min(value for value in due if value < 1 << 31) + 1)

    def move(self) -> None:
        """Into a file, and into another host."""
        assert self.folder is not None
        self.vm.save(self.folder / "vm")
        self.vm.close()
        self.vm = self.host().restore_vm(self.folder / "vm")
        self.moves += 1


OFTEN = ("power_exits", "power_mmio", "power_areas", "power_tce", "power_rma", "power7_rma")
CASES = [*((name, 5) for name in OFTEN), ("power_threads", 23)]


@pytest.mark.parametrize(("name", "often"), CASES)
def test_a_bundled_guest_passes_though_it_moves(name: str, often: int, tmp_path: Path) -> None:
    """It says PASS; and what it executes is, to the instruction, what it does where it stays."""
    guest = find_guest(name)
    stays, moves = UserSpace(guest, None), UserSpace(guest, tmp_path, often)
    for one in (stays, moves):
        one.run()
        assert one.console.decode() == f"PASS {name}\n"
    assert moves.moves > 3
    assert [vcpu.core.retired for vcpu in moves.vm.vcpus] == [vcpu.core.retired for vcpu in stays.vm.vcpus]
    assert [vcpu.statistics for vcpu in moves.vm.vcpus] == [vcpu.statistics for vcpu in stays.vm.vcpus]
