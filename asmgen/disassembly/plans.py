"""Text of instruction words by plan: made from a word that has been written, and read back, the long way.

A plan holds for all words that differ from that one in the operands of its template alone.  They are written by one
expression, and need not be read back: the assembler is certain to take their text by the same template, each operand's
text stands for its bits, and all other bits are those of the first word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from types import CodeType

from ...isa.model.items import Literal
from ..expressions.parser import ExpressionReader
from ..instructions.alias_values import alias_values, slot_bits
from ..instructions.allowed_bits import AllowedBits
from ..instructions.candidates import UNPREDICTABLE, MnemonicTable
from ..instructions.encoding import FormEncoder, split
from ..instructions.entries import Candidate, Entry
from ..instructions.kinds import Kinds
from ..instructions.number_codecs import CodedCodec, NumberCodec
from ..instructions.templates import Choice, Part, Slot, join_operands, slots_of
from ..instructions.word_bits import bit_of, gathered, mask_of, placements
from .choosing import alias_bits, chooser
from .operand_texts import OperandTexts

Written = tuple[str, "int | None"]
"""Text, and the place in code or memory that an operand names."""
MAX_CLASSES = 1 << 12
MAX_FAILURES = 12
"""Plans that are looked for in vain, before a template is given up."""
FIRST_TRY, LAST_TRY = 2, 9
"""Words of one class for which a plan is looked for: it takes longer than a few words without."""


class Plan:
    """Writes words of one template whose operands are of the same kinds."""

    __slots__ = ("is_fixed", "write")

    def __init__(self, write: Callable[[int, int], Written], is_fixed: bool) -> None:
        """`write` takes a word and its address, and raises KeyError for one that it is not meant for; `is_fixed`: the
        address makes no difference.
        """
        self.write = write
        self.is_fixed = is_fixed

    def attempt(self, word: int, address: int) -> Written | None:
        """What `write` gives; None for a word that it is not meant for."""
        try:
            return self.write(word, address)
        except KeyError:
            return None


class EntryPlans:
    """The plans of a template, by the bits that tell its words apart in more than operands."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.mask = _telling_bits(entry, entry.mnemonic, True) | _telling_bits(entry, entry.operands, False)
        self.known: dict[int, list[Plan]] = {}
        self.first: dict[int, Plan] = {}
        """Of the known ones, those that are tried first."""
        self._tries: dict[int, int] = {}
        self.failures = 0
        """How often no plan was found."""

    def may_learn(self, word: int) -> bool:
        """Whether another plan is worth the trouble for words like this one; counts the tries."""
        key = word & self.mask
        if self.failures >= MAX_FAILURES or (key not in self._tries and len(self._tries) >= MAX_CLASSES):
            return False
        self._tries[key] = self._tries.get(key, 0) + 1
        return FIRST_TRY <= self._tries[key] <= LAST_TRY


class FormPlans:
    """The plans of a form."""

    def __init__(self, encoder: FormEncoder, table: MnemonicTable) -> None:
        own = table.entries_of(encoder.form.name)[:1]
        entries = [e for e in table.aliases_of(encoder.form.name) if e.alias and not e.alias.input_only]
        self._choose = chooser(entries, table.functions)
        self._plans = [EntryPlans(entry) for entry in (*entries, *own)]
        self._is_plain = not entries
        slots = [slot for one in self for slot in slots_of(one.entry.operands)]
        self.is_fixed = not any(isinstance(slot.codec, NumberCodec | CodedCodec) and not slot.codec.is_plain
                                for slot in slots)
        """Whether no text depends on where the instruction stands."""

    def entry_plans(self, word: int) -> EntryPlans:
        """Those of the first template that says what the word says."""
        return self._plans[0 if self._is_plain else self._choose(word)]

    def __iter__(self) -> Iterator[EntryPlans]:
        return iter(self._plans)


def make_plan(
    table: MnemonicTable, candidate: Candidate, word: int, kinds: Kinds, expressions: ExpressionReader,
    place: Callable[[int, int], int | None] | None
) -> Plan | None:
    """The plan of a `word` whose text is certain to be read as the candidate; None if there is no such plan.

    `place` gives the target of a word at an address; None where the form never has one.
    """
    entry = candidate.entry
    encoder = entry.encoder
    known = alias_values(entry, encoder.decode(word), table.functions)
    covered = _covered(candidate)
    if known is None or covered is None:
        return None
    maker = _Expression(table, entry, kinds, expressions)
    operands = maker.parts(entry.operands, known)
    mnemonic = maker.fixed(entry.mnemonic, known)
    if operands is None or mnemonic is None:
        return None
    text = (mnemonic + " " + join_operands(operands)).rstrip()
    kept = ((1 << encoder.form.length) - 1) & ~mask_of(placements(encoder, covered))
    names = maker.names
    lines = [f"    if word & {kept:#x} != {word & kept:#x}: raise KeyError(word)"]
    if UNPREDICTABLE in encoder.form.annotations:
        function = str(encoder.form.annotations[UNPREDICTABLE]["when"])
        looked_at = mask_of(placements(encoder, table.functions.parameters(function)))
        names["allowed"] = AllowedBits(lambda bits: not table.is_unpredictable(encoder, bits))
        lines.append(f"    allowed[word & {looked_at:#x}]")
    names["place"] = place
    target = "None" if place is None else "place(word, address)"
    lines.append(f"    return f\"{maker.f_string(text)}\", {target}")
    exec(_compiled("def write(word, address):\n" + "\n".join(lines) + "\n"), names)
    write = names["write"]
    assert callable(write)
    return Plan(write, maker.is_fixed and place is None)


@lru_cache(maxsize=4096)
def _compiled(source: str) -> CodeType:
    return compile(source, "<plan>", "exec")


class _Expression:
    """Puts the expression together that writes the words of a plan."""

    def __init__(self, table: MnemonicTable, entry: Entry, kinds: Kinds, expressions: ExpressionReader) -> None:
        self._table, self._entry, self._kinds, self._expressions = table, entry, kinds, expressions
        self.names: dict[str, object] = {}
        self.is_fixed = True
        self._pieces: list[str] = []

    def fixed(self, parts: tuple[Part, ...], known: dict[str, int]) -> str | None:
        """The text of a mnemonic, whose bits are the same in all words of the plan."""
        bits = dict(slot_bits(parts, known, self._entry.encoder, None))
        out = ""
        for part in parts:
            if isinstance(part, Choice):
                more = self.fixed(part.parts, known) if known.get(part.field) == part.value else ""
            else:
                more = part.text if isinstance(part, Literal) else part.codec.write(bits[part.name], 0)
            if more is None:
                return None
            out += more
        return out

    def parts(self, parts: tuple[Part, ...], known: dict[str, int]) -> list[tuple[str, bool]] | None:
        """The operands as `write_parts` gives them, with characters that stand for those that change."""
        bits = dict(slot_bits(parts, known, self._entry.encoder, None))
        texts: list[tuple[str, bool]] = []
        for part in parts:
            if isinstance(part, Literal):
                texts.append((part.text, not part.word))
            elif isinstance(part, Choice):
                if known.get(part.field) == part.value:
                    inner = self.parts(part.parts, known)
                    if inner is None:
                        return None
                    texts += inner
            else:
                text = self._operand(part, bits[part.name])
                if text is None:
                    return None
                texts.append((text, False))
        return texts

    def _operand(self, slot: Slot, bits: int) -> str | None:
        codec = slot.codec
        if slot.is_ambient:
            return codec.write(bits, 0)
        encoder, decode = self._entry.encoder, None
        names = slot.fields
        if not names or not all(name in encoder.widths for name in names):
            own = next((one for one in self._entry.alias.operands if one.name == slot.name), None) \
                if self._entry.alias is not None else None
            if own is None:
                return None
            names = own.fields
            decode = _decoder(self._table, own.decode, names, encoder)
        number = len(self._pieces)
        value = gathered(placements(encoder, names))
        if isinstance(codec, NumberCodec | CodedCodec) and not codec.is_plain:
            if decode is not None or not isinstance(codec, NumberCodec) or not codec.always_reads_back:
                return None
            self.is_fixed = False
            self.names[f"write{number}"] = codec.write
            self._pieces.append(f"{{write{number}({value}, address)}}")
        elif isinstance(codec, NumberCodec) and decode is None and (plain := codec.expression(value)) is not None:
            self._pieces.append(f"{{{plain}}}")
        else:
            first = codec.write(bits, 0)
            if first is None:
                return None
            texts = OperandTexts(codec, decode, self._kinds, first, self._expressions)
            self.names[f"texts{number}"] = texts
            self._pieces.append(f"{{texts{number}[{value}]}}")
            if not first:
                # It is asked for all the same: it has to be empty in other words, too.
                return ""
        return chr(_FIRST_MARK + number)

    def f_string(self, text: str) -> str:
        """The body of an f-string that is the text with its operands."""
        for char, escaped in (("\\", "\\\\"), ('"', '\\"'), ("{", "{{"), ("}", "}}")):
            text = text.replace(char, escaped)
        for number, piece in enumerate(self._pieces):
            mark = chr(_FIRST_MARK + number)
            text = text.replace(mark, piece) if mark in text else piece + text
        return text


_FIRST_MARK = 0xE000
"""The first of Unicode's private characters."""


def _decoder(
    table: MnemonicTable, function: str, names: tuple[str, ...], encoder: FormEncoder
) -> Callable[[int], int]:
    def decode(raw: int) -> int:
        fields = split(raw, names, encoder.widths)
        return table.functions.call(function, *(fields[name] for name in names))[0]

    return decode


def _covered(candidate: Candidate) -> set[str] | None:
    """The fields that the candidate's operands and its alias's settings make; None if more than those decides."""
    entry = candidate.entry
    widths = entry.encoder.widths
    known = {name for name, _, _ in candidate.flags}
    covered: set[str] = set()
    for binding in candidate.bindings:
        slot = binding.slot
        covered.update(slot.fields or (() if slot.is_ambient else (slot.name,)))
    known |= covered
    if entry.alias is not None:
        if any(operand.name in widths for operand in entry.alias.operands):
            return None
        for setting in entry.alias.settings:
            if not known.issuperset(setting.arguments):
                return None
            known.add(setting.field)
            covered.add(setting.field)
        if entry.alias.when and not known.issuperset(entry.alias.when_arguments):
            return None
    return covered & widths.keys()


def _telling_bits(entry: Entry, parts: Iterable[Part], is_mnemonic: bool) -> int:
    """The bits by which the texts of a template differ in their words or marks: those of optional parts and signs."""
    encoder = entry.encoder
    mask = 0
    for part in parts:
        if isinstance(part, Choice):
            mask |= alias_bits(entry, (part.field,)) | _telling_bits(entry, part.parts, is_mnemonic)
        elif isinstance(part, Slot) and is_mnemonic:
            mask |= alias_bits(entry, part.fields or (part.name,))
        elif isinstance(part, Slot) and isinstance(part.codec, NumberCodec) and part.codec.sign_bit is not None \
                and part.fields and all(name in encoder.widths for name in part.fields):
            mask |= bit_of(placements(encoder, part.fields), part.codec.sign_bit)
    return mask
