"""Parts of values that a description names: `@parts(hi = "hi20", pcrel_hi = "hi20 relative", …)`.

Each is a function of the description from an address to what an operand takes of it, a signed number of as many bits.
`relative`: of the distance from the instruction. `of PART`: of the distance that another instruction, whose place is
the operand, has the relative PART of.
"""

from __future__ import annotations

from functools import partial

from ...isa.model.items import Description
from ..expressions.anchors import DescribedPart
from .codecs.functions import DescribedFunctions

ANNOTATION = "parts"


def read_parts(description: Description, functions: DescribedFunctions) -> dict[str, DescribedPart]:
    """The parts by name."""
    found: dict[str, DescribedPart] = {}
    for name, said in description.annotations.get(ANNOTATION, {}).items():
        function, *words = str(said).split()
        width = description.address_width
        compute = partial(_computed, functions, function, width)
        found[name] = DescribedPart(compute, "relative" in words, words[1] if words[:1] == ["of"] else "")
    return found


def _computed(functions: DescribedFunctions, function: str, width: int, value: int) -> int:
    made = functions.call(function, value & ((1 << width) - 1))[0]
    return made - (1 << width) if made >> (width - 1) else made
