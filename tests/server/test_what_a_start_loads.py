"""Claims about a warm start: what it loads is counted, since times depend on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trapline.firmware.catalogue import build, find_guest

HEAVY = {
    "typer", "rich", "pydantic", "click", "lark", "elftools", "llvmlite.binding", "platformdirs", "pickle", "tempfile",
    "subprocess", "argparse", "asyncio", "email", "trapline.asmgen.assembler", "trapline.isa.lang.text.parse",
    "trapline.isa.lang.elaborate", "trapline.isa.engine.python_source", "trapline.isa.engine.native.building.module",
    "trapline.isa.engine.native.building.compilers", "trapline.isa.engine.native.regions.grow",
    "trapline.firmware.demo",
}  # fmt: skip
"""What a warm start has no use for: libraries, what reads descriptions, what writes code, compilers."""
BOARDS = {"pseries", "power_bare", "arm_virt", "arm_kvm"}
MOST_MODULES = 420
"""Each costs a third of a millisecond; a start has some 350, a hundred of them Python's own."""
PROGRAM = """
import atexit, sys
from trapline.__main__ import main
atexit.register(lambda: sys.stderr.write("\\n" + " ".join(sys.modules)))
main()
"""


@pytest.mark.parametrize(("name", "board"), [("power_hcalls", "pseries"), ("arm_hyp", "arm_virt")])
def test_a_warm_run_of_a_small_guest_loads_what_it_needs(name: str, board: str, tmp_path: Path) -> None:
    """One board and one engine; no LLVM, no parser, no library for the command line, and not many modules."""
    guest = tmp_path / f"{name}.elf"
    guest.write_bytes(build(find_guest(name)).elf)
    command = [sys.executable, "-c", PROGRAM, "run", str(guest)]
    for _ in range(2):  # the first one may have to make what the second one finds
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"PASS {name}" in done.stdout
    loaded = set(done.stderr.splitlines()[-1].split())
    assert loaded & HEAVY == set()
    assert {one.rsplit(".", 1)[-1] for one in loaded if one.startswith("trapline.server.boards.")} & BOARDS == {board}
    assert len(loaded) < MOST_MODULES
