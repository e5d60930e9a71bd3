"""What names mean to whoever names them: a digest of each, and of all that one item names.

An item's typed form depends on its own text, on what the names in it mean, and on a few things that hold everywhere.
What a name means is told coarsely where that costs nothing: a function by its signature, a register by its shape, an
operand, a format or an instruction by its text and the names in that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from ...model.code import Parameter
from ..names.environment import Environment, Signature
from ..text.kept_items import all_parts
from ..text.kept_trees import PLACE, Plain
from ..tree import Item

_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "operand": ("operand",),
    "instruction": ("operand", "format"),
    "alias": ("operand", "format", "instruction"),
    "word_class": ("operand", "format"),
}
"""By the kind of item, the kinds of items on whose whole text it depends where it names them."""
_BY_TEXT: Final = ("operand", "format", "instruction")


def digest(*parts: bytes) -> bytes:
    """Twelve bytes of a digest."""
    return hashlib.sha256(b"\0".join(parts)).digest()[:12]


class Meanings:
    """Of one core, once its declarations are made; before bodies are."""

    def __init__(self, env: Environment, everywhere: Iterable[Item]) -> None:
        """`everywhere`: items that all instructions depend on."""
        self._env = env
        self._encoder = msgspec.json.Encoder(enc_hook=_plain)
        self._direct: dict[str, list[bytes]] = {}
        self._by_text: dict[str, list[Item]] = {}
        self._closed: dict[tuple[str, ...], dict[str, bytes]] = {}
        """By the kinds whose text counts, what names mean."""
        self._active: set[str] = set()
        self._declare()
        self._files = digest(*(name.encode() for name in env.files))
        general = (env.numbering, env.byte_order, env.address.width, env.cia, env.nia, sorted(env.known_features))
        self._frame = digest(
            self._encoder.encode(general), *(self._told_anywhere(item) for item in everywhere),
        )  # fmt: skip

    def key(self, kind: str, item: Item, more: str = "") -> str:
        """What decides what is made of an item; "" if nobody can say. `more`: names beside those in the item."""
        if not item.digest:
            return ""
        return digest(kind.encode(), self._frame, more.encode(), self._told(item, more)).hex()

    def _told_anywhere(self, item: Item) -> bytes:
        """The same wherever the item stands."""
        parts = self._encoder.encode(Plain().of([*all_parts(item).items()]))
        meanings = self._meanings(item.mentions.split(" "), _NEEDS["instruction"])
        return digest(item.name.encode(), PLACE.sub(b"", parts), *meanings)

    def _told(self, item: Item, more: str = "") -> bytes:
        is_placed = not item.digest.startswith("~")
        place = self._env.line(item.span).to_bytes(8, "little") if is_placed else b""
        files = self._files if item.digest.startswith("+") else b""
        names = f"{item.mentions} {_spaced(more)}" if more else item.mentions
        meanings = self._meanings(names.split(" "), _NEEDS.get(item.kind, ()))
        return digest(item.name.encode(), item.digest.encode(), place, files, *meanings)

    def _meanings(self, names: Iterable[str], needs: tuple[str, ...]) -> Iterator[bytes]:
        closed = self._closed.setdefault(needs, {})
        for name in names:
            known = closed.get(name)
            if known is None:
                known = self._close(name, needs, closed)
            if known:
                yield name.encode()
                yield known

    def _close(self, name: str, needs: tuple[str, ...], closed: dict[str, bytes]) -> bytes:
        if name in self._active:
            return b""  # an operand names itself; if others stand between, that is a mistake
        found = [*self._direct.get(name, ())]
        texts = [item for item in self._by_text.get(name, ()) if item.kind in needs]
        if texts:
            self._active.add(name)
            found += [self._told(item) for item in texts]
            self._active.discard(name)
        closed[name] = b"".join(found)
        return closed[name]

    def _declare(self) -> None:
        env, encode = self._env, self._encoder.encode

        def put(kind: str, name: str, value: object) -> None:
            self._direct.setdefault(name, []).append(digest(kind.encode(), encode(value)))

        for name, signature in env.signatures.items():
            if "." not in name:
                put("function", name, signature)
        for name, item in env.generics.items():
            head = [Plain().of(item.parts[part]) for part in ("compile_time", "parameters", "type")]
            put("generic", name, head)
        for name, one in env.registers.items():
            put("register", name, (one.kind, one.width, one.count, one.type_name, one.fields, one.read_function,
                                   one.write_function, env.banks.get(name), env.enums.get(f"{name}_bank"),
                                   env.zeros.get(name)))  # fmt: skip
        tables: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("space", env.spaces), ("enum", env.enums), ("constant", env.constants), ("type", env.constant_types),
            ("class", env.argument_classes), ("interrupt", env.interrupts), ("exit", env.exits), ("abi", env.abis),
            ("bitfield", env.bitfields),
        )  # fmt: skip
        for kind, table in tables:
            for name, value in table.items():
                put(kind, name, value)
        for name, names in env.names.items():
            put("names", name, names.width)
        for name in env.features:
            put("feature", name, True)
        for gated in env.items.get("gated", {}).values():
            put("gated", gated.name, True)
        for kind in _BY_TEXT:
            for item in env.of(kind):
                names_of = [str(name) for name in item.parts["names"]] if kind == "operand" else [item.name]
                for name in names_of:
                    self._by_text.setdefault(name, []).append(item)


def _spaced(text: str) -> str:
    return "".join(character if character.isalnum() or character == "_" else " " for character in text)


def _plain(value: object) -> object:
    if isinstance(value, Signature):
        return (value.parameters, value.results)
    if isinstance(value, Parameter):
        return (value.name, value.width, value.type_name)
    return repr(value)
