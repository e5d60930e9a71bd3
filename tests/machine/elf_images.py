"""Makes small ELF files of either class and byte order, right ones and wrong ones."""

import struct
from dataclasses import dataclass, field

MACHINES = {"PPC64": 21, "PPC": 20, "ARM": 40}


@dataclass
class Image:
    """An ELF program to be; every field may be set wrong on purpose."""

    bits: int = 64
    order: str = "big"
    machine: int = MACHINES["PPC64"]
    kind: int = 2
    entry: int = 0x1000
    segments: list[tuple[int, int, bytes, int]] = field(default_factory=lambda: [(0x1000, 0x1000, b"code", 0x10)])
    """(virtual, physical, data, size in memory)."""
    segment_type: int = 1

    def build(self) -> bytes:
        """The file: header, program headers, data one after the other."""
        mark = ">" if self.order == "big" else "<"
        wide = self.bits == 64
        header_size, entry_size = (64, 56) if wide else (52, 32)
        ident = b"\x7fELF" + bytes([2 if wide else 1, 2 if self.order == "big" else 1, 1]) + bytes(9)
        rest = struct.pack(
            mark + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"),
            self.kind,
            self.machine,
            1,
            self.entry,
            header_size,
            0,
            0,
            header_size,
            entry_size,
            len(self.segments),
            0,
            0,
            0,
        )
        at = header_size + entry_size * len(self.segments)
        headers, contents = b"", b""
        for virtual, physical, data, size in self.segments:
            start = at + len(contents)
            if wide:
                values = (self.segment_type, 5, start, virtual, physical, len(data), size, 4)
                headers += struct.pack(mark + "IIQQQQQQ", *values)
            else:
                values = (self.segment_type, start, virtual, physical, len(data), size, 5, 4)
                headers += struct.pack(mark + "IIIIIIII", *values)
            contents += data
        return ident + rest + headers + contents
