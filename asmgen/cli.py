"""The commands `trapline asm` and `trapline disasm`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Command, Option, echo
from ..isa.errors import TraplineError

if TYPE_CHECKING:
    import typer

    from .disassembly import Disassembler
    from .disassembly.listing import Wanted
    from .instructions import DescribedTarget

Core = Annotated[str, Option("--arch", help="The core to assemble for, say power7, ppc970 or armv7ve.")]
Changes = Annotated[
    list[Path] | None, Option("--isa", help="A file that changes the core's description; may be repeated.")
]


def number(text: str) -> int:
    """A number in Python's notation (0x1000, 4096).  Raises TraplineError."""
    try:
        return int(text, 0)
    except ValueError as error:
        raise TraplineError(f"'{text}' is not a number", "write 4096 or 0x1000") from error


def asm(
    files: Annotated[list[Path], Argument(help="Assembly files, linked in this order.")],
    arch: Core,
    output: Annotated[Path, Option("-o", "--output", help="The ELF file to write.")] = Path("a.elf"),
    base: Annotated[str, Option(help="Address of the first section that has no place of its own.")] = "0",
    place: Annotated[list[str] | None, Option(help="SECTION=ADDRESS; overrides .place.")] = None,
    entry: Annotated[str, Option(help="The symbol to start at.")] = "_start",
    order: Annotated[str, Option("--order", help="Byte order of data: big or little.")] = "",
    isa: Changes = None,
) -> None:
    """Assemble files and link them into one ELF executable with debug information."""
    from .assembler import assemble
    from .layout import Layout
    from .text import AssemblyErrors, Source

    if order not in ("", "big", "little"):
        raise TraplineError(f"there is no byte order '{order}'", "use --order big or --order little")
    placements = {}
    for text in place or []:
        section, equals, address = text.partition("=")
        if not equals:
            raise TraplineError(f"cannot read --place {text}", "write --place SECTION=ADDRESS")
        placements[section] = number(address)
    layout = Layout(number(base), placements, (), entry, order == "big" if order else None)
    try:
        sources = [Source.read(path) for path in files]
    except OSError as error:
        raise TraplineError(f"cannot read a source file: {error}") from error
    try:
        image = assemble(sources, load(arch, isa or ()), layout)
    except AssemblyErrors as errors:
        echo(str(errors), err=True)
        count = len(errors.diagnostics)
        echo(f"{count} error{'s' * (count > 1)}", err=True)
        raise SystemExit(2) from None
    for notice in image.notices:
        typer.echo(notice.render(), err=bool(notice.kind))
    try:
        output.write_bytes(image.elf)
        output.chmod(output.stat().st_mode | 0o111)
    except OSError as error:
        raise TraplineError(f"cannot write {output}: {error.strerror}") from error


def disasm(
    what: Annotated[
        list[str], Argument(help="An ELF file; with --hex, words in hexadecimal.", metavar="FILE|WORD…")
    ],
    arch: Core,
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
) -> None:
    """Disassemble the code of an ELF file, or words given in hexadecimal."""
    from .disassembly import Disassembler
    from .disassembly.listing import Wanted

    if not as_words and len(what) != 1:
        raise TraplineError("one ELF file is disassembled at a time", "words in hexadecimal follow --hex")
    disassembler = Disassembler(load(arch, isa or ()))
    if as_words:
        lines = _listed_words(disassembler, what, number(address), instruction_set, fields, json)
    else:
        wanted = Wanted(tuple(section or ()), reloc, line, source, fields)
        lines = _listed_file(disassembler, Path(what[0]), wanted, json)
    for text in lines:
        echo(text)


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
        raise TraplineError(f"cannot read {file}: {error.strerror}") from error
    if json:
        from .disassembly.json_form import json_of_file

        return [json_of_file(disassembler, data, str(file), wanted)]
    return list_elf(disassembler, data, str(file), wanted)


def load(core: str, changes: Sequence[Path]) -> DescribedTarget:
    """The described core as a target.  Raises TraplineError for a name that no description has."""
    from ..isa.lang.load import load_core
    from ..isa.progress import shown_progress
    from .instructions import target_for

    with shown_progress() as progress:
        return target_for(load_core(core, progress, changes))


COMMANDS = (Command("asm", asm), Command("disasm", disasm))


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..isa.command_line.library import add

    add(app, COMMANDS)
