"""The section of build attributes.

Source: Addenda to, and Errata in, the ABI for the Arm Architecture (ABI-addenda, IHI 0045), section 3.2
"Representing build attributes in ELF files".
"""

from __future__ import annotations

from ..target.traits import BuildAttributes
from .dwarf_bytes import DwarfBytes

FORMAT_VERSION = ord("A")
TAG_FILE = 1
"""The sub-subsection whose attributes hold for the whole file."""


def build_attributes(asked: BuildAttributes, big_endian: bool) -> bytes:
    """The section: format version, one vendor's subsection, in it one sub-subsection for the file."""
    attributes = DwarfBytes(big_endian, 4)
    for tag, value in asked.tags:
        attributes.unsigned(tag)
        if isinstance(value, str):
            attributes.string(value)
        else:
            attributes.unsigned(value)
    # Both lengths count themselves and what stands in front of them in their part.
    subsection = DwarfBytes(big_endian, 4)
    subsection.string(asked.vendor)
    subsection.unsigned(TAG_FILE)
    subsection.number(1 + 4 + len(attributes), 4)
    subsection += attributes
    whole = DwarfBytes(big_endian, 4)
    whole.append(FORMAT_VERSION)
    whole.number(4 + len(subsection), 4)
    return bytes(whole + subsection)
