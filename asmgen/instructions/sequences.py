"""Statements that the description has several others for (`sequence`): `la`, `call`, a constant of 64 bits."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from ...isa.model.items import Codec, Description, Literal, Sequence, Template
from ..expressions.parser import ExpressionReader
from ..expressions.tree import Expression
from ..text.diagnostics import SourceError
from .codecs.codec_table import CodecTable
from .codecs.codecs import Bits, Late, Misfit, OperandCodec
from .codecs.functions import DescribedFunctions
from .codecs.number_codecs import NumberCodec
from .templates.templates import Attempt, Binding, Part, Slot, compile_parts, match_parts, misfit_error

_HOLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class _Expression:
    """An operand that is passed on as it is written; its bits number the texts that were read."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """See OperandCodec."""
        _, end = expressions.read(text, position)
        self.texts.append(text[position:end].strip())
        return len(self.texts) - 1, end

    def write(self, bits: int, address: int) -> str | None:
        """See OperandCodec."""
        return self.texts[bits]


class Sequences:
    """The sequences of a description by mnemonic."""

    def __init__(self, description: Description, functions: DescribedFunctions) -> None:
        self._functions = functions
        self._codecs = CodecTable(description, functions)
        self._expression = _Expression()
        self._by_word: dict[str, list[tuple[Sequence, Template]]] = {}
        for sequence in description.sequences.values():
            for template in sequence.templates:
                word = "".join(part.text for part in template.mnemonic if isinstance(part, Literal)).lower()
                self._by_word.setdefault(word, []).append((sequence, template))
        self.words = frozenset(self._by_word)

    def statements(
        self, word: str, rest: str, expressions: ExpressionReader, known: Callable[[Expression], int]
    ) -> list[tuple[str, str]] | None:
        """See the seam's `Sequences`."""
        found = self._by_word.get(word)
        if found is None:
            return None
        attempt = Attempt(rest, expressions)
        for sequence, template in found:
            self._expression.texts.clear()
            own = {one.name: one for one in sequence.operands}
            any_text = {name for name, one in own.items() if one.codec is None}
            parts = compile_parts(template.operands, self._codecs.codec)
            for bindings, _, end in match_parts(tuple(self._passed(one, any_text) for one in parts), attempt, 0):
                if rest[end:].strip():
                    more = SourceError(f"'{rest[end:].strip()}' is more than '{word}' takes", end)
                    more.is_form = True
                    attempt.fail(more, False)
                    continue
                made = self._made(sequence, bindings, known)
                if made is not None:
                    return made
        failure = attempt.explained()
        raise failure or SourceError(f"'{word}' does not take these operands")

    def _passed(self, part: Part, any_text: set[str]) -> Part:
        """A part with what takes any expression where the sequence says so, or where the place of the code counts."""
        if not isinstance(part, Slot):
            return part
        is_relative = isinstance(part.codec, NumberCodec) and not part.codec.is_plain
        return replace(part, codec=self._expression) if part.name in any_text or is_relative else part

    def _made(
        self, sequence: Sequence, bindings: list[Binding], known: Callable[[Expression], int]
    ) -> list[tuple[str, str]] | None:
        """The statements; None where the sequence is not for these operands."""
        texts: dict[str, str] = {}
        numbers: dict[str, int] = {}
        for binding in bindings:
            slot = binding.slot
            bits = self._early(binding, known) if isinstance(binding.bits, Late) else binding.bits
            texts[slot.name] = slot.codec.write(bits, 0) or ""
            numbers[slot.name] = bits

        def holds(function: str, arguments: tuple[str, ...]) -> bool:
            return not function or bool(self._functions.call(function, *(numbers[name] for name in arguments))[0])

        for value in sequence.values:
            numbers[value.name] = self._functions.call(value.function, *(numbers[name] for name in value.arguments))[0]
            texts[value.name] = self._codec(value.codec, value.width).write(numbers[value.name], 0) or ""
        if not holds(sequence.when, sequence.when_arguments):
            return None
        steps = (step for step in sequence.steps if holds(step.when, step.when_arguments))
        return [_statements(step.text, texts) for step in steps]

    def _early(self, binding: Binding, known: Callable[[Expression], int]) -> int:
        late = binding.bits
        assert isinstance(late, Late)
        try:
            value = known(late.expression)
        except SourceError as error:
            raise SourceError("this has to be known here", binding.offset, "define it above this line") from error
        try:
            return late.codec.encode(value, 0, False)
        except Misfit as error:
            raise misfit_error(error, binding.slot, binding.number, binding.offset) from error

    def _codec(self, codec: Codec, width: int) -> OperandCodec:
        return self._codecs.codec(codec, width)


def _statements(text: str, texts: dict[str, str]) -> tuple[str, str]:
    word, _, rest = _HOLE.sub(lambda hole: texts[hole[1]], text).partition(" ")
    return word, rest.strip()

