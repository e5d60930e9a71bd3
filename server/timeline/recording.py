"""A recording: all that a run depended on, in one file that another process opens, with the same states.

It holds the guest's files, what was chosen of the machine, what came in from outside and when, and what a debugger did:
the run itself is done again. A digest of the last state says whether it came to the same.
"""

from __future__ import annotations

import errno
import hashlib
import os
import zlib
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from ...isa.errors import TraplineError, reason_of
from ..boards.machine import Machine, MachineOptions
from ..loading.request import FileAt, LoadRequest
from ..machine.door import DoorEntry
from .changes import Change
from .operations import Did, Operation, Ran, Stepped
from .retold import RetoldTimeline

T = TypeVar("T")

VERSION: Final = 1
"""Of the format. A file of another one is refused."""
_MAGIC: Final = b"trapline recording\n"
_MOST_BYTES: Final = 1 << 30


class RecordingError(TraplineError):
    """A file that is no recording, is of another version, or of another description; or cannot be written."""


class RanTo(msgspec.Struct, frozen=True, tag="ran"):
    """`timeline.Ran`: vcpus by their numbers; `end` is (vcpu, pc, guest time)."""

    only: tuple[int, ...] | None
    steps: int
    end: tuple[int, int, int] | None


class SteppedTo(msgspec.Struct, frozen=True, tag="stepped"):
    """`timeline.Stepped`."""

    vcpu: int
    steps: int


Done = RanTo | SteppedTo | Change


class Head(msgspec.Struct, frozen=True):
    """What is looked at before anything else; later versions keep it."""

    version: int
    trapline: str
    machine: str
    core: str
    description: str
    """Its fingerprint."""


class Body(msgspec.Struct, frozen=True):
    """The run. `files` are the guest's, by the paths in `request`."""

    request: LoadRequest
    files: dict[str, bytes]
    options: MachineOptions
    inputs: tuple[DoorEntry, ...]
    done: tuple[Done, ...]
    steps: int
    digest: str


class Recording(msgspec.Struct, frozen=True):
    """A file's contents."""

    head: Head
    body: Body


def write_recording(recording: Recording, path: Path) -> None:
    """Puts the file in place in one step. Raises RecordingError."""
    encoder = msgspec.msgpack.Encoder(enc_hook=_encoded)
    head, body = encoder.encode(recording.head), zlib.compress(encoder.encode(recording.body), 3)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(_MAGIC + len(head).to_bytes(4, "little") + head + body)
        beside.replace(path)
    except OSError as error:
        raise RecordingError(f"cannot write {path}: {reason_of(error)}", "name another file") from error


def check_place(path: Path) -> None:
    """Before a run that is to be kept: that its file can be written. Raises RecordingError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.touch()
        beside.unlink()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    except OSError as error:
        raise RecordingError(f"cannot write {path}: {reason_of(error)}", "name another file") from error


def read_recording(path: Path) -> Recording:
    """Raises RecordingError."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RecordingError(f"{path} is too large for a recording")
        data = path.read_bytes()
    except OSError as error:
        hint = "trapline serve --record FILE writes one"
        raise RecordingError(f"cannot read {path}: {reason_of(error)}", hint) from error
    if not data.startswith(_MAGIC):
        raise RecordingError(f"{path} is no recording", "trapline serve --record FILE writes one")
    at = len(_MAGIC) + 4
    length = int.from_bytes(data[at - 4 : at], "little")
    head = _decoded(path, data[at : at + length], Head)
    if head.version != VERSION:
        raise RecordingError(
            f"{path} is a recording of version {head.version}, and this is Trapline for version {VERSION}",
            f"replay it with the Trapline that made it: {head.trapline}",
        )
    unpacked = zlib.decompressobj()
    try:
        body = unpacked.decompress(data[at + length :], _MOST_BYTES)
    except zlib.error as error:
        raise RecordingError(f"{path} is damaged: {error}", "record again") from error
    return Recording(head, _decoded(path, body, Body))


def _decoded(path: Path, data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(data, type=kind, dec_hook=_path)
    except msgspec.MsgspecError as error:
        raise RecordingError(f"{path} is damaged: {error}", "record again") from error


def _encoded(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"a recording has no form for {type(value).__name__}")


def _path(kind: type, value: object) -> object:
    if issubclass(kind, Path) and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"a recording has no form for {kind.__name__}")


def files_of(request: LoadRequest) -> dict[str, bytes]:
    """The contents of the files that a request names. Raises OSError."""
    at = [request.kernel, request.initrd, *request.flash, *request.load]
    paths = [request.guest, request.dtb, request.bios, *(one.path for one in at if one is not None)]
    return {str(path): path.read_bytes() for path in paths if path is not None}


def unpack(body: Body, folder: Path) -> LoadRequest:
    """Writes the guest's files into a folder; the request that names them there."""
    places: dict[Path, Path] = {}
    for number, (path, data) in enumerate(body.files.items()):
        place = folder / str(number) / (Path(path).name or "file")
        place.parent.mkdir()
        place.write_bytes(data)
        places[Path(path)] = place

    def moved(one: FileAt | None) -> FileAt | None:
        return None if one is None else FileAt(places[one.path], one.address)

    request = body.request
    return replace(
        request,
        guest=None if request.guest is None else places[request.guest],
        kernel=moved(request.kernel),
        initrd=moved(request.initrd),
        dtb=None if request.dtb is None else places[request.dtb],
        bios=None if request.bios is None else places[request.bios],
        flash=tuple(FileAt(places[one.path], one.address) for one in request.flash),
        load=tuple(FileAt(places[one.path], one.address) for one in request.load),
    )


class Origin(msgspec.Struct, frozen=True):
    """What a machine was made of: enough to make it again elsewhere."""

    request: LoadRequest
    files: dict[str, bytes]
    options: MachineOptions

    @classmethod
    def of(cls, request: LoadRequest, options: MachineOptions) -> Origin:
        """Reads the files that the request names. Raises OSError, and RecordingError for what is not all in files."""
        if options.semihosting_folder is not None:
            what = "what a guest reads from a folder of the host's is not recorded"
            raise RecordingError(what, "leave --semihosting-folder out")
        return cls(request, files_of(request), options)


def recording_of(timeline: RetoldTimeline, origin: Origin) -> Recording:
    """The run up to where the machine stands. Raises RecordingError where its start is not known any more."""
    machine = timeline.machine
    done = timeline.so_far()
    if done is None:
        raise RecordingError("the run is not known from its start: it was changed too often", "record a shorter one")
    from ... import __version__

    head = Head(VERSION, __version__, machine.NAME, machine.description.core, machine.description.fingerprint)
    written = tuple(_written(machine, one) for one in done)
    body = Body(
        origin.request, origin.files, origin.options, machine.door.record, written, machine.steps, digest_of(timeline)
    )
    return Recording(head, body)


def _written(machine: Machine, operation: Operation) -> Done:
    number = {vcpu: at for at, vcpu in enumerate(machine.vcpus)}
    if isinstance(operation, Ran):
        only = None if operation.only is None else tuple(sorted(number[vcpu] for vcpu in operation.only))
        end = None if operation.end is None else (number[operation.end[0]], *operation.end[1:])
        return RanTo(only, operation.steps, end)
    if isinstance(operation, Stepped):
        return SteppedTo(number[operation.vcpu], operation.steps)
    return operation.change


def operations_of(machine: Machine, body: Body) -> list[Operation]:
    """The same for another machine that was made alike."""
    vcpus = machine.vcpus
    found: list[Operation] = []
    for one in body.done:
        if isinstance(one, RanTo):
            only = None if one.only is None else frozenset(vcpus[at] for at in one.only)
            found.append(Ran(only, one.steps, None if one.end is None else (vcpus[one.end[0]], *one.end[1:])))
        elif isinstance(one, SteppedTo):
            found.append(Stepped(vcpus[one.vcpu], one.steps))
        else:
            found.append(Did(one))
    return found


def digest_of(timeline: RetoldTimeline) -> str:
    """Of a machine's state where it stands: registers, memory, guest time, whose turn it is."""
    machine = timeline.machine
    found = hashlib.sha256(f"{machine.steps} {machine.clock.now} {machine.turns.position()}".encode())
    for vcpu in machine.vcpus:
        found.update(vcpu.core.state.snapshot())
        found.update(vcpu.mp_state.value.encode())
    for _, contents in timeline.mark().state.contents:
        for page, data in sorted(contents.pages.items()):
            found.update(page.to_bytes(8, "little") + data)
    return found.hexdigest()
