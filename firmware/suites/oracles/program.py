"""A test as its ELF file alone tells of it: its steps with their titles, and where it leaves what came."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ....isa.errors import TraplineError
from ....server.machine.elf import LoadedElf, parse_elf
from ..making.guests import ARM, POWER, GuestLibrary


@dataclass(frozen=True)
class StepOf:
    """A step as the test's tables have it."""

    number: int
    title: str


@dataclass(frozen=True)
class Program:
    """A test that is linked with a guest library."""

    name: str
    elf: LoadedElf
    library: GuestLibrary

    @staticmethod
    def read(path: Path) -> Program:
        """Raises TraplineError for a file that is no test of a suite."""
        elf = parse_elf(path.read_bytes(), path.name)
        library = POWER if elf.machine == "PPC64" else ARM
        missing = [
            one for one in ("suite_blocks", "suite_recording", "suite_end", "checks_1") if one not in elf.symbols
        ]
        if missing:
            raise TraplineError(
                f"{path} is no test of a suite: it has no {missing[0]}", "oracles run tests that Trapline has built"
            )
        return Program(path.stem, elf, library)

    def symbol(self, name: str) -> int:
        """A symbol's address."""
        return self.elf.symbols[name]

    @cached_property
    def steps(self) -> tuple[StepOf, ...]:
        """All steps, in their order."""
        found: list[StepOf] = []
        size = self.library.word_bytes
        while f"checks_{len(found) + 1}" in self.elf.symbols:
            table = self.symbol(f"checks_{len(found) + 1}")
            title = int.from_bytes(self._at(table + size, size), self.library.order)
            found.append(StepOf(len(found) + 1, self._text(title)))
        return tuple(found)

    def blocks_of(self, memory: bytes) -> tuple[tuple[int, ...], ...]:
        """The words that each step has left, out of the memory of `suite_blocks`."""
        size, count = self.library.word_bytes, len(self.library.words)
        words = [int.from_bytes(memory[at : at + size], self.library.order) for at in range(0, len(memory), size)]
        return tuple(tuple(words[at : at + count]) for at in range(0, len(words), count))

    @property
    def blocks_size(self) -> int:
        """Bytes of all blocks."""
        return len(self.steps) * len(self.library.words) * self.library.word_bytes

    @property
    def extent(self) -> tuple[int, int]:
        """First address and bytes of what is loaded, its zeros included, but for vectors that stand apart."""
        segments = [one for one in self.elf.segments if one.physical >= self.library.base]
        start = min(one.physical for one in segments)
        return start, max(one.physical + one.size for one in segments) - start

    def _at(self, address: int, size: int) -> bytes:
        for one in self.elf.segments:
            if one.physical <= address < one.physical + len(one.data):
                at = address - one.physical
                return bytes(one.data[at : at + size])
        raise TraplineError(f"{self.name}: nothing is loaded at {address:#x}", "build the suite anew")

    def _text(self, address: int) -> str:
        return self._at(address, 400).split(b"\0")[0].decode("ascii", "replace")
