"""Variants of forms do what their forms do, and native decoding chooses the ones that fit."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping

import pytest

from trapline.isa.engine.native.bodies.effects import EffectsOf
from trapline.isa.engine.native.bodies.set_changes import may_change_set
from trapline.isa.engine.native.bodies.variants import Variants
from trapline.isa.engine.native.building.code_cache import NativeCode, native_code
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.shared.decoders import Assumptions
from trapline.isa.engine.native.shared.symbols import variant_symbol
from trapline.isa.lang.load import load_core
from trapline.isa.model import code
from trapline.isa.model.decoder import Decoder, field_value, is_excluded
from trapline.isa.model.items import Description, Form

from .pair import Pair, random_word, word_bytes
from .programs import settings
from .test_differential import agree, pair_of

CORES = ("power7", "armv7ve")
_WORDS = 12
"""Random words of each form."""
_TRIES = 16


@functools.cache
def chosen(fingerprint: str, core: str) -> dict[str, list[Assumptions]]:
    """What the variants of each form assume, the best first."""
    description = load_core(core)
    assert description.fingerprint == fingerprint
    choice = Variants(description, EffectsOf(description), covering=False)
    return {name: [variant.assumed for variant in choice.of(form)] for name, form in description.forms.items()}


def variants_of(description: Description, native: NativeCode) -> dict[str, list[tuple[Assumptions, int]]]:
    """By form, the handlers of its variants, each with what it assumes; the first that fits is the best."""
    native.complete()
    return {
        name: [
            (assumed, native.address(name, variant_symbol(name, number))) for number, assumed in enumerate(assumptions)
        ]
        for name, assumptions in chosen(description.fingerprint, description.core).items()
    }


def handler_of(
    form: Form | None, word: int, native: NativeCode, variants: Mapping[str, list[tuple[Assumptions, int]]]
) -> int | None:
    """The handler of the first variant that fits, or the form's own."""
    if form is None:
        return None
    fields = {field.name: field for field in form.fields}
    for assumed, handler in variants[form.name]:
        if all(bits >> field_value(fields[name], word) & 1 for name, bits in assumed):
            return handler
    return native.handlers[form.name]


@pytest.mark.parametrize("core", CORES)
def test_the_native_decoder_finds_what_pythons_finds(core: str) -> None:
    """Words of every form, and words that are all random, most of which are no instruction."""
    description = load_core(core)
    native = native_code(description)
    variants = variants_of(description, native)
    generator = random.Random(3)
    decoders = {name: Decoder(description, name) for name in description.instruction_sets}
    lengths = {(form.instruction_set, form.length) for form in description.forms.values()}
    words = [
        (form.instruction_set, form.length, random_word(form, generator))
        for form in description.forms.values()
        for _ in range(_WORDS)
    ]
    words += [(name, length, generator.getrandbits(length)) for name, length in sorted(lengths) for _ in range(3000)]
    found = set()
    for name, length, word in words:
        form = decoders[name].decode(word, length)
        named = native.form(name, word, length)
        expected = handler_of(form, word, native, variants)
        assert named == (None if form is None else form.name), f"{name} {word:#x}"
        assert (None if named is None else native.handler(named, word)) == expected, f"{name} {word:#x}"
        found.add(expected)
    assert None in found
    assert len(found) > len(description.forms)


def fitting(form: Form, assumed: Assumptions, generator: random.Random) -> int | None:
    """A random word of a form that is as a variant assumes; None where there seems to be none."""
    fields = {field.name: field for field in form.fields}
    for _ in range(_TRIES):
        word = random_word(form, generator)
        for name, bits in assumed:
            number = generator.choice([number for number in range(1 << fields[name].width) if bits >> number & 1])
            for piece in fields[name].pieces:
                mask = (1 << piece.width) - 1
                word = word & ~(mask << piece.word_low) | (number >> piece.field_low & mask) << piece.word_low
        if word & form.mask == form.match and not is_excluded(form, word):
            return word
    return None


@functools.cache
def decoder_of(pair: Pair, name: str) -> Decoder:
    return Decoder(pair.description, name)


@pytest.mark.parametrize("core", CORES)
def test_every_variant_does_what_the_reference_does(core: str) -> None:
    """An instruction that each of them fits, with random registers; what it cannot do its form's own handler does."""
    pair = pair_of(core)
    engine = pair.sides[1].engine
    assert isinstance(engine, NativeEngine)
    native = engine.code
    tested = 0
    handlers = variants_of(pair.description, native)
    for name, variants in handlers.items():
        form = pair.description.forms[name]
        generator = random.Random(name)
        for assumed, handler in variants:
            word = fitting(form, assumed, generator)
            if word is None or decoder_of(pair, form.instruction_set).decode(word, form.length) is not form:
                continue
            tested += handler_of(form, word, native, handlers) == handler
            code_bytes = word_bytes(form, word, pair.description.byte_order)
            pair.prepare(generator, settings(pair, form, generator), code_bytes * 2)
            agree(pair, 1, f"{name} with {assumed}, {code_bytes.hex()}")
    count = sum(map(len, handlers.values()))
    assert tested > 0.9 * count, f"{tested} of {count}"


def test_a_variant_keeps_nothing_of_what_its_fields_rule_out() -> None:
    """ADD of registers that are not the PC, always and without flags: one register is written, and that is all."""
    description = load_core("armv7ve")
    choice = Variants(description, EffectsOf(description), covering=False)
    best, flags, *_ = choice.of(description.forms["add.register"])
    assert dict(best.assumed) == {"cond": 1 << 14, "S": 1, "Rd": 0x7FFF, "Rn": 0x7FFF, "Rm": 0x7FFF}
    kinds = [type(statement) for statement in best.body]
    assert kinds.count(code.SetRegister) == 1
    assert not {code.If, code.Switch, code.SetNext, code.Raise, code.Do} & set(kinds)
    assert dict(flags.assumed)["S"] == 2
    assert not may_change_set(description, flags.body), "N, Z, C and V are not the instruction set's state"
    assert all(may_change_set(description, variant.body) for variant in choice.of(description.forms["bx"]))


def test_code_is_decoded_natively_until_a_store_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of additions: Python decodes none of them. A store into it has it asked, and the new instruction runs."""
    pair = Pair("power7")
    engine = pair.sides[1].engine
    assert isinstance(engine, NativeEngine)
    asked: list[int] = []
    own = engine.decode

    def decode(pc: int) -> bool:
        asked.append(pc)
        return own(pc)

    monkeypatch.setattr(engine, "decode", decode)
    add_one, store = 0x38630001, 0x90850000  # addi r3, r3, 1; stw r4, 0(r5)
    words = [add_one] * 500 + [store] + [add_one] * 100
    pair.prepare(random.Random(1), {"MSR": 0x9000000002802000}, b"".join(word.to_bytes(4, "big") for word in words))
    for side in pair.sides:
        for index, value in ((3, 0), (4, 0x38630064), (5, side.state.pc + 4 * 505)):
            side.state.write("GPR", value, index)
    agree(pair, 500, "the additions")
    first = len(asked)
    assert first == 0
    agree(pair, 100, "the store, and those behind it")
    assert pair.sides[1].state.read("GPR", 3) == 500 + 99 - 1 + 100
    assert len(asked) > first
