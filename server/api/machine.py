"""`trapline.Machine`: a machine with a guest in it, for programs."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar, cast

from ...isa.errors import TraplineError
from ..boards.machine import SLICE_SECONDS, MachineOptions
from ..boards.machine import Machine as Board
from ..boards.registry import build_machine
from ..limits import Limits, Watch
from ..loading.guest import Guest
from ..machine.elf import LoadedElf
from ..machine.events import Event
from ..result import ConsoleTail, Result
from ..tree.ends import Idle, Stopped, Strayed
from ..verdict import Outcome, Verdict
from .files import File, Files
from .hooks import Hooks
from .journal import Journal
from .snapshots import Snapshot, registers_of
from .views import Memory, Registers, Vcpu, checked_address

E = TypeVar("E", bound=Event)
_MOST_GONE = 64
"""Machines that were replaced and may hold their memory: the collector of a large program seldom looks."""


class Machine:
    """A machine and its guest, ready to run; what the command line's options say, keywords say here.

    A context manager: its memory is given back at the end. Not to be used from two threads at once.
    """

    def __init__(
        self,
        guest: File | bytes | None = None,
        *,
        machine: str | None = None,
        core: str | None = None,
        vcpus: int = 1,
        threads: int = 1,
        memory: int | None = None,
        engine: str | None = None,
        append: str = "",
        kernel: File | None = None,
        initrd: File | None = None,
        dtb: File | None = None,
        bios: File | None = None,
        flash: Iterable[File] = (),
        load: Iterable[File] = (),
        entry: int | str | None = None,
        registers: Mapping[str, int] | None = None,
        hpt_order: int | None = None,
        rma: bool = False,
        clock_shift: int | None = None,
        semihosting: bool = False,
        wild_after: int = 1000,
        isa: Iterable[File] = (),
        description: File | None = None,
    ) -> None:
        """`guest`: a program's path, or the bytes of an ELF file; without any file, call `load` first.

        `memory` is in MiB; `kernel`, `initrd`, `flash` and `load` take FILE or FILE@ADDR. `description` is the
        entry file of a description of your own, which has `core` and `machine`. Raises TraplineError for what
        cannot be loaded or made, OSError for a file that cannot be read.
        """
        self._name = machine
        self._options = MachineOptions(
            vcpus=vcpus,
            threads=threads,
            ram_size=None if memory is None else memory << 20,
            core=core,
            engine=engine,
            bootargs=append,
            hpt_order=hpt_order,
            rma=rma,
            clock_shift=clock_shift,
            semihosting=semihosting,
            wild_after=wild_after,
            changes=tuple(Path(one) for one in isa),
            description=None if description is None else Path(description),
        )
        self._guest: Guest | None = None
        self._made_so_far = 0
        self._board: Board | None = None
        self._journal = Journal()
        self._hooks = Hooks()
        self._tail = ConsoleTail()
        self.memory = Memory(lambda: self._made, lambda: self._journal)
        """Physical memory, as the guest calls it."""
        named = Files(guest, kernel, initrd, dtb, bios, tuple(flash), tuple(load), entry, registers or {})
        if named != Files(flash=(), load=()):
            self._load(named)

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the guest; the machine can be loaded again."""
        self._hooks.attach(None)
        self._board = self._guest = None

    # Loading

    def load(
        self,
        guest: File | bytes | None = None,
        *,
        kernel: File | None = None,
        initrd: File | None = None,
        dtb: File | None = None,
        bios: File | None = None,
        flash: Iterable[File] = (),
        load: Iterable[File] = (),
        entry: int | str | None = None,
        registers: Mapping[str, int] | None = None,
    ) -> None:
        """Reads a guest's files, and puts them into a machine as it is when it is switched on. See `__init__`."""
        self._load(Files(guest, kernel, initrd, dtb, bios, tuple(flash), tuple(load), entry, registers or {}))

    def _load(self, files: Files) -> None:
        before, self._guest = self._guest, files.read()
        try:
            self.reset()
        except BaseException:
            self._guest = before
            self._hooks.attach(self._board)
            raise

    def reset(self) -> None:
        """The machine as it was when the guest had been loaded; hooks stay. Takes milliseconds: files are not read
        again, and what was made of the core's description is kept. Raises TraplineError without a guest."""
        self._make()
        self._hooks.attach(self._made)

    def _make(self) -> None:
        if self._guest is None:
            raise TraplineError("there is no guest in this machine", "load() one")
        kept = None if self._board is None else self._board.description
        self._hooks.attach(None)
        self._made_so_far += 1
        if self._made_so_far % _MOST_GONE == 0:
            # A machine is a few objects that know each other, and much memory that Python's collector cannot see.
            gc.collect()
        self._board = build_machine(self._guest, self._name, self._options, description=kept)
        self._journal = Journal()
        self._tail = ConsoleTail()
        self._board.console.add_sink(self._tail.feed)

    # Running

    def run(self, *, max_instructions: int | None = None, timeout: float | None = None) -> Result:
        """Runs to the guest's end, or to a limit: then the outcome is BUDGET or TIMEOUT, and the next `run` goes on;
        so it does where all vcpus wait (IDLE) and `send` gives them something. Raises what a hook raises."""
        began = time.perf_counter()
        verdict = self._run(Limits(max_instructions, timeout))
        assert verdict is not None
        return Result.of(self._made, verdict, time.perf_counter() - began, self._tail)

    def run_until(self, place: int | str, *, max_instructions: int | None = None, timeout: float | None = None) -> bool:
        """Runs until a vcpu is about to execute the instruction at an address or symbol; False: the guest ended, or a
        limit was reached, before that. A vcpu that stands there already goes round once."""
        address = self._symbol(place, LoadedElf.code_of) if isinstance(place, str) else checked_address(place)
        board = self._made
        for vcpu in board.vcpus:
            vcpu.core.engine.set_breakpoints(frozenset({address}))
            vcpu.core.pass_breakpoint = True
        try:
            return self._run(Limits(max_instructions, timeout)) is None
        finally:
            for vcpu in board.vcpus:
                vcpu.core.engine.set_breakpoints(frozenset())
                vcpu.core.pass_breakpoint = False

    def _run(self, limits: Limits) -> Verdict | None:
        """None: a breakpoint stopped it."""
        board = self._made
        watch = Watch(board, limits)
        while board.verdict is None:
            over = watch.over()
            if over is not None:
                return over
            before = board.steps
            end = board.run_slice(watch.left(), seconds=SLICE_SECONDS)
            self._journal.ran(board.steps - before, isinstance(end, Idle))
            self._hooks.deliver()
            if isinstance(end, Stopped):
                return None
            if isinstance(end, Strayed):
                board.end_wild()
            elif isinstance(end, Idle):
                # Not the machine's end: something may still be typed.
                board.end_idle()
                idle, board.verdict = board.verdict, None
                return idle
        return board.verdict

    def step(self, count: int = 1, *, vcpu: int = 0) -> int:
        """Executes `count` instructions of one vcpu, fewer where it waits or the guest ends; returns how many."""
        board = self._made
        core = self.vcpus[vcpu].core
        before = core.retired
        for _ in range(count):
            steps = core.steps
            board.step(board.vcpus[vcpu])
            self._journal.stepped(vcpu)
            self._hooks.deliver()
            if core.steps == steps or board.verdict is not None:
                break
        return core.retired - before

    @property
    def verdict(self) -> Verdict | None:
        """How the guest ended, once it has."""
        return self._made.verdict

    def result(self) -> Result:
        """The result so far; a guest that has not ended counts as BUDGET."""
        verdict = self._made.verdict or Verdict(Outcome.BUDGET, f"still running, {self._made.whereabouts()}")
        return Result.of(self._made, verdict, 0.0, self._tail)

    # Looking

    @property
    def vcpus(self) -> tuple[Vcpu, ...]:
        """All vcpus."""
        numbers = range(len(self._made.vcpus))
        return tuple(Vcpu(number, lambda: self._made, lambda: self._journal) for number in numbers)

    @property
    def registers(self) -> Registers:
        """Registers of vcpu 0."""
        return self.vcpus[0].registers

    @property
    def pc(self) -> int:
        """Address of vcpu 0's next instruction."""
        return self.vcpus[0].pc

    @property
    def instructions(self) -> int:
        """Instructions completed by all vcpus."""
        return self._made.clock.now

    @property
    def console(self) -> bytes:
        """What the guest has printed: the last 64 KiB."""
        return self._tail.kept

    def symbol(self, name: str) -> int:
        """A symbol's address as its file has it: the descriptor of an ELFv1 function, with bit 0 a Thumb function's.
        Raises TraplineError."""
        return self._symbol(name, lambda _, address: address)

    def _symbol(self, name: str, meaning: Callable[[LoadedElf, int], int]) -> int:
        for elf in self._made.guest.elfs:
            if name in elf.symbols:
                return meaning(elf, elf.symbols[name])
        raise TraplineError(f"the guest has no symbol '{name}'")

    # Input and hooks

    def send(self, data: bytes) -> None:
        """Types on the guest's console; it gets there when the machine runs next. Raises TraplineError for more than
        a megabyte that waits."""
        self._made.console.type(data)
        self._journal.typed(data)

    def on_output(self, sink: Callable[[bytes], None]) -> None:
        """Has `sink` called with what the guest prints, also after resets."""
        self._hooks.add_sink(sink)

    @contextmanager
    def listening(self, kind: type[E], listener: Callable[[E], None]) -> Iterator[None]:
        """While the context lasts, `listener` is called with each event of class `kind` (see `trapline.events`): in
        their order, when the guest stands between instructions. What it raises, `run` raises."""
        told = cast("Callable[[Event], None]", listener)
        self._hooks.listen(kind, told)
        try:
            yield
        finally:
            self._hooks.forget(kind, told)

    # Snapshots

    def snapshot(self) -> Snapshot:
        """The present state, to come back to. Costs nothing: a machine comes to the same state by the same inputs, so
        `restore` does again what was done since `load` or `reset`, which takes as long as it took then."""
        board = self._made
        return Snapshot(self._journal.operations(), registers_of(board), board.clock.now, board.verdict)

    def restore(self, snapshot: Snapshot) -> None:
        """Comes to a snapshot's state; hooks hear nothing of what is done again. Raises SnapshotMismatchError."""
        self._make()
        board = self._made
        for operation in snapshot.operations:
            operation.again(board)
        snapshot.check(board)
        board.verdict = snapshot.verdict
        self._journal = Journal.of(snapshot.operations)
        self._hooks.attach(board)

    @property
    def _made(self) -> Board:
        if self._board is None:
            raise TraplineError("there is no guest in this machine", "load() one")
        return self._board
