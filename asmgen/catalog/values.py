"""Values of operands: what `encode` and `Builder` take besides text and numbers, and how arguments are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...isa.errors import TraplineError
from ...isa.model.items import Literal
from ..instructions.templates.templates import Choice, Part, Slot
from ..instructions.templates.written_parts import join_operands

_NAME = re.compile(r'[\w.$-]+|"[^"\\\n\r;]+"')
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory operand: `base` register, and an `offset` (a number or an expression) or an `index` register.

    `shift` is what is done to the index, as it is written ("lsl #2"); with `write_back`, the base gets the address.
    How it is written is the description's business: `Memory("r4", 8)` is `8(r4)` on Power and `[r4, #8]` on Arm.
    """

    base: str
    offset: int | str = 0
    index: str = ""
    shift: str = ""
    write_back: bool = False


Value = int | str | Memory
"""An operand: a number, a name or an expression as text, or a memory operand."""


def checked_text(text: str, what: str) -> str:
    """Text that is one operand and nothing else.

    Raises TraplineError where it would end the statement, open a comment, or hold two operands.
    """
    depth = 0
    quoted = ""
    for at, letter in enumerate(text):
        if letter in "\n\r\0":
            raise TraplineError(f"{what} has a line end or a zero in it", "give each operand by itself")
        if quoted:
            quoted = "" if letter == quoted and text[at - 1] != "\\" else quoted
        elif letter == '"':
            quoted = letter
        elif letter == ";":
            raise TraplineError(f"{what} '{text}' would begin another statement at ';'", "emit each one by itself")
        elif text[at : at + 2] in ("/*", "//") or (letter == "@" and re.match(r"@\s", text[at:])):
            raise TraplineError(f"{what} '{text}' would open a comment", "use Builder.comment")
        elif letter in _OPENING:
            depth += 1
        elif letter in _CLOSING:
            depth -= 1
        elif letter == "," and depth <= 0:
            raise TraplineError(f"{what} '{text}' holds more than one operand", "give each operand by itself")
    if quoted:
        raise TraplineError(f"{what} '{text}' has a quotation mark that is not closed")
    return text


def checked_name(name: str, what: str) -> str:
    """The name of a symbol or section, plain or in quotes.  Raises TraplineError for anything else."""
    if not _NAME.fullmatch(name):
        raise TraplineError(f"{what} cannot be called {name!r}", "use letters, digits and '_.$-', or quotes")
    return name


def variants(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    """The sequences of literals and slots that a template stands for, with and without its optional parts."""
    for index, part in enumerate(parts):
        if isinstance(part, Choice):
            for chosen in (part.parts, ()):
                yield from variants(parts[:index] + chosen + parts[index + 1 :])
            return
    yield parts


def arguments_of(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """The parts between the commas that stand outside of brackets."""
    found: list[list[Part]] = [[]]
    depth = 0
    for part in parts:
        if isinstance(part, Literal) and not part.word:
            depth += sum(letter in _OPENING for letter in part.text) - sum(letter in _CLOSING for letter in part.text)
            if part.text == "," and depth == 0:
                found.append([])
                continue
        found[-1].append(part)
    return [tuple(one) for one in found] if any(found) else []


def memory_text(memory: Memory, parts: tuple[Part, ...], is_register: dict[str, bool]) -> str | None:
    """A memory operand as one argument of a template writes it; None where the argument is another shape.

    `is_register` tells for each slot whether it is written as a register.
    """
    marks = "".join(part.text for part in parts if isinstance(part, Literal) and not part.word)
    is_list = marks.startswith("{")
    if is_list or not any(letter in marks for letter in "([") or ("!" in marks) != memory.write_back:
        return None
    slots = [part for part in parts if isinstance(part, Slot)]
    registers = [slot.name for slot in slots if is_register[slot.name]]
    numbers = [slot.name for slot in slots if not is_register[slot.name]]
    if memory.index:
        return _indexed(memory, parts, registers) if memory.offset == 0 else None
    if len(registers) != 1 or len(numbers) > 1 or (not numbers and memory.offset != 0):
        return None
    texts = {registers[0]: memory.base} | {name: str(memory.offset) for name in numbers}
    return join_operands([_written(part, texts) for part in parts])


def _written(part: Part, texts: dict[str, str]) -> tuple[str, bool]:
    """The text of a part, and whether it is a mark."""
    if isinstance(part, Literal):
        return part.text, not part.word
    return (texts[part.name], False) if isinstance(part, Slot) else ("", False)


def _indexed(memory: Memory, parts: tuple[Part, ...], registers: list[str]) -> str | None:
    """The text up to the second register, the shift as it was given, and the brackets that close."""
    if len(registers) != 2:
        return None
    second = next(at for at, part in enumerate(parts) if isinstance(part, Slot) and part.name == registers[1])
    front = [part for part in parts[:second] if isinstance(part, Slot) or part_text(part) != "-"]
    if any(isinstance(part, Slot) and part.name != registers[0] for part in front):
        return None
    shift = f", {memory.shift}" if memory.shift else ""
    closing = "".join(letter for part in parts[second:] for letter in part_text(part) if letter in ")]!")
    texts = [*(_written(part, {registers[0]: memory.base}) for part in front), (memory.index, False)]
    return join_operands(texts) + shift + closing


def part_text(part: Part) -> str:
    """The mark that a part is, or nothing."""
    return part.text if isinstance(part, Literal) and not part.word else ""
