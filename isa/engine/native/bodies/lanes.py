"""Functions whose loops over elements are done at once: a vector instruction of the host for a loop of the book.

A description says what becomes of each element of a vector, in a loop. LLVM does not find out that such a loop, which
cuts elements of a number and puts them into another one, is one instruction of the host; here it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ....model import code
from ....model.items import Description
from .lane_loops import LoopLanes
from .lane_values import NoLanesError
from .unrolled import declared, unrolled


def with_lanes(description: Description) -> Description:
    """The description with other bodies of some functions, which do the same."""
    return msgspec.structs.replace(description, functions=_Functions(description.functions))


class _Functions(Mapping[str, code.Function]):
    """Looks at a function when it is asked for: few of them are, in most processes."""

    def __init__(self, described: Mapping[str, code.Function]) -> None:
        self._described = described
        self._known: dict[str, code.Function] = {}

    def __getitem__(self, name: str) -> code.Function:
        found = self._known.get(name)
        if found is None:
            found = self._described[name]
            if any(isinstance(s, code.For) for s in found.body):
                found = _in_lanes(found, self._described)
            self._known[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._described

    def __iter__(self) -> Iterator[str]:
        return iter(self._described)

    def __len__(self) -> int:
        return len(self._described)


def _in_lanes(function: code.Function, functions: Mapping[str, code.Function]) -> code.Function:
    """The function without those of its loops that can be done at once."""
    widths = {parameter.name: parameter.width for parameter in function.parameters}
    taken = set(widths) | set(declared(function.body))
    body: list[code.Statement] = []
    for s in function.body:
        if isinstance(s, code.For):
            body += _at_once(s, functions, widths, taken)
            continue
        body.append(s)
        if isinstance(s, code.Let):
            widths[s.name] = s.width
        elif isinstance(s, (code.CallInto, code.BuiltinInto)):
            widths |= dict(zip(s.names, s.widths, strict=True))
    return msgspec.structs.replace(function, body=tuple(body))


def _at_once(
    loop: code.For, functions: Mapping[str, code.Function], widths: Mapping[str, int], taken: set[str]
) -> list[code.Statement]:
    try:
        found = LoopLanes(functions, loop, widths, set(taken))
        if found.descends:
            found = LoopLanes(functions, loop, widths, taken, backwards=True)
        return found.out
    except NoLanesError:
        return unrolled(loop, functions)
