"""C guests as people bring them: compiled by Debian's cross compilers, with gcc's own debug information."""

import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.target import MachineTarget

from ..oracle import require
from .machines import GUESTS, RAM, Board

FUNCTIONS = GUESTS / "functions.c"
_FLAGS = ("-g", "-ffreestanding", "-nostdlib", "-static", "-fno-pie", "-no-pie", "-e", "_start", "-Wl,--build-id=none")
_COMPILERS = {
    "big": ("powerpc64-linux-gnu-gcc", "-mcpu=power7"),
    "little": ("arm-linux-gnueabihf-gcc", "-marm"),
}


@cache
def compiled(source: Path, order: str, base: int, options: Sequence[str] = ("-O0",)) -> bytes:
    """The ELF file that gcc makes of a source for the architecture of that byte order, with its text from `base` on."""
    compiler, *flags = _COMPILERS[order]
    require.oracle(compiler)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "guest.elf"
        placed = f"-Wl,-Ttext-segment={base:#x}"
        subprocess.run([compiler, *flags, *_FLAGS, *options, placed, str(source), "-o", str(out)], check=True)
        return out.read_bytes()


def compiled_elf(board: Board, options: Sequence[str] = ("-O0",)) -> LoadedElf:
    """`functions.c` for a board."""
    return parse_elf(compiled(FUNCTIONS, board.order, board.base, tuple(options)), "functions.elf")


def compiled_target(board: Board, vcpus: int = 1, options: Sequence[str] = ("-O0",)) -> MachineTarget:
    """A board with `functions.c` in it, at its entry point."""
    elf, chosen = compiled_elf(board, options), MachineOptions(vcpus=vcpus, ram_size=RAM)
    return MachineTarget(lambda: build_machine(elf, board.name, chosen))


def line_of(text: str) -> int:
    """The line of `functions.c` with a text that stands there once."""
    lines = FUNCTIONS.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)
