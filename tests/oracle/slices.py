"""A slice of instances: single instructions of every form, then short blocks, all drawn from one seed.

`TRAPLINE_SOAK=N` makes the soak tests (`pytest -m soak`) run N slices more, each with a seed of its own. The first seed
is another one each time; a failure names its own, and `TRAPLINE_SEED=SEED TRAPLINE_SOAK=1` repeats it.
"""

import os
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from trapline.isa.model.items import Description, Form

from .blocks import Architecture, Block, Drawer
from .instances import Sample, Sampler
from .qemu_user import BATCH, Instance, Result
from .semantics import Difference, Known, Report, differences, unexplained, values
from .user_machine import UserMachine

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Subject(Generic[S]):
    """What is compared: an architecture's forms, its oracle, and what is known to differ.

    `plain` and the keys of `untested` are regular expressions of forms' names; `presets` are fields' values that
    random words would seldom have (Sampler).
    """

    description: Description
    instruction_set: str
    architecture: Architecture[S]
    run: Callable[[Sequence[Instance[S]]], list[Result[S]]]
    code_address: Callable[[int], int]
    known: Sequence[Known[S]]
    plain: str
    untested: Collection[str]
    presets: Sequence[Mapping[str, int]]
    beside: Callable[[], UserMachine[S]] | None = None
    """Makes another engine, on which each instance must end as on the one that drew it."""
    known_in_blocks: Sequence[Known[S]] = ()
    """What differs because of an instruction that went before, or of a signal that comes: in mixed blocks alone."""
    mixes_known: bool = False
    """Whether forms that are known to differ stand in mixed blocks as well, where they do not differ."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a slice found: texts of unexplained differences, forms without an instance, instances and instructions."""

    failures: list[str]
    uncovered: list[str]
    instances: int
    instructions: int
    used: set[str]


def numbered_registers(
    description: Description, space: str, fields: Mapping[str, str], others: Mapping[str, int]
) -> list[Mapping[str, int]]:
    """Presets that name each register of a numbered space: `fields` maps its keys to fields; `others` are fixed."""
    keys = [fields[key.name] for key in description.spaces[space].keys]
    return [
        {**dict(zip(keys, access.keys, strict=True)), **others}
        for register in description.registers.values()
        for access in register.accesses
        if access.space == space
    ]


def soak_slices() -> int:
    """How many slices a soak test runs: `TRAPLINE_SOAK`, or 10."""
    return int(os.environ.get("TRAPLINE_SOAK", "10"))


def soak_seeds() -> range:
    """A seed for each slice: from `TRAPLINE_SEED` on, or from somewhere. Those of the usual tests are below."""
    first = os.environ.get("TRAPLINE_SEED")
    start = int(first) if first else 1000 + int.from_bytes(os.urandom(4), "little")
    print(f"seeds from {start}")
    return range(start, start + soak_slices())


def run_slice(subject: Subject[S], seed: int, rounds: int, blocks: int) -> Found:
    """Draw `rounds` single instructions of each form and as many `blocks` of 2 to 8, and compare."""
    forms = _tested(subject)
    drawer = Drawer(
        subject.architecture, Sampler(subject.description, seed, subject.presets), _named(subject, subject.plain)
    )
    draw = random.Random(seed)
    drawn: list[Block[S]] = []

    def add(chosen: Sequence[Form]) -> None:
        block = drawer.block(chosen, subject.code_address(len(drawn) % BATCH), draw)
        if block is not None:
            drawn.append(block)

    for _ in range(rounds):
        for form in forms:
            add([form])
    covered = Counter(block.samples[0].form.name for block in drawn)
    completing = {block.samples[0].form.name for block in drawn if block.left.result.fault is None}
    differing = {form.name for form in forms if any(re.fullmatch(one.forms, form.name) for one in subject.known)}
    mixable = [
        form for form in forms if form.name in completing and (subject.mixes_known or form.name not in differing)
    ]
    alone = len(drawn)
    for _ in range(blocks):
        add(draw.choices(mixable, k=draw.randint(2, 8)))
    if subject.mixes_known:
        drawn[alone:] = _agreeing(subject, drawn, differing, alone)
    failures, used = _compare(subject, drawn, alone if subject.mixes_known else len(drawn))
    return Found(
        [*failures, *_compare_engines(subject, drawn)],
        [form.name for form in forms if not covered[form.name]],
        len(drawn),
        sum(len(block.samples) for block in drawn),
        used,
    )


def _agreeing(subject: Subject[S], drawn: Sequence[Block[S]], differing: Collection[str], alone: int) -> list[Block[S]]:
    """The blocks behind the first `alone`, each as far as no form that is known to differ does so from its state there.

    That is found out by running each such instruction alone, under QEMU too. What is left of a block stands where the
    block stood; where nothing is left, a plain instruction does.
    """
    probes: list[_Probe[S]] = []
    for number, block in enumerate(drawn[alone:]):
        probes += _probes(subject, block, number, differing, len(probes))
    results = subject.run([probe.block.instance for probe in probes if probe.block is not None])
    ends: dict[int, int] = {}
    left = iter(results)
    for probe in probes:
        if probe.block is None or differences(probe.block, next(left)):
            ends.setdefault(probe.number, probe.at)
    plain = next(block.samples for block in drawn if re.fullmatch(subject.plain, block.samples[0].form.name))
    return [
        _cut(subject, block, block.samples[: ends[number]] or plain) if number in ends else block
        for number, block in enumerate(drawn[alone:])
    ]


def _cut(subject: Subject[S], block: Block[S], samples: tuple[Sample, ...]) -> Block[S]:
    instance = Instance(block.instance.state, subject.architecture.bytes_of(samples), block.instance.memory)
    return Block(samples, instance, subject.architecture.machine.run(instance, block.left.result.code_address))


@dataclass(frozen=True, slots=True)
class _Probe(Generic[S]):
    """Instruction `at` of block `number` alone, from the state that it begins in; no block: it cannot stand alone."""

    number: int
    at: int
    block: Block[S] | None


def _probes(
    subject: Subject[S], block: Block[S], number: int, differing: Collection[str], count: int
) -> list[_Probe[S]]:
    """Those of one block, up to the first that cannot stand alone; there are `count` already."""
    machine, bytes_of = subject.architecture.machine, subject.architecture.bytes_of
    address = block.left.result.code_address
    found: list[_Probe[S]] = []
    for at, sample in enumerate(block.samples):
        if sample.form.name not in differing:
            continue
        code = bytes_of(block.samples[:at])
        state, memory = block.instance.state, block.instance.memory
        if code:
            before = machine.run(Instance(state, code, memory), address)
            if before.result.fault is not None or before.pc > address + len(code):
                continue  # It does not come to that.
            if before.pc != address + len(code):
                return [*found, _Probe(number, 0, None)]
            state, memory = before.result.state, before.result.memory
        own, place = Instance(state, bytes_of([sample]), memory), subject.code_address((count + len(found)) % BATCH)
        left = machine.run(own, place)
        if left.result.fault is None and left.pc != place + len(own.code):
            return [*found, _Probe(number, at, None)]
        found.append(_Probe(number, at, Block((sample,), own, left)))
    return found


def _compare(subject: Subject[S], drawn: Sequence[Block[S]], alone: int) -> tuple[list[str], set[str]]:
    """`alone`: how many of them may differ in what is known."""
    results = subject.run([block.instance for block in drawn])
    report = Report(subject.description)
    failures: list[str] = []
    used: set[str] = set()
    for number, (block, result) in enumerate(zip(drawn, results, strict=True)):
        assert result.code_address == block.left.result.code_address
        found = differences(block, result)
        known = subject.known if number < alone else subject.known_in_blocks
        left = unexplained(block, found, known, used) if found else []
        if left:
            failures.append(f"instance {number}:\n{report.text(block, left)}")
    return failures, used


def _compare_engines(subject: Subject[S], drawn: Sequence[Block[S]]) -> list[str]:
    """Every block on the other engine: nothing may differ, and nothing is explained."""
    if subject.beside is None:
        return []
    machine = subject.beside()
    report = Report(subject.description)
    failures: list[str] = []
    for number, block in enumerate(drawn):
        expected, left = block.left, machine.run(block.instance, block.left.result.code_address)
        if left == expected:
            continue
        before = values(block.instance.state, block.instance.memory, None)
        here = values(left.result.state, left.result.memory, left.result.fault)
        there = values(expected.result.state, expected.result.memory, expected.result.fault)
        found = [
            Difference(name, was, mine, other)
            for (name, was), (_, mine), (_, other) in zip(before, here, there, strict=True)
            if mine != other
        ]
        found.append(Difference("pc", 0, left.pc, expected.pc))
        failures.append(f'instance {number}, "QEMU" is the engine that drew it:\n{report.text(block, found)}')
    return failures


def _named(subject: Subject[S], pattern: str) -> list[Form]:
    return [
        form
        for form in subject.description.forms.values()
        if form.instruction_set == subject.instruction_set and re.fullmatch(pattern, form.name)
    ]


def _tested(subject: Subject[S]) -> list[Form]:
    untested = {form.name for pattern in subject.untested for form in _named(subject, pattern)}
    return [form for form in _named(subject, ".*") if form.name not in untested]
