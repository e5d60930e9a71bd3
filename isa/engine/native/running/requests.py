"""The engine's side of `operations`: Python callables that take their arguments from the scratch places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import EngineError
from ...interface import ByteOrder
from ...python_helpers import HELPERS
from ..shared import Area, Operation
from ..shared import cpu_layout as cpu

if TYPE_CHECKING:
    from .watching import NativeWatch

Request = Callable[[], None]

_ENGINE = frozenset({
    "set_timer", "cancel_timer", "request_poll", "tlb_flush", "tlb_flush_page", "tlb_flush_context", "code_changed",
    "is_ram", "translated",
})  # fmt: skip
"""Built-ins that are methods of the engine, with their constants behind their arguments."""
_PLACE = 16
_SCRATCH = cpu.SCRATCH >> 3
_DOUBLEWORD = (1 << 64) - 1


def make_request(engine: NativeWatch, area: Area, operation: Operation) -> Request:
    """The callable for one operation. Raises EngineError for one that only devices have."""
    order: ByteOrder = "big" if operation.order == "big" else "little"
    if operation.name == "load":
        size, kind = operation.constants
        return lambda: area.set_wide(cpu.SCRATCH, engine.load_as(area.words[cpu.SCRATCH >> 3], size, kind))
    if operation.name == "store":
        size, kind = operation.constants
        return lambda: engine.store_as(area.words[cpu.SCRATCH >> 3], size, _argument(area, 1, 8 * size), kind)
    if operation.name == "load_device":
        return _load_device(engine, area, operation.constants[0])
    if operation.name == "store_device":
        return _store_device(engine, area, operation.constants[0])
    if operation.name == "read_physical":
        (size,) = operation.constants
        return lambda: area.set_wide(cpu.SCRATCH, engine.read_physical(area.words[cpu.SCRATCH >> 3], size, order))
    if operation.name == "write_physical":
        (size,) = operation.constants
        return lambda: engine.write_physical(area.words[cpu.SCRATCH >> 3], size, _argument(area, 1, 8 * size), order)
    function = _function(engine, operation)

    def request() -> None:
        arguments = [_argument(area, at, width) for at, width in enumerate(operation.widths)]
        results = function(*arguments)
        if results is None:
            return
        for at, value in enumerate(results if isinstance(results, tuple) else (results,)):
            area.set_wide(cpu.SCRATCH + _PLACE * at, value)

    return request


def _load_device(engine: NativeWatch, area: Area, size: int) -> Request:
    words, load = area.words, engine.load_device

    def request() -> None:
        value = load(words[_SCRATCH], words[_SCRATCH + 4], size)
        words[_SCRATCH] = value & _DOUBLEWORD
        words[_SCRATCH + 1] = value >> 64

    return request


def _store_device(engine: NativeWatch, area: Area, size: int) -> Request:
    words, store = area.words, engine.store_device
    return lambda: store(words[_SCRATCH], words[_SCRATCH + 4], size, _argument(area, 1, 8 * size))


def _argument(area: Area, at: int, width: int) -> int:
    return area.wide(cpu.SCRATCH + _PLACE * at) & ((1 << width) - 1)


def _function(engine: NativeWatch, operation: Operation) -> Callable[..., Any]:
    name, constants = operation.name, operation.constants
    if name in _ENGINE:
        method = getattr(engine, name)
        return lambda *arguments: method(*arguments, *constants)
    if not name.startswith("fp_"):
        raise EngineError(f"the native engine has no built-in '{name}'", hint="--engine reference")
    width = operation.widths[0]
    if name.startswith("fp_to_"):
        to_int: Any = HELPERS["fp_to_int"]
        return lambda value, mode: to_int(value, width, constants[0], name == "fp_to_signed", mode)
    if name.startswith("fp_from_"):
        from_int: Any = HELPERS["fp_from_int"]
        return lambda value, mode: from_int(value, width, name == "fp_from_signed", constants[0], mode)
    if name == "fp_compare":
        relation: Any = HELPERS["fp_relation"]
        return lambda left, right: relation(left, right, width)
    operate: Any = HELPERS["fp_round_to_integral" if name == "fp_round" else name]
    return lambda *arguments: operate(*arguments[:-1], width, *constants, arguments[-1])


def arguments_reader(widths: Sequence[int]) -> Callable[[memoryview], tuple[int, ...]]:
    """What reads the arguments of an exit whose parameters have these widths."""
    first = cpu.EXIT_ARGUMENTS >> 3
    if len(widths) == 1 and widths[0] <= 64:
        return lambda words: (words[first],)
    return lambda words: tuple(words[first + 2 * at] | words[first + 2 * at + 1] << 64 for at in range(len(widths)))
