"""The command `trapline asm`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Option, echo
from ..isa.errors import TraplineError, reason_of
from .described_core import Changes, Core, Entry, load, number

if TYPE_CHECKING:
    from .instructions import DescribedTarget
    from .layout.options import Layout, Reading
    from .object_assembler import RelocatableObject
    from .objects import Image
    from .target import Target
    from .text import AssemblyErrors, Diagnostic, Source


def asm(
    files: Annotated[
        list[Path], Argument(help="Sources, objects (.o) and archives (.a), linked in this order; - is standard input.")
    ],
    arch: Core = None,
    output: Annotated[
        Path | None, Option("-o", "--output", help="What to write: a.elf, or NAME.o with -c; - is standard output.")
    ] = None,
    compile_only: Annotated[bool, Option("-c", help="Write an object of each source; link nothing.")] = False,
    include: Annotated[list[Path] | None, Option("-I", help="A folder in which .include and .incbin look.")] = None,
    define: Annotated[list[str] | None, Option("-D", help="NAME or NAME=NUMBER: a symbol (1 if left out).")] = None,
    base: Annotated[str, Option(help="Address of the first section that has no place of its own.")] = "0",
    place: Annotated[list[str] | None, Option(help="SECTION=ADDRESS; overrides .place.")] = None,
    entry: Annotated[
        str | None, Option(help="The symbol to start at; if left out, _start or else the first code.")
    ] = None,
    order: Annotated[str, Option("--order", help="Byte order of data: big or little.")] = "",
    dependencies: Annotated[bool, Option("-MD", "--MD", help="Write a rule for make, to OUTPUT with .d.")] = False,
    dependency_file: Annotated[Path | None, Option("-MF", "--MF", help="Write the rule there.")] = None,
    listing: Annotated[Path | None, Option(help="Write bytes beside the source; - is standard output.")] = None,
    link_map: Annotated[Path | None, Option("--map", help="Write where sections and symbols lie.")] = None,
    implicit_it: Annotated[
        str, Option("--implicit-it", "-mimplicit-it", help="Arm: IT left out of T32 code is made for always and thumb, "
                    "an error for never and arm.")
    ] = "arm",
    max_errors: Annotated[int, Option(min=1, help="Stop after so many errors.")] = 20,
    json: Annotated[bool, Option("--json", help="Diagnostics as one JSON document on standard output.")] = False,
    isa: Changes = None,
    description: Entry = None,
) -> None:
    """Assemble files and link them into one ELF executable with debug information, or into objects with -c."""
    import gc

    from .layout.options import Layout, Reading
    from .text import AssemblyErrors

    # What is made of a source lives until its object is written: looking for garbage among it would find none.
    gc.set_threshold(1_000_000, 10, 10)
    if order not in ("", "big", "little"):
        raise TraplineError(f"there is no byte order '{order}'", "use --order big or --order little")
    if implicit_it not in ("never", "arm", "thumb", "always"):
        raise TraplineError(f"there is no --implicit-it {implicit_it}", "use never, arm, thumb or always")
    _check_outputs(files, output, compile_only, link_map)
    layout = Layout(number(base), _placements(place or []), (), entry if entry is not None else "_start",
                    big_endian=order == "big" if order else None)
    reading = Reading(tuple(include or ()), _definitions(define or []), max_errors, listing is not None,
                      has_implicit_blocks=implicit_it in ("thumb", "always"))
    outputs = _Outputs(output, dependencies or dependency_file is not None, dependency_file, listing, link_map)
    notices: list[Diagnostic] = []
    try:
        target = load(arch, isa or (), description)
        if compile_only:
            notices += outputs.objects(files, target, layout, reading)
        else:
            notices += outputs.program(files, target, layout, reading, entry is not None)
    except AssemblyErrors as errors:
        _tell(errors, json)
        raise SystemExit(2) from None
    if json:
        from .outputs.json_diagnostics import document

        echo(document(notices, False))
        return
    for notice in notices:
        echo(notice.render(), err=bool(notice.kind))


class _Outputs:
    """The files that a run writes."""

    def __init__(
        self, output: Path | None, has_rule: bool, rule_file: Path | None, listing: Path | None, link_map: Path | None
    ) -> None:
        self._output, self._has_rule, self._rule_file = output, has_rule, rule_file
        self._listing, self._map = listing, link_map

    def objects(
        self, files: Sequence[Path], target: Target, layout: Layout, reading: Reading
    ) -> list[Diagnostic]:
        """One object of each source; what the sources said."""
        from .object_assembler import assemble_object

        said: list[Diagnostic] = []
        texts = []
        for path in files:
            made = assemble_object(_source(path), target, layout.big_endian, reading)
            output = self._output or Path(path.with_suffix(".o").name)
            _write(output, made.elf, False)
            self._rule(output, [path], made)
            texts.append(made.listing)
            said += made.notices
        if self._listing is not None:
            _write(self._listing, "".join(texts).encode(), False)
        return said

    def program(
        self, files: Sequence[Path], target: DescribedTarget, layout: Layout, reading: Reading, needs_entry: bool
    ) -> list[Diagnostic]:
        """One program of all files; what the sources said."""
        from .assembler import assemble

        contents = [(path, _linkable(path) or _source(path)) for path in files]
        sources = [content for _, content in contents if not isinstance(content, bytes)]
        if len(sources) == len(contents):
            image = assemble(sources, target, layout, reading)
        else:
            from .link_files import link_files

            image = link_files(contents, target, layout, reading)
        if needs_entry:
            _check_entry(layout.entry, [*image.symbols])
        output = self._output or Path("a.elf")
        _write(output, image.elf, True)
        self._rule(output, files, image)
        if self._listing is not None:
            _write(self._listing, image.listing.encode(), False)
        if self._map is not None:
            from .outputs.link_map import link_map

            _write(self._map, link_map(image).encode(), False)
        return list(image.notices)

    def _rule(self, output: Path, files: Sequence[Path], made: Image | RelocatableObject) -> None:
        if not self._has_rule:
            return
        from .outputs.dependencies import rule

        _write(self._rule_file or output.with_suffix(".d"), rule(output, [*files, *made.read_files]).encode(), False)


def _check_outputs(files: Sequence[Path], output: Path | None, compile_only: bool, link_map: Path | None) -> None:
    if compile_only and output is not None and len(files) > 1:
        raise TraplineError("-o names one object, and there are several files", "leave -o away, or take one at a time")
    if compile_only and link_map is not None:
        raise TraplineError("an object has no map: its sections have no places yet", "leave --map or -c away")


def _linkable(path: Path) -> bytes | None:
    """An object or archive; None for a source.  Raises TraplineError."""
    if str(path) == "-":
        return None
    from .linking.files import read_linkable

    try:
        return read_linkable(path)
    except OSError as error:
        raise TraplineError(f"cannot read {path}: {reason_of(error)}") from error


def _check_entry(name: str, symbols: list[str]) -> None:
    """Raises TraplineError where the program has no such symbol."""
    if name not in symbols:
        from ..isa.lang.tree.diagnostics import did_you_mean

        hint = did_you_mean(name, symbols) or "name one that a file defines"
        raise TraplineError(f"--entry {name}: no file defines that symbol", hint)


def _source(path: Path) -> Source:
    """A file, or standard input.  Raises TraplineError."""
    import sys

    from .text import Source
    from .text.source import MAX_SOURCE_BYTES

    try:
        if str(path) != "-":
            return Source.read(path)
        data = sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
        if len(data) > MAX_SOURCE_BYTES:
            raise TraplineError(f"standard input has more than {MAX_SOURCE_BYTES >> 20} MiB", "assemble a file")
        return Source.of_bytes("<stdin>", data, Path())
    except OSError as error:
        raise TraplineError(f"cannot read {path}: {reason_of(error)}") from error


def _placements(texts: Sequence[str]) -> dict[str, int]:
    placements = {}
    for text in texts:
        section, equals, address = text.partition("=")
        if not equals:
            raise TraplineError(f"cannot read --place {text}", "write --place SECTION=ADDRESS")
        placements[section] = number(address)
    return placements


def _definitions(texts: Sequence[str]) -> dict[str, int]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name.replace(".", "_").replace("$", "_").isidentifier():
            raise TraplineError(f"cannot read -D {text}", "write -D NAME or -D NAME=NUMBER")
        found[name] = number(value) if equals else 1
    return found


def _tell(errors: AssemblyErrors, as_json: bool) -> None:
    if as_json:
        from .outputs.json_diagnostics import document

        echo(document(errors.diagnostics, errors.is_stopped))
        return
    echo(str(errors), err=True)
    count = len(errors.diagnostics)
    stopped = "; stopped here (--max-errors takes more)" if errors.is_stopped else ""
    echo(f"{count} error{'s' * (count > 1)}{stopped}", err=True)


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
