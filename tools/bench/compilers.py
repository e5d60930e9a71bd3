"""C sources to assembly that our own assembler reads, so that one linker and one start-up code serve both forms."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ...isa.errors import TraplineError
from .architectures import Architecture

HOST_COMPILER = "gcc"
# The same arithmetic everywhere: no fused multiply-add, as not every host has it.
COMMON = ("-std=c11", "-O2", "-ffp-contract=off")
_GUEST = (
    "-ffreestanding",
    "-fno-asynchronous-unwind-tables",
    "-fno-tree-loop-distribute-patterns",
    "-fno-common",
    "-fno-pic",
)

# ELFv2's way to find the TOC at a function's global entry point. The drivers keep r2 zero instead, and programs lie
# below 2 GiB, so that an offset from the TOC is an absolute address.
_TOC_ENTRY = re.compile(r"^0:\s*addis 2,12,\.TOC\.-\S+\s+addi 2,2,\.TOC\.-\S+\s+\.localentry.*\n", re.MULTILINE)
# Spellings older than the unified syntax that GCC still writes for Arm.
_OLD_SHIFT = re.compile(r"\basl\b")
_OLD_TRANSFER = re.compile(r"\b(vldr|vstr|vpush|vpop|vldmia|vstmia|vldmdb|vstmdb)\.64\b")
# Our assembler has no label as the address of a floating-point load; pc is two instructions ahead in A32.
_LABEL_TRANSFER = re.compile(r"\b(vldr|vstr)(\s+\w+, )(\.L\S+)")


class CompilerError(TraplineError):
    """The compiler is there, and refuses a source of ours."""


def missing_compiler(arch: Architecture) -> str | None:
    """Why C sources cannot be compiled for an architecture, or None."""
    if shutil.which(arch.compiler[0]) is not None:
        return None
    return f"{arch.compiler[0]} is not installed (Debian package {arch.package})"


def to_assembly(source: Path, arch: Architecture, options: Sequence[str] = ()) -> str:
    """A C source in assembly. Raises CompilerError."""
    command = [*arch.compiler, *COMMON, *_GUEST, *options, "-S", "-o", "-", str(source)]
    return as_we_write_it(compile_c(command))


def as_we_write_it(assembly: str) -> str:
    """What GCC writes, as our assembler reads it: Power's addresses absolute, Arm's syntax unified."""
    power = _TOC_ENTRY.sub("", assembly).replace("@toc@", "@")
    unified = _OLD_TRANSFER.sub(r"\1", _OLD_SHIFT.sub("lsl", power))
    return _LABEL_TRANSFER.sub(r"\1\2[pc, #\3 - . - 8]", unified)


def compile_c(command: list[str]) -> str:
    """What a compiler wrote to its standard output. Raises CompilerError."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompilerError(f"{' '.join(command)}:\n{done.stderr}", "--form asm measures without a compiler")
    return done.stdout
