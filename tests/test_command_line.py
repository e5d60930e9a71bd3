"""Claims about how the command line ends: one message for a mistake, a traceback for a bug."""

import errno
import subprocess
import sys

import pytest

from trapline import __main__ as command_line
from trapline.isa.errors import TraplineError


def _run_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int | str | None:
    """Run `main` with an application that raises `error`, and return the exit status."""

    def application() -> None:
        raise error

    monkeypatch.setattr(command_line, "build_app", lambda: application)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return ended.value.code


def test_a_users_mistake_is_one_message_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A TraplineError is printed with its hint, on standard error, without a traceback."""
    status = _run_with(TraplineError("no such board: [x]", hint="boards: a, b"), monkeypatch)
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert printed.err == "error: no such board: [x]\nhint: boards: a, b\n"


def test_a_bug_keeps_its_traceback_and_asks_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nobody expected shows where it came from, and says that it is not the user's fault."""
    status = _run_with(KeyError("GPR"), monkeypatch)
    printed = capsys.readouterr().err
    assert status == 1
    assert "Traceback" in printed
    assert "Please report it" in printed


def test_an_interrupt_ends_with_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is not an error: 128 + SIGINT, as a shell reports it."""
    assert _run_with(KeyboardInterrupt(), monkeypatch) == 130


def test_another_operating_system_error_is_not_taken_for_a_broken_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only EPIPE ends quietly; what names no file, and nothing that has run out, is a bug."""
    assert _run_with(OSError(errno.EINVAL, "Invalid argument"), monkeypatch) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_file_that_cannot_be_opened_is_the_users_to_mend(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the file, which a wrong path on the command line has."""
    status = _run_with(FileNotFoundError(errno.ENOENT, "No such file or directory", "gone.elf"), monkeypatch)
    assert (status, capsys.readouterr().err) == (
        2,
        "error: gone.elf: No such file or directory\nhint: check the path\n",
    )


def test_a_broken_pipe_is_quiet() -> None:
    """`trapline --help` into a reader that is gone prints no traceback."""
    program = "from trapline.__main__ import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_the_version_is_told() -> None:
    """`python -m trapline --version` works from anywhere."""
    done = subprocess.run(
        [sys.executable, "-m", "trapline", "--version"], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout.startswith("trapline ")
