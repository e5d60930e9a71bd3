"""`papr-hcalls`: every hypervisor call of the description, its argument classes crossed, and what each call changes.

A test makes the partition ready (two entries in its page table, buffers, a prod so that a cede comes back), makes one
call, and looks at what it may have changed. Numbers, classes, return codes and levels are the description's: a new
hypercall item is a new group of tests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from .....isa.model.items import Hypercall
from ...making.case import Allowed, Case, Check, Step
from ...making.context import Context
from ...making.pairwise import crossed, pairwise
from ..values import Value, values_of
from .code import into_problem_state
from .hpt_states import states

INDEX: Final = 0x918
"""Of the entry that is there; the one behind the next is there as well."""
FIRST: Final = 0x0000000000123001
SECOND: Final = 0x0000000000200012
BUFFERS: Final = {0x100000: 0x0280, 0x100080: 0x0000, 0x200000: 0x0280}
"""Where buffers lie, and the upper half of the length in each."""
_WITNESSES: Final = (INDEX, INDEX + 2)
_MASK: Final = (1 << 64) - 1
_PROBLEM_STATE: Final = "problem-state"
_UNASSIGNED: Final = 8
_SEQUENCES: Final = 40


def generate(context: Context) -> Iterator[Case]:
    """The cases: crossed calls, calls from problem state, numbers that nobody has, sequences, states of the table."""
    calls = [one for one in context.description.hypercalls.values() if one.abi == "papr"]
    maker = _Maker(context)
    for call in calls:
        yield from maker.crossed_calls(call)
        yield maker.from_problem_state(call)
    yield from maker.unassigned({call.number for call in calls})
    yield from maker.sequences(calls)
    yield from states(context)


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._description = description = context.description
        abi = description.abis["papr"]
        self._codes = {name: one.value & _MASK for name, one in abi.return_codes.items()}
        self._names = {
            one.value: name for name, one in description.constants.items() if name.startswith("H_") and one.value > 8
        }
        self._first = 3
        self._extra: dict[str, list[int]] = context.options.get("values", {})
        self._most = int(context.options.get("values_of_a_class", 8))
        self._rows = int(context.options.get("rows_of_a_call", 28))
        self._limits: dict[str, dict[str, int]] = context.options.get("limits", {})
        self._masks: dict[str, int] = {
            name: int(str(text), 0) for name, text in context.options.get("masks", {}).items()
        }

    def crossed_calls(self, call: Hypercall) -> Iterator[Case]:
        """One test for each row."""
        rng = self._context.source(call.name)
        kinds = [self._values(call, number, rng) for number in range(len(call.arguments))]
        rows = (crossed if self._context.full else pairwise)(kinds, rng)
        most = len(rows) if self._context.full else round(self._rows * self._context.weight(call.name))
        for number, row in enumerate(rows[:most], 1):
            steps = (self._ready(), self._call(call, row), self._witness(row))
            tags = (call.level, call.name, *sorted({one.kind for one in row}))
            yield Case(f"{call.name}-{number:03}", self._title(call, row), steps, tags)

    def from_problem_state(self, call: Hypercall) -> Case:
        """sc with LEV = 1 in problem state is no hypervisor call."""
        rng = self._context.source(f"{call.name}/{_PROBLEM_STATE}")
        row = tuple(self._values(call, number, rng)[0] for number in range(len(call.arguments)))
        title = f"{self._title(call, row)} from problem state"
        step = Step(
            title,
            (*self._arguments(call, row), *into_problem_state(self._description), "sc      1"),
            (Check("trap", note="the partition's own system call interrupt"), Check("r3"), *_preserved(skip=(14,))),
            self._context.rules.at(self._description.interrupts["system_call"].line),
            ("The call comes from problem state: it is the partition's own system call.",),
            covers=(f"hcall {call.name} from problem state",),
        )
        return Case(f"{call.name}-{_PROBLEM_STATE}", title, (self._ready(), step), (_PROBLEM_STATE, call.name))

    def unassigned(self, taken: set[int]) -> Iterator[Case]:
        """Numbers that the description has not: H_FUNCTION, and nothing else happens."""
        rng = self._context.source("unassigned")
        # Numbers below are PAPR's, whether this description has them or not.
        free = [one for one in range(0x1000, 0x8000, 4) if one not in taken]
        for number in sorted(rng.sample(free, _UNASSIGNED)):
            title = f"call {number:#x}, which the description has not"
            step = Step(
                title,
                (f"load64  r3, {number:#x}", "sc      1"),
                (Check("r3"), *_preserved()),
                "PAPR 2.x, section 14.5: a call that is not supported answers H_FUNCTION",
                allowed=(Allowed("H_FUNCTION", self._codes["H_FUNCTION"]),),
                covers=("hcall unassigned",),
            )
            yield Case(f"unassigned-{number:04x}", title, (self._ready(), step, self._witness(())), ("unassigned",))

    def sequences(self, calls: Sequence[Hypercall]) -> Iterator[Case]:
        """Several calls one behind the other, most arguments valid: what one leaves, the next finds."""
        count = int(self._context.options.get("sequences", _SEQUENCES))
        for number in range(1, count + 1):
            rng = self._context.source(f"sequence/{number}")
            steps, rows = [self._ready()], list[Value]()
            while len(steps) < 6:
                call = rng.choice(calls)
                row = tuple(self._one(call, at, rng) for at in range(len(call.arguments)))
                steps.append(self._call(call, row))
                rows += row
            names = ", ".join(step.title.partition("(")[0] for step in steps[1:])
            yield Case(f"sequence-{number:03}", names, (*steps, self._witness(rows)), ("sequence",))

    # Parts of a test

    def _ready(self) -> Step:
        code: list[str] = []
        for at, index in enumerate(_WITNESSES):
            code += ["load64  r3, H_ENTER", "load64  r4, H_EXACT", f"load64  r5, {index:#x}"]
            code += [f"load64  r6, {FIRST + (at << 12):#x}", f"load64  r7, {SECOND + (at << 12):#x}", "sc      1"]
            code += [f"mr      r{14 + at}, r3"]
        for address, length in BUFFERS.items():
            code += [f"load32  r4, {address:#x}", f"load64  r5, {address * 0x10001:#x}", "std     r5, 0(r4)"]
            code += [f"load32  r5, {length << 16 | 0x60:#x}", "stw     r5, 4(r4)", "li      r5, 0", "std     r5, 8(r4)"]
        code += ["load32  r4, 0x3000", "li      r5, 0", "std     r5, 0(r4)", "std     r5, 8(r4)"]
        code += ["load64  r3, H_PROD", "li      r4, 0", "sc      1", "mr      r16, r3"]
        checks = tuple(Check(f"r{one}", note="H_SUCCESS") for one in (14, 15, 16))
        call = self._description.hypercalls["H_ENTER"]
        return Step(
            "the partition is made ready",
            tuple(code),
            checks,
            self._context.rules.at(call.line),
            (
                f"Entries {INDEX:#x} and {INDEX + 2:#x} of the page table, buffers with their lengths, an empty",
                "argument block at 0x3000, and a prod, by which a cede comes back at once.",
            ),
        )

    def _call(self, call: Hypercall, row: Sequence[Value]) -> Step:
        given = {4 + at: value.number for at, value in enumerate(row)}
        checks = [Check("r3")]
        for register in range(4, 13):
            codes = tuple(self._codes[one.code] for one in call.returns if len(one.values) > register - self._first - 1)
            came_in = given.get(register, _pattern(register))
            results = [one.values[register - 4].name for one in call.returns if len(one.values) > register - 4]
            name = results[0] if results else ""
            checks.append(Check(f"r{register}", self._masks.get(name, _MASK), name, codes, came_in))
        allowed = tuple(Allowed(one.code, self._codes[one.code]) for one in call.returns if one.code != "H_TOO_HARD")
        comments = [
            f"{parameter.name} = {value.number:#x}: {value.kind} as a {parameter.type_name or 'number'}"
            for parameter, value in zip(call.arguments, row, strict=True)
        ]
        return Step(
            self._title(call, row),
            (*self._arguments(call, row), "sc      1"),
            (*checks, *_preserved(), Check("trap")),
            self._context.rules.at(call.line),
            (f"{call.title}.", *comments),
            allowed,
            covers=(f"hcall {call.name}",),
        )

    def _witness(self, row: Sequence[Value]) -> Step:
        """Reads what a call may have changed: entries that are there or were named, buffers, SPRG0."""
        given = [one.number for one in row]
        indexes = [*_WITNESSES, *dict.fromkeys(one for one in given if one < 0x40000 and one not in _WITNESSES)][:4]
        addresses = [*BUFFERS, *dict.fromkeys(one for one in given if one in range(0x100100, 0x400000, 8))][:4]
        code, checks, register = [], [], 14
        for index in indexes:
            code += ["load64  r3, H_READ", "li      r4, 0", f"load64  r5, {index:#x}", "sc      1"]
            code += [f"mr      r{register}, r4", f"mr      r{register + 1}, r5"]
            for at, name in enumerate(("first", "second")):
                mask = self._masks.get(f"read_{name}", _MASK)
                checks.append(Check(f"r{register + at}", mask, f"{name} doubleword of entry {index:#x}"))
            register += 2
        for address in addresses:
            code += [f"load32  r4, {address:#x}", f"ld      r{register}, 0(r4)", f"ld      r{register + 1}, 8(r4)"]
            checks += [Check(f"r{register + at}", note=f"memory at {address + 8 * at:#x}") for at in (0, 1)]
            register += 2
        code += [f"mfsprg  r{register}, 0"]
        checks += [Check(f"r{register}", note="SPRG0")]
        call = self._description.hypercalls["H_READ"]
        title = "what the partition has now: its page table, its buffers, SPRG0"
        return Step(title, tuple(code), tuple(checks), self._context.rules.at(call.line), covers=("hcall H_READ",))

    def _arguments(self, call: Hypercall, row: Sequence[Value]) -> list[str]:
        return [
            f"load64  r3, {call.name}",
            *(f"load64  r{4 + at}, {value.number:#x}" for at, value in enumerate(row)),
        ]

    # Values

    def _values(self, call: Hypercall, number: int, rng: random.Random) -> list[Value]:
        name = call.arguments[number].type_name
        if name not in self._description.argument_classes:
            return [Value(0, "boundary"), Value(rng.getrandbits(64), "valid"), Value(_MASK, "boundary")]
        extra = self._extra.get(name, [])
        values = values_of(self._description.argument_classes[name], rng, extra, self._most)
        most = self._limits.get(call.name, {}).get(call.arguments[number].name, _MASK)
        capped = {one.number if one.kind == "invalid" else min(one.number, most): one.kind for one in values}
        return [Value(value, kind) for value, kind in capped.items()]

    def _one(self, call: Hypercall, number: int, rng: random.Random) -> Value:
        values = self._values(call, number, rng)
        good = [one for one in values if one.kind != "invalid"]
        return rng.choice(good if good and rng.random() < 0.9 else values)

    def _title(self, call: Hypercall, row: Sequence[Value]) -> str:
        shown = (
            f"{parameter.name}={self._names.get(value.number) or f'{value.number:#x}'}"
            for parameter, value in zip(call.arguments, row, strict=True)
        )
        return f"{call.name}({', '.join(shown)})"


def _pattern(register: int) -> int:
    return register * 0x0101010101010101 & _MASK


def _preserved(skip: Sequence[int] = ()) -> tuple[Check, ...]:
    """Registers that a call leaves as they are."""
    kept = (1, 2, *range(13, 32))
    return tuple(Check(f"r{one}", note="preserved") for one in kept if one not in skip)
