"""Claims about front ends: what the buttons of VS Code (cppdbg, through gdb's MI) ask for works, and is advertised."""

import json
from pathlib import Path
from typing import Any

import pytest

from .machines import ONE_EACH, Board, serve
from .mi import Mi

pytestmark = pytest.mark.gdb

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "vscode"


def _launch() -> dict[str, Any]:
    (found,) = json.loads((EXAMPLE / "launch.json").read_text())["configurations"]
    assert isinstance(found, dict)
    return found


def _line(frame: dict[str, Any]) -> int:
    return int(frame["line"])


@ONE_EACH
def test_the_buttons_work(gdb_installed: None, board: Board, tmp_path: Path) -> None:
    """As the launch configuration has it: connect, breakpoint, continue, step over, into and out, each backwards too,
    threads, registers, memory, evaluation."""
    program = tmp_path / "guest.elf"
    program.write_bytes(board.elf().raw)
    launch = _launch()
    assert launch["MIMode"] == "gdb"
    gdb = Mi()
    try:
        with serve(board, vcpus=2) as server:
            for one in launch["setupCommands"]:
                text = one["text"]
                gdb.ask(text if text.startswith("-") else f'-interpreter-exec console "{text}"')
            assert gdb.ask(f"-file-exec-and-symbols {program}")["message"] == "done"
            assert gdb.ask(f"-target-select remote {server.address.gdb_argument}")["message"] == "connected"
            for one in launch["postRemoteConnectCommands"]:
                assert gdb.ask(f'-interpreter-exec console "{one["text"]}"')["message"] == "done"
            # What makes a front end show the buttons that go back.
            assert "reverse" in gdb.ask("-list-target-features")["payload"]["features"]
            threads = gdb.ask("-thread-info")["payload"]["threads"]
            assert [one["name"] for one in threads] == ["vcpu0", "vcpu1"]
            gdb.records.clear()
            assert gdb.ask("-break-insert store")["message"] == "done"
            frames = []
            for command in (
                "-exec-continue", "-exec-next", "-exec-step", "-exec-next --reverse", "-exec-step --reverse",
                "-exec-continue", "-exec-continue --reverse", "-exec-step-instruction",
                "-exec-step-instruction --reverse",
            ):  # fmt: skip
                gdb.ask(command)
                frames.append(gdb.stop()["frame"])
            store = _line(frames[0])
            lines = [_line(frame) - store for frame in frames]
            assert lines[:5] == [0, 1, 2, 1, 0]
            assert frames[7]["addr"] != frames[8]["addr"]
            assert gdb.ask("-data-evaluate-expression $pc==store")["payload"]["value"] in ("0", "1")
            names = gdb.ask("-data-list-register-names")["payload"]["register-names"]
            assert "pc" in names
            number = names.index("pc")
            values = gdb.ask(f"-data-list-register-values x {number}")["payload"]["register-values"]
            assert int(values[0]["value"], 16) == int(frames[-1]["addr"], 16)
            memory = gdb.ask("-data-read-memory-bytes &counter 4")["payload"]["memory"]
            assert len(memory[0]["contents"]) == 8
            gdb.ask("-exec-finish")
            gdb.stop()
            assert gdb.ask("-target-detach")["message"] == "done"
    finally:
        gdb.close()


def test_the_task_starts_a_server_that_the_configuration_finds() -> None:
    """The same address, and options that there are; the task is over when gdb's line is printed."""
    (task,) = json.loads((EXAMPLE / "tasks.json").read_text())["tasks"]
    words = task["command"].split()
    assert words[:2] == ["trapline", "serve"]
    assert f"tcp:{_launch()['miDebuggerServerAddress']}" in words
    assert _launch()["preLaunchTask"] == task["label"]
    assert task["problemMatcher"]["background"]["endsPattern"] == r"^\s*target remote .*$"
