"""No command line makes a traceback, whatever words it is made of; and what people wrote first is answered well."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trapline import __main__ as command_line
from trapline.isa.command_line import Command, Group
from trapline.isa.command_line.parameters import parameters_of
from trapline.server.serving import GuestServer

from .patience import HANGS
from .server.guests import ARM_BASE, POWER_BASE, guest, power_off, say

VALUES = (
    "", "-", "--", "0", "1", "-1", "-16", "0x10", "3.5", "nan", "inf", "1e309", "9" * 30, "-" + "9" * 30,
    "9" * 5000, "١", "power7", "ppc970", "armv7ve", "arm", "power", "pseries", "arm-virt", "arm-kvm",
    "power-bare", "native", "reference", "auto", "guest.elf", "arm.elf", "code.s", "other.isa", "missing",
    "folder", "/dev/null", "guest.elf@0x100000", "guest.elf@-1", "@", "a=b", "r3=1", "r3=-1", "=",
    "pc=" + "9" * 40, "unix:", "unix:" + "x" * 300, "unix:folder", "tcp:", "tcp:0", "tcp:127.0.0.1:99999",
    "tcp:0.0.0.0:0", "tcp:[::1", "tcp:nowhere.invalid:1", "off,reset", "status=", "status=7", "60000000", "zz",
    "\udcff", "a\nb", "é😀", "_start", "nope", "A32", ".text=0", "big",
)  # fmt: skip
LEAVES = {0, 2, 77, *range(3, 11)}
"""1 is a command's own no, and a bug's: told apart by what is printed."""


class Done(NamedTuple):
    """How a command line ended."""

    status: int
    out: str
    err: str


def commands() -> Iterator[tuple[tuple[str, ...], Command]]:
    """All commands with the words that lead to them."""
    for folder in command_line._FOLDERS:
        entries: Sequence[Command | Group] = folder.COMMANDS
        for entry in entries:
            if isinstance(entry, Command):
                yield (entry.name,), entry
            else:
                yield from (((entry.name, one.name), one) for one in entry.commands)


OPTIONS = {
    path: sorted(name for one in parameters_of(command.function) for name in one.names) for path, command in commands()
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with guests and sources. Servers end at once, the demo and mutations run nothing, and nobody waits for
    native code that is built ahead."""
    place = tmp_path_factory.mktemp("words")
    elf = guest(".org 0x4000\n_start:\n" + say("PASS\n") + power_off(), "power7", POWER_BASE)
    (place / "guest.elf").write_bytes(elf.raw)
    (place / "arm.elf").write_bytes(guest("_start: b .\n", "armv7ve", ARM_BASE).raw)
    (place / "code.s").write_text("_start: nop\n")
    (place / "other.isa").write_text("replace nothing\n")
    (place / "folder").mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(GuestServer, "run", lambda self, once: None)
        patched.setattr("trapline.firmware.demo.show", lambda names: 0)
        patched.setattr("trapline.tools.mutate.run.guest_says", lambda breakage, guest: (breakage is None, "broken"))
        patched.setattr("trapline.firmware.suites.doing_runs.shipped_suites", lambda: ())
        native = "trapline.isa.engine.native"
        patched.setattr(f"{native}.building.code_cache.NativeCode.complete", lambda self, progress: None)
        patched.setattr(f"{native}.tier.begun.begin_kit", lambda description, folder: None)
        patched.setattr(f"{native}.tier.wait_beside", lambda folder, seconds: None)
        yield place


@contextmanager
def at(place: Path) -> Iterator[None]:
    """The current folder, for a while."""
    before = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(before)


def run(words: Sequence[str], place: Path) -> Done:
    """Runs `main` in this process, with files for its streams and nothing to read."""
    names = ("stdin", "stdout", "stderr")
    before = sys.argv, *(getattr(sys, name) for name in names)
    opened = [(place / f".{name}").open("w+" if name != "stdin" else "a+", encoding="utf-8") for name in names]
    try:
        sys.argv = ["trapline", *words]
        for name, stream in zip(names, opened, strict=True):
            setattr(sys, name, stream)
        with at(place), pytest.raises(SystemExit) as left:
            command_line.main()
    finally:
        sys.argv = before[0]
        for name, stream in zip(names, before[1:], strict=True):
            setattr(sys, name, stream)
        for stream in opened:
            stream.close()
    out, err = ((place / f".{name}").read_text(errors="replace") for name in names[1:])
    return Done(left.value.code if isinstance(left.value.code, int) else int(left.value.code is not None), out, err)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command, and any of its options and of the values."""
    path = draw(st.sampled_from(sorted(OPTIONS)))
    letters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    known = st.sampled_from(OPTIONS[path] or ["--help"])
    word = st.one_of(known, st.sampled_from(VALUES), st.text(letters, max_size=4))
    # What would write somewhere else than into the folder, or let an endless guest run on.
    words = [one for one in draw(st.lists(word, max_size=6)) if one not in ("--output", "-o", "--timeout")]
    if path == ("bench",):
        words.insert(0, "--list")
    if path == ("run",):
        words[:0] = ["--timeout", "0.5"]
    return [*path, *words]


@settings(max_examples=100)
@given(lines())
@example(["run", "guest.elf", "--memory", "9" * 30])
@example(["run", "guest.elf", "--isa", "missing"])
@example(["asm", "--arch", "power7", "--base", "-16", "code.s"])
@example(["asm", "--arch", "power7", "--base", "9" * 30, "code.s"])
@example(["disasm", "--hex", "--arch", "power7", "--address", "-4", "60000000"])
@example(["serve", "--gdb", "unix:" + "x" * 300, "guest.elf"])
@example(["serve", "--gdb", "tcp:nowhere.invalid:1", "--allow-remote", "guest.elf"])
@example(["isa", "check"])
@example([])
def test_no_command_line_makes_a_traceback(folder: Path, words: list[str]) -> None:
    """It does what it says, or one message names what is wrong."""
    done = run(words, folder)
    assert "Traceback" not in done.err, done.err
    assert "This is a bug" not in done.err, done.err
    assert done.status in LEAVES or (done.status == 1 and words[0] in ("isa", "run", "demo")), done
    if done.status == 2:
        assert (done.err + done.out).strip(), "it says why"


SAYS = [
    (["run", "guest.elf", "--isa", "missing"], "missing: No such file"),
    (["run", "guest.elf", "--expect", "resett"], "did you mean reset?"),
    (["run", "guest.elf", "--timeout", "1e309"], "--timeout"),
    (["asm", "--arch", "power7", "--base=-16", "code.s"], "-16 is no address"),
    (["asm", "--arch", "power7", "--entry", "_strat", "code.s"], "did you mean '_start'?"),
    (["asm", "--arch", "power7", "--entry", "nope", "code.s"], "no file defines that symbol"),
    (["isa", "check"], "--arch power"),
    (["isa", "check", "--arch", "power8"], "power7"),
    (["serve", "--gdb", "unix:" + "x" * 300, "guest.elf"], "use a shorter path"),
    (["serve", "--gdb", "unix:nowhere/socket", "guest.elf"], "name a folder that is there"),
    (["serve", "--gdb", "unix:", "guest.elf"], "or unix:PATH"),
    (["serve", "--gdb", "tcp:0.0.0.0:0", "guest.elf"], "--allow-remote"),
]


@pytest.mark.parametrize(("words", "said"), SAYS, ids=lambda one: " ".join(one)[:40] if isinstance(one, list) else "")
def test_a_mistake_is_answered_with_what_helps(folder: Path, words: list[str], said: str) -> None:
    """Status 2, and the hint is about what was written."""
    done = run(words, folder)
    assert done.status == 2
    assert said in done.err
    assert "None" not in done.err


def test_a_server_for_other_machines_warns(folder: Path) -> None:
    """--allow-remote takes any address, and says what that means."""
    done = run(["serve", "--gdb", "tcp:0.0.0.0:0", "--allow-remote", "guest.elf"], folder)
    assert (done.status, "nobody asks for a password" in done.err) == (0, True), done.err


@pytest.mark.parametrize("arch", ["arm", "power7"])
def test_descriptions_are_checked_without_a_checkout(folder: Path, arch: str) -> None:
    """By the name of the architecture or of a core; with files that change it."""
    assert "no problems in" in run(["isa", "check", "--arch", arch], folder).out
    done = run(["isa", "check", "--arch", arch, "other.isa"], folder)
    assert (done.status, "other.isa:1" in done.out) == (1, True)


def test_a_missing_change_is_told_before_anything_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a description takes seconds."""
    monkeypatch.setattr("trapline.isa.lang.text.sources.read_sources", None)
    monkeypatch.setattr("trapline.isa.lang.load._shipped_key", None)
    assert run(["run", "guest.elf", "--isa", "missing"], folder).status == 2


STREAMS = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "< /dev/null > /dev/null"]


@pytest.mark.parametrize("streams", STREAMS)
def test_streams_that_are_closed_or_full_are_no_bug(folder: Path, streams: str) -> None:
    """A run still ends with its verdict, or with 2 and one message where its console cannot be written."""
    command = f'"{sys.executable}" -m trapline run guest.elf {streams}'
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=HANGS, check=False)
    full = "full" in streams
    assert done.returncode == (2 if full else 0), done.stderr
    assert done.stderr.count("\n") == (2 if full else 0)
    assert ("No space left on device" in done.stderr) == full


@pytest.mark.parametrize("words", [["machines"], ["--help"], ["guests"], ["run", "--json", "guest.elf"]])
def test_output_that_cannot_be_written_is_one_message(folder: Path, words: list[str]) -> None:
    """On a full disk, say."""
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "trapline", *words]
        done = subprocess.run(command, cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "error: cannot write the output: No space left on device" in done.stderr


def test_an_unwritable_cache_is_told_once_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """One line; the run goes on. No temporary file stays."""
    cache = tmp_path / "file"
    cache.write_text("not a folder")
    environment = {**os.environ, "TRAPLINE_CACHE": str(cache / "cache")}
    command = [sys.executable, "-m", "trapline", "run", "--engine", "reference", "guest.elf"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "PASS\n"), done.stderr
    assert done.stderr.count("cannot be written") == 1
    assert [*tmp_path.iterdir()] == [cache]


def test_a_full_disk_under_the_cache_leaves_no_file_half_written(folder: Path, tmp_path: Path) -> None:
    """A file that cannot be finished goes again; the run ends as it would have, after one line."""
    # No file may have more than 8 blocks of 512 bytes: what a full disk does to the larger ones.
    limits = "trap '' XFSZ; ulimit -f 8; "
    command = f'{limits}exec "{sys.executable}" -m trapline run --engine reference guest.elf | cat'
    environment = {**os.environ, "TRAPLINE_CACHE": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "PASS\n", done.stderr
    assert done.stderr.count("cannot be written (File too large)") == 1
    kept = [*(tmp_path / "cache").iterdir()]
    assert [one.name for one in kept if one.name.startswith(".") or one.stat().st_size == 4096] == []


def test_what_takes_long_is_told_in_one_line_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI, where no bar can be drawn."""
    from trapline.isa.progress import shown_progress

    monkeypatch.setattr(sys, "stderr", said := io.StringIO())
    with shown_progress() as progress:
        for done in range(3):
            progress("making native code of power7", done, 3)
        progress("linking", 0, 1)
    assert said.getvalue().count("\n") == 1
    assert "native code of power7" in said.getvalue()
