"""A32 and T32 blocks under qemu-arm (Cortex-A15, user mode, VFPv4 and NEON), thousands a process.

Undefined instructions of coprocessors 1 and 2 are not for this oracle: QEMU takes them for the FPA, as
Linux's emulator does.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from .binutils import Dialect, assemble, to_bytes
from .qemu_user import (
    CODE_BYTES,
    MEMORY_BYTES,
    Fault,
    Instance,
    Program,
    Result,
    check_instance,
    harness_code,
    run_records,
)

CPSR_T = 1 << 5
CPSR_FLAGS = 0xF80F_0200  # N, Z, C, V, Q, GE, E: what a result has of the CPSR

_CPSR_E = 1 << 9


@dataclass(frozen=True, slots=True)
class ArmState:
    """The registers of user mode.

    `r`: r0 to r14. `cpsr`: N, Z, C, V, Q, GE; E is taken from what a block left and cannot be given (let
    the block begin with SETEND); T is given, to choose T32 for the block, and not in a result. `d`: 32 of
    64 bits.
    """

    r: tuple[int, ...] = (0,) * 15
    cpsr: int = 0
    fpscr: int = 0
    d: tuple[int, ...] = (0,) * 32


_STATE = struct.Struct("<15I I I 5I 8x 32Q")  # r0 to r14, CPSR, FPSCR, the fault, D registers
_SYMBOLS_AT = {"CPSR": 60, "FPSCR": 64, "FAULT": 68, "D": 96}
_MEMORY_AT = _STATE.size
_CODE_AT = _MEMORY_AT + MEMORY_BYTES
_EPILOGUE_BYTES = 8
_OUT_RECORD = _CODE_AT + 16
_IN_RECORD = _CODE_AT + CODE_BYTES + 4 + _EPILOGUE_BYTES
_UCONTEXT_PC = 92  # Linux, ucontext_t of 32-bit Arm: arm_pc in its sigcontext

_PROGRAM = Program(
    source="arm_harness.s",
    prefix="arm-linux-gnueabihf",
    assembler=("-march=armv7ve", "-mfpu=neon-vfpv4"),
    # The one section is code and data at once, and .Lafter is at 0x10000010: see the source.
    linker=("--section-start=.harness=0x10000000",),
    qemu=("qemu-arm", "-cpu", "cortex-a15"),
    symbols=(
        *((f"{register}_AT", at) for register, at in _SYMBOLS_AT.items()),
        ("MEMORY_AT", _MEMORY_AT),
        ("CODE_AT", _CODE_AT),
        ("UCONTEXT_PC", _UCONTEXT_PC),
    ),
    byte_order="little",
    word_bytes=4,
    in_record=-(-_IN_RECORD // 16) * 16,
    out_record=_OUT_RECORD,
    code_at=_CODE_AT,
    done_at=_CODE_AT,
)


@cache
def _epilogue(thumb: bool) -> bytes:
    return harness_code(_PROGRAM, "thumb_epilogue" if thumb else "arm_epilogue", _EPILOGUE_BYTES)


@cache
def _system_call(thumb: bool) -> int:
    return assemble(Dialect.THUMB if thumb else Dialect.ARM, ["svc #0"])[0].word


def calls_system(code: bytes, thumb: bool) -> bool:
    """Tell whether a halfword, or a word under any condition, is an SVC; a T32 literal may look like one."""
    if thumb:
        return any(number == _system_call(True) >> 8 for number in code[1::2])
    return any(number & 0xF == _system_call(False) >> 24 & 0xF and number < 0xF0 for number in code[3::4])


def _record(instance: Instance[ArmState]) -> bytes:
    check_instance(instance)
    state = instance.state
    thumb = bool(state.cpsr & CPSR_T)
    if len(instance.code) % (2 if thumb else 4):
        raise ValueError(f"{len(instance.code)} bytes are no whole number of instructions")
    if state.cpsr & _CPSR_E:
        raise ValueError("CPSR.E cannot be given; let the block begin with SETEND")
    if calls_system(instance.code, thumb):
        raise ValueError(f"a block must not call the operating system: {instance.code.hex()}")
    filler = to_bytes(Dialect.THUMB, [assemble(Dialect.THUMB, ["nop"])[0].word])
    code = instance.code + (filler if len(instance.code) % 4 else b"") + _epilogue(thumb)
    packed = _STATE.pack(*state.r, state.cpsr, state.fpscr, 0, 0, 0, 0, 0, *state.d)
    return (packed + instance.memory.ljust(MEMORY_BYTES, b"\0") + code).ljust(_PROGRAM.in_record, b"\0")


def _result(record: bytes, code_address: int) -> Result[ArmState]:
    values = _STATE.unpack_from(record)
    signal, code, address, pc, faulting_cpsr = values[17:22]
    cpsr = faulting_cpsr if signal else values[15]
    return Result(
        state=ArmState(r=values[:15], cpsr=cpsr & CPSR_FLAGS, fpscr=values[16], d=values[22:]),
        memory=record[_MEMORY_AT : _MEMORY_AT + MEMORY_BYTES],
        fault=Fault(signal, code, address, pc) if signal else None,
        code_address=code_address,
    )


def code_address(number: int) -> int:
    """Where the block of instance `number` of a batch stands."""
    return _PROGRAM.code_address(number)


def run_batch(instances: Sequence[Instance[ArmState]]) -> list[Result[ArmState]]:
    """Run each instance's block to its end, or to its first fault, and return what it left.

    A T32 block of an odd number of halfwords gets a NOP behind it; an IT block must end inside the block. A
    fault leaves the registers as they were at the faulting instruction. Raises `ValueError` for a block
    that does not fit or has a system call in it, `OracleError` when QEMU itself fails or does not end.
    """
    records = [_record(instance) for instance in instances]
    return [
        _result(record, _PROGRAM.code_address(number)) for number, record in enumerate(run_records(_PROGRAM, records))
    ]
