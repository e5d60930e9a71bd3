"""Documents that GDB reads piece by piece: qXfer for features, threads, osdata, exec-file, memory-map.

Source: Debugging with GDB, "General Query Packets" (qXfer), "Thread List Format", "Memory Map Format",
"Process list".
A document is made when its first piece is asked for, and kept, so that its pieces fit together; of each
object the latest one.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import PacketError, TargetError
from ..fields import number, numbers, split
from ..framing import escape
from ..replies import UNSUPPORTED, thread_id
from ..session import Session
from ..target_xml import quoted, render_target_xml
from .kind import PacketKind


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """``qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH``"""

    object: str
    annex: str
    offset: int
    length: int


def _parse(rest: bytes) -> ReadDocument:
    if b":read:" not in rest:
        raise PacketError("qXfer: only reading is possible")
    _, object, _, annex, place = split("qXfer", ("", "object", "read", "annex", "offset,length"), rest, b":")
    offset, length = numbers("qXfer", ("offset", "length"), place)
    return ReadDocument(object.decode("ascii", "replace"), annex.decode("ascii", "replace"), offset, length)


def _read(session: Session, packet: ReadDocument) -> bytes:
    make = _DOCUMENTS.get(packet.object)
    if make is None:
        return UNSUPPORTED
    annex, document = session.documents.get(packet.object, ("", None))
    if packet.offset == 0 or document is None or annex != packet.annex:
        document = make(session, packet.annex)
        if document is None:
            return UNSUPPORTED
        session.documents[packet.object] = (packet.annex, document)
    # Escaping may double the length, and the reply must fit into a packet.
    end = packet.offset + min(packet.length, (session.packet_size - 1) // 2)
    more = b"m" if end < len(document) else b"l"
    return more + escape(document[packet.offset : end])


def _features(session: Session, annex: str) -> bytes:
    if annex != "target.xml":
        raise TargetError(f"qXfer:features: there is no {annex!r}, only target.xml")
    return render_target_xml(session.description)


def _threads(session: Session, annex: str) -> bytes:
    lines = ['<?xml version="1.0"?>', "<threads>"]
    for info in session.threads():
        name = thread_id(info.id, session.multiprocess).decode("ascii")
        core = "" if info.core is None else f' core="{info.core}"'
        lines.append(f'<thread id="{name}"{core} name={quoted(info.name)}>{html.escape(info.extra)}</thread>')
    lines.append("</threads>")
    return "\n".join(lines).encode("utf-8")


def _osdata(session: Session, annex: str) -> bytes:
    """``info os processes``: the partitions that can be attached to."""
    if annex not in ("", "processes"):
        raise TargetError(f"qXfer:osdata: there is no {annex!r}, only processes")
    lines = ['<?xml version="1.0"?>', '<osdata type="processes">']
    if annex:
        names = session.abilities.process_names
        for pid in session.partitions():
            threads = [info for info in session.everyone() if info.id.pid == pid]
            cores = sorted({info.core for info in threads if info.core is not None})
            columns = {
                "pid": str(pid),
                "user": "",
                "command": f"partition {pid}" if names is None else names.process_name(pid),
                "cores": ",".join(map(str, cores)),
                "vcpus": str(len(threads)),
                "state": "attached" if pid in session.attached else "not attached",
            }
            cells = (f'<column name="{name}">{html.escape(value)}</column>' for name, value in columns.items())
            lines.append(f"<item>{''.join(cells)}</item>")
    lines.append("</osdata>")
    return "\n".join(lines).encode("utf-8")


def _exec_file(session: Session, annex: str) -> bytes | None:
    files = session.abilities.exec_files
    if files is None:
        return None
    pid = number("qXfer:exec-file", "the process", annex.encode()) if annex else session.thread.pid
    file = files.exec_file(pid)
    if file is None:
        raise TargetError(f"partition {pid} runs no ELF file")
    return file.path.encode("utf-8")


def _memory_map(session: Session, annex: str) -> bytes | None:
    target = session.abilities.memory_map
    if target is None:
        return None
    regions = (
        f'<memory type="{region.type}" start="{region.start:#x}" length="{region.length:#x}"/>'
        for region in target.memory_map()
    )
    lines = ['<?xml version="1.0"?>', "<memory-map>", *regions, "</memory-map>"]
    return "\n".join(lines).encode("ascii")


_DOCUMENTS: dict[str, Callable[[Session, str], bytes | None]] = {
    "features": _features,
    "threads": _threads,
    "osdata": _osdata,
    "exec-file": _exec_file,
    "memory-map": _memory_map,
}

PACKETS = (PacketKind(b"qXfer", _parse, _read),)
