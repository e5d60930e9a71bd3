"""Call-frame information: `.debug_frame` (DWARF 4, 6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from msgspec import Struct

from ..target.traits import DwarfTraits
from .dwarf_bytes import DW_EH_PE_pcrel, DwarfBytes
from .program import FrameEntry, FrameStep

CIE_MARK = 0xFFFFFFFF
CIE_VERSION = 4
FRAME_ALIGNMENT = 4
"""Of the entries that compilers' assemblers write."""
DW_EH_PE_sdata4 = 0x0B
DW_CFA_advance_loc, DW_CFA_offset, DW_CFA_restore = 0x40, 0x80, 0xC0
_ADVANCES = ((0x02, 1), (0x03, 2), (0x04, 4))
"""DW_CFA_advance_loc1, _loc2, _loc4, and the bytes of their distances."""
_SHORT = 0x40
"""Registers below have forms of one byte."""
_WITH_REGISTER = {"restore": 0x06, "undefined": 0x07, "same_value": 0x08, "def_cfa_register": 0x0D}
_OPERATIONS = {"offset_extended": 0x05, "register": 0x09, "remember_state": 0x0A, "restore_state": 0x0B,
               "def_cfa": 0x0C, "def_cfa_offset": 0x0E, "offset_extended_sf": 0x11, "def_cfa_sf": 0x12,
               "def_cfa_offset_sf": 0x13, "val_offset_sf": 0x15}  # fmt: skip


class _Header(Struct, frozen=True):
    """A CIE that has been written: what its entries share, the rules in it, and where it stands."""

    key: tuple[object, ...]
    rules: tuple[tuple[str, int, int], ...]
    place: int


def write_frames(
    entries: Sequence[FrameEntry], traits: DwarfTraits, unit: int, big_endian: bool, address_size: int,
    is_eh_frame: bool = False, version: int = CIE_VERSION
) -> DwarfBytes:
    """The section for all entries; `unit` is the least length of an instruction in bytes.

    A CIE is shared by the entries with one return column and one kind of frame. `is_eh_frame` writes what programs
    unwind by when they run, `.eh_frame` (LSB Core, 10.6.1), whose addresses are relative. `version` is the CIE's: 1, as
    compilers' assemblers write it, or 4.
    """
    alignment = FRAME_ALIGNMENT if is_eh_frame or version == 1 else address_size
    out = DwarfBytes(big_endian, address_size)
    headers: list[_Header] = []
    for entry in entries:
        # As GNU as writes it, what holds from the function's start on stands in the CIE: the last one serves that has
        # the beginning of it.
        told = _first_steps(entry) if version == 1 else ()
        key = (entry.return_column, entry.is_signal_frame, entry.is_simple, is_eh_frame and entry.personality,
               is_eh_frame and entry.data is not None and entry.data.encoding)
        rules = tuple((step.operation, step.register, step.value) for step in told)
        header = next((one for one in reversed(headers) if one.key == key and rules[: len(one.rules)] == one.rules),
                      None)
        if header is None:
            header = _Header(key, rules, len(out))
            headers.append(header)
            common = _common(entry, traits, unit, big_endian, address_size, is_eh_frame, version)
            for step in told:
                _step(common, step, address_size)
            out.append_part(_padded(common, alignment))
        body = DwarfBytes(big_endian, address_size)
        if is_eh_frame:
            # The CIE is told by its distance from here, behind the length.
            body.number(len(out) + 4 - header.place, 4)
            body.relative_address(entry.start)
            body.number(entry.end - entry.start, 4)
            augmentation = DwarfBytes(big_endian, address_size)
            if entry.data is not None:
                augmentation.pointer(entry.data)
            body.unsigned(len(augmentation))
            body.append_part(augmentation)
        else:
            body.section_offset(header.place, ".debug_frame")
            body.address(entry.start)
            body.number(entry.end - entry.start, address_size)
        at = entry.start
        for step in entry.steps[len(header.rules) :]:
            _advance(body, (step.address - at) // unit)
            _step(body, step, address_size)
            at = step.address
        out.append_part(_padded(body, alignment))
    return out


def _first_steps(entry: FrameEntry) -> tuple[FrameStep, ...]:
    """The rules at the start of a function that its CIE can hold."""
    alone = ("remember_state", "restore_state", "escape")
    return tuple(takewhile(lambda step: step.operation not in alone, entry.steps[: entry.first]))


def _common(
    entry: FrameEntry, traits: DwarfTraits, unit: int, big_endian: bool, address_size: int, is_eh_frame: bool,
    version: int
) -> DwarfBytes:
    """A CIE: the frame address is the stack pointer, the caller's registers are unchanged."""
    body = DwarfBytes(big_endian, address_size)
    signal = "S" if entry.is_signal_frame else ""
    body.number(0 if is_eh_frame else CIE_MARK, 4)
    body.number(1 if is_eh_frame else version, 1)
    asked, looked_at = ("P" * (entry.personality is not None), "L" * (entry.data is not None))
    body.string(f"z{asked}{looked_at}R{signal}" if is_eh_frame else signal)
    if not is_eh_frame and version == CIE_VERSION:
        body.number(address_size, 1)
        body.number(0, 1)
    body.unsigned(unit)
    body.signed(-address_size)
    if is_eh_frame:
        body.number(entry.return_column, 1)
        augmentation = DwarfBytes(big_endian, address_size)
        if entry.personality is not None:
            augmentation.number(entry.personality.encoding, 1)
            augmentation.pointer(entry.personality)
        if entry.data is not None:
            augmentation.number(entry.data.encoding, 1)
        augmentation.number(DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1)
        body.unsigned(len(augmentation))
        body.append_part(augmentation)
    elif version == 1:
        body.number(entry.return_column, 1)
    else:
        body.unsigned(entry.return_column)
    if not entry.is_simple:
        body.append(_OPERATIONS["def_cfa"])
        body.unsigned(traits.stack_pointer)
        body.unsigned(0)
    return body


def _padded(body: DwarfBytes, alignment: int) -> DwarfBytes:
    """The entry with DW_CFA_nop behind it, so that the next one is aligned."""
    body.extend(bytes(-(len(body) + 4) % alignment))
    return body.with_length()


def _advance(body: DwarfBytes, units: int) -> None:
    if 0 < units < 0x40:
        body.append(DW_CFA_advance_loc | units)
    elif units:
        code, width = next((c, w) for c, w in _ADVANCES if units < 1 << 8 * w)
        body.append(code)
        body.number(units, width)


def _step(body: DwarfBytes, step: FrameStep, address_size: int) -> None:
    operation = step.operation
    if operation == "escape":
        body.extend(step.data)
    elif operation == "restore" and step.register < _SHORT:
        body.append(DW_CFA_restore | step.register)
    elif operation in _WITH_REGISTER:
        body.append(_WITH_REGISTER[operation])
        body.unsigned(step.register)
    elif operation in ("remember_state", "restore_state"):
        body.append(_OPERATIONS[operation])
    elif operation == "register":
        body.append(_OPERATIONS[operation])
        body.unsigned(step.register)
        body.unsigned(step.value)
    elif operation in ("def_cfa", "def_cfa_offset"):
        # The plain forms hold offsets that are not negative; the _sf forms count in data alignment units.
        is_negative = step.value < 0
        body.append(_OPERATIONS[operation + "_sf" * is_negative])
        if operation == "def_cfa":
            body.unsigned(step.register)
        if is_negative:
            body.signed(-step.value // address_size)
        else:
            body.unsigned(step.value)
    elif operation == "val_offset" or step.value % address_size or step.value > 0:
        body.append(_OPERATIONS["val_offset_sf" if operation == "val_offset" else "offset_extended_sf"])
        body.unsigned(step.register)
        body.signed(-step.value // address_size)
    else:
        if step.register < _SHORT:
            body.append(DW_CFA_offset | step.register)
        else:
            body.append(_OPERATIONS["offset_extended"])
            body.unsigned(step.register)
        body.unsigned(-step.value // address_size)
