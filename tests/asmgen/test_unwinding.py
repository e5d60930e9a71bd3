"""Claims about a program under a real gdb: source lines, steps, and the way back through its frames."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from ..oracle import require
from .described import build

PROGRAM = """\
        .globl  _start
_start: ldr     sp, =0x40100000
        bl      outer
1:      b       1b
outer:  .cfi_startproc
        push    {r4, lr}
        .cfi_def_cfa_offset 8
        .cfi_offset lr, -4
        .cfi_offset r4, -8
        bl      inner
        pop     {r4, pc}
        .cfi_endproc
inner:  add     r0, r0, #1
        bx      lr
"""


@pytest.mark.oracle
def test_gdb_steps_by_line_and_unwinds_on_arm(tmp_path: Path) -> None:
    """`bt` in a leaf goes through .cfi rules and the default ones to the entry point, and ends there."""
    elf = tmp_path / "test.elf"
    elf.write_bytes(build("armv7ve", PROGRAM, base=0x40010000).elf)
    (tmp_path / "test.s").write_text(PROGRAM)
    socket = tmp_path / "gdb.socket"
    machine = [require.oracle("qemu-system-arm"), "-M", "virt",
               "-cpu", "cortex-a15", "-net", "none", "-display", "none", "-monitor",
               "none", "-serial", "none", "-kernel", str(elf), "-S",
               "-chardev", f"socket,path={socket},server=on,wait=off,id=gdb", "-gdb", "chardev:gdb"]  # fmt: skip
    with subprocess.Popen(machine, cwd=tmp_path) as emulator:
        try:
            for _ in range(100):
                if socket.exists():
                    break
                time.sleep(0.05)
            attach = f"target remote {socket}"
            commands = [attach, "break inner", "continue", "bt", "stepi", "info line", "step", "step"]
            done = subprocess.run(
                [require.oracle("gdb-multiarch"), "-nx", "-batch",
                 *(part for c in commands for part in ("-ex", c)), str(elf)],
                cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
        finally:
            emulator.kill()
    frames = [line for line in done.stdout.splitlines() if line.startswith("#")]
    assert [frame.split(" at ")[-1] for frame in frames] == ["test.s:13", "test.s:10", "test.s:3"], done.stderr
    assert 'Line 14 of "test.s"' in done.stdout
    assert "outer () at test.s:11" in done.stdout
    assert "_start () at test.s:4" in done.stdout
