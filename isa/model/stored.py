"""A description as bytes and back: an item is decoded when it is asked for, so that a start pays for few of them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from .boards import Board
from .code import Function
from .items import Description
from .state import BitField, Constant, Enum, Register, Space
from .syntax import Alias, Form, InstructionSet, NamesList, Sequence, WordClass
from .traps import ArgumentClass, Device, Exit, Hypercall, HypercallAbi, Interrupt

T = TypeVar("T")

_ITEMS: Final[dict[str, type[Any]]] = {
    "instruction_sets": InstructionSet,
    "registers": Register,
    "spaces": Space,
    "enums": Enum,
    "bitfields": BitField,
    "constants": Constant,
    "names": NamesList,
    "functions": Function,
    "forms": Form,
    "word_classes": WordClass,
    "aliases": Alias,
    "sequences": Sequence,
    "interrupts": Interrupt,
    "exits": Exit,
    "abis": HypercallAbi,
    "hypercalls": Hypercall,
    "argument_classes": ArgumentClass,
    "devices": Device,
    "boards": Board,
}
"""The fields of a description that have items by name, and what these are."""


class _Section(msgspec.Struct):
    """Items of one field, one behind the other: their names, and how many bytes each has."""

    names: list[str]
    sizes: list[int]


class LazyItems(Mapping[str, T]):
    """Items by name, in the description's order."""

    def __init__(self, section: msgspec.Raw, data: memoryview, kind: type[T]) -> None:
        """`section`: a `_Section` as JSON; `data`: the items, from the first one on."""
        self._section = section
        self._data = data
        self._kind: Any = kind
        self._found: dict[str, T] = {}

    @functools.cached_property
    def _places(self) -> dict[str, slice]:
        section = msgspec.json.decode(self._section, type=_Section)
        ends = [*itertools.accumulate(section.sizes)]
        return dict(zip(section.names, map(slice, [0, *ends], ends), strict=False))

    @functools.cached_property
    def _decoder(self) -> msgspec.json.Decoder[T]:
        made: msgspec.json.Decoder[T] = _decoder(self._kind)
        return made

    def __getitem__(self, name: str) -> T:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._decoder.decode(self._data[self._places[name]])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@functools.cache
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def encode(description: Description) -> bytes:
    """The description as a line of JSON, which has what is no item and the table of items, and the items."""
    head: dict[str, object] = {}
    items: list[bytes] = []
    for name in description.__struct_fields__:
        value = getattr(description, name)
        if name in _ITEMS:
            made = [msgspec.json.encode(item) for item in value.values()]
            head[name] = _Section([*value], [len(one) for one in made])
            items += made
            head[f"{name}_size"] = sum(map(len, made))
        else:
            head[name] = value
    return b"\n".join([msgspec.json.encode(head), b"".join(items)])


def decode(data: bytes) -> Description:
    """The description that was encoded. Raises ValueError where `data` is none; of an item, when it is used."""
    end = data.index(b"\n")
    head = msgspec.json.decode(data[:end], type=dict[str, msgspec.Raw])
    rest = memoryview(data)[end + 1 :]
    made: dict[str, Any] = {}
    for name in Description.__struct_fields__:
        kind = _ITEMS.get(name)
        if kind is None:
            made[name] = msgspec.json.decode(head[name])
        else:
            size = int(bytes(head[f"{name}_size"]))
            made[name] = LazyItems(head[name], rest[:size], kind)
            rest = rest[size:]
    return Description(**made | {name: tuple(made[name]) for name in ("files", "features")})
