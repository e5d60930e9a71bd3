"""Two toy processors for tests of the protocol: Power64 big-endian and Arm little-endian.

They share six instructions, laid out as real code so that gdb disassembles it:

    loop:  add the counter, nop, store the counter, load it, nop, branch to loop
"""

import struct
from dataclasses import dataclass
from typing import Literal

from trapline.server.rsp.registers import BitField, Feature, Register, TargetDescription

BASE = 0x1000
DATA = 0x8000
ADD, NOP, STORE, LOAD, NOP_2, BRANCH = range(BASE, BASE + 24, 4)
PVR, LPCR, HIDDEN, MODE = 200, 201, 202, 203
PVR_VALUE = 0x003F0201


@dataclass(frozen=True)
class ToyArch:
    """What differs between the two."""

    name: str
    byte_order: Literal["big", "little"]
    word: int
    pc: int
    counter: int
    code: tuple[int, ...]
    description: TargetDescription
    breakpoint_kinds: frozenset[int]
    elf_machine: int
    elf_flags: int

    @property
    def code_bytes(self) -> bytes:
        """The program in memory."""
        order = ">" if self.byte_order == "big" else "<"
        return struct.pack(f"{order}{len(self.code)}I", *self.code)


def _system(bits: int, plain: str) -> Feature:
    """Registers of a feature of its own: read-only, with fields, without a value, with flags."""
    fields = (BitField("LPES", 2, 3), BitField("ILE", 25, 25), BitField("HDICE", 0, 0))
    return Feature(
        "org.trapline.toy.spr",
        (
            Register("toypvr", bits, PVR, plain, "spr"),
            Register("lpcr", bits, LPCR, plain, "spr", fields),
            Register("hidden", bits, HIDDEN, plain, "spr"),
            Register("toymode", bits, MODE, plain, "spr", fields, layout="flags"),
        ),
    )


def _power() -> TargetDescription:
    core = [Register(f"r{n}", 64, n, "uint64", "general") for n in range(32)]
    core += [
        Register("pc", 64, 64, "code_ptr", "general"),
        Register("msr", 64, 65, "uint64", "general"),
        Register("cr", 32, 66, "uint32", "general"),
        Register("lr", 64, 67, "code_ptr", "general"),
        Register("ctr", 64, 68, "uint64", "general"),
        Register("xer", 32, 69, "uint32", "general"),
    ]
    floats = [Register(f"f{n}", 64, 32 + n, "ieee_double", "float") for n in range(32)]
    floats.append(Register("fpscr", 64, 70, "uint64", "float"))
    return TargetDescription(
        "powerpc:common64",
        "big",
        (
            Feature("org.gnu.gdb.power.core", tuple(core)),
            Feature("org.gnu.gdb.power.fpu", tuple(floats)),
            _system(64, "uint64"),
        ),
        expedited=(1, 64),
        last_general=70,
    )


def _arm() -> TargetDescription:
    core = [Register(f"r{n}", 32, n, "uint32", "general") for n in range(13)]
    core += [
        Register("sp", 32, 13, "data_ptr", "general"),
        Register("lr", 32, 14, "uint32", "general"),
        Register("pc", 32, 15, "code_ptr", "general"),
        Register("cpsr", 32, 25, "uint32", "general"),
    ]
    return TargetDescription(
        "arm",
        "little",
        (Feature("org.gnu.gdb.arm.core", tuple(core)), _system(32, "uint32")),
        expedited=(13, 15),
        last_general=25,
    )


POWER = ToyArch(
    "power",
    "big",
    8,
    pc=64,
    counter=3,
    code=(0x38630001, 0x60000000, 0x90640000, 0x80A40000, 0x60000000, 0x4BFFFFEC),
    description=_power(),
    breakpoint_kinds=frozenset({4}),
    elf_machine=21,
    elf_flags=1,
)

ARM = ToyArch(
    "arm",
    "little",
    4,
    pc=15,
    counter=3,
    code=(0xE2833001, 0xE1A00000, 0xE5843000, 0xE5945000, 0xE1A00000, 0xEAFFFFF9),
    description=_arm(),
    breakpoint_kinds=frozenset({2, 3, 4}),
    elf_machine=40,
    elf_flags=0x05000000,
)
