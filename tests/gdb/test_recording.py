"""Claims about recordings: a run that was served is done again in another process, and gdb goes anywhere in it."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from trapline.firmware.catalogue import build, find_guest
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import LoadRequest
from trapline.server.replaying import replayed
from trapline.server.rsp.server import GdbServer
from trapline.server.target import MachineTarget
from trapline.server.timeline.recording import (
    Origin,
    Recording,
    RecordingError,
    digest_of,
    read_recording,
    recording_of,
    write_recording,
)

from ..rsp.serving import serving
from .conftest import Output, RunGdb
from .machines import BOARDS, EVERY, RAM, Board

pytestmark = pytest.mark.gdb


def _target(board: Board, folder: Path, vcpus: int = 1) -> MachineTarget:
    program = folder / "guest.elf"
    program.write_bytes(board.elf().raw)
    request, options = LoadRequest(program), MachineOptions(vcpus, ram_size=RAM)
    made = MachineTarget(lambda: build_machine(request, board.name, options))
    made.record(Origin.of(request, options))
    return made


@contextlib.contextmanager
def _recorded(board: Board, folder: Path) -> Iterator[tuple[GdbServer, MachineTarget]]:
    target = _target(board, folder)
    with serving(target) as server:
        yield server, target


def _text(output: Output) -> str:
    return "\n".join([output.text, *output.errors])


@EVERY
def test_a_session_is_done_again_in_another_machine(run_gdb: RunGdb, board: Board, tmp_path: Path) -> None:
    """Steps, runs, writes to registers and memory, typed input, and a change in the past, which forks: the machine that
    is made of the file comes to the same state, and gdb goes back in it to the same places."""
    file = tmp_path / "run.trapline"
    show = f"p {board.counter}"
    with _recorded(board, tmp_path) as (server, target):
        target.machine.console.type(b"typed")
        output = run_gdb(
            server, "break store", "continue", "stepi", "stepi", f"set var {board.counter} = 7", "continue",
            f"set var ${board.spinning} = 0x77", "continue", "reverse-stepi", f"set var ${board.spinning} = 0x99",
            "continue", show, f"monitor snapshot {file}",
        )  # fmt: skip
        state = digest_of(target.timeline)
    assert "trapline replay" in _text(output)
    before = re.findall(r"^\$\d = (\d+)$", output.text, re.MULTILINE)
    file.with_name("guest.elf").unlink()
    with replayed(read_recording(file), file) as again:
        assert digest_of(again.timeline) == state
        with serving(again) as server:
            output = run_gdb(
                server, show, "break store", "reverse-continue", show, "reverse-continue", show,
                "monitor goto start", "maintenance flush register-cache", "p $pc == _start",
            )  # fmt: skip
    values = re.findall(r"^\$\d = (\w+)$", output.text, re.MULTILINE)
    assert values[0] == before[0]
    assert values[-1] == "1"


def test_a_recording_opens_in_another_process(tmp_path: Path) -> None:
    """The command line: all vcpus, runs of pieces and steps out of turn; only what is in the file is needed."""
    file = tmp_path / "two.trapline"
    target = _target(BOARDS[2], tmp_path, vcpus=2)
    timeline = target.timeline
    for steps in (100, 7, 1000):
        timeline.run_slice(steps, None, None)
        timeline.step(target.machine.vcpus[0])
        timeline.step(target.machine.vcpus[1])
    write_recording(recording_of(timeline, target.require_origin()), file)
    (tmp_path / "guest.elf").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "trapline", "replay", "--check", str(file)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "instructions done again, to the same state" in done.stderr


def test_a_guest_that_talks_and_waits_is_done_again(tmp_path: Path) -> None:
    """Input that came in at its moments, threads that nap, timers: a bundled guest to its end."""
    guest = find_guest("power_naps")
    program = tmp_path / "naps.elf"
    program.write_bytes(build(guest).elf)
    request = LoadRequest(program)
    options = MachineOptions(guest.vcpus, core=guest.core, threads=guest.threads, ram_size=(guest.memory or 64) << 20)
    target = MachineTarget(lambda: build_machine(request, guest.machine, options))
    target.record(Origin.of(request, options))
    machine, timeline = target.machine, target.timeline
    for _ in range(200):
        if timeline.run_slice(5000, None, None) is None:
            break
        machine.console.type(b"x")
    assert machine.verdict is not None
    file = tmp_path / "naps.trapline"
    write_recording(recording_of(timeline, target.require_origin()), file)
    with replayed(read_recording(file), file) as again:
        assert again.machine.steps == machine.steps
        assert again.machine.verdict == machine.verdict
        assert again.machine.door.record == machine.door.record


def test_other_files_are_refused_with_one_clear_error(tmp_path: Path) -> None:
    """No recording, another version, another description, a damaged one, none at all."""
    target = _target(BOARDS[2], tmp_path)
    target.timeline.run_slice(50, None, None)
    good = recording_of(target.timeline, target.require_origin())
    file = tmp_path / "file"

    def refused(recording: Recording) -> str:
        write_recording(recording, file)
        with pytest.raises(RecordingError) as failure, replayed(read_recording(file), file):
            pass
        return str(failure.value)

    replace = msgspec.structs.replace
    assert "of version 9" in refused(replace(good, head=replace(good.head, version=9)))
    assert "another description" in refused(replace(good, head=replace(good.head, description="0" * 64)))
    assert "another state" in refused(replace(good, body=replace(good.body, digest="0")))
    for data, said in ((b"\x7fELF", "is no recording"), (file.read_bytes()[:-20], "is damaged"), (None, "cannot read")):
        if data is None:
            file.unlink()
        else:
            write_recording(good, file)
            file.write_bytes(data)
        with pytest.raises(RecordingError, match=said):
            read_recording(file)


def test_a_recording_that_cannot_be_written_is_told_before_the_guest_runs(tmp_path: Path) -> None:
    """Not at the end, when what was done is lost."""
    program = tmp_path / "guest.elf"
    program.write_bytes(BOARDS[2].elf().raw)
    for place in (tmp_path / "nowhere" / "file", tmp_path):
        command = [sys.executable, "-m", "trapline", "serve", "--record", str(place), str(program)]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"error: cannot write {place}")
        assert "target remote" not in done.stderr
