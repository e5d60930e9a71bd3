"""A description to begin with: a core with one instruction, a serial port and a board, which runs as it is."""

from __future__ import annotations

from typing import Final

from ...errors import TraplineError

_TEXT: Final = """\
// {name}: what it is, and which chapter of which book describes it.

architecture {name} "What it is called"
    // An architecture that gdb knows, all of whose registers it wants; feature and number of the program counter there.
    @gdb(architecture = "arm", feature = "org.gnu.gdb.arm.core", program_counter = "pc", number = 15)
    @elf(machine = 0x7100, class = 32) @assembler(comment = "#") {{
    numbering right             // bit 0 is the least significant; left: the most significant
    byte_order little
    address u32
    program_counter CIA next NIA
    hook illegal = illegal_instruction
}}
core {name} "Its usual core" {{ features none }}
instruction_set MAIN {{ unit 32 }}

register R[13] : u32 "General registers" @gdb(feature = "org.gnu.gdb.arm.core", name = "r{{}}", number = 0)
register SP : u32 "Stack pointer" @gdb(feature = "org.gnu.gdb.arm.core", name = "sp", number = 13)
register LR : u32 "Return address" @gdb(feature = "org.gnu.gdb.arm.core", name = "lr", number = 14)
register STATUS : u32 "Status" @gdb(feature = "org.gnu.gdb.arm.core", name = "cpsr", number = 25)

// Fields from the most significant bit on; the operand of the same name says how a field is written.
format IMMEDIATE in MAIN {{ OP:8  D:4  S:4  N:16 }} except D = 13 | D = 14 | D = 15 | S = 13 | S = 14 | S = 15
names reg : u4 {{ r0..r12 }}
operand D, S : u4 = names reg
operand N : u16 = signed

instruction addi "Add Immediate" : IMMEDIATE(OP = 1) {{
    syntax  addi D, S, N
    R[D] = R[S] + sign_extend(N)
}}
instruction store "Store a byte" : IMMEDIATE(OP = 2) {{
    syntax  store D, N(S)
    mem[R[S] + sign_extend(N), 1] = R[D][7:0]
}}
instruction shift "Shift Left Immediate" : IMMEDIATE(OP = 3) {{
    syntax  shift D, S, N
    R[D] = R[S] << N
}}

function illegal_instruction() {{ raise illegal() }}
interrupt illegal = 0x10 "Illegal instruction" () {{
    LR = CIA
    NIA = vector
}}

device serial "Characters out" size 4 {{
    stream out : u8
    register DATA : u8 at 0 {{ write(value) {{ send(out, value) }} }}
}}
device off "Ends the run with a status" size 4 {{
    stream status : u8
    register STATUS_CODE : u8 at 0 {{ write(value) {{ send(status, value) }} }}
}}
board {name}_board "RAM, a serial port, a way out" {{
    ram 0x0000_0000 size 1 << 20
    device serial at 0x1000_0000 {{ out -> console }}
    device off at 0x1000_1000 {{ status -> exit }}
}}
"""


def begin(name: str) -> str:
    """The text. Raises TraplineError for what can be no name of an architecture."""
    if not name.isidentifier() or not name.isascii() or not name.islower():
        raise TraplineError(
            f"'{name}' can be no architecture's name", "a small letter, then small letters, digits and _"
        )
    return _TEXT.format(name=name)
