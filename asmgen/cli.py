"""The commands `trapline asm` and `trapline disasm`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Command, Option, echo
from ..isa.errors import TraplineError, reason_of
from .asm_command import asm
from .described_core import Changes, Core, Entry, load, number

if TYPE_CHECKING:
    import typer

    from .disassembly import Disassembler
    from .disassembly.listing import Wanted


def disasm(
    what: Annotated[
        list[str], Argument(help="An ELF file; with --hex, words in hexadecimal.", metavar="FILE|WORD…")
    ],
    arch: Core = None,
    as_words: Annotated[bool, Option("--hex", help="Disassemble the words given, not a file.")] = False,
    address: Annotated[str, Option(help="Address of the first word of --hex.")] = "0",
    instruction_set: Annotated[str, Option("--set", help="Instruction set of --hex, say T32.")] = "",
    section: Annotated[
        list[str] | None, Option("-j", "--section", help="Only this section; may be repeated, and name data.")
    ] = None,
    reloc: Annotated[bool, Option("-r", "--reloc", help="Show relocations below what they change.")] = False,
    line: Annotated[bool, Option("-l", "--line", help="Show file and line of the source.")] = False,
    source: Annotated[bool, Option("-S", "--source", help="Show the source's text, too.")] = False,
    fields: Annotated[bool, Option("--fields", help="Show the fields of each word, bit by bit.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON document with all of it.")] = False,
    isa: Changes = None,
    description: Entry = None,
) -> None:
    """Disassemble the code of an ELF file, or words given in hexadecimal."""
    from .disassembly import Disassembler
    from .disassembly.listing import Wanted

    if not as_words and len(what) != 1:
        raise TraplineError("one ELF file is disassembled at a time", "words in hexadecimal follow --hex")
    disassembler = Disassembler(load(arch, isa or (), description))
    if as_words:
        lines = _listed_words(disassembler, what, number(address), instruction_set, fields, json)
    else:
        wanted = Wanted(tuple(section or ()), reloc, line, source, fields)
        lines = _listed_file(disassembler, Path(what[0]), wanted, json)
    left = iter(lines)
    while some := list(islice(left, _AT_ONCE)):
        echo("\n".join(some))
    disassembler.keep_plans()


_AT_ONCE = 1000
"""Lines that are written together."""


def _listed_words(
    disassembler: Disassembler, what: list[str], address: int, instruction_set: str, fields: bool, json: bool
) -> Iterable[str]:
    from .disassembly.listing import list_words, parse_words

    if json:
        from .disassembly.json_form import json_of_words

        return [json_of_words(disassembler, parse_words(disassembler, what, address, instruction_set), fields)]
    return list_words(disassembler, what, address, instruction_set, fields)


def _listed_file(disassembler: Disassembler, file: Path, wanted: Wanted, json: bool) -> Iterable[str]:
    from .disassembly.listing import list_elf

    try:
        data = file.read_bytes()
    except OSError as error:
        raise TraplineError(f"cannot read {file}: {reason_of(error)}") from error
    if json:
        from .disassembly.json_form import json_of_file

        return [json_of_file(disassembler, data, str(file), wanted)]
    return list_elf(disassembler, data, str(file), wanted)


COMMANDS = (Command("asm", asm), Command("disasm", disasm))


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..isa.command_line.library import add

    add(app, COMMANDS)
