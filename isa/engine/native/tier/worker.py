"""A process beside this one that writes and compiles regions, so that the guest's thread has nothing of that to do.

It is forked, when something is hot for the first time: it knows the description then without being told, and begins at
once. It works at a lower priority or, for what nobody has paid for, on processors that nobody else wants; on one
request at a time. It ends when nobody is left to answer, and nobody waits for it. What becomes of a request has no
influence on what the guest does: a region does what its instructions do.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import os
import pickle
import select
import signal
import socket
import struct
import time
from typing import NoReturn

import msgspec

from ....model.decoder import Decoder
from ....model.items import Description
from ...errors import EngineError
from ..copies import Kit
from ..shared import give_way, idle_only, settle
from .kept import Kept
from .requests import Made, Request, StencilRequest, source_of, write

_LENGTH = struct.Struct("<I")
_SECONDS = struct.Struct("<d")
_CHUNK = 1 << 16
_SCHEDULED = 2
"""The kind of clock that counts what a process got of processors."""
_NICENESS, _LOWEST = 5, 19
"""Where processors are free the first is nothing; where they are not, the guest has three quarters of both's time."""
_PATIENCE = 0.5
_SHARE = 0.25
"""After so many seconds a process starves that had no more than this part of a processor."""
_MOST_BEGUN = 3
"""How often the process is begun again after it has ended by itself."""


class Order(msgspec.Struct, eq=False):
    """A request under way; `made` stays None where there can be no region, `error` says why LLVM did not make one;
    `kit` are stencils. `seconds` of processor time went into it."""

    ready: bool = False
    made: Made | None = None
    kit: Kit | None = None
    seconds: float = 0.0
    error: EngineError | None = None


class Worker:
    """The process for one description. Nothing here waits for it."""

    def __init__(self, description: Description, kept: Kept | None) -> None:
        """It begins with the first order. `kept` is where it leaves what it makes."""
        self._description = description
        self._kept = kept
        self._socket: socket.socket | None = None
        self._poll = select.poll()
        self._order: Order | None = None
        self._read = bytearray()
        self._begun = 0
        self._at_leisure = self._starved = False
        self._ordered = 0.0, 0.0
        """When, and what the process had had of processors by then."""
        self.process = 0
        """Its number, while there is one."""
        self._own = os.getpid()

    @property
    def free(self) -> bool:
        """Whether it has nothing to do."""
        self.look()
        return self._order is None

    def order(self, request: Request | StencilRequest, at_leisure: bool = False) -> Order:
        """Has a region, or stencils, made; `at_leisure`: by processors that nobody else wants."""
        order = Order()
        if self._starved and not at_leisure:
            self.give_up()
        if self._socket is None and not self._begin(at_leisure):
            order.ready = True
            order.error = EngineError("no process can be begun that compiles it")
            return order
        data = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)
        self._order = order
        self._ordered = time.monotonic(), self._used()
        try:
            assert self._socket is not None
            # What is asked is smaller than what the socket holds, and the process reads nothing else.
            self._socket.sendall(_LENGTH.pack(len(data)) + data)
        except OSError:
            self._lost()
        return order

    def look(self, wait: bool = False) -> None:
        """Takes what the process has answered."""
        while self._order is not None and self._receive(None if wait else 0):
            self._answer()

    def _receive(self, patience: int | None) -> bool:
        """Whether there was something to read, within milliseconds; None: however long it takes."""
        # A guest that leaves native code all the time asks as often: an exception takes as long as all the rest.
        if self._socket is None or not self._poll.poll(patience):
            return False
        try:
            data = self._socket.recv(_CHUNK)
        except OSError:
            data = b""
        if not data:
            self._lost()
            return False
        self._read += data
        return True

    def wait(self) -> None:
        """Until there is an answer: for tests."""
        self.look(wait=True)

    @property
    def starves(self) -> bool:
        """Whether the process works at leisure, and has hardly got at a processor since the last order."""
        began, used = self._ordered
        return self._at_leisure and _too_little(self._used() - used, time.monotonic() - began)

    def _used(self) -> float:
        """Seconds of processor time that the process has had."""
        if not self.process:
            return 0.0
        try:
            # The clock of another process: Linux, include/linux/posix-timers.h.
            return time.clock_gettime(~self.process << 3 | _SCHEDULED)
        except OSError:
            return 0.0

    def give_up(self, reason: EngineError | None = None) -> None:
        """Ends the process, and what was ordered of it with `reason`; another one is begun for the next order."""
        self.end()
        self._read.clear()
        self._begun -= 1
        order, self._order = self._order, None
        if order is not None:
            order.error = reason
            order.ready = True

    def end(self) -> None:
        """Ends the process, whatever it does."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self.process and self._own == os.getpid():
            with contextlib.suppress(OSError):
                os.kill(self.process, signal.SIGKILL)
                os.waitpid(self.process, 0)
            self.process = 0

    def _answer(self) -> None:
        if len(self._read) < _LENGTH.size:
            return
        end = _LENGTH.size + _LENGTH.unpack_from(self._read)[0]
        if len(self._read) < end or self._order is None:
            return
        order, self._order = self._order, None
        kind = self._read[_LENGTH.size]
        self._starved = self.starves
        (order.seconds,) = _SECONDS.unpack_from(self._read, _LENGTH.size + 1)
        data = bytes(self._read[_LENGTH.size + 1 + _SECONDS.size : end])
        del self._read[:end]
        if kind == ord("m"):
            order.made = Made.unpacked(data)
        elif kind == ord("s"):
            order.kit = Kit.unpacked(data)
        elif kind == ord("e"):
            order.error = EngineError(data.decode())
        order.ready = True

    def _lost(self) -> None:
        """The process has ended: LLVM died, say."""
        self.end()
        self._read.clear()
        order, self._order = self._order, None
        if order is not None:
            order.error = EngineError("the process that compiles it has died")
            order.ready = True

    def _begin(self, at_leisure: bool) -> bool:
        if self._begun >= _MOST_BEGUN:
            return False
        self._begun += 1
        # What only the process needs is loaded there.
        ours, its = socket.socketpair()
        try:
            self.process = os.fork()
        except OSError:
            ours.close()
            its.close()
            return False
        if not self.process:
            _serve(its.detach(), self._description, self._kept, at_leisure)
        its.close()
        self._socket, self._poll = ours, select.poll()
        self._poll.register(ours, select.POLLIN)
        self._at_leisure, self._starved = at_leisure, False
        return True


def _too_little(used: float, waited: float) -> bool:
    return waited > _PATIENCE and used < _SHARE * waited


@functools.lru_cache(maxsize=4)
def _worker(fingerprint: str, _: int) -> list[Worker]:
    return []


def worker_of(description: Description, kept: Kept | None) -> Worker:
    """The one of this process for a description."""
    known = _worker(description.fingerprint, os.getpid())
    if not known:
        worker = Worker(description, kept)
        atexit.register(worker.end)
        known.append(worker)
    return known[0]


def _serve(connection: int, description: Description, kept: Kept | None, at_leisure: bool) -> NoReturn:
    """What the process does, until nobody listens."""
    status = 1
    try:
        gc.freeze()
        settle(_LOWEST if at_leisure else _NICENESS, connection)
        if at_leisure:
            give_way(_LOWEST)
            idle_only()
        stream = os.fdopen(connection, "r+b", buffering=0)
        decoders: dict[str, Decoder] = {}
        began = time.process_time()
        while True:
            head = _exactly(stream.read, _LENGTH.size)
            request = pickle.loads(_exactly(stream.read, _LENGTH.unpack(head)[0]))
            if isinstance(request, StencilRequest):
                answer = _stencils(description, request)
            else:
                if request.set_name not in decoders:
                    decoders[request.set_name] = Decoder(description, request.set_name)
                answer = _made(description, decoders[request.set_name], request, kept)
            now = time.process_time()
            answer, began = answer[:1] + _SECONDS.pack(now - began) + answer[1:], now
            data = _LENGTH.pack(len(answer)) + answer
            while data:
                data = data[stream.write(data) or 0 :]
    except (EOFError, OSError):
        status = 0
    finally:
        os._exit(status)


def _exactly(read: object, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = read(size - len(data))  # type: ignore[operator]
        if not more:
            raise EOFError
        data += more
    return data


def _made(description: Description, decoder: Decoder, request: Request, kept: Kept | None) -> bytes:
    """The answer to a request: m and the region, n for none, e and why LLVM made none."""
    try:
        made = make_region(description, decoder, request, kept)
    except EngineError as error:
        return b"e" + error.message.encode()
    return b"n" if made is None else b"m" + made.packed()


def make_region(description: Description, decoder: Decoder, request: Request, kept: Kept | None) -> Made | None:
    """A region, which is kept; None where there can be none. Raises EngineError where LLVM rejects it."""
    from ..regions import surroundings_of
    from .compile import compile_region

    written = write(surroundings_of(description), decoder, request, source_of(request))
    if written is None:
        return None
    made = Made(written[0], compile_region(written[1]))
    if kept is not None:
        kept.put(made)
    return made


def _stencils(description: Description, request: StencilRequest) -> bytes:
    """The answer to a request for stencils: s and the kit, or e and why LLVM made none."""
    from .shelves import make_kit

    try:
        kit = make_kit(description, request.folder, request.wanted, request.registers, request.known)
    except EngineError as error:
        return b"e" + error.message.encode()
    return b"s" + kit.packed()
