"""What is computed of an instruction by prepared functions is what the expression says."""

from __future__ import annotations

import random

import pytest

from trapline.isa.engine.native.copies import Settled
from trapline.isa.engine.native.copies.numbers import Given
from trapline.isa.engine.native.copies.quick import Instruction, quick
from trapline.isa.lang.load import load_core
from trapline.isa.model import code
from trapline.isa.model.decoder import field_value


def expressions(fields: dict[str, int]) -> list[code.Expression]:
    """Of all kinds that are known, and some that are not, of each field."""
    cia = code.Special("cia", 64)
    found: list[code.Expression] = [code.Special("word", 32), code.Special("length", 8), code.Const(5, 8)]
    for name, width in fields.items():
        local = code.Local(name, width)
        wide = code.Extend(local, True, 64)
        found += [
            local, wide, code.Extend(local, False, 64),
            code.Binary("+", cia, wide, 64), code.Binary("-", wide, cia, 64),
            code.Slice(wide, 3, 7), code.Concat((local, code.Const(0, 2)), width + 2), code.Unary("~", local, width),
            code.Extend(code.Concat((local, code.Const(1, 1)), width + 1), True, 64), code.Slice(cia, 60, 4),
            code.Binary("<<", wide, code.Const(9, 8), 64),
            code.Concat((code.Unary("-", local, width), local), 2 * width),
        ]  # fmt: skip
    return found


@pytest.mark.parametrize("core", ["power7", "armv7ve"])
def test_a_prepared_function_gives_what_the_expression_says(core: str) -> None:
    """For the fields of all forms: split ones, signed ones, and what no function is prepared for."""
    description = load_core(core)
    settled = Settled(description.functions, ())
    generator = random.Random(core)
    for form in description.forms.values():
        word = form.match | generator.getrandbits(form.length) & ~form.mask
        pc = generator.getrandbits(64)
        one = Instruction(form, word, form.length // 8, pc, {})
        fields = {field.name: field_value(field, word) for field in form.fields}
        given = Given(fields, {"cia": pc, "word": word, "length": form.length // 8}, {})
        for e in expressions({field.name: field.width for field in form.fields}):
            assert quick(settled, form, e)(one) == settled.number(e, given), f"{form.name}: {e}"
