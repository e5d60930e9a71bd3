"""Text and bits, compared both ways with binutils: what we print, GNU as assembles; what objdump prints, we assemble.

Instruction `i` of a batch stands at address 4 * i for everybody; branch targets go to GNU as as distances.

What the architecture calls unpredictable, or an invalid form, has no text: we refuse it each way, and so must GNU as.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from msgspec.structs import replace

from trapline.asmgen import Disassembled, Disassembler, target_for
from trapline.asmgen.expressions.parser import ExpressionReader
from trapline.asmgen.instructions.templates.conditional_blocks import ANNOTATION
from trapline.asmgen.target.plain_values import PlainValues
from trapline.asmgen.text.diagnostics import SourceError
from trapline.isa.model.items import Description, Form, Operand, Optional, TemplatePart

from .binutils import Dialect, assemble, disassemble
from .instances import Sample

_TARGET = re.compile(r"(?<![-+])0x[0-9a-f]+(?=\]?$)")
_REFUSED = re.compile(r"'(?P<text>.*)' does not assemble: this is unpredictable: ")
_OTHER = re.compile(r"'(?P<text>.*)' assembles to another encoding")
_INVERSE = {"eq": "ne", "cs": "cc", "mi": "pl", "vs": "vc", "hi": "ls", "ge": "lt", "gt": "le", "al": "al"}
_INVERSE |= {second: first for first, second in _INVERSE.items()}


class Way(Enum):
    """Who printed a text, and who assembled it."""

    OURS = "ours to ours"
    AS = "ours to GNU as"
    OBJDUMP = "objdump to ours"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A text that did not come back as the bits it was printed from."""

    sample: Sample
    way: Way
    text: str
    got: str

    def __str__(self) -> str:
        return f"{self.sample.name} {self.sample.word:#x}, {self.way.value}: '{self.text}' -> {self.got}"


class RoundTrip:
    """Our assembler and disassembler beside binutils' for one instruction set of one core."""

    def __init__(
        self, description: Description, instruction_set: str, dialect: Dialect, clean: Callable[[str, int], str]
    ) -> None:
        """`clean` makes of objdump's text and its address what an assembler reads (without comments)."""
        target = target_for(description)
        self._table = target.table
        self._set = next(entry for entry in target.instruction_sets if entry.name == instruction_set)
        self._disassembler = Disassembler(target)
        self._reader = target.reader(ExpressionReader(), target.elf.big_endian)
        self._writer = target.writer(instruction_set)
        self._dialect = dialect
        self._clean = clean

    def compare(self, samples: Sequence[Sample]) -> list[Mismatch]:
        """Every text that does not come back to the same bits, by any way.

        Instructions that open a conditional block are compared apart from those that would fall in it.
        """
        refused = [sample for sample in samples if self.is_unpredictable(sample)]
        gone = {id(sample) for sample in refused}
        samples = [sample for sample in samples if id(sample) not in gone]
        plain = [sample for sample in samples if ANNOTATION not in sample.form.annotations]
        openers = [sample for sample in samples if ANNOTATION in sample.form.annotations]
        found = self._refused_by_all(refused)
        found += self._through_us_and_as(samples)
        found += self._from_objdump(plain, 1)
        if openers:
            found += self._from_objdump(openers, 4)
        return found

    def is_unpredictable(self, sample: Sample) -> bool:
        """Whether the architecture calls the word unpredictable, or an invalid form: it has no text."""
        return self._table.is_unpredictable(self._table.encoders[sample.form.name], sample.word)

    def _refused_by_all(self, samples: Sequence[Sample]) -> list[Mismatch]:
        """Unpredictable words that we print or assemble, or whose text GNU as makes them of."""
        found: list[Mismatch] = []
        texts: list[tuple[Sample, Disassembled]] = []
        for number, sample in enumerate(samples):
            one = self._disassemble(sample, 4 * number)
            hit = _REFUSED.match(one.reason)
            if hit is None:
                found.append(Mismatch(sample, Way.OURS, one.text, one.reason or "not called unpredictable"))
            else:
                texts.append((sample, replace(one, text=hit["text"])))
        found += self._made_by_as(texts)
        for number, (sample, text) in enumerate(
            zip(samples, disassemble(self._dialect, [sample.word for sample in samples]), strict=True)
        ):
            if self._assemble(self._clean(text, 4 * number), 4 * number) == sample.word:
                found.append(Mismatch(sample, Way.OBJDUMP, text, "taken, though we call it unpredictable"))
        return found

    def _made_by_as(self, texts: Sequence[tuple[Sample, Disassembled]]) -> list[Mismatch]:
        """Those of our texts that we do not take for their words, and GNU as does."""
        lines = [_for_as(sample.form, one) for sample, one in texts]
        return [
            Mismatch(sample, Way.AS, one.text, "taken, though we do not")
            for (sample, one), made in zip(texts, assemble(self._dialect, lines), strict=True)
            if made.words[:1] == (sample.word,)
        ]

    def _through_us_and_as(self, samples: Sequence[Sample]) -> list[Mismatch]:
        found: list[Mismatch] = []
        known: list[tuple[Sample, Disassembled]] = []
        others: list[tuple[Sample, Disassembled]] = []
        for number, sample in enumerate(samples):
            one = self._disassemble(sample, 4 * number)
            if one.reason:
                found.append(Mismatch(sample, Way.OURS, one.text, one.reason))
                if hit := _OTHER.match(one.reason):
                    others.append((sample, replace(one, text=hit["text"])))
            else:
                known.append((sample, one))
        lines = [_for_as(sample.form, one) for sample, one in known]
        for (sample, one), made in zip(known, assemble(self._dialect, lines), strict=True):
            if made.words[:1] != (sample.word,):
                found.append(Mismatch(sample, Way.AS, one.text, made.error or f"{made.words[0]:#x}"))
        return found + self._made_by_as(others)

    def _disassemble(self, sample: Sample, address: int) -> Disassembled:
        code = self._writer.bytes_of(sample.word, sample.form.length // 8)
        return next(self._disassembler.run(code, address, self._set))

    def _from_objdump(self, samples: Sequence[Sample], slots: int) -> list[Mismatch]:
        """Objdump's texts, assembled by us; each sample gets so many slots of four bytes."""
        filler = assemble(self._dialect, ["nop"])[0].word
        words = [word for sample in samples for word in (sample.word, *[filler] * (slots - 1))]
        found = []
        for number, (sample, text) in enumerate(zip(samples, disassemble(self._dialect, words)[::slots], strict=True)):
            address = 4 * number * slots
            got = self._assemble(self._clean(text, address), address)
            if got != sample.word:
                result = got if isinstance(got, str) else f"{got:#x}"
                found.append(Mismatch(sample, Way.OBJDUMP, text, result))
        return found

    def _assemble(self, text: str, address: int) -> int | str:
        """The word that our assembler makes of a text, or its error."""
        mnemonic, _, rest = text.partition(" ")

        self._reader.enter_block(None)
        try:
            made = self._reader.read(mnemonic, rest, self._set)
            code = made if isinstance(made, bytes) else made.encode(address, PlainValues(address), 0)
        except SourceError as error:
            return error.message
        unit = self._writer.unit
        units = [code[at : at + unit] for at in range(0, len(code), unit)]
        order = slice(None) if self._writer.big_endian else slice(None, None, -1)
        return int.from_bytes(b"".join(part[order] for part in units), "big")


def _for_as(form: Form, one: Disassembled) -> str:
    """The line for GNU as: a code address as a distance; four bytes long, or with its conditional block behind it."""
    text = one.text
    if any(_is_relative(part) for template in form.templates for part in template.operands):
        text = _TARGET.sub(lambda hit: f".{int(hit.group(), 16) - one.address:+}", text)
    if ANNOTATION in form.annotations:
        mnemonic, _, condition = text.partition(" ")
        suffixes = [condition if letter == "t" else _INVERSE[condition] for letter in mnemonic[1:]]
        return "; ".join([text, *(f"mov{suffix} r0, r0" for suffix in suffixes)])
    return text if one.size == 4 else f"{text}; nop"


def _is_relative(part: TemplatePart) -> bool:
    if isinstance(part, Optional):
        return any(_is_relative(inner) for inner in part.parts)
    return isinstance(part, Operand) and part.codec.relative
