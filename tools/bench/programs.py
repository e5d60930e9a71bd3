"""Kernels as programs: linked with their driver, and with the counts of a run written into them."""

from __future__ import annotations

import enum
import io
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from elftools.elf.elffile import ELFFile

from ...asmgen import DescribedTarget, Image, Layout, Source, assemble, target_for
from ...firmware.catalogue import FOLDER as FIRMWARE
from ...isa.errors import TraplineError
from ...isa.lang.load import load_core
from ...isa.model.items import Description
from ...server.machine.elf import LoadedElf, parse_elf
from .architectures import Architecture
from .catalogue import Kernel, Kind
from .compilers import missing_compiler, to_assembly

FOLDER = Path(__file__).resolve().parent / "kernels"
_COUNTS_SYMBOL = "parameters"
_COUNTS_SIZE = 12


class Form(enum.Enum):
    """What a kernel is made from."""

    C = "c"
    ASSEMBLY = "asm"


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a program runs its kernel: `warm_up` times, then `rounds` rounds of `runs`."""

    warm_up: int
    runs: int
    rounds: int


@dataclass(frozen=True)
class Program:
    """A kernel built for an architecture."""

    kernel: Kernel
    arch: Architecture
    form: Form
    image: Image

    @property
    def machine(self) -> str:
        """The name of the machine that it is for."""
        return self.arch.bare_machine if self.is_bare else self.arch.machine

    @property
    def is_bare(self) -> bool:
        """Whether it needs a core of its own where others are a partition's."""
        return self.arch.name in self.kernel.bare

    def elf(self, counts: Counts) -> bytes:
        """The ELF file with the counts in it."""
        numbers = (counts.warm_up, counts.runs, counts.rounds)
        written = b"".join(number.to_bytes(4, self.arch.byte_order) for number in numbers)
        before, behind = self.image.elf[: self._counts_at], self.image.elf[self._counts_at + _COUNTS_SIZE :]
        return before + written + behind

    def loaded(self, counts: Counts) -> LoadedElf:
        """The same as our machines take it."""
        return parse_elf(self.elf(counts), f"{self.kernel.name}.elf")

    def flat(self, counts: Counts) -> bytes:
        """Memory from address 0 to the end of what is not zero, as a file of firmware."""
        memory = bytearray()
        for segment in self.loaded(counts).segments:
            end = segment.physical + len(segment.data)
            memory.extend(bytes(max(0, end - len(memory))))
            memory[segment.physical : end] = segment.data
        return bytes(memory)

    @cached_property
    def _counts_at(self) -> int:
        """Where the counts stand in the ELF file."""
        address = self.image.symbols[_COUNTS_SYMBOL]
        for segment in ELFFile(io.BytesIO(self.image.elf)).iter_segments():
            if segment["p_type"] == "PT_LOAD" and 0 <= address - segment["p_vaddr"] < segment["p_filesz"]:
                return int(segment["p_offset"] + address - segment["p_vaddr"])
        raise TraplineError(f"{self.kernel.name}: nothing in the file is loaded at {_COUNTS_SYMBOL}")


@cache
def description_of(arch: Architecture) -> Description:
    """The architecture's description, loaded once."""
    return load_core(arch.core)


@cache
def target_of(arch: Architecture) -> DescribedTarget:
    """What assembles for an architecture, made once."""
    return target_for(description_of(arch))


def best_form(kernel: Kernel, arch: Architecture) -> Form:
    """C where it exists and can be compiled: a compiler's code is what guests are mostly made of."""
    compiled = kernel.kind is Kind.COMPUTE and missing_compiler(arch) is None
    return Form.C if compiled else Form.ASSEMBLY


def c_source(kernel: Kernel) -> Path:
    """The C form of a compute kernel."""
    return FOLDER / "c" / f"{kernel.name}.c"


def build(kernel: Kernel, arch: Architecture, form: Form) -> Program:
    """Compiles, assembles and links. Raises TraplineError, AssemblyErrors."""
    if form is Form.C:
        own = Source(f"{kernel.name}.c.s", to_assembly(c_source(kernel), arch))
    else:
        own = Source.read(FOLDER / arch.name / f"{kernel.name}.s")
    library = FOLDER / arch.name / "bare.s" if arch.name in kernel.bare else FIRMWARE / "lib" / arch.library
    sources = [Source.read(library), Source.read(FOLDER / arch.name / "driver.s"), own]
    return Program(kernel, arch, form, assemble(sources, target_of(arch), Layout(base=arch.base)))
