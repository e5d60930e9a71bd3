"""Keeps the state of a machine's Python objects, and puts it back into the same objects.

Nothing is copied deeply and no object is replaced: what holds a reference (native code, a closure, a device's port)
holds the right one afterwards. What is found from the machine on is kept, with no list of attributes to forget one in;
an object of a kind that is not known here is an error, never left out.

Left alone are descriptions and what is derived from them, the host's side of a machine (its door, event stream, brake
and pace), and engines: their state is in registers and RAM alone.
"""

from __future__ import annotations

import collections
import datetime
import enum
import fractions
import functools
import mmap
import pathlib
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from ...isa.engine.blocks import BufferBlock, PythonBlock
from ...isa.engine.brake import Brake
from ...isa.engine.reference import ReferenceEngine
from ...isa.engine.state import Peers, State
from ...isa.errors import TraplineError
from ...isa.model.items import Description
from ..boards.host_folder import HostFolder
from ..core import AtBreakpoints
from ..loading.guest import Guest
from ..loading.places import Places
from ..machine.console import Console
from ..machine.door import RecordedDoor
from ..machine.elf import LoadedElf
from ..machine.events import EventStream
from ..machine.host_pace import HostPace
from ..machine.ram import GuestRam
from ..wild.names import Names
from ..wild.words import Words

_ATOMS: Final = frozenset({
    int, str, bytes, float, bool, type(None), type(Ellipsis), type(NotImplemented), slice, range, property, mmap.mmap,
    memoryview, types.ModuleType, types.BuiltinFunctionType, types.CodeType, types.WrapperDescriptorType,
    types.MethodWrapperType, types.MethodDescriptorType, fractions.Fraction, datetime.timedelta, datetime.datetime,
    pathlib.PosixPath, weakref.ref, weakref.WeakSet, type(threading.Lock()), types.MappingProxyType,
})  # fmt: skip
"""What has no state, or only the host's."""
_HOST: Final = (
    Description, Brake, AtBreakpoints, EventStream, HostPace, RecordedDoor, Peers, Guest, LoadedElf, Places, Names,
    HostFolder, Words, enum.Enum, type,
)  # fmt: skip
_MODEL: Final = ("trapline.isa.model.", "trapline.isa.lang.", "trapline.asmgen.", "trapline.isa.engine.layout")
_EMPTY: Final = object()


class CaptureError(TraplineError):
    """A machine has an object of a kind whose state nobody knows how to keep."""


Restore = Callable[[], None]


class Found:
    """What a walk from a machine has met: how to put back each object's state, its RAM blocks, engines and blocks of
    registers."""

    def __init__(self, root: object) -> None:
        """Raises CaptureError."""
        self.held: list[tuple[Callable[[Any, Any], None], object, object]] = []
        self.rams: list[GuestRam] = []
        self.engines: list[ReferenceEngine] = []
        self._seen: set[int] = set()
        self._kept: list[object] = []
        """Temporary objects, whose identity must not be taken again while the walk lasts."""
        stack: list[object] = [root]
        seen = self._seen
        while stack:
            one = stack.pop()
            if type(one) in _ATOMS or id(one) in seen:
                continue
            seen.add(id(one))
            stack += self._visit(one)
        self._kept.clear()

    def restore(self) -> None:
        """Puts back the state of all objects."""
        for put, one, state in self.held:
            put(one, state)

    def _visit(self, one: object) -> list[object]:
        """Keeps the state of an object; what it refers to."""
        kind = type(one)
        visit = _VISITS.get(kind)
        if visit is not None:
            return visit(self, one)
        if isinstance(one, _HOST) or kind.__module__.startswith(_MODEL) or kind.__mro__[-2].__module__ == "_ctypes":
            return []
        if isinstance(one, GuestRam):
            self.rams.append(one)
            return []
        if isinstance(one, ReferenceEngine):
            self.engines.append(one)
            return [one.state]
        if isinstance(one, State):
            return list(one.blocks.values())
        if isinstance(one, Console):
            outside = (one.sinks, one.shows)
            return [*(other for other in self._instance(one) if other not in outside), *one.inner_sinks()]
        for base, visit in _VISITS.items():
            if isinstance(one, base):
                # A Counter, an OrderedDict, a named tuple.
                return visit(self, one)
        if isinstance(one, msgspec.Struct):
            return self._struct(one)
        if kind.__module__.startswith(("trapline.", "msgspec", "builtins", "functools")) and (
            hasattr(one, "__dict__") or any(True for _ in _slots(kind))
        ):
            return self._instance(one)
        raise CaptureError(
            f"nobody knows how to keep a {kind.__module__}.{kind.__qualname__}",
            "name its kind in server/timeline/objects.py",
        )

    def _keep(self, put: Callable[[Any, Any], None], one: object, state: object) -> None:
        self.held.append((put, one, state))

    def _instance(self, one: object) -> list[object]:
        refers: list[object] = []
        attributes = getattr(one, "__dict__", None)
        if attributes:
            self._keep(_put_attributes, one, attributes.copy())
            refers += attributes.values()
        for name in _slots(type(one)):
            value = getattr(one, name, _EMPTY)
            if value is not _EMPTY:
                self._keep(_put_slot, one, (name, value))
                refers.append(value)
        return refers

    def _struct(self, one: msgspec.Struct) -> list[object]:
        refers = [getattr(one, name) for name in one.__struct_fields__]
        if not one.__struct_config__.frozen:
            self._keep(_put_fields, one, refers)
        return refers

    def _dict(self, one: dict[Any, Any]) -> list[object]:
        self._keep(_put_dict, one, dict(one))
        return [*one.keys(), *one.values()]

    def _list(self, one: list[Any]) -> list[object]:
        state = one.copy()
        self._keep(_put_list, one, state)
        return state

    def _set(self, one: set[Any]) -> list[object]:
        state = list(one)
        self._keep(_put_set, one, state)
        return state

    def _deque(self, one: collections.deque[Any]) -> list[object]:
        state = list(one)
        self._keep(_put_deque, one, state)
        return state

    def _bytearray(self, one: bytearray) -> list[object]:
        self._keep(_put_bytes, one, bytes(one))
        return []

    def _tuple(self, one: tuple[Any, ...] | frozenset[Any]) -> list[object]:
        return list(one)

    def _function(self, one: types.FunctionType) -> list[object]:
        return [*(one.__closure__ or ()), *(one.__defaults__ or ()), *vars(one).values()]

    def _cell(self, one: types.CellType) -> list[object]:
        try:
            contents = one.cell_contents
        except ValueError:  # empty
            return []
        self._keep(_put_cell, one, contents)
        return [contents]

    def _method(self, one: types.MethodType) -> list[object]:
        return [one.__self__]

    def _partial(self, one: functools.partial[Any]) -> list[object]:
        return [one.func, *one.args, *one.keywords.values()]

    def _block(self, one: PythonBlock | BufferBlock) -> list[object]:
        self._keep(_put_block, one, one.save())
        return []


_VISITS: Final[dict[type, Callable[[Found, Any], list[object]]]] = {
    dict: Found._dict,
    list: Found._list,
    set: Found._set,
    tuple: Found._tuple,
    frozenset: Found._tuple,
    collections.deque: Found._deque,
    bytearray: Found._bytearray,
    types.FunctionType: Found._function,
    types.CellType: Found._cell,
    types.MethodType: Found._method,
    functools.partial: Found._partial,
    PythonBlock: Found._block,
    BufferBlock: Found._block,
}


@functools.cache
def _slot_names(kind: type) -> tuple[str, ...]:
    names: list[str] = []
    for base in kind.__mro__:
        own = base.__dict__.get("__slots__", ())
        for name in (own,) if isinstance(own, str) else own:
            if name in ("__dict__", "__weakref__"):
                continue
            is_private = name.startswith("__") and not name.endswith("__")
            names.append(f"_{base.__name__.lstrip('_')}{name}" if is_private else name)
    return tuple(names)


def _slots(kind: type) -> Iterator[str]:
    return iter(_slot_names(kind))


def _put_attributes(one: object, state: dict[str, object]) -> None:
    attributes = vars(one)
    attributes.clear()
    attributes.update(state)


def _put_slot(one: object, state: tuple[str, object]) -> None:
    # A frozen class has no other way.
    object.__setattr__(one, *state)


def _put_fields(one: msgspec.Struct, state: list[object]) -> None:
    for name, value in zip(one.__struct_fields__, state, strict=True):
        setattr(one, name, value)


def _put_dict(one: dict[Any, Any], state: dict[Any, Any]) -> None:
    dict.clear(one)
    dict.update(one, state)


def _put_list(one: list[Any], state: list[Any]) -> None:
    one[:] = state


def _put_bytes(one: bytearray, state: bytes) -> None:
    one[:] = state


def _put_set(one: set[Any], state: list[Any]) -> None:
    one.clear()
    one.update(state)


def _put_deque(one: collections.deque[Any], state: list[Any]) -> None:
    one.clear()
    one.extend(state)


def _put_cell(one: types.CellType, state: object) -> None:
    one.cell_contents = state


def _put_block(one: PythonBlock | BufferBlock, state: object) -> None:
    one.load(state)
