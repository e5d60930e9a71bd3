"""What handlers of variants leave to the form's own, and floating point, which is quick because of that."""

from __future__ import annotations

import functools
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from trapline.isa.engine.native.bodies.effects import EffectsOf
from trapline.isa.engine.native.bodies.usual_ways import OWN, UsualWays
from trapline.isa.engine.native.bodies.variants import Variants
from trapline.isa.engine.native.floats.roundings import Roundings, assigned_values
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier.tiers import INTERPRETER
from trapline.isa.engine.purity import walk
from trapline.isa.lang.load import load_core
from trapline.isa.model import code

from .float_programs import BANK, SETTINGS, always, computing, prepare_numbers
from .pair import Pair, word_bytes
from .programs import decoders_of
from .test_differential import agree
from .test_variants import fitting

CORES = sorted(BANK)
_TIMES = 6
"""Each variant is run with so many sets of operands."""


@functools.cache
def pair_of(core: str) -> Pair:
    """The reference engine and the interpreter tier."""
    return Pair(core, INTERPRETER)


def _variants(core: str) -> Variants:
    description = load_core(core)
    return Variants(description, EffectsOf(description), covering=False)


@pytest.mark.parametrize("core", CORES)
def test_every_form_that_computes_has_a_quick_variant(core: str) -> None:
    choice = _variants(core)
    assert len(computing(core)) > 40
    assert [form.name for form in computing(core) if not choice.of(form)] == []


@pytest.mark.parametrize("core", CORES)
def test_variants_of_floating_point_do_what_the_reference_does(core: str) -> None:
    """With usual operands and unusual ones, in all roundings, with exceptions enabled and not."""
    pair = pair_of(core)
    engine = pair.sides[1].engine
    assert isinstance(engine, NativeEngine)
    decoders, tested = decoders_of(pair), 0
    for name in [form.name for form in computing(core)]:
        form, generator = pair.description.forms[name], random.Random(name)
        for variant in _variants(core).of(form):
            assumed = variant.assumed
            for _ in range(_TIMES):
                word = fitting(form, assumed, generator)
                if word is None or decoders[form.instruction_set].decode(word, form.length) is not form:
                    continue
                code_bytes = always(core, word_bytes(form, word, pair.description.byte_order))
                prepare_numbers(pair, core, generator, code_bytes)
                agree(pair, 1, f"{name} with {assumed}, {code_bytes.hex()}")
                tested += 1
    assert tested > 3 * len(computing(core))


def _in_order(body: code.Body) -> Iterator[code.Statement]:
    for s in body:
        yield s
        if isinstance(s, code.If):
            yield from _in_order(s.then)
            yield from _in_order(s.otherwise)


def test_an_enabled_exception_is_left_before_anything_is_changed() -> None:
    """FADD raises a program interrupt behind the result, if MSR says so: that is looked at first, and only there."""
    description = load_core("power7")
    first, *rest = _variants("power7").of(description.forms["fadd"])[0].body
    assert isinstance(first, code.If)
    assert first.then == OWN
    assert {node.register for node in walk(first.condition) if isinstance(node, code.ReadRegister)} == {"MSR"}
    own = [node for node in walk(description.forms["fadd"].body) if isinstance(node, code.Raise)]
    assert own == [], "it stands in functions that the form calls"
    statements = list(_in_order(tuple(rest)))
    changes = [isinstance(s, code.SetRegister) for s in statements]
    assert any(changes)
    assert not any(isinstance(s, code.Raise) for s in statements[changes.index(True) :])


LOOPING = """
replace instruction fadd "Floating Add, twice" : A_FRA_FRB(OPCD = 63, XO = 21) requires FP {
    syntax  fadd{. if Rc} FRT, FRA, FRB
    require_fp()
    for i : u2 in 0 .. 1 {
        let (result, flags) = fp_add(FPR[FRA], FPR[FRB], rounding_mode())
        FPR[FRT] = result
    }
}
"""


def test_what_is_unusual_the_second_time_round_is_not_begun_again(tmp_path: Path) -> None:
    """The first sum has been written by then, to the register that the second one starts from."""
    (tmp_path / "looping.isa").write_text(LOOPING)
    pair = Pair("power7", INTERPRETER, [tmp_path / "looping.isa"])
    engine = pair.sides[1].engine
    assert isinstance(engine, NativeEngine)
    assert Variants(pair.description, EffectsOf(pair.description), covering=False).of(pair.description.forms["fadd"])
    pair.prepare(random.Random(1), SETTINGS["power7"], bytes.fromhex("fc21102a"))  # fadd f1, f1, f2
    for side in pair.sides:
        side.state.write("FPSCR", 0)
        for index, value in ((1, 0.5), (2, 1.375)):
            side.state.write("FPR", int.from_bytes(struct.pack(">d", value * 2.0**1021)), index)
        side.engine.state_changed()
    agree(pair, 1, "two sums")
    assert pair.sides[1].state.read("FPR", 1) == int.from_bytes(struct.pack(">d", 3.25 * 2.0**1021))


def _set(register: str) -> code.SetRegister:
    return code.SetRegister(1, register, None, code.Const(1, 64))


def _bit(register: str) -> code.Expression:
    return code.Slice(code.ReadRegister(register, None, 64), 0, 1)


def test_a_way_that_changes_something_is_left_where_a_load_follows() -> None:
    """The first change only: behind it, it is too late to leave. What follows nothing that may leave stays."""
    description = load_core("power7")
    ways = UsualWays(description)
    change = code.If(1, _bit("MSR"), (_set("CTR"),), ())
    load = code.Let(2, "x", 64, code.ReadMemory(code.Const(0, 64), 8, 0, 64))
    left = code.If(1, _bit("MSR"), OWN, ())
    assert ways.of((change, load)) == (left, load)
    assert ways.of((load, change)) == (load, change)
    assert ways.of((_set("LR"), change, load)) == (_set("LR"), change, load)
    both = code.If(1, _bit("MSR"), (_set("CTR"),), (_set("LR"),))
    assert ways.of((both, load)) == (both, load)


def test_an_interrupt_behind_changes_is_told_beforehand_only_by_what_stays() -> None:
    """By MSR, where the body does not write MSR; by nothing, where it does."""
    description = load_core("power7")
    ways = UsualWays(description)
    raised = code.Raise(3, "program", (code.Const(0, 64),))
    late = code.If(2, code.Binary("&&", _bit("CTR"), _bit("MSR"), 1), (raised,), ())
    assert ways.of((_set("CTR"), late)) == (code.If(0, _bit("MSR"), OWN, ()), _set("CTR"))
    assert ways.of((_set("CTR"), _set("MSR"), late)) == (_set("CTR"), _set("MSR"), late)
    assert ways.of((late, _set("CTR"))) == (late, _set("CTR"))


def test_a_rounding_is_known_to_be_one_or_not() -> None:
    """Numbers, registers' fields of two bits, choices between such; not a parameter, nor a field of three bits."""
    description = load_core("power7")
    roundings = Roundings(description.functions)
    field = code.ReadRegister("FPSCR", None, 64)
    double = code.Const(0, 64)

    def never_asks(rounding: code.Expression, body: code.Body = ()) -> bool:
        return roundings.never_asks("fp_add", (double, double, rounding), (), assigned_values(body))

    local = code.Local("mode", 3)
    two, three = code.Extend(code.Slice(field, 0, 2), False, 3), code.Slice(field, 0, 3)
    assert never_asks(code.Const(4, 3))
    assert not never_asks(code.Const(5, 3))
    assert never_asks(two)
    assert not never_asks(three)
    assert not never_asks(code.Extend(code.Slice(field, 0, 2), True, 3)), "-1 is 7"
    assert never_asks(code.Call("rounding_mode", (), 3))
    assert never_asks(code.Select(_bit("MSR"), two, code.Const(1, 3), 3))
    assert not never_asks(local)
    assert never_asks(local, (code.Let(1, "mode", 3, two), code.Set(2, "mode", code.Const(3, 3))))
    assert not never_asks(local, (code.Let(1, "mode", 3, two), code.Set(2, "mode", three)))
    assert not never_asks(local, (code.Let(1, "mode", 3, local),))
    half = code.Const(0, 16)
    assert not roundings.never_asks("fp_add", (half, half, two), (), {}), "numbers of 16 bits are the engine's"
