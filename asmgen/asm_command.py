"""The command `trapline asm`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Option, echo
from ..isa.errors import TraplineError, reason_of
from .described_core import Changes, Core, load, number

if TYPE_CHECKING:
    from .text import AssemblyErrors, Source

MAX_INPUT = 256 << 20
"""Bytes that are read from standard input."""


def asm(
    files: Annotated[list[Path], Argument(help="Assembly files, linked in this order; - is standard input.")],
    arch: Core,
    output: Annotated[
        Path | None, Option("-o", "--output", help="What to write: a.elf, or NAME.o with -c; - is standard output.")
    ] = None,
    compile_only: Annotated[bool, Option("-c", help="Write a relocatable object of each file; link nothing.")] = False,
    base: Annotated[str, Option(help="Address of the first section that has no place of its own.")] = "0",
    place: Annotated[list[str] | None, Option(help="SECTION=ADDRESS; overrides .place.")] = None,
    entry: Annotated[
        str | None, Option(help="The symbol to start at; if left out, _start or else the first code.")
    ] = None,
    order: Annotated[str, Option("--order", help="Byte order of data: big or little.")] = "",
    isa: Changes = None,
) -> None:
    """Assemble files and link them into one ELF executable with debug information, or into objects with -c."""
    from .text import AssemblyErrors

    if order not in ("", "big", "little"):
        raise TraplineError(f"there is no byte order '{order}'", "use --order big or --order little")
    big_endian = order == "big" if order else None
    if compile_only and output is not None and len(files) > 1:
        raise TraplineError("-o names one object, and there are several files", "leave -o away, or take one at a time")
    base_address, placements = number(base), _placements(place or [])
    sources = [_source(path) for path in files]
    try:
        if compile_only:
            from .object_assembler import assemble_object

            target = load(arch, isa or ())
            for path, source in zip(files, sources, strict=True):
                _write(output or Path(path.with_suffix(".o").name), assemble_object(source, target, big_endian), False)
            return
        from .assembler import assemble
        from .layout import Layout

        layout = Layout(base_address, placements, (), entry or "_start", big_endian)
        image = assemble(sources, load(arch, isa or ()), layout)
        if entry is not None:
            _check_entry(entry, [*image.symbols])
    except AssemblyErrors as errors:
        _tell(errors)
        raise SystemExit(2) from None
    for notice in image.notices:
        echo(notice.render(), err=bool(notice.kind))
    _write(output or Path("a.elf"), image.elf, True)


def _check_entry(name: str, symbols: list[str]) -> None:
    """Raises TraplineError where the program has no such symbol."""
    if name not in symbols:
        from ..isa.lang.diagnostics import did_you_mean

        hint = did_you_mean(name, symbols) or "name one that a file defines"
        raise TraplineError(f"--entry {name}: no file defines that symbol", hint)


def _source(path: Path) -> Source:
    """A file, or standard input.  Raises TraplineError."""
    import sys

    from .text import Source

    try:
        if str(path) != "-":
            return Source.read(path)
        text = sys.stdin.buffer.read(MAX_INPUT + 1)
        if len(text) > MAX_INPUT:
            raise TraplineError(f"standard input has more than {MAX_INPUT >> 20} MiB", "assemble a file")
        return Source("<stdin>", text.decode("latin-1"), Path())
    except (OSError, UnicodeDecodeError) as error:
        raise TraplineError(f"cannot read a source file: {error}") from error


def _placements(texts: list[str]) -> dict[str, int]:
    placements = {}
    for text in texts:
        section, equals, address = text.partition("=")
        if not equals:
            raise TraplineError(f"cannot read --place {text}", "write --place SECTION=ADDRESS")
        placements[section] = number(address)
    return placements


def _tell(errors: AssemblyErrors) -> None:
    echo(str(errors), err=True)
    count = len(errors.diagnostics)
    echo(f"{count} error{'s' * (count > 1)}", err=True)


def _write(path: Path, data: bytes, is_program: bool) -> None:
    """Write a file.  Raises TraplineError."""
    import sys

    try:
        if str(path) == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        path.write_bytes(data)
        if is_program:
            path.chmod(path.stat().st_mode | 0o111)
    except OSError as error:
        raise TraplineError(f"cannot write {path}: {reason_of(error)}") from error
