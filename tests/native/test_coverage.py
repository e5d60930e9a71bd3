"""Every body of the descriptions runs natively here; which of their lines did is written to `build/coverage`."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from trapline.asmgen.instructions.templates.templates import operands_of
from trapline.firmware.catalogue import GUESTS, build
from trapline.isa.engine.coverage import bodies, coverage_report
from trapline.isa.engine.errors import EngineError, GuestFault
from trapline.isa.engine.native.building.code_cache import NativeCode, native_code
from trapline.isa.engine.native.running import engine as native_engine
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.shared import cpu_layout as cpu
from trapline.isa.engine.purity import walk
from trapline.isa.lang.load import load_core
from trapline.isa.model import code
from trapline.isa.model.code import Function
from trapline.isa.model.items import Description
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import MACHINES
from trapline.server.machine.elf import parse_elf
from trapline.server.verdict import Outcome
from trapline.tools.bench import programs
from trapline.tools.bench.architectures import ARCHITECTURES
from trapline.tools.bench.catalogue import find_kernel

from .pair import Pair, Side, random_value, some_of
from .programs import decoders_of, settings, word_of

REPORTS = Path(__file__).resolve().parents[2] / "build" / "coverage"
BUDGET = 1_000_000
NATIVELY = MachineOptions(engine="native")
KERNELS = ("tlb", "world_switch", "world_switch_gic")
FORM_SAMPLES = 6
MOST_SAMPLES = 60
FUNCTION_SAMPLES = 12
NOT_NATIVE = {
    "alias.": "operands of an alias: the assembler's and the disassembler's",
    "encode": "how an operand is encoded: the assembler's",
    "decode_": "how an operand is shown: the disassembler's",
    "papr.": "picks a hypercall of a level that models and machines handle",
    "rtas.": "the same for RTAS",
    "psci.": "the same for PSCI",
    "semihosting.": "the same for semihosting",
    "kvm_hyp.": "the same for the Hyp calls of KVM's host",
}
"""Bodies that no engine executes, by the beginning of their names."""

_OFFSETS = ("RMOR", "HRMOR")
"""Registers that translate hooks join to addresses: whole pages, or a translation would not hold for its page."""


UNUSED: dict[str, set[str]] = {
    # The PowerPC 970's alone: its TLB, its power management, what its counters count. And what models of hypervisors
    # ask, from Python: the entry that a faulting access meets.
    "power7": {"entry_of_access", "refusal_of_access", "vrma_entry",
               "event_of_970", "poll_power_management", "tlb_class", "tlb_place", "tlb_tag"},
    # POWER7's alone: storage interrupts that the hypervisor handles, decimal assists and arithmetic, FPU
    # round-to-integral by instruction, VSX index forms, what a power-saving level has kept, pages of several sizes in
    # one segment, emulation assistance interrupts. And what models ask, as above.
    "ppc970": {"hand_back_illegal", "entry_of_access", "refusal_of_access", "vrma_entry",
               "BCD_TO_DPD", "DPD_TO_BCD", "absent_entry", "finish_integral", "hypervisor_handles", "indexed",
               "large_page_matches", "partitions_own_reason", "refusal", "segment_of_access",
               "compared_magnitudes", "decimal_rounding", "declet_value", "digits_of", "finish_fixed", "power_of_ten",
               "record_decimal", "rounding_of", "rounds_up", "shortened", "state_after", "tested", "value_declet"},
    # The assembler's view of immediates and register lists; a space of coprocessor registers of which none can be
    # written; what devices on the bus, `monitor translate` and KVM/Arm's entries and exits ask for, from Python.
    "armv7ve": {
        "regime_hyp",
        "regime_pl0",
        "regime_pl1",
        "regime_stage1",
        "regime_stage2",
        "world_enter",
        "world_give_vfp",
        "world_leave",
        "inverted_ARMExpandImm",
        "negated_ARMExpandImm",
        "length_of_run",
        "first_of_run",
        "register_run",
        "is_spaced",
        "list_of",
        "simd_run",
        "type_of_1",
        "type_of_2",
        "type_of_3",
        "type_of_4",
        "CP14_64.write",
    },
}
"""Functions that the core's forms, interrupts, hooks and registers do without, and why."""


def told(side: Side, function: str, arguments: tuple[int, ...]) -> object:
    """What calling a function gives, or how it fails."""
    try:
        return side.engine.call(function, *arguments)
    except GuestFault as fault:
        return fault.interrupt, fault.arguments
    except (EngineError, ValueError) as error:
        # Arguments that no caller gives: a rounding mode that there is not, say.
        return type(error)


def scatter(pair: Pair, generator: random.Random) -> None:
    """Random values for all registers of the description, the same on both sides."""
    for name, (_, slot) in pair.sides[0].state.layout.places.items():
        if name not in pair.description.registers or generator.randrange(2):
            continue
        for index in some_of(slot.elements, generator):
            value = random_value(generator, slot.width) & ((1 << slot.width) - 1)
            if name in _OFFSETS:
                value &= -0x1000
            for side in pair.sides:
                side.state.write(name, value, index if slot.count else None)
    for side in pair.sides:
        side.engine.state_changed()


def looked_for(function: Function) -> list[dict[str, int]]:
    """Arguments that a body chooses by: the numbers in it for each parameter, and the cases of joined parameters."""
    numbers = sorted({node.value for node in walk(function.body) if isinstance(node, code.Const)})
    found = [dict.fromkeys((one.name for one in function.parameters), number) for number in numbers]
    for node in walk(function.body):
        if isinstance(node, code.Switch):
            for case in node.cases:
                found += [_split(node.subject, first) for first, _ in case.ranges]
    return found


def _split(subject: code.Expression, value: int) -> dict[str, int]:
    """The values of the variables that are joined to a subject."""
    found = {}
    for part in reversed(subject.parts if isinstance(subject, code.Concat) else (subject,)):
        if isinstance(part, code.Local):
            found[part.name] = value & (1 << part.width) - 1
        value >>= part.width
    return found


def argument(generator: random.Random, width: int, wanted: int | None) -> int:
    """A value for a parameter: mostly the wanted one."""
    if wanted is None or not generator.randrange(8):
        wanted = random_value(generator, width)
    return wanted & (1 << width) - 1


def compare_function(pair: Pair, function: Function) -> None:
    """Calls a function on both sides, in random states, with random arguments and with those that it looks for."""
    generator = random.Random(function.name)
    forms = list(pair.description.forms.values())
    chosen = looked_for(function) if function.parameters else []
    for sample, wanted in enumerate([*chosen, *[{}] * FUNCTION_SAMPLES]):
        pair.prepare(generator, settings(pair, generator.choice(forms), generator), bytes(8))
        if sample % 3:
            scatter(pair, generator)
        arguments = tuple(argument(generator, one.width, wanted.get(one.name)) for one in function.parameters)
        results = [told(side, function.name, arguments) for side in pair.sides]
        assert results[0] == results[1], f"{function.name}{arguments}, sample {sample}"
        if isinstance(results[0], type):
            continue
        found = pair.differences()
        assert not found, f"{function.name}{arguments}, sample {sample}: {found[:5]}"


def run_forms(pair: Pair, code: NativeCode) -> None:
    """Executes random instructions of every form, more while a statement has not run; `test_differential` compares."""
    decoders = decoders_of(pair)
    wanted = {body.name: body.lines for body in bodies(pair.description) if body.kind == "form"}
    for name, form in pair.description.forms.items():
        generator = random.Random(name)
        for sample in range(MOST_SAMPLES):
            if sample >= FORM_SAMPLES and wanted.get(name, frozenset()) <= code.covered():
                break
            word = word_of(pair, form, generator, decoders)
            if word is not None:
                pair.prepare(generator, settings(pair, form, generator), word * 2)
                pair.sides[1].run(1)


def run_guests(core: str) -> None:
    """Runs whole guests: what random states hardly ever reach, such as a hit in a page table."""
    for guest in GUESTS:
        if guest.core == core:
            memory = None if guest.memory is None else guest.memory << 20
            options = replace(NATIVELY, vcpus=guest.vcpus, threads=guest.threads, ram_size=memory, rma=guest.rma)
            machine = MACHINES[guest.machine](load_core(core), parse_elf(build(guest).elf, guest.name), options)
            assert machine.run(BUDGET).outcome is Outcome.PASSED, guest.name
    for arch in ARCHITECTURES:
        if arch.core == core:
            for kernel in map(find_kernel, KERNELS):
                if arch.name not in kernel.arches:
                    continue
                program = programs.build(kernel, arch, programs.Form.ASSEMBLY)
                elf = program.loaded(programs.Counts(0, 1, 1))
                assert MACHINES[program.machine](load_core(core), elf, NATIVELY).run(BUDGET).outcome is Outcome.PASSED


def write_report(description: Description, code: NativeCode, missed: list[str]) -> None:
    """By file: lines of native statements that ran and that did not; and the bodies of which none is native."""
    files = coverage_report(description, code.covered(), code.lines)
    REPORTS.mkdir(parents=True, exist_ok=True)
    place = REPORTS / f"native-{description.core}"
    facts = {
        "core": description.core,
        "files": {one.file: {"run": one.run, "missed": one.missed} for one in files},
        "bodies not native": missed,
    }
    place.with_suffix(".json").write_text(json.dumps(facts, indent=1))
    lines = [f"{description.core}: lines of statements that ran natively, of those that there are"]
    for one in files:
        total = len(one.run) + len(one.missed)
        shown = f"   not: {', '.join(map(str, one.missed))}" if one.missed else ""
        lines.append(f"{one.file:44} {len(one.run):5} of {total:5}{shown}")
    lines += ["bodies that are not native:", *(f"  {name}" for name in missed)]
    place.with_suffix(".txt").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("core", ["power7", "ppc970", "armv7ve"])
def test_every_body_runs_natively(core: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms by random instructions, functions (also of interrupts, hooks and registers) by random calls.

    The functions are compared with the reference engine's on the way.
    """

    def covering(description: Description, progress: object = None, waits: bool = True) -> NativeCode:
        return native_code(description, covering=True)

    monkeypatch.setattr(native_engine, "native_code", covering)
    pair = Pair(core)
    native = pair.sides[1].engine
    assert isinstance(native, NativeEngine)
    native.code.complete()
    run_forms(pair, native.code)
    for name in native.code.callable:
        compare_function(pair, pair.description.functions[name])
    run_guests(core)
    seen = native.code.covered()
    missed = [f"{body.kind} {body.name}" for body in bodies(pair.description) if not body.lines & seen]
    write_report(pair.description, native.code, missed)
    # What has more arguments than Python can give is called by forms alone.
    unreachable = {
        f"function {name}"
        for name, function in pair.description.functions.items()
        if name not in native.code.callable and len(function.parameters) <= cpu.PLACES
    }
    assert not set(missed) - unreachable
    unexplained = {name for name in unreachable if not name.removeprefix("function ").startswith(tuple(NOT_NATIVE))}
    texts = {f"function {name}" for name in of_texts(pair.description)}
    assert unexplained - texts == {f"function {name}" for name in UNUSED[core]} - texts


def of_texts(description: Description) -> set[str]:
    """Functions that only texts need: codecs of operands, and what `@unpredictable` asks before a word is taken."""
    codecs = [operand.codec for form in description.forms.values() for template in form.templates
              for operand in operands_of(template.mnemonic + template.operands)]
    codecs += [operand.codec for alias in description.aliases.values() for template in alias.templates
               for operand in operands_of(template.mnemonic + template.operands)]
    names = {name for codec in codecs for name in (codec.decode, codec.encode) if name}
    for form in description.forms.values():
        if "unpredictable" in form.annotations:
            names.add(str(form.annotations["unpredictable"]["when"]))
    left = list(names)
    while left:
        for node in walk(description.functions[left.pop()].body):
            if isinstance(node, code.Call | code.CallInto) and node.function not in names:
                names.add(node.function)
                left.append(node.function)
    return names


def test_a_body_that_does_not_run_is_seen() -> None:
    """Right after the code is loaded, nothing has run: the marks are not set by being there."""
    made = native_code(Pair("power7").description)
    assert made.covered() == set()
    assert not made.lines
