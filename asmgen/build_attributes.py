"""Build attributes: a section in which an ELF file says what its code was built for.

Debuggers and disassemblers read from it which instructions to expect.  A description asks for it with

    @build_attributes(section = ".ARM.attributes", section_type = 0x70000003, vendor = "aeabi",
                      tag_5 = "7VE", tag_6 = 10)

where `tag_N` is attribute N: text becomes a zero-terminated string, a number ULEB128.
Source: Addenda to, and Errata in, the ABI for the Arm Architecture (ABI-addenda, IHI 0045), section 3.2
"Representing build attributes in ELF files".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..isa.errors import TraplineError
from .dwarf_bytes import DwarfBytes

ANNOTATION = "build_attributes"
FORMAT_VERSION = ord("A")
TAG_FILE = 1
"""The sub-subsection whose attributes hold for the whole file."""
_TAG_PREFIX = "tag_"


@dataclass(frozen=True, slots=True)
class BuildAttributes:
    """Section name and type (SHT_*), the vendor's name, and attributes by tag in ascending order."""

    section: str
    section_type: int
    vendor: str
    tags: tuple[tuple[int, int | str], ...]

    def contents(self, big_endian: bool) -> bytes:
        """The section: format version, one vendor's subsection, in it one sub-subsection for the file."""
        attributes = DwarfBytes(big_endian, 4)
        for tag, value in self.tags:
            attributes.unsigned(tag)
            if isinstance(value, str):
                attributes.string(value)
            else:
                attributes.unsigned(value)
        # Both lengths count themselves and what stands in front of them in their part.
        subsection = DwarfBytes(big_endian, 4)
        subsection.string(self.vendor)
        subsection.unsigned(TAG_FILE)
        subsection.number(1 + 4 + len(attributes), 4)
        subsection += attributes
        whole = DwarfBytes(big_endian, 4)
        whole.append(FORMAT_VERSION)
        whole.number(4 + len(subsection), 4)
        return bytes(whole + subsection)


def read_annotation(annotations: Mapping[str, Mapping[str, int | str]]) -> BuildAttributes | None:
    """What an architecture's annotations ask for; None if nothing.  Raises TraplineError if a part is missing."""
    notes = annotations.get(ANNOTATION)
    if notes is None:
        return None
    missing = [key for key in ("section", "section_type", "vendor") if key not in notes]
    numbers = {key: key.removeprefix(_TAG_PREFIX) for key in notes if key.startswith(_TAG_PREFIX)}
    wrong = [key for key, number in numbers.items() if not number.isdigit()]
    if missing or wrong:
        raise TraplineError(
            f"@{ANNOTATION} " + (f"lacks {', '.join(missing)}" if missing else f"cannot have {', '.join(wrong)}"),
            'write @build_attributes(section = ".NAME", section_type = NUMBER, vendor = "NAME", tag_NUMBER = VALUE)')
    tags = sorted((int(number), notes[key]) for key, number in numbers.items())
    return BuildAttributes(str(notes["section"]), int(notes["section_type"]), str(notes["vendor"]), tuple(tags))
