"""What a debugger asks, as works: each is done so many times on a stopped guest, and gives its seconds."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from ..architectures import POWER, Architecture
from ..timing import PeerError
from .peers import Stub, StubClient

_BLOCK = 0x400
"""Bytes of one memory packet: QEMU's stub takes packets of 4096 bytes and loses longer ones."""
_LOAD = 4 << 20
_BUFFER = {"power": 0x0080_0000, "arm": 0x4080_0000}
_COUNT = {"power": "r31", "arm": "r7"}


@dataclass(frozen=True, slots=True)
class Work:
    """`run` gives the seconds of each time (several: the median is the figure, the longest is told as well)."""

    name: str
    title: str
    run: Callable[[Stub, Architecture], list[float]]
    goal: float = 1.0


def _timed(ask: Callable[[], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append(time.perf_counter() - began)
    return found


def _expect(reply: bytes, *starts: bytes) -> bytes:
    if not reply.startswith(starts):
        raise PeerError(f"a stub answered {reply[:40]!r}, not {starts!r}")
    return reply


def _at_tick(stub: Stub) -> StubClient:
    """A client of the guest, stopped in its loop at `tick`, no breakpoint set."""
    client = stub.client()
    tick = stub.symbols["tick"]
    _set(client, tick)
    _resume(client, b"c")
    _clear(client, tick)
    return client


def _set(client: StubClient, address: int) -> None:
    _expect(client.ask(b"Z0,%x,4" % address), b"OK")


def _clear(client: StubClient, address: int) -> None:
    _expect(client.ask(b"z0,%x,4" % address), b"OK")


def _resume(client: StubClient, how: bytes) -> None:
    _expect(client.ask(b"vCont;" + how), b"T05")


def _registers(stub: Stub, arch: Architecture) -> list[float]:
    with _at_tick(stub) as client:
        return _timed(lambda: client.ask(b"g"), 300)


def _read(stub: Stub, arch: Architecture) -> list[float]:
    with _at_tick(stub) as client:
        packet = b"m%x,%x" % (_BUFFER[arch.name], _BLOCK)
        return _timed(lambda: _full(client.ask(packet)), 300)


def _full(reply: bytes) -> None:
    if len(reply) != 2 * _BLOCK:
        raise PeerError(f"a stub answered {len(reply)} digits for {_BLOCK} bytes: {reply[:20]!r}")


def _write(stub: Stub, arch: Architecture) -> list[float]:
    with _at_tick(stub) as client:
        packet = b"M%x,%x:" % (_BUFFER[arch.name], _BLOCK) + b"5a" * _BLOCK
        return _timed(lambda: _expect(client.ask(packet), b"OK"), 300)


def _step(stub: Stub, arch: Architecture) -> list[float]:
    with _at_tick(stub) as client:
        return _timed(lambda: _resume(client, b"s"), 300)


def _to_breakpoint(stub: Stub, arch: Architecture) -> list[float]:
    """From `tick` to `again` and back, a breakpoint set before and removed behind each run."""
    tick, again = stub.symbols["tick"], stub.symbols["again"]

    def turn(client: StubClient) -> None:
        for address in (again, tick):
            _set(client, address)
            _resume(client, b"c")
            _clear(client, address)

    with _at_tick(stub) as client:
        return [seconds / 2 for seconds in _timed(lambda: turn(client), 150)]


def _over_breakpoint(stub: Stub, arch: Architecture) -> list[float]:
    """What gdb does for `continue` at a breakpoint: remove, step, insert, resume."""
    tick = stub.symbols["tick"]

    def turn(client: StubClient) -> None:
        _clear(client, tick)
        _resume(client, b"s")
        _set(client, tick)
        _resume(client, b"c")

    with _at_tick(stub) as client:
        _set(client, tick)
        found = _timed(lambda: turn(client), 300)
        _clear(client, tick)
        return found


def _ctrl_c(stub: Stub, arch: Architecture) -> list[float]:
    found = []
    with _at_tick(stub) as client:
        for number in range(20):
            client.send(b"vCont;c")
            # Nobody's finger is faster than that.
            time.sleep(0.05 + 0.001 * (number % 7))
            began = time.perf_counter()
            client.interrupt()
            _expect(client.receive(), b"T02")
            found.append(time.perf_counter() - began)
    return found


def _load(stub: Stub, arch: Architecture) -> list[float]:
    """4 MB, as gdb loads: in the longest packets that a stub takes, binary ones where it knows them."""
    base = _BUFFER[arch.name]
    with _at_tick(stub) as client:
        is_binary = client.write_memory(base, b"") == b"OK"
        size = 1 << (client.packet_size.bit_length() - 3)
        data = bytes(range(1, 33)) * (size // 32)

        def load() -> None:
            for at in range(base, base + _LOAD, size):
                if is_binary:
                    _expect(client.write_memory(at, data), b"OK")
                else:
                    _expect(client.ask(b"M%x,%x:" % (at, size) + data.hex().encode()), b"OK")

        return _timed(load, 1)


def missing_gdb() -> str | None:
    """Why conditions cannot be measured, or None."""
    return None if shutil.which("gdb-multiarch") else "gdb-multiarch is not installed (Debian package gdb-multiarch)"


def _condition(stub: Stub, arch: Architecture) -> list[float]:
    """Seconds of a turn of the loop past `break tick if COUNT == N` in a real gdb, which sends conditions if it can."""
    # Enough that what is done once, such as compiling the condition, counts for little.
    turns = 200_000 if stub.name == "trapline" else 1_000
    count = f"${_COUNT[arch.name]}"
    architecture = "powerpc:common64" if arch == POWER else "armv7"
    commands = (
        "set confirm off", f"set architecture {architecture}", f"target remote {stub.socket}",
        "tbreak tick", "continue",
        f"python limit = int(gdb.parse_and_eval('{count}')) + {turns}",
        f"python gdb.execute('break tick if {count} == %d' % limit)",
        "python import time; began = time.perf_counter()", "continue",
        "python print('TOOK', time.perf_counter() - began)", "delete", "detach",
    )  # fmt: skip
    arguments = [part for command in commands for part in ("-ex", command)]
    done = subprocess.run(
        ["gdb-multiarch", "-nx", "-batch", *arguments, str(stub.elf)],
        capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    took = re.search(r"^TOOK (\S+)$", done.stdout, re.MULTILINE)
    if took is None:
        raise PeerError(f"gdb did not get there: {(done.stdout + done.stderr).strip()[-300:]}")
    return [float(took[1]) / turns]


WORKS = (
    Work("g", "all registers", _registers),
    Work("m", "read 1 KB of memory", _read),
    Work("M", "write 1 KB of memory", _write),
    Work("step", "one instruction", _step),
    Work("c", "insert a breakpoint, run to it, remove it", _to_breakpoint),
    Work("z/s/Z/c", "continue at a breakpoint", _over_breakpoint),
    Work("Ctrl-C", "stop a hot loop", _ctrl_c),
    Work("load", "load 4 MB", _load),
    Work("condition", "a turn past a breakpoint whose condition is false, by gdb", _condition, goal=50.0),
)
"""In the order of the table. `goal`: how many times as quick as QEMU's stub."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Of one work on one stub, a time: the median of all samples, and the longest."""

    usual: float
    worst: float


def seconds(samples: list[float]) -> Seconds:
    """Of one sample or more."""
    return Seconds(median(samples), max(samples))
