"""What to call an address: the symbol that it lies behind, and the line of its source."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from pathlib import PurePath

from ..machine.elf import LoadedElf


class Names:
    """Names of the addresses in a guest's programs."""

    def __init__(self, programs: Sequence[LoadedElf]) -> None:
        self._programs = programs
        self._segments = [(one.virtual, one.size) for program in programs for one in program.segments]
        self.starts = [start for start, _ in self._segments]
        """Where a program has something to begin with."""
        named = [(program.code_of(at), name) for program in programs for name, at in program.symbols.items()]
        self._named = sorted((address, name) for address, name in named if name and name[0] not in "$.")
        self._addresses = [address for address, _ in self._named]

    def symbol(self, address: int) -> str:
        """`name` or `name+0x10`; "" where nothing is near."""
        at = bisect_right(self._addresses, address) - 1
        if at < 0 or not any(0 <= address - start < size for start, size in self._segments):
            return ""
        start, name = self._named[at]
        offset = address - start
        return f"{name}+{offset:#x}" if offset else name

    def line(self, address: int) -> str:
        """`file:number`; "" where the program does not tell."""
        at = bisect_right(self._lines, (address, "\uffff", 0)) - 1
        if at < 0:
            return ""
        _, name, number = self._lines[at]
        return f"{name}:{number}" if name else ""

    def shown(self, address: int) -> str:
        """The address with what it is called."""
        name, line = self.symbol(address), self.line(address)
        return f"{address:#x}" + (f" <{name}>" if name else "") + (f" ({line})" if line else "")

    @cached_property
    def _lines(self) -> list[tuple[int, str, int]]:
        """(first address, file, line), ascending; a sequence's end has no file."""
        return sorted(line for program in self._programs for line in _lines_of(program.raw))


@functools.lru_cache(maxsize=2)
def _lines_of(raw: bytes) -> list[tuple[int, str, int]]:
    from elftools.common.exceptions import DWARFError, ELFError
    from elftools.elf.elffile import ELFFile

    found: list[tuple[int, str, int]] = []
    try:
        elf = ELFFile(BytesIO(raw))
        if not elf.has_dwarf_info():
            return found
        info = elf.get_dwarf_info()
        for unit in info.iter_CUs():
            program = info.line_program_for_CU(unit)
            if program is None:
                continue
            files, newer = program["file_entry"], program["version"] >= 5
            for entry in program.get_entries():
                state = entry.state
                if state is None:
                    continue
                number = state.file if newer else state.file - 1
                name = files[number].name.decode("utf-8", "replace") if 0 <= number < len(files) else "?"
                found.append((state.address, "" if state.end_sequence else PurePath(name).name, state.line))
    except (DWARFError, ELFError, ValueError, KeyError, IndexError, AttributeError):
        # A line table that makes no sense is no reason to say less about the guest.
        return []
    return found
