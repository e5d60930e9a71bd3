"""A minimal ELF executable of a toy program, with one symbol an instruction."""

import struct

from .toy_arch import BASE, ToyArch

SYMBOLS = ("loop", "loop_nop", "store_counter", "load_counter", "pause", "loop_end")
# The order of the symbol table's fields differs between ELF32 and ELF64.
_SYM32, _SYM64 = "IIIBBH", "IBBHQQ"


def toy_elf(arch: ToyArch) -> bytes:
    """The file: header, one load segment, .text, .symtab, .strtab, .shstrtab."""
    order = ">" if arch.byte_order == "big" else "<"
    wide = arch.word == 8
    address = "Q" if wide else "I"

    strings = b"\0" + b"".join(name.encode() + b"\0" for name in SYMBOLS)
    symbols = bytes(24 if wide else 16)
    for index, name in enumerate(SYMBOLS):
        place, value = strings.index(name.encode() + b"\0"), BASE + 4 * index
        symbols += (
            struct.pack(order + _SYM64, place, 0x10, 0, 1, value, 4)
            if wide
            else struct.pack(order + _SYM32, place, value, 4, 0x10, 0, 1)
        )
    names = b"\0.text\0.symtab\0.strtab\0.shstrtab\0"
    header_size, program_size, section_size = (64, 56, 64) if wide else (52, 32, 40)
    text_at = header_size + program_size
    parts = [arch.code_bytes, symbols, strings, names]
    offsets = [text_at + sum(map(len, parts[:index])) for index in range(len(parts) + 1)]
    end = offsets[-1]

    ident = b"\x7fELF" + bytes((2 if wide else 1, 2 if order == ">" else 1, 1)) + bytes(9)
    header = ident + struct.pack(
        f"{order}HHI{address * 3}I6H",
        *(2, arch.elf_machine, 1, BASE, header_size, end, arch.elf_flags),
        *(header_size, program_size, 1, section_size, 5, 4),
    )
    size = len(arch.code_bytes)
    program = (
        struct.pack(order + "II6Q", 1, 5, text_at, BASE, BASE, size, size, 4)
        if wide
        else struct.pack(order + "8I", 1, text_at, BASE, BASE, size, size, 5, 4)
    )

    def section(name: bytes, kind: int, flags: int, index: int, link: int = 0, entry: int = 0) -> bytes:
        return struct.pack(
            f"{order}II{address * 4}II{address * 2}",
            *(names.index(name), kind, flags, BASE if kind == 1 else 0),
            *(offsets[index], len(parts[index]), link, int(kind == 2), 4, entry),
        )

    sections = (
        bytes(section_size)
        + section(b".text\0", 1, 6, 0)
        + section(b".symtab\0", 2, 0, 1, link=3, entry=24 if wide else 16)
        + section(b".strtab\0", 3, 0, 2)
        + section(b".shstrtab\0", 3, 0, 3)
    )
    return header + program + b"".join(parts) + sections
