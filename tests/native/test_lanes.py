"""Claims: a loop over elements that is done at once leaves what the loop leaves; most loops of vector instructions are.

Every such loop of the Power and Arm descriptions, as generated Python and as native code, with seeded random numbers.
"""

from __future__ import annotations

import ctypes
import random
from collections.abc import Iterator

import msgspec
import pytest

from trapline.isa.engine.native.bodies import with_lanes
from trapline.isa.engine.native.bodies.unit import Unit
from trapline.isa.engine.native.building.compiler import Effort, LoadedObject, compile_object
from trapline.isa.engine.native.handlers.handlers import function_text
from trapline.isa.engine.native.shared.area import Area
from trapline.isa.engine.native.text import symbol
from trapline.isa.engine.native.text.declarations import declarations
from trapline.isa.engine.native.text.operators import WIDE_DIVISION
from trapline.isa.engine.pure import compile_functions
from trapline.isa.engine.purity import calls, reachable, touches_state, walk
from trapline.isa.lang.load import load_core
from trapline.isa.model import code
from trapline.isa.model.items import Description

TIMES = 24
EDGES = (0, (1 << 128) - 1, 0x80 * (((1 << 128) - 1) // 0xFF), 0x7F * (((1 << 128) - 1) // 0xFF), 1 << 127)


def loops(description: Description) -> Iterator[tuple[code.Function, code.For]]:
    """Loops that are done at once, each with the function that it is the last loop of."""
    changed = with_lanes(description).functions
    for name, function in description.functions.items():
        found = [s for s in function.body if isinstance(s, code.For)]
        if len(found) == 1 and not any(isinstance(s, code.For) for s in changed[name].body):
            yield function, found[0]


def alone(function: code.Function, loop: code.For) -> code.Function | None:
    """A function of what a loop leaves in the variables that it assigns; None where other things come before it."""
    before = function.body[: function.body.index(loop)]
    widths = {s.name: s.width for s in before if isinstance(s, code.Let)}
    assigned = sorted({node.name for node in walk(loop.body) if isinstance(node, code.Set)} & widths.keys())
    if len(widths) != len(before) or not assigned:
        return None
    returned = code.Return(0, tuple(code.Local(name, widths[name]) for name in assigned))
    return msgspec.structs.replace(
        function, results=tuple(widths[name] for name in assigned), body=(*before, loop, returned)
    )


def described(core: str) -> Description:
    """A core whose functions are those of its loops, and what they call."""
    whole = load_core(core)
    alones = (alone(function, loop) for function, loop in loops(whole))
    found = {one.name: one for one in alones if one is not None}
    names = reachable(whole.functions, sorted({name for f in found.values() for name in calls(f.body)}))
    functions = {**{name: whole.functions[name] for name in names}, **found}
    harmless = {
        name for name in found if not any(touches_state(functions[one].body) for one in reachable(functions, [name]))
    }
    # Floating point needs the engine's parts around it; its loops are only written out.
    plain = {
        name
        for name in harmless
        if not any(
            isinstance(node, (code.Builtin, code.BuiltinInto)) and node.name.startswith("fp_")
            for one in reachable(functions, [name])
            for node in walk(functions[one].body)
        )
    }
    kept = {name: f for name, f in functions.items() if name in plain or name in names}
    return msgspec.structs.replace(whole, functions=kept, fingerprint=f"lanes of {core} {len(plain)}", forms={})


def runners(description: Description, names: list[str]) -> LoadedObject:
    """Entries that read their arguments and write their results by sixteen bytes each."""
    unit = Unit(with_lanes(description), False)
    texts, entries = [WIDE_DIVISION], []
    for name in reachable(description.functions, names):
        texts.append(function_text(unit, unit.description.functions[name]))
    for at, name in enumerate(names):
        function, lines, passed = unit.description.functions[name], [], ""
        for place, parameter in enumerate(function.parameters):
            lines.append(f"  %p{place} = getelementptr i8, ptr %in, i64 {16 * place}")
            lines.append(f"  %a{place} = load i{parameter.width}, ptr %p{place}")
            passed += f", i{parameter.width} %a{place}"
        type_ = unit.results(function)
        lines.append(f"  %r = call fastcc {type_} {symbol('f', name)}(ptr null{passed})")
        for place, width in enumerate(function.results):
            value = "%r" if len(function.results) == 1 else f"%r{place}"
            if value != "%r":
                lines.append(f"  {value} = extractvalue {type_} %r, {place}")
            lines.append(f"  %o{place} = getelementptr i8, ptr %out, i64 {16 * place}")
            lines.append(f"  store i{width} {value}, ptr %o{place}")
        entries.append("\n".join([f"define void @run{at}(ptr %in, ptr %out) {{", *lines, "  ret void", "}"]))
    whole = "\n".join([*texts, *entries])
    image = compile_object("\n".join([whole, declarations(whole)]), Effort.SOME)
    return LoadedObject(f"lanes-{description.core}", [image], [f"run{at}" for at in range(len(names))])


@pytest.mark.parametrize(("core", "least"), [("power7", 90), ("armv7ve", 0)])
def test_loops_that_are_done_at_once_leave_what_the_loop_leaves(core: str, least: int) -> None:
    """Random elements and the ends of their ranges; several results where a loop collects a condition as well."""
    description = described(core)
    names = [name for name, f in description.functions.items() if any(isinstance(s, code.For) for s in f.body)]
    names = [
        name for name in names if not any(isinstance(s, code.For) for s in with_lanes(description).functions[name].body)
    ]
    assert len(names) >= least
    if not names:
        return
    expected, native = compile_functions(description), runners(description, names)
    given, got = Area(16 * 4), Area(16 * 4)
    draw = random.Random(1)
    for at, name in enumerate(names):
        function = description.functions[name]
        entry = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(native.address(f"run{at}"))
        for _ in range(TIMES):
            values = [
                (draw.choice(EDGES) if draw.randrange(3) == 0 else draw.getrandbits(128)) & (1 << p.width) - 1
                for p in function.parameters
            ]
            for place, value in enumerate(values):
                given.set_wide(16 * place, value)
            entry(given.address, got.address)
            found = [got.wide(16 * place) & (1 << width) - 1 for place, width in enumerate(function.results)]
            wanted = expected[name](*values)
            assert found == ([wanted] if isinstance(wanted, int) else list(wanted)), (name, [*map(hex, values)])
