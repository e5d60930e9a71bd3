"""`trapline bench --asm`: what it measures, without looking at a clock."""

from __future__ import annotations

import pytest

from trapline.asmgen import Source, target_for
from trapline.asmgen.object_assembler import assemble_object
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core
from trapline.tools.bench import assembly
from trapline.tools.bench.assembly import Ratio, arm_lines, measure, power_lines, rows
from trapline.tools.cli import bench


def test_the_generated_lines_assemble_and_are_the_same_each_time() -> None:
    """As many as asked for, on both architectures."""
    for core, make in (("power7", power_lines), ("armv7ve", arm_lines)):
        lines = make(600)
        assert len(lines) == 600
        assert lines == make(600)
        assert assemble_object(Source("lines.s", "\n".join(lines) + "\n"), target_for(load_core(core)))


def test_ratios_are_told_with_what_is_missing() -> None:
    """How many times the peer's time ours is; a peer that is not there, and code that differs."""
    assert rows([Ratio("a", 1.0, 0.5), Ratio("b", 1.0, None), Ratio("c", 1.0, 0.5, False)]) == [
        ("a", "1,000 ms", "500 ms", "2.0"),
        ("b", "1,000 ms", "not installed", ""),
        ("c", "1,000 ms", "500 ms", "other code than GNU as"),
    ]


def test_works_and_architectures_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left out is not run; a name that there is not is an error, and so is an option without a meaning."""
    ran: list[list[str]] = []

    def seconds(command: list[str], samples: int) -> float:
        ran.append(command)
        return 1.0

    monkeypatch.setattr(assembly, "_seconds", seconds)
    assert [one.name for one in measure(1, 600, ["start"], ["arm"])] == ["armv7ve: assemble one line"]
    assert not any("disasm" in command or "power7" in command for command in ran)
    for works, arches in ((["starts"], []), ([], ["mips"])):
        with pytest.raises(TraplineError, match=r"known: (assemble|power)"):
            measure(1, 600, works, arches)
    with pytest.raises(TraplineError, match="--clock means nothing with --asm"):
        bench(assembler=True, clock="wall")
