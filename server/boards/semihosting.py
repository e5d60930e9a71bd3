"""Semihosting for Arm programs on bare metal: the console, the command line, time, and an end with a status.

Arm IHI 0046, section 5; numbers and names are the description's (`semihosting.isa`). Files of the host can be reached
in the one folder that was named for it, if one was (`host_folder.py`); otherwise the console, `:tt`, and the feature
byte that says that SYS_EXIT_EXTENDED is there are all that can be opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ..core import Core
from ..machine.console import Console
from .guest_view import GuestView, NotThereError
from .host_folder import HostFolder
from .power.papr.rtas import EPOCH
from .semihosting_files import Files, OpenFile

_MOST_BYTES: Final = 1 << 20
"""Of one operation; a program that writes more is told that the rest was not written."""


@dataclass
class Semihosting:
    """One machine's. `leave` ends the run with a status."""

    console: Console
    command_line: str
    ticks: Callable[[], int]
    """Since the start: what SYS_ELAPSED counts."""
    ticks_per_second: int
    leave: Callable[[int], None]
    folder: HostFolder | None = None
    files: Files = field(init=False)
    _error: str = ""

    def __post_init__(self) -> None:
        self.files = Files(self.folder)

    def call(self, core: Core, number: int) -> None:
        """Performs the operation that r0 asks for."""
        abi = core.description.abis["semihosting"]
        call = core.hypercall("semihosting", number)
        handler = None if call is None else _OPERATIONS.get(call.name)
        result: int | None = None
        if handler is None:
            self._error = "ENOSYS"
        else:
            try:
                result = handler(self, core, core.read_ref(abi.arguments[0]))
            except NotThereError:
                self._error = "EACCES"
        failed = core.return_code("semihosting", "SEMIHOSTING_FAILED")
        core.write_ref(abi.results[0], failed if result is None else result)

    def failed(self, error: str) -> None:
        """An operation fails, for a reason that SYS_ERRNO tells."""
        self._error = error

    def file(self, handle: int) -> OpenFile | None:
        """The file behind a handle, or None and an error."""
        found = self.files.handles.get(handle)
        if found is None:
            self._error = "EBADF"
        return found

    def give_to_host(self, name: str | None = None) -> None:
        """The folder gets what the program has written, to one file or to all; not again when it is done again."""
        if not self.console.is_muted and not self.files.give_to_host(None if name is None else [name]):
            self._error = "EACCES"

    def error_number(self, core: Core) -> int:
        """What SYS_ERRNO gives; 0 before anything has failed."""
        return core.description.enums["semihosting_errno"].members.get(self._error, 0)


def _open(it: Semihosting, core: Core, block: int) -> int | None:
    view = GuestView(core)
    name, mode, length = view.words(block, 3)
    text = view.read(name, min(length, 256)).split(b"\0")[0]
    found = it.files.open(text.decode("utf-8", "replace"), mode)
    if isinstance(found, str):
        it.failed(found)
        return None
    return found


def _close(it: Semihosting, core: Core, block: int) -> int | None:
    (handle,) = GuestView(core).words(block, 1)
    file = it.file(handle)
    if file is None:
        return None
    del it.files.handles[handle]
    if file.name and file.can_write:
        it.give_to_host(file.name)
    return 0


def _writec(it: Semihosting, core: Core, block: int) -> int | None:
    it.console.write(GuestView(core).read(block, 1))
    return 0


def _write0(it: Semihosting, core: Core, block: int) -> int | None:
    it.console.write(GuestView(core).string(block, _MOST_BYTES))
    return 0


def _write(it: Semihosting, core: Core, block: int) -> int | None:
    view = GuestView(core)
    handle, address, length = view.words(block, 3)
    file = it.file(handle)
    if file is None or not file.can_write:
        it.failed("EBADF")
        return length
    count = min(length, _MOST_BYTES)
    data = view.read(address, count)
    if file.content is None:
        it.console.write(data)
        return length - count
    it.files.note(file)
    return length - file.put(data)


def _read(it: Semihosting, core: Core, block: int) -> int | None:
    view = GuestView(core)
    handle, address, length = view.words(block, 3)
    file = it.file(handle)
    if file is None or not file.can_read:
        it.failed("EBADF")
        return length
    wanted = min(length, _MOST_BYTES)
    data = it.console.take(wanted) if file.content is None else file.take(wanted)
    view.write(address, data)
    return length - len(data)


def _readc(it: Semihosting, core: Core, block: int) -> int | None:
    typed = it.console.take(1)
    return typed[0] if typed else None


def _iserror(it: Semihosting, core: Core, block: int) -> int | None:
    (status,) = GuestView(core).words(block, 1)
    return status >> 31


def _istty(it: Semihosting, core: Core, block: int) -> int | None:
    file = it.file(*GuestView(core).words(block, 1))
    return None if file is None else int(file.content is None)


def _seek(it: Semihosting, core: Core, block: int) -> int | None:
    handle, place = GuestView(core).words(block, 2)
    file = it.file(handle)
    if file is None or file.content is None or place > len(file.content):
        return None
    file.at = place
    return 0


def _flen(it: Semihosting, core: Core, block: int) -> int | None:
    file = it.file(*GuestView(core).words(block, 1))
    return None if file is None else len(file.content or b"")


def _name(view: GuestView, address: int, length: int) -> str:
    return view.read(address, min(length, 256)).split(b"\0")[0].decode("utf-8", "replace")


def _remove(it: Semihosting, core: Core, block: int) -> int | None:
    view = GuestView(core)
    name = _name(view, *view.words(block, 2))
    if not it.files.remove(name):
        it.failed("ENOENT")
        return None
    it.give_to_host(name)
    return 0


def _rename(it: Semihosting, core: Core, block: int) -> int | None:
    view = GuestView(core)
    name, length, other, its_length = view.words(block, 4)
    old, new = _name(view, name, length), _name(view, other, its_length)
    if not it.files.rename(old, new):
        it.failed("ENOENT")
        return None
    it.give_to_host(new)
    it.give_to_host(old)
    return 0


def _clock(it: Semihosting, core: Core, block: int) -> int | None:
    return it.ticks() * 100 // it.ticks_per_second & 0xFFFF_FFFF


def _time(it: Semihosting, core: Core, block: int) -> int | None:
    return int(EPOCH.timestamp()) + it.ticks() // it.ticks_per_second & 0xFFFF_FFFF


def _errno(it: Semihosting, core: Core, block: int) -> int | None:
    return it.error_number(core)


def _get_cmdline(it: Semihosting, core: Core, block: int) -> int | None:
    view = GuestView(core)
    buffer, size = view.words(block, 2)
    text = it.command_line.encode()
    if len(text) >= size:
        return None
    view.write(buffer, text + b"\0")
    view.write_words(block, buffer, len(text))
    return 0


def _heapinfo(it: Semihosting, core: Core, block: int) -> int | None:
    view = GuestView(core)
    (target,) = view.words(block, 1)
    view.write_words(target, 0, 0, 0, 0)
    return 0


def _exit(it: Semihosting, core: Core, block: int) -> int | None:
    it.give_to_host()
    it.leave(_status(core, block, 0))
    return 0


def _exit_extended(it: Semihosting, core: Core, block: int) -> int | None:
    reason, status = GuestView(core).words(block, 2)
    it.give_to_host()
    it.leave(_status(core, reason, status))
    return 0


def _status(core: Core, reason: int, status: int) -> int:
    """A program that ends for another reason than that it wants to has failed."""
    return status if reason == core.constant("ADP_STOPPED_APPLICATION_EXIT") else 1


def _elapsed(it: Semihosting, core: Core, block: int) -> int | None:
    ticks = it.ticks()
    GuestView(core).write_words(block, ticks, ticks >> 32)
    return 0


def _tickfreq(it: Semihosting, core: Core, block: int) -> int | None:
    return it.ticks_per_second


_OPERATIONS: Final[dict[str, Callable[[Semihosting, Core, int], int | None]]] = {
    "SYS_OPEN": _open,
    "SYS_CLOSE": _close,
    "SYS_WRITEC": _writec,
    "SYS_WRITE0": _write0,
    "SYS_WRITE": _write,
    "SYS_READ": _read,
    "SYS_READC": _readc,
    "SYS_ISERROR": _iserror,
    "SYS_ISTTY": _istty,
    "SYS_SEEK": _seek,
    "SYS_FLEN": _flen,
    "SYS_REMOVE": _remove,
    "SYS_RENAME": _rename,
    "SYS_CLOCK": _clock,
    "SYS_TIME": _time,
    "SYS_ERRNO": _errno,
    "SYS_GET_CMDLINE": _get_cmdline,
    "SYS_HEAPINFO": _heapinfo,
    "SYS_EXIT": _exit,
    "SYS_EXIT_EXTENDED": _exit_extended,
    "SYS_ELAPSED": _elapsed,
    "SYS_TICKFREQ": _tickfreq,
}
"""None: it failed."""
