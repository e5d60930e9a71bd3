"""The codecs of a description, made on demand and shared."""

from __future__ import annotations

from ....isa.model.items import Codec, Description
from .codecs import OperandCodec
from .coded_codecs import CodedCodec
from .float_codecs import FloatCodec
from .functions import DescribedFunctions
from .names_codecs import NamesCodec, NumberedNamesCodec, SetCodec
from .number_codecs import NumberCodec

MEMBERS = "members"
"""`@members(of = LIST, each = N)` at a list of names: in a set of LIST its name *i* is those from N x *i* on."""


def register_names(description: Description) -> frozenset[str]:
    """The names of registers, lower case."""
    return frozenset(
        spelling.lower() for entry in description.names.values() if "register" in entry.title.lower()
        for spellings in entry.spellings for spelling in spellings if spelling.isidentifier())


class CodecTable:
    """The codecs of one description; equal ones are shared."""

    def __init__(self, description: Description, functions: DescribedFunctions) -> None:
        notes = description.annotations.get("assembler", {})
        self._functions = functions
        self._lists = description.names
        self._address_width = description.address_width
        self._literal_minus = int(notes.get("literal_minus", 0))
        self._are_distances = notes.get("branch_number", "") == "distance"
        self.names = {name: NamesCodec(entry) for name, entry in description.names.items()}
        """Those of the lists of names."""
        numbers = {spelling.lower(): value for entry in description.names.values()
                   if any(s.isdigit() for spellings in entry.spellings for s in spellings)
                   for value, spellings in enumerate(entry.spellings) for spelling in spellings
                   if spelling.isidentifier()}
        for codec in self.names.values():
            codec.numbers = numbers
        self._registers = register_names(description)
        self._made: dict[tuple[Codec, int], OperandCodec] = {}

    def codec(self, codec: Codec, width: int) -> OperandCodec:
        """The reader and writer for a codec over so many bits."""
        key = (codec, width)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._new(codec, width)
        return made

    def _new(self, codec: Codec, width: int) -> OperandCodec:
        if codec.kind == "names" and codec.or_number:
            plain = NumberCodec(Codec("unsigned"), width, self._address_width, self._registers)
            return NumberedNamesCodec(self._lists[codec.names], plain)
        if codec.kind in ("names", "ambient"):
            return self.names[codec.names]
        if codec.kind == "set":
            own = self.names[codec.names]
            longer = [n for n in self.names.values() if all(t is None or t.lower() in n.values for t in own.texts)]
            return SetCodec(own, max(longer, key=lambda n: sum(text is not None for text in n.texts)), tuple(
                (self.names[entry.name], int(notes["each"])) for entry in self._lists.values()
                if (notes := entry.annotations.get(MEMBERS, {})).get("of") == codec.names))
        if codec.kind == "coded" and codec.float_text:
            return FloatCodec(codec, self._functions)
        if codec.kind == "coded":
            return CodedCodec(codec, self._functions, self._address_width, self._registers)
        return NumberCodec(codec, width, self._address_width, self._registers, self._are_distances,
                           self._literal_minus)
