"""Claims: a partition's operating system sees on our pseries what it sees on QEMU's: interrupts, SLB, MSR.

One guest for both machines causes an interrupt after the other. Its handlers print vector, SRR0, SRR1, DAR and DSISR.
"""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import parse_elf
from trapline.tests.firmware.test_on_qemu import CAPABILITIES, QUIET
from trapline.tests.oracle.require import oracle
from trapline.tests.server.guests import description, load, number

pytestmark = pytest.mark.oracle

VECTORS = (0x300, 0x380, 0x400, 0x480, 0x500, 0x600, 0x700, 0x800, 0x900, 0xC00, 0xD00, 0xF20, 0xF40)
CPUS = {"power7": "power7", "ppc970": "970_v2.2"}
FP, FE = 0x2000, 0x900
SEGMENTS = {
    "power7": ((0xC00000000, 0x123400), (0x7FFF, 0x3FFFFFFFFFFFFE80), (0x100, 0x4000000001000510)),
    "ppc970": ((0xC00000000, 0x123400), (0x7FFF, 0x0000001FFFFFFE80), (1, 0x456D00)),
}
"""Segments' numbers, and second doublewords: keys, no-execute, large pages, classes, 1 TB."""
IGNORED = {2: 0x1000, 4: 0xFFFFFC00}
"""Words of a handler's line: QEMU begins with MSR.ME = 0; its DSISR of an alignment interrupt has RT and RA alone."""

COMMON = f"""
.org 0x2000
handle:                             # r20: vector
    mfspr %r21, 26
    mfspr %r22, 27
    mfspr %r23, 19
    mfspr %r24, 18
    lis %r5, 0x7000
    mtspr 22, %r5
    mr %r3, %r20
    bl print
    mr %r3, %r21
    bl print
    mr %r3, %r22
    bl print
    mr %r3, %r23
    bl print
    mr %r3, %r24
    bl print_last
    # Back behind the instruction, except where that is where SRR0 stands; never translated.
    cmpwi %r20, 0xc00
    beq 1f
    cmpwi %r20, 0x900
    beq 1f
    cmpwi %r20, 0x480
    beq 2f
    addi %r21, %r21, 4
    b 1f
2:  mr %r21, %r30
1:  li %r5, 0x30
    ori %r5, %r5, 0x8000
    andc %r22, %r22, %r5
    mtspr 26, %r21
    mtspr 27, %r22
    li %r5, 0
    mtspr 19, %r5
    mtspr 18, %r5
    rfid
print_last:
    li %r19, 10
    b 3f
print:
    li %r19, 32
3:  mflr %r18
    li %r9, 8
    mtctr %r9
    li %r6, 0
4:  rotldi %r3, %r3, 4
    bl digit
    bdnz 4b
    mr %r7, %r6
    li %r9, 8
    mtctr %r9
    li %r6, 0
5:  rotldi %r3, %r3, 4
    bl digit
    bdnz 5b
    mr %r8, %r7
    mr %r7, %r6
    mr %r6, %r8
    li %r3, {number("H_PUT_TERM_CHAR")}
    li %r4, 0
    li %r5, 16
    sc 1
    sldi %r6, %r19, 56
    li %r7, 0
    li %r3, {number("H_PUT_TERM_CHAR")}
    li %r4, 0
    li %r5, 1
    sc 1
    mtlr %r18
    blr
digit:                              # the low four bits of r3 behind the characters of r6
    sldi %r6, %r6, 8
    andi. %r10, %r3, 15
    cmpwi %r10, 10
    blt 6f
    addi %r10, %r10, 39
6:  addi %r10, %r10, 48
    or %r6, %r6, %r10
    blr
"""
END = 0xE0D0E0D0E0D0E0D0
"""What the guest prints last."""


CAUSES = f"""
    .long 4
    tw 31, %r0, %r0
    tdi 31, %r0, 5
    fadd %f1, %f2, %f3
    vor %v1, %v2, %v3
    {load(4, 0x20001)}
    lwarx %r5, 0, %r4
    {load(4, 0x20004)}
    ldarx %r5, 0, %r4
    sc 0
    # Data are relocated, and there is no segment.
    slbia
    li %r5, 0
    slbmte %r5, %r5
    mfmsr %r5
    ori %r5, %r5, 0x10
    mtmsrd %r5
    isync
    ld %r5, 0(%r4)
    # So are instructions; the handler goes on at r30.
    mfmsr %r5
    ori %r5, %r5, 0x20
    mtspr 27, %r5
    lis %r5, 5
    mtspr 26, %r5
    bl 7f
7:  mflr %r30
    addi %r30, %r30, 12
    rfid
    # The decrementer.
    li %r5, -1
    mtspr 22, %r5
    mfmsr %r5
    ori %r5, %r5, 0x8000
    mtmsrd %r5, 1
    nop
    nop
    # An enabled floating-point exception.
    mfmsr %r5
    ori %r5, %r5, {FP | FE:#x}
    mtmsrd %r5
    mtfsb1 24
    mtfsb1 7
    mtfsb0 24
    mfmsr %r5
    li %r6, {FP | FE:#x}
    andc %r5, %r5, %r6
    mtmsrd %r5
"""
WITHOUT_VSX = """
    mfmsr %r5
    oris %r5, %r5, 0x200
    mtmsrd %r5
    xxlor %vs1, %vs2, %vs3
    mfmsr %r5
    lis %r6, 0x200
    andc %r5, %r5, %r6
    mtmsrd %r5
"""


def causes(core: str) -> str:
    """Code that causes interrupts, one after the other, and prints what it reads."""
    parts = [CAUSES, WITHOUT_VSX if core == "power7" else ""]
    for value in (0, 0x8000000000008002, 0x9FFFFFFFFFFFBFCF & ~0x10040600, 0x0000000000000002):
        parts.append(load(5, value) + "mtmsrd %r5\nmfmsr %r3\n" + load(5, 1 << 63) + "mtmsrd %r5\nbl print_last\n")
    for first, second in SEGMENTS[core]:
        parts.append(load(5, first << 28 | 1 << 27 | 9) + load(6, second) + "slbmte %r6, %r5\n")
        parts.append("li %r7, 9\nslbmfev %r3, %r7\nbl print\nli %r7, 9\nslbmfee %r3, %r7\nbl print_last\n")
    parts.append("slbia\nli %r7, 9\nslbmfee %r3, %r7\nbl print_last\n")
    return "".join(parts)


def source(core: str) -> str:
    """The guest."""
    own = [vector for vector in VECTORS if vector != 0xF40 or core == "power7"]
    vectors = "".join(f".org {vector:#x}\nli %r20, {vector:#x}\nb handle\n" for vector in own)
    off = load(3, END) + "bl print_last\nb .\n"
    start = "li %r5, 0\nmtspr 19, %r5\nmtspr 18, %r5\nlis %r5, 0x7000\nmtspr 22, %r5\n"
    return f".org 0x100\nb _start\n{vectors}{COMMON}.org 0x4000\n_start:\n{start}{causes(core)}\n{off}"


def lines(text: bytes) -> list[list[str]]:
    """What was printed."""
    found = [line.split() for line in text.decode().replace("\r", "").split("\n") if line.strip()]
    for line in found:
        for at, ignored in IGNORED.items() if len(line) > 2 else ():
            line[at] = f"{int(line[at], 16) & ~ignored:x}"
        if len(line) == 1:
            line[0] = f"{int(line[0], 16) & ~IGNORED[2]:x}"
    return found


def until_end(command: list[str]) -> bytes:
    """What QEMU's guest prints up to its last line; QEMU is ended then."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        assert process.stdout is not None
        found = bytearray()
        for line in process.stdout:
            found += line
            if f"{END:x}".encode() in line:
                break
        watchdog.cancel()
        process.kill()
    return bytes(found)


@pytest.mark.parametrize("core", CPUS)
def test_an_operating_system_sees_what_it_sees_on_qemu(core: str, tmp_path: Path) -> None:
    """Each interrupt that a partition can cause or get in real mode, what mtmsrd changes, what the SLB keeps."""
    image = assemble([Source("system.s", source(core))], target_for(description(core)), Layout(base=0))
    elf = tmp_path / "system.elf"
    elf.write_bytes(image.elf)
    options = MachineOptions(core=core, engine="reference")
    machine = build_machine(parse_elf(image.elf, "system.elf"), "pseries", options)
    said = bytearray()
    machine.console.add_sink(said.extend)
    machine.run(100_000)
    board = f"pseries,{CAPABILITIES},cap-hpt-max-page-size=16m"
    command = [oracle("qemu-system-ppc64"), *QUIET, "-M", board, "-cpu", CPUS[core], "-m", "256", "-vga", "none"]
    command += ["-bios", str(elf), "-device", f"loader,file={elf},cpu-num=0"]
    ours, qemus = lines(bytes(said)), lines(until_end(command))
    assert ours == qemus
    assert len(ours) > 18
