"""`monitor watch`: watchpoints on physical addresses and on devices' registers, which gdb's cannot be on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...core import Core
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..controls import Controls
from ..watches import KINDS, WatchError
from .words import number, options, which

WATCH_USAGE: Final = (
    "watch phys=ADDRESS|host=ADDRESS|device=NAME|ADDRESS [size=N] [read|write|access], watch delete NUMBER|all"
)
_MOST_BYTES: Final = 1 << 30


def watch_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Makes, lists and deletes the monitor's watchpoints."""
    watches = target.watches
    if not words:
        context.write("".join(f"{one}\n" for one in watches) or "no watchpoints of the monitor's\n")
        return [str(one) for one in watches]
    try:
        if words[0] == "delete":
            for one in which("watch", words[1:], [watch.number for watch in watches]):
                watches.remove(one)
            target.apply_watches()
            return None
        made = _add(target, target.vcpu(context.thread).core, words)
    except WatchError as error:
        raise MonitorError(f"watch: {error}") from error
    target.apply_watches()
    context.at_end(target.forget_watches)
    context.write(f"{made}\n")
    return str(made)


def _add(target: Controls, core: Core, words: Sequence[str]) -> object:
    given, rest = options("watch", words, ("phys", "host", "device", "size"))
    kind = KINDS.get(rest[0] if rest else "write")
    places = [name for name in ("phys", "host", "device") if name in given]
    if kind is None or len(rest) > 1 or len(places) != 1:
        raise MonitorError(f"watch: say one place, and {', '.join(KINDS)}: `monitor help watch` shows what it takes")
    size = number(core, "watch", [given["size"]], 0) if "size" in given else 0
    if "size" in given and not 0 < size <= _MOST_BYTES:
        raise MonitorError(f"watch: {size} bytes cannot be watched: 1 to {_MOST_BYTES}")
    if places[0] == "device":
        name, offset, length = _device(target, core, given["device"])
        return target.watches.add(given["device"], size or length, kind, None, name, offset)
    address = number(core, "watch", [given[places[0]]], 0)
    physical = address
    if places[0] == "phys":
        if target.machine.memory.slot_at(address) is None:
            hint = f"a device is watched by device={address:#x}"
            raise MonitorError(f"watch: the guest has no memory at {address:#x}; {hint}")
        physical = target.machine.core_address(address)
    shown = f"{places[0]}={address:#x}"
    return target.watches.add(shown, size or core.description.address_width // 8, kind, physical)


def _device(target: Controls, core: Core, word: str) -> tuple[str, int, int]:
    """(a device's name, the offset of what is watched, how many bytes of it are)."""
    windows = target.machine.bus.windows
    for window in windows:
        if window.device.name == word:
            return word, 0, window.device.size
    if not word[:1].isdigit():
        names = ", ".join(dict.fromkeys(window.device.name for window in windows))
        raise MonitorError(f"watch: there is no device {word[:40]!r}" + (f": there are {names}" if names else ""))
    address = number(core, "watch", [word], 0)
    found = target.machine.bus.window_at(address)
    if found is None:
        raise MonitorError(f"watch: no device is at {address:#x}")
    return found.device.name, address - found.base, 4
