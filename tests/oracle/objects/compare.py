"""What differs between GNU as's object and ours, told with the place and both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .elf import ObjectFile, ObjectRelocation, ObjectSection

_SHOWN = 6
"""Differences of one kind that are printed."""
_WIDTH = 4
"""Bytes in a row of a printed difference."""

LEFT_OUT = {".debug_line", ".ARM.attributes"}
"""Sections of which only the presence is compared: their bytes leave several ways to say the same."""


def differences(gnu: ObjectFile, ours: ObjectFile) -> list[str]:
    """Every difference in headers, contents, symbols and relocations; empty when there is none."""
    found: list[str] = []
    if (gnu.machine, gnu.flags) != (ours.machine, ours.flags):
        found.append(f"ELF header: GNU {gnu.machine} flags {gnu.flags:#x}, ours {ours.machine} {ours.flags:#x}")
    for name in sorted(gnu.sections.keys() | ours.sections.keys()):
        found += _section(name, gnu, ours)
    found += _set("symbol", _symbols(gnu), _symbols(ours))
    for name in sorted(gnu.relocations.keys() | ours.relocations.keys()):
        if _is_ours_alone(name, gnu) or name in LEFT_OUT:
            continue
        found += _set(f"relocation of {name}", _texts(gnu.relocations.get(name, ())),
                      _texts(ours.relocations.get(name, ())))
    return found


def _symbols(one: ObjectFile) -> list[str]:
    """All symbols but mapping symbols of sections without code, which say nothing (AAELF32, 5.5.5 "Mapping symbols":
    they tell code and data apart in sections that hold code).
    """
    return [str(symbol) for symbol in one.symbols
            if not symbol.name.startswith("$") or symbol.section not in one.sections
            or one.sections[symbol.section].is_code]


def image_differences(gnu: ObjectFile, contents: dict[str, bytes]) -> list[str]:
    """The differences between GNU ld's program and the contents of our image's sections."""
    found: list[str] = []
    for name, data in contents.items():
        section = gnu.sections.get(name)
        if section is None and not data:
            continue
        found += _bytes(name, section.data if section else b"", data)
    return found


def _is_ours_alone(name: str, gnu: ObjectFile) -> bool:
    """Debug information that we write of assembly sources, where GNU as was not asked for any."""
    return name.startswith(".debug_") and name not in gnu.sections


def _section(name: str, gnu: ObjectFile, ours: ObjectFile) -> Iterator[str]:
    left, right = gnu.sections.get(name), ours.sections.get(name)
    if left is None:
        if right is not None and (right.size or not _is_standard(name)) and not _is_ours_alone(name, gnu):
            yield f"section {name}: ours has {right.size} bytes of it, GNU as has none"
        return
    if right is None:
        if left.size or not _is_standard(name):
            yield f"section {name}: GNU as has {left.size} bytes of it, ours has none"
        return
    heads = [(one.kind, hex(one.flags), one.alignment, one.entry_size) for one in (left, right)]
    if heads[0] != heads[1] and name not in LEFT_OUT and (left.size or right.size):
        yield f"section {name}: type, flags, alignment, entry size: GNU {heads[0]}, ours {heads[1]}"
    if name in LEFT_OUT:
        return
    if left.size != right.size:
        yield f"section {name}: GNU as makes {left.size:#x} bytes, ours {right.size:#x}"
    yield from _bytes(name, left.data, right.data, _nearby(gnu, left))


def _is_standard(name: str) -> bool:
    """Sections that an assembler may leave empty, or out."""
    return name in (".text", ".data", ".bss")


def _nearby(gnu: ObjectFile, section: ObjectSection) -> list[tuple[int, str]]:
    return sorted((one.value, one.name) for one in gnu.symbols
                  if one.section == section.name and not one.name.startswith("$"))


def _bytes(name: str, left: bytes, right: bytes, symbols: list[tuple[int, str]] | None = None) -> Iterator[str]:
    if left == right:
        return
    size = max(len(left), len(right))
    rows = [at for at in range(0, size, _WIDTH) if left[at : at + _WIDTH] != right[at : at + _WIDTH]]
    for at in rows[:_SHOWN]:
        near = [f"{text}+{at - value:#x}" for value, text in symbols or () if value <= at][-1:]
        where = f" ({near[0]})" if near else ""
        yield (f"section {name}, offset {at:#x}{where}: GNU {left[at : at + _WIDTH].hex() or 'nothing'}, "
               f"ours {right[at : at + _WIDTH].hex() or 'nothing'}")
    if len(rows) > _SHOWN:
        yield f"section {name}: ... and {len(rows) - _SHOWN} more places"


def _texts(relocations: tuple[ObjectRelocation, ...]) -> list[str]:
    return [str(one) for one in relocations]


def _set(what: str, left: list[str], right: list[str]) -> Iterator[str]:
    only = [(Counter(left) - Counter(right), "only GNU as has"), (Counter(right) - Counter(left), "only ours has")]
    for texts, who in only:
        listed = list(texts.elements())
        yield from (f"{what}: {who} {text}" for text in listed[:_SHOWN])
        if len(listed) > _SHOWN:
            yield f"{what}: ... and {len(listed) - _SHOWN} more that {who}"
