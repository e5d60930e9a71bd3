"""Syntax templates: matched against text to read an instruction, filled in to write one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct, field

from ....isa.model.items import Codec, Literal, Operand, Optional, TemplatePart
from ...expressions.parser import ExpressionReader
from ...text.diagnostics import SourceError, Unpredictable
from ..codecs.codecs import Bits, Misfit, OperandCodec, number_end
from ..codecs.names_codecs import NamesCodec

ANY_SHAPE = "?"
"""The shape of text that may hold commas which separate nothing (`','`)."""
_NUMBERS = frozenset("0123456789-(~'")
WORD = re.compile(r"[\w.]+")
"""A word of a template."""
_BRACES = re.compile(r"\{[^}]*\}?")


class Slot(Struct, frozen=True, eq=False):
    """An operand of a template with its codec; an ambient one has no bits of its own to set."""

    name: str
    fields: tuple[str, ...]
    codec: OperandCodec
    is_ambient: bool
    absent: int = -1
    """The bits where the text leaves the operand out; -1 where it cannot."""


class Choice(Struct, frozen=True, eq=False):
    """A part that stands there exactly when `field` has `value`."""

    parts: tuple[Part, ...]
    field: str
    value: int


Part = Literal | Slot | Choice


def compile_parts(parts: tuple[TemplatePart, ...], make: Callable[[Codec, int], OperandCodec]) -> tuple[Part, ...]:
    """The parts of a template with the codecs of its operands."""
    compiled: list[Part] = []
    for part in parts:
        if isinstance(part, Operand):
            compiled.append(Slot(part.name, part.fields, make(part.codec, part.width), part.codec.kind == "ambient",
                                 part.absent))
        elif isinstance(part, Optional):
            compiled.append(Choice(compile_parts(part.parts, make), part.field, part.value))
        else:
            compiled.append(part)
    return tuple(compiled)


def operands_of(parts: tuple[TemplatePart, ...]) -> Iterator[Operand]:
    """The operands in the parts of a template, also those that may be left out."""
    for part in parts:
        if isinstance(part, Operand):
            yield part
        elif isinstance(part, Optional):
            yield from operands_of(part.parts)


def slots_of(parts: tuple[Part, ...]) -> Iterator[Slot]:
    """The same for compiled parts."""
    for part in parts:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Choice):
            yield from slots_of(part.parts)


class Binding(Struct, frozen=True):
    """An operand and the bits that the text gives it; `offset` is where the text stands."""

    slot: Slot
    bits: Bits
    offset: int
    number: int


Flags = tuple[tuple[str, int, bool], ...]
"""(field, value, present) of each optional part met on the way."""


class Attempt(Struct):
    """The state of matching one statement: what failed furthest, and expressions already read."""

    text: str
    expressions: ExpressionReader
    failure: SourceError | None = None
    is_misfit: bool = False
    operand: int = 0
    """The operand that the failure belongs to, if its message does not say it."""
    seen: dict[tuple[int, int], tuple[Bits, int] | SourceError | Misfit] = field(default_factory=dict)

    def fail(self, error: SourceError, is_misfit: bool, operand: int = 0) -> None:
        """Keep what says most: an unpredictable result, then a value that does not fit, else the one furthest right."""
        says = isinstance(error, Unpredictable), is_misfit, error.offset
        if (known := self.failure) is None or says > (isinstance(known, Unpredictable), self.is_misfit, known.offset):
            self.failure, self.is_misfit, self.operand = error, is_misfit, operand

    def explained(self) -> SourceError | None:
        """The failure that says most, with the number of its operand."""
        if self.failure is None or not self.operand:
            return self.failure
        error = self.failure
        explained = SourceError(f"operand {self.operand}: {error.message}", error.offset, error.hint)
        explained.is_form = error.is_form
        return explained

    def read(self, codec: OperandCodec, position: int) -> tuple[Bits, int]:
        """An operand at `position`; candidates that ask again get the same answer."""
        key = (id(codec), position)
        result = self.seen.get(key)
        if result is None:
            try:
                result = codec.read(self.text, position, self.expressions)
            except (SourceError, Misfit) as error:
                result = error
            self.seen[key] = result
        if isinstance(result, tuple):
            return result
        raise result


def match_parts(
    parts: tuple[Part, ...], attempt: Attempt, position: int, number: int = 1
) -> Iterator[tuple[list[Binding], Flags, int]]:
    """Every way to read `parts` from `position` on: bindings, flags, and the end.

    `number` is that of the first operand, for errors.
    """
    bindings: list[Binding] = []
    for index, part in enumerate(parts):
        if isinstance(part, Literal):
            end = _literal(part, attempt, position)
            if end is None:
                return
            position = end
        elif isinstance(part, Slot):
            start = _skip(attempt.text, position)
            count = number + len(bindings)
            if part.absent >= 0:
                yield from _with_or_without(parts[index:], attempt, start, count, bindings)
                return
            try:
                bits, position = attempt.read(part.codec, start)
            except SourceError as error:
                attempt.fail(error, False, count)
                return
            except Misfit as error:
                attempt.fail(misfit_error(error, part, count, start), True)
                return
            bindings.append(Binding(part, bits, start, count))
        else:
            rest = parts[index + 1 :]
            count = number + len(bindings)
            for inner, flags, end in match_parts(part.parts, attempt, position, count):
                for bound, more, last in match_parts(rest, attempt, end, count + len(inner)):
                    yield [*bindings, *inner, *bound], ((part.field, part.value, True), *flags, *more), last
            for bound, more, last in match_parts(rest, attempt, position, count):
                yield [*bindings, *bound], ((part.field, part.value, False), *more), last
            return
    yield bindings, (), position


def _with_or_without(
    parts: tuple[Part, ...], attempt: Attempt, start: int, number: int, before: list[Binding]
) -> Iterator[tuple[list[Binding], Flags, int]]:
    """The ways to read parts the first of which is an operand that may be left out: with it, then without."""
    slot = parts[0]
    assert isinstance(slot, Slot)
    try:
        bits, position = attempt.read(slot.codec, start)
    except SourceError as error:
        attempt.fail(error, False, number)
    except Misfit as error:
        attempt.fail(misfit_error(error, slot, number, start), True)
    else:
        bound = Binding(slot, bits, start, number)
        for rest, flags, end in match_parts(parts[1:], attempt, position, number + 1):
            yield [*before, bound, *rest], flags, end
    # Number 0: nothing of the text stands for it.
    for rest, flags, end in match_parts(parts[1:], attempt, start, number):
        yield [*before, Binding(slot, slot.absent, start, 0), *rest], flags, end


def shape_of(text: str) -> str:
    """The commas and brackets of operands, without what stands in braces: what tells address modes apart."""
    if '"' in text or "'" in text:
        return ANY_SHAPE
    return "".join(c for c in _BRACES.sub("", text) if c in ",[]")


def shapes_of(parts: tuple[Part, ...]) -> frozenset[str]:
    """Every shape that text for these parts can have."""
    return frozenset((*(shape_of(text) for text in _texts_of(parts)), ANY_SHAPE))


def _texts_of(parts: tuple[Part, ...]) -> list[str]:
    texts = [""]
    for part in parts:
        if isinstance(part, Literal) and not part.word:
            texts = [text + part.text for text in texts]
        elif isinstance(part, Choice):
            texts = [text + more for text in texts for more in ("", *_texts_of(part.parts))]
    return texts


def words_of(parts: tuple[Part, ...]) -> list[str]:
    """The literal words of a template, also those of optional parts."""
    found: list[str] = []
    for part in parts:
        found += WORD.findall(part.text) if isinstance(part, Literal) else []
        found += words_of(part.parts) if isinstance(part, Choice) else []
    return found


def misfit_error(error: Misfit, slot: Slot, number: int, offset: int) -> SourceError:
    """The error for a value that an operand cannot hold."""
    text = error.message.replace("%s", slot.name)
    return SourceError(f"operand {number}: {text}", offset, error.hint)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t":
        position += 1
    return position


def _literal(part: Literal, attempt: Attempt, position: int) -> int | None:
    """The end of a literal, or None if it does not stand there.  `#` may be left out."""
    text, wanted = attempt.text, part.text
    start = _skip(text, position)
    if part.word:
        if wanted.isdigit() and (number := number_end(text, start, attempt.expressions, int(wanted))) is not None:
            return number
        if text[start : (end := start + len(wanted))].lower() == wanted.lower() and not text[end : end + 1].isalnum():
            return end
    elif text.startswith(wanted, start):
        return start + len(wanted)
    elif wanted == "#":
        # `$` stands for it as well, in front of what can't be the rest of a name.
        is_dollar = text[start : start + 1] == "$" and text[start + 1 : start + 2] in _NUMBERS
        return start + 1 if is_dollar else position
    known = attempt.failure
    if known is None or (not attempt.is_misfit and start > known.offset):
        found = f"found '{text[start:start + 8].strip()}'" if start < len(text) else "but the line ends"
        attempt.fail(SourceError(f"expected '{wanted}', {found}", start), False)
    return None


def match_mnemonic(
    parts: tuple[Part, ...], word: str, position: int
) -> Iterator[tuple[list[Binding], Flags]]:
    """Every way to read all of `word` from `position` on as a mnemonic."""
    if not parts:
        if position == len(word):
            yield [], ()
        return
    part, rest = parts[0], parts[1:]
    if isinstance(part, Literal):
        if word.startswith(part.text.lower(), position):
            yield from match_mnemonic(rest, word, position + len(part.text))
        return
    if isinstance(part, Choice):
        for inner, flags in match_mnemonic(part.parts + rest, word, position):
            yield inner, ((part.field, part.value, True), *flags)
        for inner, flags in match_mnemonic(rest, word, position):
            yield inner, ((part.field, part.value, False), *flags)
        return
    if not isinstance(part.codec, NamesCodec):
        return
    for spelling, bits in part.codec.values.items():
        if word.startswith(spelling, position):
            for inner, flags in match_mnemonic(rest, word, position + len(spelling)):
                yield [Binding(part, bits, 0, 0), *inner], flags
