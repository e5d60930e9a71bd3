"""Run-time abstraction services of a partition. The machine performs them; RTAS itself is five instructions.

PAPR 2.x, chapter 7. Tokens, argument names and status codes are the description's (`hypervisor/rtas.isa`).
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from .....isa.cache_files import cache_directory, digest_of, files_in, kept, remove_old
from .....isa.engine.kept import kept_product
from .....isa.errors import TraplineError
from .....isa.model.items import Description
from ....core import Core
from ....hv.kvm import MpState
from ....machine.console import Console
from ....machine.nvram import NVRAM_SIZE, Nvram
from ....machine.physical import PhysicalMemory
from ....tree.vcpu import MachineVcpu

EPOCH: Final = datetime.datetime(2012, 1, 1, tzinfo=datetime.UTC)
"""What the clock shows when the machine starts: runs do not depend on the day on which they happen."""
_MOST_WORDS: Final = 8

Status = tuple[int, ...]
"""Results of a service, its status first (unsigned)."""


def rtas_stub(description: Description) -> bytes:
    """The code that a partition calls: passes its argument block on to the machine."""
    return kept_product(description.fingerprint, "RTAS stub", lambda: _stub(description))


def _stub(description: Description) -> bytes:
    number = next(call.number for call in description.hypercalls.values() if call.name == "H_RTAS")
    text = f"""_start: mr %r4, %r3
        lis %r3, {number >> 16:#x}
        ori %r3, %r3, {number & 0xFFFF:#x}
        sc 1
        blr
    """
    # Kept, since the assembler takes longer to import than all that a machine needs.
    assembler = digest_of("assembler", files_in(Path(__file__).resolve().parents[4] / "asmgen", ".py", below=True))
    digest = hashlib.sha256(f"{description.fingerprint} {assembler} {text}".encode())
    place = cache_directory() / f"rtas-{description.core}-{digest.hexdigest()[:24]}.stub"

    def made() -> bytes:
        remove_old(place.parent, rf"rtas-{re.escape(description.core)}-[0-9a-f]{{24}}\.stub")
        return _assembled(description, text)

    return kept(place, made)


def _assembled(description: Description, text: str) -> bytes:
    from .....asmgen import Source, assemble, target_for

    image = assemble([Source("rtas stub", text)], target_for(description))
    return b"".join(section.data for section in image.sections)


def rtas_tokens(description: Description) -> dict[str, int]:
    """Property names of the device tree to tokens, of the services that there are."""
    calls = description.hypercalls.values()
    return {call.title: call.number for call in calls if call.abi == "rtas" and call.name in _SERVICES}


class RtasServices(msgspec.Struct, eq=False):
    """The services. `power_off`, `reset` and `panic` end the machine, `now` is guest time since its start."""

    core: Core
    console: Console
    memory: PhysicalMemory
    store: Callable[[int, bytes], None]
    """Writes partition memory in which there may be code. Raises TraplineError where there is none."""
    nvram: Nvram
    vcpu: Callable[[int], MachineVcpu | None]
    now: Callable[[], datetime.timedelta]
    power_off: Callable[[str], None]
    reset: Callable[[str], None]
    panic: Callable[[str], None]
    start: Callable[[MachineVcpu, int, int], None]
    """Starts a stopped vcpu at an address, with a value in r3."""
    clock_ahead: datetime.timedelta = datetime.timedelta()
    """How far set-time-of-day has put the clock ahead of `EPOCH` plus guest time."""

    def call(self, vcpu: MachineVcpu, block: int) -> bool:
        """Performs the service that the argument block at real address `block` asks for; False if it is no block."""
        try:
            token, inputs, outputs = (self.memory.read_int(block + 4 * n, 4, "big") for n in range(3))
            if max(inputs, outputs) > _MOST_WORDS:
                return False
            arguments = tuple(self.memory.read_int(block + 12 + 4 * n, 4, "big") for n in range(inputs))
            service = self.core.hypercall("rtas", token)
            handler = None if service is None else _SERVICES.get(service.name)
            if handler is None or service is None or len(arguments) < len(service.arguments):
                results: Status = (self.status("RTAS_NOT_SUPPORTED" if handler is None else "RTAS_PARAMETER"),)
            else:
                results = handler(self, vcpu, arguments)
            for n, value in enumerate(results[:outputs]):
                self.memory.write_int(block + 12 + 4 * (inputs + n), 4, value, "big")
        except TraplineError:
            # The block does not lie in the partition's memory.
            return False
        return True

    def snapshot(self) -> bytes:
        """Non-volatile memory, and how far the clock is ahead."""
        return msgspec.msgpack.encode((bytes(self.nvram.data), self.clock_ahead))

    def restore(self, snapshot: bytes) -> None:
        """Takes a snapshot back."""
        data, self.clock_ahead = msgspec.msgpack.decode(snapshot, type=tuple[bytes, datetime.timedelta])
        self.nvram.data[:] = data

    def status(self, name: str) -> int:
        """A status code by its name."""
        return self.core.return_code("rtas", name)


def _display_character(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    rtas.console.write(bytes([arguments[0] & 0xFF]))
    return (rtas.status("RTAS_SUCCESS"),)


def _get_time_of_day(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    now = EPOCH + rtas.now() + rtas.clock_ahead
    fields = (now.year, now.month, now.day, now.hour, now.minute, now.second, now.microsecond * 1000)
    return rtas.status("RTAS_SUCCESS"), *fields


def _set_time_of_day(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    year, month, day, hour, minute, second, nanosecond = arguments[:7]
    try:
        wanted = datetime.datetime(year, month, day, hour, minute, second, nanosecond // 1000, tzinfo=datetime.UTC)
        rtas.clock_ahead = wanted - EPOCH - rtas.now()
    except (ValueError, OverflowError):
        return (rtas.status("RTAS_PARAMETER"),)
    return (rtas.status("RTAS_SUCCESS"),)


def _nvram_fetch(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    index, buffer, length = arguments[:3]
    found = rtas.nvram.fetch(index, length)
    if found is None:
        return rtas.status("RTAS_PARAMETER"), 0
    try:
        rtas.store(buffer, found)
    except TraplineError:
        return rtas.status("RTAS_PARAMETER"), 0
    return rtas.status("RTAS_SUCCESS"), length


def _nvram_store(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    index, buffer, length = arguments[:3]
    try:
        stored = length <= NVRAM_SIZE and rtas.nvram.store(index, rtas.memory.read(buffer, length))
    except TraplineError:
        stored = False
    return (rtas.status("RTAS_SUCCESS"), length) if stored else (rtas.status("RTAS_PARAMETER"), 0)


def _power_off(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    rtas.power_off("RTAS power-off")
    return (rtas.status("RTAS_SUCCESS"),)


def _system_reboot(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    rtas.reset("RTAS system-reboot")
    return (rtas.status("RTAS_SUCCESS"),)


def _os_term(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    text = rtas.memory.read(arguments[0], min(256, _bytes_from(rtas.memory, arguments[0])))
    rtas.panic(text.split(b"\0")[0].decode("latin-1"))
    return (rtas.status("RTAS_SUCCESS"),)


def _bytes_from(memory: PhysicalMemory, address: int) -> int:
    slot = memory.slot_at(address)
    return 0 if slot is None else slot.end - address


def _query_cpu_stopped_state(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    target = rtas.vcpu(arguments[0])
    if target is None:
        return (rtas.status("RTAS_PARAMETER"),)
    # 0: stopped, 1: being stopped, 2: not stopped.
    return rtas.status("RTAS_SUCCESS"), 0 if target.mp_state is MpState.STOPPED else 2


def _start_cpu(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    number, address, r3 = arguments[:3]
    target = rtas.vcpu(number)
    if target is None or target.mp_state is not MpState.STOPPED:
        return (rtas.status("RTAS_PARAMETER"),)
    rtas.start(target, address, r3)
    return (rtas.status("RTAS_SUCCESS"),)


def _stop_self(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    vcpu.mp_state = MpState.STOPPED
    return (rtas.status("RTAS_SUCCESS"),)


def _quiesce(rtas: RtasServices, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Status:
    return (rtas.status("RTAS_SUCCESS"),)


_SERVICES: Final[dict[str, Callable[[RtasServices, MachineVcpu, tuple[int, ...]], Status]]] = {
    "display_character": _display_character,
    "get_time_of_day": _get_time_of_day,
    "set_time_of_day": _set_time_of_day,
    "nvram_fetch": _nvram_fetch,
    "nvram_store": _nvram_store,
    "power_off": _power_off,
    "system_reboot": _system_reboot,
    "os_term": _os_term,
    "query_cpu_stopped_state": _query_cpu_stopped_state,
    "start_cpu": _start_cpu,
    "stop_self": _stop_self,
    "quiesce": _quiesce,
}
