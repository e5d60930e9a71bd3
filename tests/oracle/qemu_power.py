"""Power blocks under qemu-ppc64 (big-endian, 64-bit, problem state), thousands a process.

QEMU runs them with MSR[FE0, FE1] set: an enabled floating-point exception is a SIGFPE. It keeps reserved
bits of XER, and computes FPSCR[FEX, VX] from the other bits of what it is given.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from .binutils import Dialect, assemble
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


class PowerCpu(Enum):
    """A processor that QEMU models: its name there and how binutils names its instruction set."""

    POWER7 = ("power7", Dialect.POWER7, ("-mpower7",))
    PPC970 = ("970fx", Dialect.PPC970, ("-mpower4", "-maltivec"))


@dataclass(frozen=True, slots=True)
class PowerState:
    """The registers of problem state.

    `gpr`: 32 of 64 bits. `vsr`: 64 of 128 bits; the upper half of VSR i is FPR i for i < 32, VSR 32 + i is
    VR i (Power ISA, Book I, 7.2); a PPC970 has no lower halves below 32, they are 0. `cr`, `xer`, `vrsave`,
    `vscr`: 32 bits; the others 64.
    """

    gpr: tuple[int, ...] = (0,) * 32
    cr: int = 0
    xer: int = 0
    lr: int = 0
    ctr: int = 0
    fpscr: int = 0
    vrsave: int = 0
    vscr: int = 0
    vsr: tuple[int, ...] = (0,) * 64


_STATE = struct.Struct(">32Q 6Q 4Q 2Q 128Q")  # GPRs, CR to VRSAVE, the fault, VSCR, VSRs
_MEMORY_AT = _STATE.size
_CODE_AT = _MEMORY_AT + MEMORY_BYTES
_OUT_RECORD = _CODE_AT + 16
_PROLOGUE_BYTES = 12
_EPILOGUE_BYTES = 4
_IN_RECORD = _CODE_AT + _PROLOGUE_BYTES + CODE_BYTES + _EPILOGUE_BYTES
_FIXED_AT = {"CR": 256, "XER": 264, "LR": 272, "CTR": 280, "FPSCR": 288, "VRSAVE": 296}
_VECTORS_AT = {"FAULT": 304, "VSCR": 336, "VSR": 352}
_UCONTEXT_REGS = 224  # Linux, ucontext_t of 64-bit Power: the pointer to its pt_regs
_LOW_HALF = (1 << 64) - 1


@cache
def _program(cpu: PowerCpu) -> Program:
    name, _, flags = cpu.value
    offsets = {f"{register}_AT": at for register, at in (_FIXED_AT | _VECTORS_AT).items()}
    symbols = {
        **offsets,
        "MEMORY_AT": _MEMORY_AT,
        "CODE_AT": _CODE_AT,
        "UCONTEXT_REGS": _UCONTEXT_REGS,
        "HAS_VSX": int(cpu is PowerCpu.POWER7),
    }
    return Program(
        source="power_harness.s",
        prefix="powerpc64-linux-gnu",
        assembler=("-a64", "-mbig", *flags),
        # Below 32 KiB is what needs no base register; below 32 MiB is what `ba` reaches.
        linker=("--section-start=.low=0x4000", "-Ttext=0x1340000", "--section-start=.descriptors=0x1350000"),
        qemu=("qemu-ppc64", "-cpu", name),
        symbols=tuple(symbols.items()),
        byte_order="big",
        word_bytes=8,
        in_record=-(-_IN_RECORD // 16) * 16,
        out_record=_OUT_RECORD,
        code_at=_CODE_AT + _PROLOGUE_BYTES,
        done_at=_CODE_AT,
    )


@cache
def _frame(cpu: PowerCpu) -> tuple[bytes, bytes]:
    """Return what stands before and behind each block in its record."""
    program = _program(cpu)
    return (
        harness_code(program, "prologue", _PROLOGUE_BYTES),
        harness_code(program, "epilogue", _EPILOGUE_BYTES),
    )


@cache
def _system_call_opcode() -> int:
    return assemble(Dialect.POWER7, ["sc"])[0].word >> 26


def _record(instance: Instance[PowerState], cpu: PowerCpu) -> bytes:
    check_instance(instance)
    if len(instance.code) % 4:
        raise ValueError(f"a Power block is made of words, not of {len(instance.code)} bytes")
    if _system_call_opcode() in (first >> 2 for first in instance.code[::4]):
        raise ValueError(f"a block must not call the operating system: {instance.code.hex()}")
    state = instance.state
    before, behind = _frame(cpu)
    fixed = (state.cr, state.xer, state.lr, state.ctr, state.fpscr, state.vrsave)
    halves = [half for value in state.vsr for half in (value >> 64, value & _LOW_HALF)]
    packed = _STATE.pack(*state.gpr, *fixed, 0, 0, 0, 0, 0, state.vscr, *halves)
    memory = instance.memory.ljust(MEMORY_BYTES, b"\0")
    return (packed + memory + before + instance.code + behind).ljust(_program(cpu).in_record, b"\0")


def _result(record: bytes, code_address: int) -> Result[PowerState]:
    values = _STATE.unpack_from(record)
    cr, xer, lr, ctr, fpscr, vrsave = values[32:38]
    signal, code, address, pc = values[38:42]
    state = PowerState(
        gpr=values[:32],
        cr=cr,
        xer=xer,
        lr=lr,
        ctr=ctr,
        fpscr=fpscr,
        vrsave=vrsave,
        vscr=values[43],
        vsr=tuple(high << 64 | low for high, low in zip(values[44::2], values[45::2], strict=True)),
    )
    return Result(
        state=state,
        memory=record[_MEMORY_AT : _MEMORY_AT + MEMORY_BYTES],
        fault=Fault(signal, code, address, pc) if signal else None,
        code_address=code_address,
    )


def code_address(number: int, cpu: PowerCpu = PowerCpu.POWER7) -> int:
    """Where the block of instance `number` of a batch stands."""
    return _program(cpu).code_address(number)


def run_batch(instances: Sequence[Instance[PowerState]], cpu: PowerCpu = PowerCpu.POWER7) -> list[Result[PowerState]]:
    """Run each instance's block to its end, or to its first fault, and return what it left.

    A fault leaves the registers as they were at the faulting instruction. Raises `ValueError` for a block
    that does not fit or has a system call in it, `OracleError` when QEMU itself fails or does not end.
    """
    program = _program(cpu)
    records = [_record(instance, cpu) for instance in instances]
    return [
        _result(record, program.code_address(number)) for number, record in enumerate(run_records(program, records))
    ]
