"""Claims about conditions that native code looks at by itself: it stops where they hold, and only there."""

import random

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.rsp.agent import Surroundings, condition
from trapline.server.rsp.execution import Continue, SwBreak
from trapline.server.rsp.target import Programs
from trapline.server.target import MachineTarget

_POWER = """_start: lis 4, word@h
ori 4, 4, word@l
li 3, 0
loop: addi 3, 3, 3
at: std 3, 0(4)
b loop
.balign 8
word: .quad 0
"""
_ARM = """_start: ldr r4, =word
mov r3, #0
loop: add r3, r3, #3
at: str r3, [r4]
b loop
.ltorg
.balign 8
word: .quad 0
"""
_SOURCES = {"pseries": ("power7", 0x4000, _POWER), "arm-virt": ("armv7ve", 0x40010000, _ARM)}
_TURNS = 60


def _elf(machine: str) -> LoadedElf:
    core, base, text = _SOURCES[machine]
    return parse_elf(assemble([Source("loop.s", text)], target_for(load_core(core)), Layout(base=base)).elf, "loop")


def _code(pick: random.Random, register: int, word: int, load: int) -> bytes:
    """An expression of random operators on the counter, the word in memory and numbers; it jumps, too."""
    code, height = b"", 0
    for _ in range(pick.randrange(3, 14)):
        kind = pick.randrange(8)
        if height < 2 or kind < 2:
            leaf = pick.randrange(3)
            if leaf == 0:
                code += b"\x26" + register.to_bytes(2, "big")
            elif leaf == 1:
                code += b"\x24" + word.to_bytes(4, "big") + bytes((load,))
            else:
                code += b"\x23" + pick.choice((0, 1, 3, 30, 63, 90, 0x7FFF, 0x8001)).to_bytes(2, "big")
            height += 1
        elif kind < 5:
            code += bytes((pick.choice((0x02, 0x03, 0x04, 0x0F, 0x10, 0x11, 0x13, 0x14, 0x15)),))
            height -= 1
        elif kind == 5:
            code += pick.choice((b"\x0e", b"\x12", b"\x16\x08", b"\x16\x20", b"\x2a\x05", b"\x2a\x10"))
        elif kind == 6:
            code += pick.choice((b"\x2b", b"\x28\x29", b"\x22\x03\x0a", b"\x22\x02\x09", b"\x22\x01\x0b"))
        else:
            # As && has it: nothing more is looked at where the top is zero.
            at = len(code)
            code += b"\x0e\x20" + (at + 7).to_bytes(2, "big") + b"\x22\x01\x02"
            height -= 1
    while height > 1:
        code += b"\x02"
        height -= 1
    return code + b"\x27"


def _expected(code: bytes) -> int | None:
    """The turn in which it holds first; the counter is 3 more each time, and the word what it was a turn ago."""
    for turn in range(1, _TURNS):
        if condition(code).bind(_in_turn(turn))():
            return turn
    return None


def _in_turn(turn: int) -> Surroundings:
    return Surroundings(lambda number: lambda: 3 * turn, lambda address, size: 3 * (turn - 1))


@pytest.mark.parametrize("machine", list(_SOURCES))
def test_native_code_stops_where_the_condition_holds(machine: str) -> None:
    """Random expressions: the first turn in which they hold by the evaluator in Python; and none before the last turn
    where they never do. Most are looked at by native code alone."""
    elf = _elf(machine)
    pick = random.Random(11)
    register, load = (3, 0x1A) if machine == "pseries" else (3, 0x19)
    at, word = elf.symbols["at"], elf.symbols["word"]
    target = MachineTarget(lambda: build_machine(elf, machine, MachineOptions(ram_size=32 << 20, engine="native")))
    thread = target.threads()[0].id
    stopped = asked = 0
    for _ in range(40):
        code = _code(pick, register, word, load)
        program, turn = condition(code), _expected(code)
        target.restart_all()
        target.insert_breakpoint(1, "software", at, 4)
        last = condition(b"\x26\x00\x03\x23" + (3 * _TURNS).to_bytes(2, "big") + b"\x13\x27")
        target.program_breakpoint(1, "software", at, Programs((program, last)))
        target.resume({thread: Continue()})
        event = None
        while event is None:
            event = target.run_slice()
        assert isinstance(event.reason, SwBreak)
        value = int.from_bytes(target.read_register(thread, 3), "big" if machine == "pseries" else "little")
        assert value == 3 * (turn or _TURNS), code.hex()
        stopped += turn is not None
        asked += target.machine.vcpus[0].core.engine.entered().get("a breakpoint", 0) <= 2
        target.remove_breakpoint(1, "software", at, 4)
    assert 8 < stopped < 40
    assert asked > 34


def test_what_is_written_under_a_condition_is_executed() -> None:
    """The instruction at a breakpoint whose condition is false is changed: the new one runs."""
    elf = _elf("pseries")
    target = MachineTarget(lambda: build_machine(elf, "pseries", MachineOptions(ram_size=32 << 20, engine="native")))
    thread, at = target.threads()[0].id, elf.symbols["at"]
    target.insert_breakpoint(1, "software", at, 4)
    target.program_breakpoint(1, "software", at, Programs((condition(bytes.fromhex("2600032303e81327")),)))
    target.resume({thread: Continue()})
    for _ in range(3):
        assert target.run_slice() is None
    before = int.from_bytes(target.read_memory(thread, elf.symbols["word"], 8), "big")
    # nop
    target.write_memory(thread, at, bytes.fromhex("60000000"))
    for _ in range(3):
        assert target.run_slice() is None
    assert int.from_bytes(target.read_memory(thread, elf.symbols["word"], 8), "big") == before > 0
