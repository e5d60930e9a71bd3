"""Arm's exception tables: `.fnstart` … `.fnend` and what stands between (EHABI, GNU as manual "ARM Directives").

An entry of `.ARM.exidx` has two words: the function (relative to the place, 31 bits), and either its unwinding
instructions, 1 for a function that cannot be unwound, or its table in `.ARM.extab`.  Source: EHABI, 5 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct, field

from ..expressions.tree import Expression, Part, SymbolRef
from ..layout.assembly import Assembly
from ..layout.sections import Datum, Section
from ..target.byte_order import byte_order
from ..text.arguments import split_arguments
from ..text.diagnostics import AT_WORD, SourceError
from ..text.source import Statement
from .symbols import symbol_name
from .unwind_opcodes import FINISH, UnwindOpcodes

SHT_ARM_EXIDX = 0x70000001
CANNOT_UNWIND = 1
_DOUBLES = re.compile(r"\s*d(\d+)\s*(?:-\s*d(\d+)\s*)?$")
_LIST = re.compile(r"\s*\{([^}]*)\}\s*$")


class UnwindFunction(Struct):
    """The function that `.fnstart` has begun."""

    section: Section
    start: str
    opcodes: UnwindOpcodes = field(default_factory=UnwindOpcodes)
    personality: str = ""
    personality_index: int | None = None
    cannot_unwind: bool = False
    table: str = ""
    """The label of its table, once there is one."""


def _function(assembly: Assembly, statement: Statement) -> UnwindFunction:
    function = assembly.unwinding
    if not isinstance(function, UnwindFunction):
        raise SourceError(f"{statement.word} outside a function", AT_WORD, "say .fnstart first")
    return function


def start(assembly: Assembly, statement: Statement) -> None:
    """`.fnstart`."""
    if assembly.unwinding is not None:
        raise SourceError("the .fnstart before this one is still open", AT_WORD, "end that function with .fnend")
    label = assembly.symbols.here_label(assembly.section, statement.place())
    assembly.unwinding = UnwindFunction(assembly.section, label)


def end(assembly: Assembly, statement: Statement) -> None:
    """`.fnend`: the entry of the index, and a table where the instructions do not fit into it."""
    function = _function(assembly, statement)
    assembly.unwinding = None
    inline = None if function.table else _table(assembly, statement, function, has_data=False)
    section = _section(assembly, ".ARM.exidx", function.section)
    section.pad(4, b"\0", 4)
    if function.personality_index is not None and not function.cannot_unwind:
        # Tells the linker that the standard routine is wanted.
        routine = f"__aeabi_unwind_cpp_pr{function.personality_index}"
        if (section.name, routine) not in assembly.wanted_routines:
            assembly.wanted_routines.add((section.name, routine))
            section.append(Datum(Part("none", _reference(assembly, routine)), 0, statement, 0), 0)
    section.append(Datum(Part("prel31", _reference(assembly, function.start)), 4, statement, 0), 4)
    if inline is not None:
        section.append_bytes(inline.to_bytes(4, byte_order(assembly.big_endian)))
    else:
        section.append(Datum(Part("prel31", _reference(assembly, function.table)), 4, statement, 0), 4)
    assembly.section = function.section


def _reference(assembly: Assembly, name: str) -> Expression:
    return SymbolRef(name, 0, assembly.symbols.scope)


def _section(assembly: Assembly, kind: str, code: Section) -> Section:
    """`.ARM.exidx` or `.ARM.extab` of a section of code."""
    name = kind + ("" if code.name == ".text" else code.name)
    is_index = kind == ".ARM.exidx"
    section = assembly.enter_section(name, "ao" if is_index else "a", False)
    if is_index:
        section.kind, section.linked_to = str(SHT_ARM_EXIDX), code.name
    return section


def _table(assembly: Assembly, statement: Statement, function: UnwindFunction, has_data: bool) -> int | None:
    """Put the table of a function; or the word that says all, which then stands in the index."""
    section = _section(assembly, ".ARM.extab", function.section)
    if function.cannot_unwind:
        return CANNOT_UNWIND
    opcodes = function.opcodes.reversed_bytes()
    index = function.personality_index
    if not function.personality and index is None:
        index = function.personality_index = 1 if len(opcodes) > 3 else 0
    if index == 0 and len(opcodes) > 3:
        raise SourceError("too many unwinding instructions for the personality routine 0", AT_WORD,
                          "say .personalityindex 1, or leave it away")
    if index == 0 and not has_data:
        return int.from_bytes(bytes([0x80]) + opcodes.ljust(3, bytes([FINISH])), "big")
    if function.personality:
        words = (len(opcodes) + 1 + 3) // 4
        head = bytes([words - 1])
    elif index == 0:
        words, head = 1, bytes([0x80])
    else:
        more = max(0, (len(opcodes) - 2 + 3) // 4)
        words, head = more + 1, bytes([0x80 + (index or 0), more])
    if words > 0x100:
        raise SourceError("too many unwinding instructions", AT_WORD)
    section = _section(assembly, ".ARM.extab", function.section)
    section.pad(4, b"\0", 4)
    function.table = assembly.symbols.here_label(section, statement.place())
    if function.personality:
        section.append(Datum(Part("prel31", _reference(assembly, function.personality)), 4, statement, 0), 4)
    data = (head + opcodes).ljust(4 * words, bytes([FINISH]))
    order = byte_order(assembly.big_endian)
    for at in range(0, len(data), 4):
        section.append_bytes(int.from_bytes(data[at : at + 4], "big").to_bytes(4, order))
    if has_data:
        assembly.section = section
    else:
        section.append_bytes(bytes(4))
    return None


def cannot_unwind(assembly: Assembly, statement: Statement) -> None:
    """`.cantunwind`."""
    _function(assembly, statement).cannot_unwind = True


def personality(assembly: Assembly, statement: Statement) -> None:
    """`.personality ROUTINE`."""
    _function(assembly, statement).personality = symbol_name(statement.rest.strip(), 0)


def personality_index(assembly: Assembly, statement: Statement) -> None:
    """`.personalityindex NUMBER`: one of the three standard routines."""
    index = assembly.number(statement, statement.rest, 0)
    if not 0 <= index <= 2:
        raise SourceError(f"there is no personality routine {index}", 0, "they are numbered 0..2")
    _function(assembly, statement).personality_index = index


def handler_data(assembly: Assembly, statement: Statement) -> None:
    """`.handlerdata`: what follows belongs to the function's table."""
    function = _function(assembly, statement)
    if function.table:
        raise SourceError("this function has its .handlerdata already", AT_WORD, "remove one of them")
    if function.personality_index is None and not function.personality:
        function.personality_index = 1
    _table(assembly, statement, function, has_data=True)


def save(assembly: Assembly, statement: Statement) -> None:
    """`.save {r4-r7, lr}`, also `{d8-d15}` in the older form."""
    _save(assembly, statement, by_words=True)


def vsave(assembly: Assembly, statement: Statement) -> None:
    """`.vsave {d8-d15}`."""
    _save(assembly, statement, by_words=False)


def _save(assembly: Assembly, statement: Statement, by_words: bool) -> None:
    opcodes = _function(assembly, statement).opcodes
    hit = _LIST.match(statement.rest)
    pieces = hit.group(1).split(",") if hit is not None else []
    if hit is None or not hit.group(1).strip():
        raise SourceError("expected a list of registers in braces", 0, "write .save {r4, lr}")
    if (doubles := [_DOUBLES.match(piece.lower()) for piece in pieces])[0] is not None:
        numbers = [n for one in doubles if one is not None
                   for n in range(int(one.group(1)), int(one.group(2) or one.group(1)) + 1)]
        if None in doubles or not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise SourceError("the registers must follow each other", hit.start(1))
        if numbers[-1] > 31 or len(numbers) > 16:
            raise SourceError("this list has registers that there are none of", hit.start(1))
        opcodes.save_doubles(numbers[0], len(numbers), by_words)
        return
    mask = 0
    for piece in pieces:
        first, dash, last = piece.partition("-")
        low = _core(assembly, first, hit.start(1))
        high = _core(assembly, last, hit.start(1)) if dash else low
        mask |= sum(1 << number for number in range(low, high + 1))
    opcodes.save_core(mask)


def _core(assembly: Assembly, text: str, offset: int) -> int:
    registers = assembly.target.dwarf.registers if assembly.target.dwarf is not None else {}
    name = text.strip()
    number = registers.get(assembly.register_aliases.get(name, name).lower())
    if number is None or number > 15:
        raise SourceError(f"'{text.strip()}' is not a core register", offset)
    return number


def pad(assembly: Assembly, statement: Statement) -> None:
    """`.pad #SIZE`."""
    size = _number(assembly, statement, statement.rest, 0)
    if size % 4:
        raise SourceError(f"the stack pointer cannot move by {size} bytes", 0, "it moves by a multiple of 4")
    _function(assembly, statement).opcodes.pad(size)


def _number(assembly: Assembly, statement: Statement, text: str, offset: int) -> int:
    return assembly.number(statement, text.strip().removeprefix("#"), offset)


Act = Callable[[UnwindOpcodes, list[int], int], None]


def frame(act: Act, registers: int) -> Callable[[Assembly, Statement], None]:
    """A directive with so many registers and an offset that may be left out."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if not registers <= len(pieces) <= registers + 1:
            raise SourceError(f"{statement.word} takes {registers} register{'s' * (registers > 1)} and an offset")
        numbers = [_core(assembly, *piece) for piece in pieces[:registers]]
        offset = _number(assembly, statement, *pieces[registers]) if len(pieces) > registers else 0
        act(_function(assembly, statement).opcodes, numbers, offset)

    return put


def raw(assembly: Assembly, statement: Statement) -> None:
    """`.unwind_raw OFFSET, BYTE, …`."""
    values = [_number(assembly, statement, *piece) for piece in split_arguments(statement.rest)]
    if len(values) < 2 or not all(0 <= value < 256 for value in values[1:]):
        raise SourceError(".unwind_raw takes an offset and bytes")
    _function(assembly, statement).opcodes.raw(values[0], values[1:])


DIRECTIVES: dict[str, Callable[[Assembly, Statement], None]] = {
    ".fnstart": start,
    ".fnend": end,
    ".cantunwind": cannot_unwind,
    ".personality": personality,
    ".personalityindex": personality_index,
    ".handlerdata": handler_data,
    ".save": save,
    ".vsave": vsave,
    ".pad": pad,
    ".setfp": frame(lambda opcodes, r, offset: opcodes.set_frame(r[0], r[1], offset), 2),
    ".movsp": frame(lambda opcodes, r, offset: opcodes.move_stack(r[0], offset), 1),
    ".unwind_raw": raw,
}
