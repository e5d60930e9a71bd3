"""Whether a body may change the instruction set: whether it writes bits that `instruction_set_state` reads."""

from __future__ import annotations

from collections.abc import Iterator

from ....model import code
from ....model.items import Description
from ...purity import calls, walk

_ALL = -1


def may_change_set(description: Description, body: code.Body) -> bool:
    """Whether what comes behind a body, all its calls included, may be in another instruction set."""
    if not description.set_state or len(description.instruction_sets) == 1:
        return False
    watched = _watched(description)
    for name in calls(body):
        if watched.keys() & set(description.functions[name].writes):
            return True
    return any(
        written & watched[node.register]
        for node in walk(body)
        if isinstance(node, code.SetRegister) and node.register in watched
        for written in [_written(node)]
    )


def _watched(description: Description) -> dict[str, int]:
    """Bits of registers that the state is made of."""
    state = description.functions[description.set_state]
    found = dict.fromkeys(state.reads, 0)
    for register, bits in _read(state.body):
        found[register] |= bits
    # What functions that it calls read is not looked at more closely.
    inner = {name for called in calls(state.body) for name in description.functions[called].reads}
    return {register: _ALL if register in inner else bits for register, bits in found.items()}


def _read(node: object) -> Iterator[tuple[str, int]]:
    sliced = set()
    for inner in walk(node):
        if isinstance(inner, code.Slice) and isinstance(inner.operand, code.ReadRegister) and not inner.operand.index:
            sliced.add(id(inner.operand))
            yield inner.operand.register, (1 << inner.width) - 1 << inner.low
        elif isinstance(inner, code.ReadRegister) and id(inner) not in sliced:
            yield inner.register, _ALL


def _written(s: code.SetRegister) -> int:
    bits, value = 0, s.value
    while isinstance(value, code.Insert) and isinstance(value.low, code.Const):
        bits |= (1 << value.value.width) - 1 << value.low.value
        value = value.base
    same = isinstance(value, code.ReadRegister) and value.register == s.register and value.index == s.index
    return bits if same else _ALL
