"""Reading the machine code that LLVM makes for x86-64: where instructions end, and which could have a register in the
place of an operand in memory (Intel SDM, volume 2, chapter 2 and appendix A; AMD64 manual, volume 3).

Only what compiled code has is known; of anything else nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_PREFIXES = frozenset((0x66, 0xF2, 0xF3, 0x2E, 0x3E, 0x64, 0x65, 0xF0))
_ARITHMETIC = frozenset(op for base in range(0, 0x40, 8) for op in range(base, base + 4))
_NO_OPERANDS = frozenset((*range(0x50, 0x60), *range(0x90, 0x9A), 0xC3, 0xC9, 0xCC, 0xA4, 0xA5, 0xAA, 0xAB))
_WITH_IMMEDIATE_8 = frozenset((0x6B, 0x80, 0x83, 0xC0, 0xC1, 0xC6))
_WITH_IMMEDIATE_32 = frozenset((0x69, 0x81, 0xC7))
_WITH_OPERAND = frozenset((
    *_ARITHMETIC, 0x63, *range(0x84, 0x90), *range(0xD0, 0xD4), 0xF6, 0xF7, 0xFE, 0xFF,
    *_WITH_IMMEDIATE_8, *_WITH_IMMEDIATE_32,
))  # fmt: skip
_SECOND_WITHOUT = frozenset((0x05, 0x0B, 0x31, 0x77, 0xA2, *range(0xC8, 0xD0)))
_SECOND_WITH_IMMEDIATE = frozenset((0x70, 0x71, 0x72, 0x73, 0xA4, 0xAC, 0xBA, 0xC2, 0xC4, 0xC5, 0xC6))
_SECOND_EXCHANGED = frozenset((
    *range(0x40, 0x50), *range(0x90, 0xA0), 0xA4, 0xA5, 0xAC, 0xAD, 0xAF, 0xB6, 0xB7, 0xBC, 0xBD, 0xBE, 0xBF,
))  # fmt: skip
_BIT_FIELDS = frozenset(((2, 0xF2), (2, 0xF3), (2, 0xF5), (2, 0xF7), (3, 0xF0)))
"""VEX instructions on general registers: map and opcode."""
_R12 = 0x24
"""SIB of an address in r12 alone, with REX.B."""
_DISPLACED = 0x84
"""ModRM of an address with a SIB and 32 bits behind it, without the register."""


class UnknownCodeError(Exception):
    """An instruction that is not known here. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class Machine:
    """An instruction: its bytes, where its ModRM stands (-1 if it has none); how its operand in memory is accessed:
    how many bytes, whether it may be written; 0 bytes: a register cannot stand for it. `extension` is the byte whose
    bit tells which half of the registers the operand is in, in VEX turned round. `jumps`: its end is a distance."""

    start: int
    end: int
    modrm: int
    size: int
    writes: bool
    extension: int
    is_vex: bool
    jumps: bool


def instructions(code: bytes) -> Iterator[Machine]:
    """Those of a function. Raises UnknownCodeError."""
    at = 0
    while at < len(code):
        try:
            found = _one(code, at)
        except IndexError as error:
            raise UnknownCodeError("the code ends within an instruction") from error
        yield found
        at = found.end


def _one(code: bytes, start: int) -> Machine:
    at, prefixes = start, set()
    while code[at] in _PREFIXES:
        prefixes.add(code[at])
        at += 1
    rex = 0
    if code[at] & 0xF0 == 0x40:
        rex, rex_at = code[at], at
        at += 1
    else:
        rex_at = -1
    first = code[at]
    if first in (0xC4, 0xC5, 0x62) and not rex:
        return _vector(code, start, at)
    wide = bool(rex & 8)
    word = 0x66 in prefixes
    if first == 0x0F:
        return _second(code, start, at + 1, rex_at, 8 if wide else 2 if word else 4)
    size = 8 if wide else 2 if word else 4
    immediate = 2 if word and not wide else 4
    at += 1
    if first in _NO_OPERANDS:
        return Machine(start, at, -1, 0, False, -1, False, False)
    if 0x70 <= first < 0x80 or first == 0xEB:
        return Machine(start, at + 1, -1, 0, False, -1, False, True)
    if first in (0xE8, 0xE9):
        return Machine(start, at + 4, -1, 0, False, -1, False, True)
    if (first < 0x40 and first & 7 == 4) or first in (0xA8, 0x6A, *range(0xB0, 0xB8)):
        return Machine(start, at + 1, -1, 0, False, -1, False, False)
    if (first < 0x40 and first & 7 == 5) or first in (0xA9, 0x68):
        return Machine(start, at + immediate, -1, 0, False, -1, False, False)
    if 0xB8 <= first < 0xC0:
        return Machine(start, at + (8 if wide else immediate), -1, 0, False, -1, False, False)
    if first not in _WITH_OPERAND:
        raise UnknownCodeError(f"opcode {first:#x}")
    modrm = at
    end = _behind_operand(code, modrm)
    choice = code[modrm] >> 3 & 7
    if first in _WITH_IMMEDIATE_8 or (first == 0xF6 and choice < 2):
        end += 1
    elif first in _WITH_IMMEDIATE_32 or (first == 0xF7 and choice < 2):
        end += immediate
    is_byte = not first & 1 and first not in (0x63, 0x6B, 0x83)
    if first == 0x63:
        size = 4
    size = 1 if is_byte else size
    exchanged = first not in (0x86, 0x87, 0x8C, 0x8D, 0x8E, 0x8F) and not (first == 0xFF and choice > 1)
    return Machine(start, end, modrm, size if exchanged else 0, _writes(first, choice), rex_at, False, False)


def _writes(opcode: int, choice: int) -> bool:
    if opcode in _ARITHMETIC:
        return opcode & 7 < 2 and opcode < 0x38
    if opcode in (0x80, 0x81, 0x83):
        return choice != 7
    if opcode in (0xF6, 0xF7):
        return choice in (2, 3)
    return opcode in (0x88, 0x89, 0xC0, 0xC1, 0xC6, 0xC7, 0xFE, 0xFF, *range(0xD0, 0xD4))


def _second(code: bytes, start: int, at: int, rex: int, size: int) -> Machine:
    opcode = code[at]
    if opcode in (0x38, 0x3A):
        end = _behind_operand(code, at + 2) + (opcode == 0x3A)
        return Machine(start, end, at + 2, 0, True, rex, False, False)
    if 0x80 <= opcode < 0x90:
        return Machine(start, at + 5, -1, 0, False, -1, False, True)
    if opcode in _SECOND_WITHOUT:
        return Machine(start, at + 1, -1, 0, False, -1, False, False)
    end = _behind_operand(code, at + 1) + (opcode in _SECOND_WITH_IMMEDIATE)
    if opcode in (0xB6, 0xBE) or 0x90 <= opcode < 0xA0:
        size = 1
    elif opcode in (0xB7, 0xBF):
        size = 2
    choice = code[at + 1] >> 3 & 7
    exchanged = opcode in _SECOND_EXCHANGED or (opcode == 0xBA and choice >= 4)
    writes = 0x90 <= opcode < 0xA0 or opcode in (0xA4, 0xA5, 0xAC, 0xAD) or (opcode == 0xBA and choice > 4)
    return Machine(start, end, at + 1, size if exchanged else 0, writes, rex, False, False)


def _vector(code: bytes, start: int, at: int) -> Machine:
    if code[at] == 0xC5:
        space, opcode_at, wide = 1, at + 2, False
    elif code[at] == 0xC4:
        space, opcode_at, wide = code[at + 1] & 31, at + 3, bool(code[at + 2] & 0x80)
    else:
        space, opcode_at, wide = code[at + 1] & 7, at + 4, False
    opcode = code[opcode_at]
    if space == 1 and opcode == 0x77:
        return Machine(start, opcode_at + 1, -1, 0, False, -1, True, False)
    end = _behind_operand(code, opcode_at + 1)
    end += space == 3 or (space == 1 and opcode in _SECOND_WITH_IMMEDIATE)
    exchanged = code[at] == 0xC4 and (space, opcode) in _BIT_FIELDS
    size = (8 if wide else 4) if exchanged else 0
    return Machine(start, end, opcode_at + 1, size, False, at + 1, True, False)


def _behind_operand(code: bytes, modrm: int) -> int:
    """Behind ModRM, SIB and displacement."""
    mode, low = code[modrm] >> 6, code[modrm] & 7
    end = modrm + 1
    if mode == 3:
        return end
    if low == 4:
        base = code[end] & 7
        end += 1
        if mode == 0 and base == 5:
            return end + 4
    elif mode == 0 and low == 5:
        return end + 4
    return end + (0, 1, 4)[mode]


def has_cell(code: bytes, found: Machine, at: int) -> bool:
    """Whether an instruction's operand is at a displacement of 32 bits, which stands at `at`, from r12."""
    return found.modrm == at - 2 and code[at - 2] & 0xC7 == _DISPLACED and code[at - 1] == _R12


def touched(code: bytes, found: Machine) -> set[int]:
    """The numbers of the general registers that an instruction names; perhaps others, too, where it names vectors'."""
    at = found.start
    while code[at] in _PREFIXES:
        at += 1
    wide = 0
    numbers: set[int] = set()
    if found.is_vex:
        lead = code[at]
        extensions = ~code[at + 1] >> 5 & 7
        wide = extensions & 4 if lead == 0xC5 else extensions
        numbers.add(~code[at + (1 if lead == 0xC5 else 2)] >> 3 & 15)
        at += {0xC5: 2, 0xC4: 3, 0x62: 4}[lead]
    elif code[at] & 0xF0 == 0x40:
        wide = code[at] & 7
        at += 1
    if found.jumps:
        return numbers
    if found.modrm < 0:
        at += code[at] == 0x0F
        numbers |= {code[at] & 7 | (wide & 1) << 3}
        return numbers | ({6, 7} if code[at] in _STRINGS else set())
    modrm = code[found.modrm]
    mode, low = modrm >> 6, modrm & 7
    numbers.add(modrm >> 3 & 7 | (wide & 4) << 1)
    if mode != 3 and low == 4:
        place = code[found.modrm + 1]
        numbers.add(place & 7 | (wide & 1) << 3)
        if place >> 3 & 7 | (wide & 2) << 2 != 4:
            numbers.add(place >> 3 & 7 | (wide & 2) << 2)
    elif mode or low != 5:
        numbers.add(low | (wide & 1) << 3)
    return numbers


_STRINGS = frozenset((0xA4, 0xA5, 0xAA, 0xAB))
