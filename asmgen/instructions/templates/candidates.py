"""What a statement may mean: mnemonic table, candidates, and the word that a candidate makes.

A candidate is one template of one form or alias.  The table is indexed by the fixed text in front of
a mnemonic, so that a description's conditions and suffixes need not be multiplied out.
"""

from __future__ import annotations

from collections.abc import Mapping

from ....isa.model.items import Description, Form
from ...target.seam import Evaluate
from ...text.diagnostics import SourceError, Unpredictable, did_you_mean
from ..codecs.codec_table import CodecTable, register_names
from ..codecs.codecs import Late, Misfit
from ..codecs.encoding import Fields, FormEncoder, split
from ..codecs.functions import DescribedFunctions
from ..codecs.names_codecs import NamesCodec
from .entries import Candidate, Entry, Spelling, is_read, spellings_of
from .exchange import asked_value, exchanged
from .template_index import template_index
from .templates import (
    ANY_SHAPE,
    Binding,
    compile_parts,
    match_mnemonic,
    misfit_error,
    shapes_of,
)

MAX_INFIX = 16
"""Characters of a mnemonic that may have its condition in the middle."""
_MAX_NEAR = 1_000
"""Words that are no mnemonics, of which hints are kept."""
UNPREDICTABLE = "unpredictable"
"""`@unpredictable(when = FUNCTION, because = TEXT)`: the form's fields, by the names of the function's parameters, for
which the architecture calls the result unpredictable or the form invalid. Assemblers refuse them."""
WRITTEN_BEYOND = "written_beyond"
"""`@written_beyond(field = NAME)`: values of the field that the form leaves to other forms are written by its name too
(Arm's `mcr p10, …` is a transfer of VFP's)."""
RESERVED_BITS = "reserved_bits"
"""`@reserved_bits(value = N)` at an alias: bits that should be zero in the form, and which this spelling sets."""

MAX_REMEMBERED = 50_000
"""Words and shapes whose entries are kept."""


def is_unpredictable(encoder: FormEncoder, word: int, functions: DescribedFunctions) -> bool:
    """Whether the form's annotation calls a word of it unpredictable."""
    notes = encoder.form.annotations.get(UNPREDICTABLE)
    if notes is None:
        return False
    function = str(notes["when"])
    fields = encoder.decode(word)
    return bool(functions.call(function, *(fields[name] for name in functions.parameters(function)))[0])


class _Encoders(dict[str, FormEncoder]):
    """The encoders of forms, made on demand."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, name: str) -> FormEncoder:
        made = self[name] = FormEncoder(self._forms[name])
        return made


class MnemonicTable:
    """All templates of a description, by instruction set and mnemonic."""

    def __init__(self, description: Description) -> None:
        self.core = description.core or description.name
        self.registers = register_names(description)
        self.functions = DescribedFunctions(description)
        self._description = description
        self._codecs = CodecTable(description, self.functions)
        self.encoders: Mapping[str, FormEncoder] = _Encoders(description.forms)
        self._index = template_index(description)
        self._entries: dict[int, Entry] = {}
        self._near: dict[tuple[str, str], str] = {}
        self._found: dict[tuple[str, str, str], tuple[Spelling, ...]] = {}
        several = len(description.instruction_sets) > 1
        self._pointer_bits = {s.name: s.code & 1 for s in description.instruction_sets.values()} if several else {}
        names = description.names.get(str(description.annotations.get("assembler", {}).get("infix", "")))
        self.written_condition = str(description.annotations.get("assembler", {}).get("condition", ""))
        spellings = names.spellings if names is not None else ()
        self._infixes = frozenset(text for entry in spellings for text in entry if text)
        self._infix_width = max(map(len, self._infixes), default=0)
        self._longest_prefix = max((len(one) for found in self._index.by_prefix.values() for one in found), default=0)

    def _entry(self, number: int) -> Entry:
        """A template, compiled when it is asked for."""
        entry = self._entries.get(number)
        if entry is None:
            form, name, place = self._index.templates[number]
            alias = self._description.aliases[name] if name else None
            template = (alias or self._description.forms[form]).templates[place]
            operands = compile_parts(template.operands, self._codecs.codec)
            entry = self._entries[number] = Entry(
                number, self.encoders[form], alias, compile_parts(template.mnemonic, self._codecs.codec), operands,
                template, shapes_of(operands))
        return entry

    def entries_of(self, form: str) -> list[Entry]:
        """What a form itself is written as."""
        return [self._entry(number) for number in self._index.own.get(form, ())]

    def aliases_of(self, form: str) -> list[Entry]:
        """The other ways to write a form."""
        return [self._entry(number) for number in self._index.aliases.get(form, ())]

    def find(self, instruction_set: str, word: str, shape: str = ANY_SHAPE) -> tuple[Spelling, ...]:
        """The entries whose mnemonic is `word` (lower case) and whose operands have the shape.

        Short encodings stand first, then the order is that of the description.
        """
        key = (instruction_set, word, shape)
        found = self._found.get(key)
        if found is None:
            if shape == ANY_SHAPE:
                found = self._matching(instruction_set, word) or self._before_unified(instruction_set, word)
            else:
                found = tuple(s for s in self.find(instruction_set, word) if shape in s.entry.shapes)
            if len(self._found) >= MAX_REMEMBERED:
                self._found.clear()
            self._found[key] = found
        return found

    def _before_unified(self, instruction_set: str, word: str) -> tuple[Spelling, ...]:
        """The entries for a word with its condition in the middle (`strneb`), as Arm wrote it before unified syntax."""
        width = self._infix_width
        if not width or len(word) > MAX_INFIX:
            return ()
        for place in range(len(word) - width - 1, 0, -1):
            condition = word[place : place + width]
            if condition in self._infixes:
                found = self._matching(instruction_set, word[:place] + word[place + width :] + condition)
                if found:
                    return found
        return ()

    def _matching(self, instruction_set: str, word: str) -> tuple[Spelling, ...]:
        name, _, options = instruction_set.partition(":")
        table, switched = self._index.by_prefix[name], options.split()
        spellings = [
            Spelling(entry, tuple(bindings), flags)
            for length in range(min(len(word), self._longest_prefix) + 1)
            for entry in map(self._entry, table.get(word[:length], ()))
            if is_read(entry, switched)
            for bindings, flags in match_mnemonic(entry.mnemonic, word, 0)
        ]
        spellings.sort(key=lambda s: (s.entry.encoder.size, s.entry.order))
        return tuple(spellings)

    def names_codecs(self) -> list[NamesCodec]:
        """Every list of names that some operand reads."""
        return [self._codecs.names[name] for name in self._index.names]

    def literal_words(self) -> set[str]:
        """The words of which templates are made beside operands."""
        return set(self._index.words)

    def mnemonics(self, instruction_set: str) -> list[str]:
        """The spellings of all mnemonics; where a name may be left out (a condition), without it."""
        name, _, options = instruction_set.partition(":")
        entries = (self._entry(one) for found in self._index.by_prefix[name].values() for one in found)
        read = (entry for entry in entries if is_read(entry, options.split()))
        return sorted({text for entry in read for text in spellings_of(entry.mnemonic)})

    def is_register(self, text: str) -> bool:
        """Whether a source can give the text another name: a register, a coprocessor."""
        return any(text.lower() in (spelling.lower() for spellings in entry.spellings for spelling in spellings)
                   for entry in self._description.names.values()
                   if "register" in entry.title.lower() or "coprocessor" in entry.title.lower())

    def near_mnemonic(self, instruction_set: str, word: str) -> str:
        """A hint for a mnemonic that is none; a program may have the same mistake a thousand times."""
        key = instruction_set, word
        if key not in self._near:
            if len(self._near) >= _MAX_NEAR:
                self._near.clear()
            self._near[key] = did_you_mean(word, self.mnemonics(instruction_set))
        return self._near[key]

    def exchanged(self, candidate: Candidate, value: Evaluate) -> Candidate:
        """`candidate`, or the branch that changes the instruction set (or does not) where the target asks for it.

        Raises SourceError where no instruction does both.
        """
        return exchanged(candidate, value, self._pointer_bits, lambda form: self.entries_of(form)[0])

    def word(self, candidate: Candidate, value: Evaluate | None, address: int) -> int:
        """The word that a candidate makes at `address`; `value` is None where no operand is late.

        Raises SourceError if a value does not fit, or the form or alias does not allow the fields.
        """
        fields, encoder, alias = self.fields(candidate, value, address), candidate.entry.encoder, candidate.entry.alias
        word = encoder.encode(fields)
        if word is None and WRITTEN_BEYOND in encoder.form.annotations:
            word = encoder.encode(fields, str(encoder.form.annotations[WRITTEN_BEYOND]["field"]))
        if word is None:
            raise SourceError(f"{encoder.form.instruction} does not allow this combination of operands", 0,
                              _excluded(candidate, fields))
        if alias is not None and RESERVED_BITS in alias.annotations:
            word |= int(alias.annotations[RESERVED_BITS]["value"])
        if not (alias is not None and alias.input_only):
            # Another name for the bits (ldc for a VFP load) says nothing of what they mean here.
            self.check_predictable(encoder, word)
        return word

    def fields(self, candidate: Candidate, value: Evaluate | None, address: int) -> Fields:
        """The fields that operands and the alias's settings make.  Raises SourceError as `word` does for these."""
        fields, alias = self._fields(candidate, value, address), candidate.entry.alias
        if alias is not None:
            for setting in alias.settings:
                given = [fields.get(name, 0) for name in setting.arguments]
                fields[setting.field] = self.functions.call(setting.function, *given)[0]
            if alias.when:
                given = [fields.get(name, 0) for name in alias.when_arguments]
                if not self.functions.call(alias.when, *given)[0]:
                    raise SourceError(f"'{alias.name.partition('@')[0]}' does not take these operands")
        return fields

    def check_predictable(self, encoder: FormEncoder, word: int) -> None:
        """Raise Unpredictable for a combination of operands that the form's annotation calls so."""
        if self.is_unpredictable(encoder, word):
            because = encoder.form.annotations[UNPREDICTABLE]["because"]
            raise Unpredictable(f"this is unpredictable: {because}", 0,
                                "where it is meant, give the word as a number")

    def is_unpredictable(self, encoder: FormEncoder, word: int) -> bool:
        """Whether the architecture calls a word of a form unpredictable, or an invalid form."""
        return is_unpredictable(encoder, word, self.functions)

    def _fields(self, candidate: Candidate, value: Evaluate | None, address: int) -> Fields:
        fields: Fields = {}
        encoder = candidate.entry.encoder
        for binding in candidate.bindings:
            slot = binding.slot
            bits = binding.bits
            if isinstance(bits, Late):
                if value is None:
                    raise SourceError("this value is not known yet", binding.offset)
                try:
                    bits = bits.bits(asked_value(bits, value, encoder.form), address)
                except Misfit as error:
                    raise misfit_error(error, slot, binding.number, binding.offset) from error
            if len(slot.fields) == 1:
                _put(fields, slot.fields[0], bits, binding)
            elif slot.fields:
                for name, part in split(bits, slot.fields, encoder.widths).items():
                    _put(fields, name, part, binding)
            elif not slot.is_ambient:
                _put(fields, slot.name, bits, binding)
        for name, wanted, is_present in candidate.flags:
            if is_present:
                fields[name] = wanted
        for name, wanted, is_present in candidate.flags:
            if not is_present:
                fields.setdefault(name, encoder.default(name, wanted))
                if fields[name] == wanted:
                    raise SourceError(f"operand {name} is left out, but its value is {wanted}")
        return fields


def _put(fields: Fields, name: str, bits: int, binding: Binding) -> None:
    if fields.setdefault(name, bits) != bits:
        error = SourceError(f"operand {binding.number}: must be the same as before", binding.offset,
                            "the instruction has one field for both")
        error.is_form = True
        raise error


def _excluded(candidate: Candidate, fields: Fields) -> str:
    """The exclusion that these fields meet, in the description's words."""
    encoder = candidate.entry.encoder
    for clause in encoder.form.excludes:
        if all((fields.get(c.left, 0) == (c.right if isinstance(c.right, int) else fields.get(c.right, 0)))
               == c.equal for c in clause):
            words = " and ".join(f"{c.left} {'=' if c.equal else '≠'} {c.right}" for c in clause)
            return f"the architecture leaves out {words}"
    return ""
