"""The codecs of a description, made on demand and shared."""

from __future__ import annotations

from collections.abc import Callable

from ...isa.model.items import Codec, Description
from .codecs import OperandCodec
from .float_codecs import FloatCodec
from .functions import DescribedFunctions
from .names_codecs import NamesCodec, SetCodec
from .number_codecs import CodedCodec, NumberCodec

MEMBERS = "members"
"""`@members(of = LIST, each = N)` at a list of names: in a set of LIST its name *i* is those from N x *i* on."""


def register_names(description: Description) -> frozenset[str]:
    """The names of registers, lower case."""
    return frozenset(
        spelling.lower() for entry in description.names.values() if "register" in entry.title.lower()
        for spellings in entry.spellings for spelling in spellings if spelling.isidentifier())


def codec_maker(description: Description, functions: DescribedFunctions) -> Callable[[Codec, int], OperandCodec]:
    """A function that gives the reader and writer for a codec over so many bits; equal ones are shared."""
    notes = description.annotations.get("assembler", {})
    literal_minus = int(notes.get("literal_minus", 0))
    names = {name: NamesCodec(entry) for name, entry in description.names.items()}
    are_distances = notes.get("branch_number", "") == "distance"
    numbers = {spelling.lower(): value for entry in description.names.values()
               if any(s.isdigit() for spellings in entry.spellings for s in spellings)
               for value, spellings in enumerate(entry.spellings) for spelling in spellings if spelling.isidentifier()}
    for codec in names.values():
        codec.numbers = numbers
    registers = register_names(description)
    made: dict[tuple[Codec, int], OperandCodec] = {}

    def make(codec: Codec, width: int) -> OperandCodec:
        key = (codec, width)
        if key not in made:
            if codec.kind in ("names", "ambient"):
                made[key] = names[codec.names]
            elif codec.kind == "set":
                own = names[codec.names]
                wider = [n for n in names.values() if all(t is None or t.lower() in n.values for t in own.texts)]
                made[key] = SetCodec(own, max(wider, key=lambda n: sum(text is not None for text in n.texts)), tuple(
                    (names[entry.name], int(notes["each"])) for entry in description.names.values()
                    if (notes := entry.annotations.get(MEMBERS, {})).get("of") == codec.names))
            elif codec.kind == "coded" and codec.float_text:
                made[key] = FloatCodec(codec, functions)
            elif codec.kind == "coded":
                made[key] = CodedCodec(codec, functions, description.address_width, registers)
            else:
                made[key] = NumberCodec(codec, width, description.address_width, registers, are_distances,
                                        literal_minus)
        return made[key]

    return make
