"""A table of what other tools know: which of it a core's description has, which it lacks, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..model.decoder import Decoder
from ..model.items import Description
from ..model.word_classes import class_of


@dataclass(frozen=True, slots=True)
class Answer:
    """What one core's description says of a mnemonic's words.

    `have` of `words` have forms, which stand in `files`. `why` has the reasons for the others; `unexplained` are those
    without one.
    """

    words: int
    have: int
    files: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    unexplained: tuple[int, ...] = ()

    @property
    def state(self) -> str:
        """have, lack, or in part."""
        return "have" if self.have == self.words else "lack" if not self.have else "in part"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Answers by mnemonic of a core, or of one of its instruction sets, which `core` names."""

    core: str
    answers: dict[str, Answer] = field(default_factory=dict)

    def count(self, state: str) -> int:
        """Mnemonics of a state."""
        return sum(answer.state == state for answer in self.answers.values())

    @property
    def unexplained(self) -> list[tuple[str, int]]:
        """Mnemonics, with a word of each, that the description lacks without a reason."""
        return [(name, one.unexplained[0]) for name, one in self.answers.items() if one.unexplained]


def coverage(description: Description, known: Mapping[str, Iterable[int]], instruction_set: str = "") -> Coverage:
    """Looks each word up: in the decoder, then in the description's classes of words without a form.

    `instruction_set`: the one that the words are of, where there are several.
    """
    its_set = description.instruction_sets[instruction_set or next(iter(description.instruction_sets))]
    decoder = Decoder(description, its_set.name)
    result = Coverage(instruction_set or description.core)
    for mnemonic in sorted(known):
        words = list(known[mnemonic])
        files: dict[str, None] = {}
        why: dict[str, None] = {}
        unexplained = []
        have = 0
        for word in words:
            bits = 32 if its_set.unit == 32 or word >> its_set.unit else its_set.unit
            form = decoder.decode(word, bits)
            if form is not None:
                have += 1
                files[_room_of(description.files[form.line >> 20])] = None
                continue
            found = class_of(description, word, bits, its_set.name)
            if found is None:
                unexplained.append(word)
            else:
                why[found.because] = None
        result.answers[mnemonic] = Answer(len(words), have, tuple(files), tuple(why), tuple(unexplained))
    return result


def _room_of(file: str) -> str:
    """A file's last two names."""
    return "/".join(file.split("/")[-2:])


def markdown(covered: Sequence[Coverage], head: str, column: str = "core") -> str:
    """The page: what was compared (`head`), the sums, what is lacking with its reasons, then every mnemonic."""
    lines = [
        head,
        "",
        f"| {column} | mnemonics | have | in part | lack |",
        "|---|---|---|---|---|",
    ]
    for one in covered:
        counts = " | ".join(str(one.count(state)) for state in ("have", "in part", "lack"))
        lines.append(f"| {one.core} | {len(one.answers)} | {counts} |")
    lines += ["", "## Lacking, and why", "", f"| mnemonic | {column} | |", "|---|---|---|"]
    for one in covered:
        for name, answer in one.answers.items():
            if answer.state != "have":
                reasons = "; ".join(answer.why) + ("; no reason is given" if answer.unexplained else "")
                lines.append(f"| `{name}` | {one.core} | {answer.state}: {reasons} |")
    heads = " | ".join(one.core for one in covered)
    rule = "|---|" + "---|" * (len(covered) + 1)
    lines += ["", "## Every mnemonic", "", f"| mnemonic | {heads} | described in |", rule]
    for name in sorted({name for one in covered for name in one.answers}):
        found = [one.answers.get(name) for one in covered]
        states = " | ".join("" if answer is None else answer.state for answer in found)
        files = dict.fromkeys(file for answer in found if answer is not None for file in answer.files)
        lines.append(f"| `{name}` | {states} | {', '.join(files)} |")
    return "\n".join(lines) + "\n"


def text(covered: Sequence[Coverage]) -> str:
    """The sums, and what is lacking."""
    lines = []
    for one in covered:
        lines.append(
            f"{one.core}: of {len(one.answers)} mnemonics the description has {one.count('have')}, "
            f"{one.count('in part')} in part, {one.count('lack')} not"
        )
        for name, answer in one.answers.items():
            if answer.state != "have":
                reason = "; ".join(answer.why) or "no reason is given"
                lines.append(f"  {name:<10} {answer.state}: {reason}")
        lines += [f"  without a reason: {name} {word:#010x}" for name, word in one.unexplained]
    return "\n".join(lines)
