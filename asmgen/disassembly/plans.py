"""Text of instruction words by plan: made from a word that has been written, and read back, the long way.

A plan holds for all words that differ from that one in the operands of its template alone.  They are written by one
expression, and need not be read back: the assembler is certain to take their text by the same template, each operand's
text stands for its bits, and all other bits are those of the first word.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from types import CodeType

from ..expressions.parser import ExpressionReader
from ..instructions.codecs.allowed_bits import AllowedBits
from ..instructions.codecs.coded_codecs import CodedCodec
from ..instructions.codecs.encoding import FormEncoder
from ..instructions.codecs.number_codecs import NumberCodec
from ..instructions.codecs.word_bits import bit_of, mask_of, placements
from ..instructions.plans.kinds import Kinds
from ..instructions.templates.alias_values import alias_values, slot_bits
from ..instructions.templates.candidates import UNPREDICTABLE, MnemonicTable
from ..instructions.templates.entries import Candidate, Entry
from ..instructions.templates.templates import Choice, Part, Slot, slots_of
from ..instructions.templates.written_parts import join_operands, write_parts
from .choosing import Chooser, alias_bits
from .named_places import NamedPlaces
from .plan_texts import PlanTexts
from .writing import entries_that_say
from .written_words import Plan, Route, Write, one_after_another

MAX_CLASSES = 1 << 12
MAX_FAILURES = 12
"""Plans that are looked for in vain, before a template is given up."""
LAST_TRY = 8
"""Words of one class for which a plan is looked for; what is found is kept for later runs."""


class EntryPlans:
    """The plans of a template, by the bits that tell its words apart in more than operands."""

    def __init__(self, entry: Entry, first: dict[int, Write]) -> None:
        self.entry = entry
        self.mask = telling_bits(entry)
        self.known: dict[int, list[Plan]] = {}
        """What this run has learned."""
        self.first = first
        """What writes the words of a class: that, and what is kept of other runs."""
        self._tries: dict[int, int] = {}
        self.failures = 0
        """How often no plan was found."""

    def may_learn(self, word: int) -> bool:
        """Whether another plan is worth the trouble for words like this one; counts the tries."""
        key = word & self.mask
        if self.failures >= MAX_FAILURES or (key not in self._tries and len(self._tries) >= MAX_CLASSES):
            return False
        self._tries[key] = self._tries.get(key, 0) + 1
        return self._tries[key] <= LAST_TRY

    def learn(self, word: int, plan: Plan) -> None:
        """Another plan for words like this one; what it can write and those before it could not."""
        key = word & self.mask
        self.known.setdefault(key, []).append(plan)
        try:
            before = self.first[key]
        except KeyError:
            self.first[key] = plan.write
        else:
            self.first[key] = one_after_another((before, plan.write))


class FormPlans:
    """The plans of a form."""

    def __init__(self, encoder: FormEncoder, table: MnemonicTable, kept: Route | None = None) -> None:
        """`kept`: what another run has learned of the form."""
        own = table.entries_of(encoder.form.name)[:1]
        entries = [e for e in table.aliases_of(encoder.form.name) if e.alias and not e.alias.input_only]
        self.chooser = Chooser(entries, table.functions)
        before = [first for _, first in kept.entries] if kept is not None else []
        self.entries = [EntryPlans(entry, before[number] if number < len(before) else {})
                        for number, entry in enumerate((*entries, *own))]
        slots = [slot for one in self.entries for slot in slots_of(one.entry.operands)]
        is_fixed = not any(isinstance(slot.codec, NumberCodec | CodedCodec) and not slot.codec.is_plain
                           for slot in slots)
        self.route = Route(self.chooser.choose if entries else None,
                           tuple((one.mask, one.first) for one in self.entries), is_fixed)

    def entry_plans(self, word: int) -> EntryPlans:
        """Those of the first template that says what the word says."""
        return self.entries[0 if self.route.choose is None else self.route.choose(word)]


def says_first(table: MnemonicTable, entry: Entry, chosen: Entry, word: int) -> bool:
    """Whether `entry` writes all words that the chosen one says, and that are like this word in its telling bits.

    It does if it is that one, or the next one where there is no mnemonic for what the word says.
    """
    if entry is chosen:
        return True
    fields = chosen.encoder.decode(word)
    saying = list(islice(entries_that_say(table, chosen.encoder, fields), 2))
    if [one for one, _ in saying] != [chosen, entry] or telling_bits(entry) & ~telling_bits(chosen):
        return False
    known = saying[0][1]
    bits = dict(slot_bits(chosen.mnemonic, known, chosen.encoder, None))
    return write_parts(chosen.mnemonic, bits, known, 0) is None


def make_plan(
    table: MnemonicTable, candidate: Candidate, word: int, kinds: Kinds, expressions: ExpressionReader,
    places: NamedPlaces
) -> Plan | None:
    """The plan of a `word` whose text is certain to be read as the candidate; None if there is no such plan.

    `places` gives the target of a word at an address.
    """
    entry = candidate.entry
    encoder = entry.encoder
    known = alias_values(entry, encoder.decode(word), table.functions)
    covered = _covered(candidate)
    if known is None or covered is None:
        return None
    maker = PlanTexts(table, entry, kinds, expressions)
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
    target = places.expression(encoder)
    if target is None:
        names["place"] = places.function(encoder)
        target = "place(word, address)"
    lines.append(f"    return f\"{maker.f_string(text)}\", {target}")
    code = _compiled("def write(word, address):\n" + "\n".join(lines) + "\n")
    return Plan(code, names, maker.is_fixed and target == "None")


@lru_cache(maxsize=4096)
def _compiled(source: str) -> CodeType:
    return compile(source, "<plan>", "exec")


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


def telling_bits(entry: Entry) -> int:
    """The bits by which words of a template fall into classes that are written alike."""
    return _telling_bits(entry, entry.mnemonic, True) | _telling_bits(entry, entry.operands, False)


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
