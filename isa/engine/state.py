"""State is declared: one generic mechanism reads, writes, saves, restores and compares every register.

A `State` is what one vcpu sees: a thread block of its own, and the core, partition and machine blocks that it may
share with others. Reads and writes here are of the raw storage; `Engine.read_external` goes through the description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from ..errors import TraplineError
from ..model.items import Description
from .blocks import Block, BlockMaker, PythonBlock, SnapshotError
from .brake import Brake
from .kept import kept_product
from .layout import PC, SCOPES, Slot, StateLayout, layout_of


class StateError(TraplineError):
    """A register that there is not, an index beyond its end, or a value that does not fit."""


class Difference(msgspec.Struct, frozen=True):
    """A register element (`index` None: not an array) whose value differs between two states."""

    register: str
    index: int | None
    before: int
    after: int

    def __str__(self) -> str:
        name = self.register if self.index is None else f"{self.register}[{self.index}]"
        return f"{name}: {self.before:#x} -> {self.after:#x}"


class Peer(Protocol):
    """An engine among those that share a machine: it is told what makes its caches stale."""

    def drop_translations(self, tag: int | None, mask: int, page_address: int | None) -> None:
        """Forgets translations: of contexts with `context & mask == tag & mask`, of one page, or (None) of all."""

    def drop_code(self, pa: int, size: int) -> bool:
        """Forgets code decoded or compiled from a physical range; whether it still has code from those pages."""

    def protect_code(self, page: int) -> None:
        """Lets no fast path store to physical page number `page` any more: code was decoded from it."""

    def come_back(self) -> None:
        """See `brake.Attentive`."""


class Peers:
    """The engines of one machine, and which 4 KiB physical pages any of them has decoded code from."""

    def __init__(self) -> None:
        self.engines: list[Peer] = []
        self.code_pages: set[int] = set()
        self.brake = Brake(self.engines)


class State:
    """The registers that one vcpu sees."""

    def __init__(self, description: Description, make_block: BlockMaker = PythonBlock) -> None:
        """Fresh blocks of all scopes with their reset values."""
        self.description = description
        self.layout: StateLayout = kept_product(description.fingerprint, "layout", lambda: layout_of(description))
        self._places = self.layout.places
        self._pc = self.layout.slot(PC)
        self._make_block = make_block
        self.blocks: dict[str, Block] = {scope: make_block(self.layout.blocks[scope]) for scope in SCOPES}
        self.peers = Peers()

    def sibling(self, shared: str) -> State:
        """The state of another vcpu that has blocks from scope `shared` ("core", "partition" or "machine") up in
        common with this one. Raises StateError for another scope."""
        if shared not in SCOPES[1:]:
            raise StateError(f"vcpus cannot share a '{shared}'", f"they share one of {', '.join(SCOPES[1:])}")
        other = State(self.description, self._make_block)
        for scope in SCOPES[SCOPES.index(shared) :]:
            other.blocks[scope] = self.blocks[scope]
        other.peers = self.peers
        return other

    def take_description(self, description: Description) -> None:
        """Goes on with a description that lays registers out as this one's does."""
        self.description = description
        self.layout = kept_product(description.fingerprint, "layout", lambda: layout_of(description))
        self._places = self.layout.places
        self._pc = self.layout.slot(PC)

    @property
    def pc(self) -> int:
        """Address of the next instruction; current while the engine does not run."""
        return self.blocks["thread"].get(self._pc, 0)

    @pc.setter
    def pc(self, address: int) -> None:
        self.write(PC, address)

    def read(self, name: str, index: int | None = None) -> int:
        """A register's storage. Raises StateError."""
        scope, slot = self._places.get(name) or self._unknown(name)
        if slot.count:
            _check_index(slot, index)
        elif index is not None:
            raise StateError(f"{name} is one register and takes no index")
        return self.blocks[scope].get(slot, index or 0)

    def write(self, name: str, value: int, index: int | None = None) -> None:
        """Writes a register's storage. Raises StateError."""
        scope, slot = self._places.get(name) or self._unknown(name)
        if slot.count:
            _check_index(slot, index)
        elif index is not None:
            raise StateError(f"{name} is one register and takes no index")
        if value < 0 or value >> slot.width:
            raise StateError(f"{value:#x} does not fit {name}, which has {slot.width} bits")
        self.blocks[scope].set(slot, index or 0, value)

    def reader(self, places: Sequence[tuple[str, int | None]]) -> Callable[[], tuple[int, ...]]:
        """What reads these registers of one scope, which there must be, again and again; ask once engines are made."""
        block, found = self._of_one_block(places)
        return block.reader(found)

    def writer(self, places: Sequence[tuple[str, int | None]]) -> Callable[[Sequence[int]], None]:
        """What writes these registers of one scope, or the first of them, again and again; see `reader`."""
        block, found = self._of_one_block(places)
        return block.writer(found)

    def _of_one_block(self, places: Sequence[tuple[str, int | None]]) -> tuple[Block, list[tuple[Slot, int]]]:
        found = [self._places[name] for name, _ in places]
        slots = [(slot, index or 0) for (_, slot), (_, index) in zip(found, places, strict=True)]
        return self.blocks[found[0][0]], slots

    def snapshot(self) -> bytes:
        """All four blocks, one behind the other in the order of SCOPES, each in its declared layout."""
        return b"".join(self.blocks[scope].snapshot() for scope in SCOPES)

    def restore(self, snapshot: bytes) -> None:
        """Takes a snapshot back; call the engine's `state_changed` afterwards. Raises SnapshotError."""
        sizes = [self.layout.blocks[scope].size for scope in SCOPES]
        if len(snapshot) != sum(sizes):
            raise SnapshotError(
                f"a snapshot of this state has {sum(sizes)} bytes, and this one {len(snapshot)}",
                "it was taken with another description or another core",
            )
        start = 0
        for scope, size in zip(SCOPES, sizes, strict=True):
            self.blocks[scope].restore(snapshot[start : start + size])
            start += size

    def diff(self, before: bytes, after: bytes | None = None) -> Iterator[Difference]:
        """What differs between two snapshots, or between one and the present values."""
        now = self.snapshot() if after is None else after
        start = 0
        for scope in SCOPES:
            layout = self.layout.blocks[scope]
            block = slice(start, start + layout.size)
            if before[block] != now[block]:
                for slot in layout.slots.values():
                    yield from _of_slot(slot, before, now, start + slot.offset)
            start += layout.size

    def reset(self) -> None:
        """Reset values for all blocks; `Engine.reset` does this and then runs the description's hook."""
        for block in self.blocks.values():
            block.reset()

    def _unknown(self, name: str) -> tuple[str, Slot]:
        register = self.description.registers.get(name)
        if register is not None:
            raise StateError(
                f"{name} is a view and has no storage", "use the engine's read_external and write_external"
            )
        import difflib

        close = difflib.get_close_matches(name, self._places, 1)
        raise StateError(f"there is no register '{name}'", f"did you mean {close[0]}?" if close else None)


def _of_slot(slot: Slot, before: bytes, now: bytes, start: int) -> Iterator[Difference]:
    """What differs in the elements of a slot, which begin at `start` of two snapshots."""
    size = slot.size
    whole = slice(start, start + slot.elements * size)
    if before[whole] == now[whole]:
        return
    for index in range(slot.elements):
        place = slice(start + index * size, start + (index + 1) * size)
        if before[place] != now[place]:
            old, new = (int.from_bytes(data[place], "little") for data in (before, now))
            yield Difference(slot.name, index if slot.count else None, old, new)


def _check_index(slot: Slot, index: int | None) -> None:
    if index is None or not 0 <= index < slot.count:
        raise StateError(f"{slot.name} is {slot.count} registers, 0 to {slot.count - 1}, and none is number {index}")
