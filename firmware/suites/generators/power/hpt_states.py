"""States of the page table in `papr-hcalls`: what calls of the table do to entries that match and that do not.

Arguments crossed by their classes seldom meet an entry that they nearly match. Here an entry is made anew before each
call: each condition (H_ANDCOND, H_AVPN, both) with values that match it, and that differ from it in one bit; groups
that fill up; four entries in one reply; pages that are zeroed and copied whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import MASK, hcall

_GROUP: Final = 0x910
"""Of entries that no other part of a test has."""
_FIRST: Final = 0x0000_0000_0012_3081
_SECOND: Final = 0x0000_0000_0020_0192
_PAGE: Final = _FIRST & ~0x7F
_LOCK: Final = 0x40
"""Of a first doubleword: the hypervisor's own."""
_CONDITIONS: Final = {"none": 0, "andcond": "H_ANDCOND", "avpn": "H_AVPN", "both": "H_ANDCOND | H_AVPN"}
_COMPARED: Final = {
    "the page": _PAGE,
    "another page": _PAGE ^ 0x80,
    "a bit of the page": 0x80,
    "no bit of it": 0x4000_0000_0000_0000,
    "the page, and a bit": _PAGE | 0x4000_0000_0000_0000,
}
_PROTECTIONS: Final = (0, 1, 2, 3, 0x4, 0x200, 0x600, 0xE00, 0x3000, 0x1000, 0x8000, 0x100, 0xB007)
_BULK: Final = {"absolute": 0x40, "andcond": 0x41, "avpn": 0x42, "reserved": 0x43, "end": 0xC0, "nothing": 0}
_FROM: Final = 0x20_1000
_TO: Final = 0x20_0000
_PAGE_FLAGS: Final = {
    "zeroed": "H_ZERO_PAGE",
    "copied": "H_COPY_PAGE",
    "left-alone": "0",
    "copied-and-zeroed": "H_COPY_PAGE | H_ZERO_PAGE",
}
_PLACES: Final = ((_TO, _FROM), (_TO + 8, _FROM), (_TO, _FROM + 0x80), (_FROM, _TO), (0x7FFF_0000_0000, _FROM))
"""Of H_PAGE_INIT: where to, and where from."""


def states(context: Context) -> Iterator[Case]:
    """The cases, of those calls that the description has."""
    maker = _States(context)
    known = context.description.hypercalls
    for name, cases in (
        ("H_REMOVE", maker.conditional),
        ("H_PROTECT", maker.conditional),
        ("H_ENTER", maker.groups),
        ("H_READ", maker.reading),
        ("H_BULK_REMOVE", maker.bulk),
        ("H_PAGE_INIT", maker.pages),
    ):
        if {name, "H_ENTER", "H_READ"} <= known.keys():
            yield from cases(name)


class _States:
    def __init__(self, context: Context) -> None:
        self._context = context

    def _rule(self, name: str) -> str:
        return self._context.rules.at(self._context.description.hypercalls[name].line)

    def _step(self, title: str, name: str, code: Sequence[str], words: dict[str, str]) -> Step:
        checks = tuple(Check(word, MASK & ~_LOCK if "first" in note else MASK, note) for word, note in words.items())
        return Step(title, tuple(code), (*checks, Check("trap")), self._rule(name), covers=(f"hcall {name}",))

    def conditional(self, name: str) -> Iterator[Case]:
        """H_REMOVE and H_PROTECT of an entry that is there, under each condition."""
        for condition, flags in _CONDITIONS.items():
            steps = []
            for what, compared in _COMPARED.items():
                code = [*_entered(0)]
                code += hcall(name, f"{flags} | 2" if name == "H_PROTECT" else f"{flags}", _GROUP, compared)
                code += ["mr      r14, r3", "mr      r15, r4", "mr      r16, r5", *_read(0)]
                words = {"r14": "the answer", "r4": "first doubleword then", "r5": "second doubleword then"}
                if name == "H_REMOVE":
                    words |= {"r15": "first doubleword, if removed", "r16": "second doubleword, if removed"}
                steps.append(self._step(f"{name}, {condition}: {what}", name, code, words))
            yield Case(f"{name}-if-{condition}", f"{name} under {condition}", tuple(steps), ("state", name))
        if name == "H_PROTECT":
            steps = []
            for bits in _PROTECTIONS:
                code = [*_entered(0), *hcall(name, bits, _GROUP, 0), "mr      r14, r3", *_read(0)]
                steps.append(
                    self._step(f"{name}: {bits:#x}", name, code, {"r14": "the answer", "r5": "second doubleword"})
                )
            yield Case(f"{name}-bits", "each bit of a protection", tuple(steps), ("state", name))

    def groups(self, name: str) -> Iterator[Case]:
        """A group that fills: which place an entry gets, from any index of the group; and that there is none."""
        steps = [self._step("the group is empty", name, _emptied(), {"r14": "first doubleword of the last"})]
        for number in range(9):
            index = _GROUP + (0, 5, 2, 7, 1, 6, 3, 4, 0)[number]
            code = [*hcall(name, 0, index, _FIRST + (number << 12), _SECOND + (number << 12))]
            code += ["mr      r14, r3", "mr      r15, r4", *_read(min(number, 7))]
            words = {"r14": "the answer", "r15": "where", "r4": "first doubleword", "r5": "second doubleword"}
            steps.append(self._step(f"entry {number + 1}, at {index:#x}", name, code, words))
        for hole in (3, 6):
            code = [*hcall("H_REMOVE", 0, _GROUP + hole, 0), *hcall(name, 0, _GROUP + 7, _FIRST, _SECOND)]
            code += ["mr      r14, r3", "mr      r15, r4", *_read(hole)]
            words = {"r14": "the answer", "r15": "where", "r4": "first doubleword"}
            steps.append(self._step(f"entry {hole + 1} has gone", name, code, words))
        exact = [*hcall(name, "H_EXACT", _GROUP + 2, _FIRST, _SECOND), "mr      r14, r3"]
        steps.append(self._step("exactly where one is", name, exact, {"r14": "the answer"}))
        steps.append(self._step("the group is empty again", name, _emptied(), {"r14": "first doubleword of the last"}))
        yield Case(f"{name}-group", "a group of entries that fills", tuple(steps), ("state", name))

    def reading(self, name: str) -> Iterator[Case]:
        """One entry and four, from each index of a half group."""
        steps = [
            self._step("four entries", name, [*_emptied(), *(line for at in (4, 5, 7) for line in _entered(at))], {})
        ]
        words = {f"r{4 + at}": f"{('first', 'second')[at % 2]} doubleword of {at // 2}" for at in range(8)}
        for index in range(4, 8):
            code = [*hcall(name, "H_READ_4", _GROUP + index), *(line for at in range(4) for line in _in_use(at))]
            steps.append(self._step(f"four from {index}", name, code, {"r3": "the answer", **words}))
        yield Case(f"{name}-four", "entries that are read four at a time", tuple(steps), ("state", name))

    def bulk(self, name: str) -> Iterator[Case]:
        """Four requests: each kind at each place, with what matches and what does not; R and C in the replies."""
        kinds = list(_BULK)
        rng = self._context.source("bulk")
        for number in range(12):
            code = [*_emptied()]
            for at in range(4):
                code += _entered(at, rng.choice((0, 0x80, 0x100, 0x180)))
            pairs = []
            for at in range(4):
                kind = rng.choice(kinds[:3] * 3 + kinds[3:]) if number else kinds[at % 3]
                index = rng.choice((_GROUP + at, _GROUP + at, _GROUP + at, _GROUP + 6, 0xFF_FFFF_FFFF))
                pairs.append((_BULK[kind] << 56 | index, rng.choice(list(_COMPARED.values()))))
            code.append(f"load64  r3, {name}")
            for at, (request, compared) in enumerate(pairs):
                code += [f"load64  r{4 + 2 * at}, {request:#x}", f"load64  r{5 + 2 * at}, {compared:#x}"]
            code += ["sc      1", "mr      r14, r3", *(f"mr      r{15 + at}, r{4 + at}" for at in range(8))]
            code += [*hcall("H_READ", "H_READ_4", _GROUP), *(line for at in range(4) for line in _in_use(at))]
            words = {"r14": "the answer", **{f"r{15 + at}": ("a reply", "as it was")[at % 2] for at in range(8)}}
            words |= {f"r{4 + at}": f"{('first', 'second')[at % 2]} doubleword of {at // 2}" for at in range(8)}
            steps = (self._step(f"four requests, {number}", name, code, words),)
            yield Case(f"{name}-four-{number:02}", "four requests in one call", steps, ("state", name))

    def pages(self, name: str) -> Iterator[Case]:
        """Pages that are zeroed and copied: their first, middle and last words, and those around them."""
        for what, flags in _PAGE_FLAGS.items():
            steps = []
            for to, origin in _PLACES:
                code = [f"load32  r20, {_TO - 8:#x}", "li      r21, 1028", "mtctr   r21", "mr      r22, r20", "1:"]
                code += ["std     r22, 0(r22)", "addi    r22, r22, 8", "bdnz    1b", *hcall(name, flags, to, origin)]
                code += [f"ld      r{14 + at}, {place}(r20)" for at, place in enumerate((0, 8, 0x808, 0x1000))]
                code += ["addi    r21, r20, 0x1008"]
                code += [f"ld      r{18 + at}, {place}(r21)" for at, place in ((0, 0), (1, 0x7F8), (4, 0xFF8))]
                words = {"r3": "the answer", **{f"r{one}": "memory" for one in (14, 15, 16, 17, 18, 19, 22)}}
                steps.append(self._step(f"{to:#x} {what}, from {origin:#x}", name, code, words))
            yield Case(f"{name}-{what}", f"whole pages {what}", tuple(steps), ("state", name))


def _entered(at: int, recorded: int = 0x80) -> tuple[str, ...]:
    """An entry of the group, whatever was there; `recorded`: R and C."""
    gone = hcall("H_REMOVE", 0, _GROUP + at, 0)
    second = _SECOND & ~0x180 | recorded
    return (*gone, *hcall("H_ENTER", "H_EXACT", _GROUP + at, _FIRST + (at << 12), second + (at << 12)))


def _read(at: int) -> tuple[str, ...]:
    return (*hcall("H_READ", 0, _GROUP + at), *_in_use(0))


def _in_use(pair: int) -> tuple[str, ...]:
    """Of an entry that is free the second doubleword says nothing: what a hypervisor leaves there is its own."""
    first, second = f"r{4 + 2 * pair}", f"r{5 + 2 * pair}"
    return f"cmpdi   {first}, 0", "bne     1f", f"li      {second}, 0", "1:"


def _emptied() -> tuple[str, ...]:
    code = [line for at in range(8) for line in hcall("H_REMOVE", 0, _GROUP + at, 0)]
    return (*code, *_read(7), "mr      r14, r4")
