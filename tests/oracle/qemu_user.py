"""QEMU's user mode as an oracle: what a small block of code makes of a register state.

One process runs thousands of blocks, called instances, each from its own state (`qemu_power`, `qemu_arm`).
Every instance has `MEMORY_BYTES` at `MEMORY_ADDRESS`, the end of a page with nothing mapped behind it, so
that an access across the end faults. Nothing else is reset between instances: a block must keep to it.
Addresses are fixed and no system call is let through, so the results are the same in every run.
"""

import io
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, Literal, TypeVar

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from .require import OracleError, oracle

PAGE = 4096
MEMORY_BYTES = 256
MEMORY_PAGE = 0x2000_0000
MEMORY_ADDRESS = MEMORY_PAGE + PAGE - MEMORY_BYTES
CODE_BYTES = 128  # the longest block
IN_BASE = 0x3000_0000
OUT_BASE = 0x5000_0000
SIGNAL_STACK = 0x2800_0000
BATCH = 20_000  # instances a process; some 70 MB of records

_TIMEOUT_S = 60
_FOLDER = Path(__file__).parent

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Instance(Generic[S]):
    """A block to run: the state it starts from, its bytes, and the start of its memory (else zeros)."""

    state: S
    code: bytes
    memory: bytes = b""


@dataclass(frozen=True, slots=True)
class Fault:
    """A signal: its number and si_code, the address that was touched, the faulting instruction's."""

    signal: int
    code: int
    address: int
    pc: int


@dataclass(frozen=True, slots=True)
class Result(Generic[S]):
    """What an instance left, up to its end or its fault, and where its code stood."""

    state: S
    memory: bytes
    fault: Fault | None
    code_address: int


@dataclass(frozen=True, slots=True)
class Program:
    """A harness: its source and tools, and the shape of the records it is run with.

    `code_at` is where a block begins in an input record; `done_at` where the output record is marked.
    """

    source: str
    prefix: str
    assembler: tuple[str, ...]
    linker: tuple[str, ...]
    qemu: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]
    byte_order: Literal["big", "little"]
    word_bytes: int
    in_record: int
    out_record: int
    code_at: int
    done_at: int

    def code_address(self, number: int) -> int:
        """Return the address of the block of instance `number`."""
        return IN_BASE + number % BATCH * self.in_record + self.code_at


_COMMON_SYMBOLS: Mapping[str, int] = {
    "IN_BASE": IN_BASE,
    "OUT_BASE": OUT_BASE,
    "SIGNAL_STACK": SIGNAL_STACK,
    "SIGNAL_STACK_BYTES": 0x4000,
    "MEMORY_PAGE": MEMORY_PAGE,
    "MEMORY": MEMORY_ADDRESS,
    "MEMORY_BYTES": MEMORY_BYTES,
}


@cache
def _build(program: Program) -> bytes:
    """Assemble and link a harness; return the ELF file."""
    symbols = {
        **_COMMON_SYMBOLS,
        **dict(program.symbols),
        "IN_RECORD": program.in_record,
        "OUT_RECORD": program.out_record,
        "DONE_AT": program.done_at,
    }
    defined = [word for name, value in symbols.items() for word in ("--defsym", f"{name}={value}")]
    with tempfile.TemporaryDirectory() as folder:
        compiled, linked = str(Path(folder, "harness.o")), str(Path(folder, "harness"))
        source = str(_FOLDER / program.source)
        link = (f"{program.prefix}-ld", "-static", "-e", "start", "-z", f"max-page-size={PAGE}")
        for command in (
            (f"{program.prefix}-as", *program.assembler, *defined, source, "-o", compiled),
            (*link, *program.linker, compiled, "-o", linked),
        ):
            done = subprocess.run([oracle(command[0]), *command[1:]], capture_output=True, text=True)
            if done.returncode:
                raise OracleError(f"{command[0]}: {done.stderr[:2000]}")
        return Path(linked).read_bytes()


def harness_code(program: Program, symbol: str, size: int) -> bytes:
    """Return `size` bytes of the linked harness at a symbol."""
    elf = ELFFile(io.BytesIO(_build(program)))
    symbols = elf.get_section_by_name(".symtab")
    assert isinstance(symbols, SymbolTableSection)
    found = next(iter(symbols.get_symbol_by_name(symbol) or ()))
    section = elf.get_section(found["st_shndx"])
    at = found["st_value"] - section["sh_addr"]
    code: bytes = section.data()[at : at + size]
    return code


def run_records(program: Program, records: Sequence[bytes]) -> Iterator[bytes]:
    """Run the harness over input records and yield their output records, in order.

    Raises `OracleError` naming the instance that ended or stalled QEMU itself.
    """
    for start in range(0, len(records), BATCH):
        yield from _run_process(program, records[start : start + BATCH], start)


def _run_process(program: Program, records: Sequence[bytes], first: int) -> list[bytes]:
    size = program.word_bytes
    in_bytes, out_bytes = len(records) * program.in_record, len(records) * program.out_record
    header = b"".join(value.to_bytes(size, program.byte_order) for value in (len(records), in_bytes, out_bytes))
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as taken,
    ):
        harness = Path(folder, "harness")
        harness.write_bytes(_build(program))
        harness.chmod(0o755)
        given.write(header.ljust(PAGE, b"\0"))
        given.writelines(records)
        given.seek(0)
        taken.truncate(out_bytes)
        command = [oracle(program.qemu[0]), *program.qemu[1:], str(harness)]
        try:
            done = subprocess.run(
                command, stdin=given, stdout=taken, stderr=subprocess.PIPE, timeout=_TIMEOUT_S, env={}
            )
            ended = f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[:1000]}"
        except subprocess.TimeoutExpired:
            ended = f"still ran after {_TIMEOUT_S} s"
        taken.seek(0)
        out = taken.read()
    results = [out[at : at + program.out_record] for at in range(0, out_bytes, program.out_record)]
    for number, result in enumerate(results):
        if not any(result[program.done_at : program.done_at + size]):
            code = records[number][program.code_at : program.code_at + CODE_BYTES].hex()
            raise OracleError(f"{program.qemu[0]} {ended}\nin instance {first + number}, block {code}")
    return results


def check_instance(instance: Instance[S]) -> None:
    """Raise `ValueError` for a block or a memory image that has no room in a record."""
    if len(instance.code) > CODE_BYTES:
        raise ValueError(f"the block has {len(instance.code)} bytes; there is room for {CODE_BYTES}")
    if len(instance.memory) > MEMORY_BYTES:
        raise ValueError(f"the memory has {len(instance.memory)} bytes; there is room for {MEMORY_BYTES}")
