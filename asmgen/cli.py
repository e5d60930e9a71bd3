"""The commands `trapline asm` and `trapline disasm`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Command, Option, echo
from ..isa.errors import TraplineError
from .asm_command import asm
from .described_core import Changes, Core, load, number

if TYPE_CHECKING:
    import typer

def disasm(
    what: Annotated[
        list[str], Argument(help="An ELF file; with --hex, words in hexadecimal.", metavar="FILE|WORD…")
    ],
    arch: Core,
    as_words: Annotated[bool, Option("--hex", help="Disassemble the words given, not a file.")] = False,
    address: Annotated[str, Option(help="Address of the first word of --hex.")] = "0",
    instruction_set: Annotated[str, Option("--set", help="Instruction set of --hex, say T32.")] = "",
    isa: Changes = None,
) -> None:
    """Disassemble the code of an ELF file, or words given in hexadecimal."""
    from .disassembly import Disassembler
    from .disassembly.listing import list_elf, list_words

    if not as_words and len(what) != 1:
        raise TraplineError("one ELF file is disassembled at a time", "words in hexadecimal follow --hex")
    disassembler = Disassembler(load(arch, isa or ()))
    if not as_words:
        file = Path(what[0])
        try:
            data = file.read_bytes()
        except OSError as error:
            raise TraplineError(f"cannot read {file}: {error.strerror}") from error
        lines = list_elf(disassembler, data, str(file))
    else:
        lines = list_words(disassembler, what, number(address), instruction_set)
    for line in lines:
        echo(line)


COMMANDS = (Command("asm", asm), Command("disasm", disasm))


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..isa.command_line.library import add

    add(app, COMMANDS)
