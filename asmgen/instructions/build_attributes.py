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

from ...isa.errors import TraplineError
from ..target.traits import BuildAttributes

ANNOTATION = "build_attributes"
_TAG_PREFIX = "tag_"


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
