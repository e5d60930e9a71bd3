"""What tests with a real gdb-multiarch share: skipping where there is none, batches, consoles."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pexpect
import pytest

from trapline.server.rsp.server import GdbServer

from ..oracle import require
from ..patience import HANGS

GDB = "gdb-multiarch"
PROMPT = "(gdb) "
TIMEOUT = HANGS
# GDB says this whenever a program comes from the target, whoever serves it.
SLOW_FILES = (
    'warning: File transfers from remote targets can be slow. Use "set sysroot" to access files locally instead.'
)


@dataclass(frozen=True)
class Output:
    """What a batch of commands printed; `errors` without the warning that is always there."""

    text: str
    errors: list[str]

    @property
    def last_instruction(self) -> str:
        """The last line that ``x/i $pc`` printed."""
        return [line for line in self.text.splitlines() if line.startswith("=>")][-1]


RunGdb = Callable[..., Output]


@pytest.fixture
def gdb_installed() -> None:
    """Skips the test where there is no gdb-multiarch, and fails it under CI."""
    require.oracle(GDB)


@pytest.fixture
def run_gdb(gdb_installed: None) -> RunGdb:
    """``run_gdb(server, command, …)`` connects, runs the commands, and gives what gdb said.

    With ``connect="target extended-remote"`` it connects that way.
    """

    def run(server: GdbServer, *commands: str, connect: str = "target remote") -> Output:
        first = ["set confirm off", "set pagination off", "set width 0"]
        line = server.connect_hint().replace("target remote", connect)
        arguments = [part for command in (*first, line, *commands) for part in ("-ex", command)]
        done = subprocess.run(
            [GDB, "-nx", "-q", "-batch", *arguments],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        errors = [line for line in done.stderr.splitlines() if line and line != SLOW_FILES]
        return Output(done.stdout, errors)

    return run


class Console:
    """A gdb at a terminal: type, and read up to the next prompt."""

    def __init__(self) -> None:
        settings = ("confirm off", "pagination off", "width 0", "style enabled off")
        arguments = [part for setting in settings for part in ("-ex", f"set {setting}")]
        self._child = pexpect.spawn(GDB, ["-nx", "-q", *arguments], encoding="utf-8", timeout=TIMEOUT)
        self._child.expect_exact(PROMPT)

    def type(self, command: str) -> str:
        """What gdb prints before its next prompt."""
        self._child.sendline(command)
        self._child.expect_exact(PROMPT)
        return str(self._child.before)

    def start(self, command: str, sign: str) -> None:
        """Type a command that does not come back, and wait for `sign`."""
        self._child.sendline(command)
        self._child.expect_exact(sign)

    def interrupt(self) -> str:
        """Press Ctrl-C; what gdb prints before its next prompt."""
        self._child.sendintr()
        self._child.expect_exact(PROMPT)
        return str(self._child.before)

    def close(self) -> None:
        """End gdb, whatever it does."""
        self._child.close(force=True)


@pytest.fixture
def console(gdb_installed: None) -> Iterator[Console]:
    """A gdb at a terminal, not connected yet."""
    opened = Console()
    yield opened
    opened.close()
