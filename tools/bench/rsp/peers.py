"""Two servers for one guest, Trapline's and QEMU's, each on a Unix socket of its own."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ....asmgen import Layout, Source, assemble
from ....firmware.catalogue import FOLDER as FIRMWARE
from ....server.rsp.client import RspClient
from ....server.rsp.endpoint import Endpoint
from ..architectures import POWER, Architecture
from ..catalogue import Kernel, Kind
from ..peers.qemu import COMMANDS
from ..programs import FOLDER, Counts, Form, Program, target_of
from ..timing import PeerError
from ..whole.peers import qemu_machine, trapline

_OWN = Path(__file__).resolve().parent / "guests"
_PATIENCE = 60.0
_LEAST_PACKET = 0x400
_ONCE = Counts(1, 0, 0)


class StubClient(RspClient):
    """A client that knows the longest packet, in bytes, that its stub takes."""

    packet_size = _LEAST_PACKET


@dataclass(frozen=True, slots=True)
class Stub:
    """A server that waits with the guest halted: `name` for tables, `socket` for clients, `elf` with symbols."""

    name: str
    socket: Path
    elf: Path
    symbols: Mapping[str, int]

    def client(self) -> StubClient:
        """Connected; without acknowledgements where the stub can do without them, as gdb has it."""
        client = self._connected()
        supported = client.ask(b"qSupported:swbreak+;hwbreak+;vContSupported+;xmlRegisters=i386")
        size = re.search(rb"PacketSize=([0-9a-f]+)", supported)
        client.packet_size = int(size[1], 16) if size else _LEAST_PACKET
        if b"QStartNoAckMode+" in supported:
            client.start_no_ack_mode()
        # As gdb does: without the target description QEMU's stub for Power ends at the first `g`.
        client.ask(b"qXfer:features:read:target.xml:0,ffb")
        client.ask(b"?")
        return client

    def _connected(self) -> StubClient:
        """A socket is there before somebody listens on it, and a stub takes its time to let a client go."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                return StubClient(Endpoint(path=self.socket), timeout=_PATIENCE)
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)


def loop(arch: Architecture) -> Program:
    """The guest: it never ends."""
    sources = [
        Source.read(FIRMWARE / "lib" / arch.library),
        Source.read(FOLDER / arch.name / "driver.s"),
        Source.read(_OWN / f"loop_{arch.name}.s"),
    ]
    kernel = Kernel("loop", "a loop", Kind.SYSTEM, lambda: 0)
    return Program(kernel, arch, Form.ASSEMBLY, assemble(sources, target_of(arch), Layout(base=arch.base)))


@contextlib.contextmanager
def serve(program: Program, name: str, folder: Path) -> Iterator[Stub]:
    """Starts the server called `name`, "trapline" or "qemu"; ends it behind the block. Raises PeerError."""
    arch = program.arch
    elf, socket = folder / f"{name}-{arch.name}.elf", folder / f"{name}-{arch.name}.sock"
    elf.write_bytes(program.elf(_ONCE))
    if name == "trapline":
        command = [*trapline(), "serve", "-m", program.machine, "--wait", "--gdb", f"unix:{socket}", str(elf)]
    else:
        loaded = ["-kernel", str(elf)]
        if arch == POWER:
            flat = elf.with_suffix(".bin")
            flat.write_bytes(program.flat(_ONCE))
            loaded = ["-bios", str(flat)]
        stub = ["-S", "-gdb", f"unix:{socket},server=on,wait=off"]
        command = [COMMANDS[arch.name][0], *qemu_machine(arch), *stub, "-display", "none", "-nodefaults", *loaded]
    with (folder / f"{name}-{arch.name}.log").open("w+b") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _await(socket, process, log.name)
            yield Stub(name, socket, elf, program.image.symbols)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(socket: Path, process: subprocess.Popen[bytes], log: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > end:
            said = Path(log).read_text(errors="replace").strip()[-300:]
            raise PeerError(f"{process.args!r} does not listen: {said or 'it said nothing'}")
        time.sleep(0.01)
