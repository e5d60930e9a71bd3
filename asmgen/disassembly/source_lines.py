"""Source lines of code addresses, by the line tables of DWARF."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from elftools.dwarf.lineprogram import LineProgram
from elftools.elf.elffile import ELFFile
from msgspec import Struct

MAX_SOURCE_BYTES = 16 << 20


class SourceLine(Struct, frozen=True):
    """A line of a source; `line` counts from 1, `path` is where the compiler found the file."""

    file: str
    line: int
    path: str


def source_lines(elf: ELFFile) -> dict[int, SourceLine]:
    """Address to line, for each address where a row of a line table begins.  Empty without DWARF."""
    found: dict[int, SourceLine] = {}
    if not elf.has_dwarf_info():
        return found
    information = elf.get_dwarf_info()
    for unit in information.iter_CUs():
        program = information.line_program_for_CU(unit)
        if program is None:
            continue
        built_in = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
        folder = _text(built_in.value) if built_in is not None else ""
        for entry in program.get_entries():
            state = entry.state
            if state is not None and not state.end_sequence and state.line:
                name = _file(program, state.file)
                found[state.address] = SourceLine(name, state.line, str(PurePosixPath(folder, name)))
    return found


def _file(program: LineProgram, index: int) -> str:
    """The name of a file of a line table, with its folder."""
    header = program.header
    first = 0 if header["version"] >= 5 else 1
    files = header["file_entry"]
    if not 0 <= index - first < len(files):
        return f"file {index}"
    entry = files[index - first]
    name = _text(entry.name)
    folders = header["include_directory"]
    number = entry.dir_index - first
    if number < 0 or number >= len(folders) or name.startswith("/"):
        return name
    folder = _text(folders[number])
    return name if number == 0 and not first else str(PurePosixPath(folder, name))


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


class Sources:
    """The text of source lines, where the files are there."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def text(self, line: SourceLine) -> str:
        """The line's text, or nothing where it cannot be read."""
        if line.file not in self._files:
            self._files[line.file] = _read(Path(line.path))
        lines = self._files[line.file]
        return lines[line.line - 1].rstrip() if 0 < line.line <= len(lines) else ""


def _read(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > MAX_SOURCE_BYTES:
            return []
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
