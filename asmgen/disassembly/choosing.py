"""Which template a word is written by: the first alias that says the same, as one expression over the word's bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType

from ..instructions.codecs.encoding import Fields
from ..instructions.codecs.functions import DescribedFunctions
from ..instructions.codecs.word_bits import mask_of, placements
from ..instructions.templates.entries import Entry

MAX_ANSWERS = 1 << 16


class Chooser:
    """Tells which of some entries, all of them aliases, is the first that says what a word says."""

    def __init__(self, entries: Sequence[Entry], functions: DescribedFunctions) -> None:
        self.answers: dict[str, dict[int, bool]] = {}
        lines = ["def choose(word):"]
        for number, entry in enumerate(entries):
            conditions = _conditions(entry, functions, self.answers)
            lines.append(f"    if {' and '.join(conditions) or 'True'}: return {number}")
        lines.append(f"    return {len(entries)}")
        self.code = compile("\n".join(lines) + "\n", "<choose>", "exec")
        self.choose = chosen_by(self.code, self.answers)
        """From a word to the number of the entry; where none says it, to the number of entries."""

    def know(self, answers: Mapping[str, Mapping[int, object]]) -> None:
        """Answers to conditions that need not be found again."""
        for name, table in answers.items():
            self.answers[name].update((bits, bool(answer)) for bits, answer in table.items())


def chosen_by(code: CodeType, answers: Mapping[str, dict[int, bool]]) -> Callable[[int], int]:
    """The function `choose` that the code of a chooser defines."""
    names: dict[str, object] = dict(answers)
    exec(code, names)
    choose = names["choose"]
    assert callable(choose)
    return choose


def alias_bits(entry: Entry, names: Iterable[str]) -> int:
    """The bits of fields, and of those that an alias's own operands are made of."""
    alias = entry.alias
    own = {operand.name: operand.fields for operand in alias.operands} if alias is not None else {}
    mask = 0
    for name in names:
        if name in entry.encoder.widths:
            mask |= mask_of(placements(entry.encoder, (name,)))
        if name in own:
            mask |= mask_of(placements(entry.encoder, own[name]))
    return mask


class _Answers(dict[int, bool]):
    """Whether something holds, by the bits that it depends on."""

    def __init__(self, holds: Callable[[int], bool]) -> None:
        super().__init__()
        self._holds = holds

    def __missing__(self, bits: int) -> bool:
        if len(self) >= MAX_ANSWERS:
            self.clear()
        answer = self[bits] = self._holds(bits)
        return answer


def _conditions(entry: Entry, functions: DescribedFunctions, names: dict[str, dict[int, bool]]) -> list[str]:
    """What has to hold of `word`, as Python; the cheapest first, since all of it counts."""
    alias, encoder = entry.alias, entry.encoder
    assert alias is not None
    mask = match = 0
    asked: list[tuple[int, Callable[[int], bool]]] = []
    for setting in alias.settings:
        if setting.arguments:
            bits = alias_bits(entry, (setting.field, *setting.arguments))
            asked.append((bits, _holds(entry, functions, setting.function, setting.arguments, setting.field)))
            continue
        value = functions.call(setting.function)[0]
        if value >> encoder.widths[setting.field]:
            return ["False"]
        for low, ones, up in placements(encoder, (setting.field,)):
            placed = (value >> low & ones) << up
            if mask & ones << up & (match ^ placed):
                return ["False"]
            mask |= ones << up
            match |= placed
    if alias.when:
        asked.append((alias_bits(entry, alias.when_arguments), _holds(entry, functions, alias.when,
                                                                      alias.when_arguments, "")))
    conditions = [f"word & {mask:#x} == {match:#x}"] if mask else []
    for bits, holds in asked:
        name = f"answers{len(names)}"
        names[name] = _Answers(holds)
        conditions.append(f"{name}[word & {bits:#x}]")
    return conditions


def _holds(
    entry: Entry, functions: DescribedFunctions, function: str, arguments: tuple[str, ...], field: str
) -> Callable[[int], bool]:
    """Whether a function of fields and of the alias's operands gives a field's value, or (no field) is true."""
    alias, encoder = entry.alias, entry.encoder
    assert alias is not None
    operands = {operand.name: operand for operand in alias.operands}

    def holds(bits: int) -> bool:
        fields: Fields = encoder.decode(bits)
        known = dict(fields)
        for name in arguments:
            if name in operands:
                given = (fields[part] for part in operands[name].fields)
                known[name] = functions.call(operands[name].decode, *given)[0]
        value = functions.call(function, *(known[name] for name in arguments))[0]
        return value == fields[field] if field else bool(value)

    return holds
