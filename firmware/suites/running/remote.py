"""A remote target of a debugger's: gdb-multiarch loads each test into it, runs it to its end, and reads what it said.

There need be no console: the guest library keeps everything that it prints in memory (`suite_log`). Between two tests
the target is brought back to its start by a command of the user's (`--reset`), where it has one.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any, Final

from ....isa.errors import TraplineError
from .judging import judged
from .loading import Loading
from .results import Ran
from .specs import TargetSpec

GDB: Final = "gdb-multiarch"
_CONNECT_SECONDS: Final = 20.0


class RemoteTarget:
    """One gdb, attached to the target for all tests."""

    def __init__(self, spec: TargetSpec) -> None:
        """Raises TraplineError where gdb, pygdbmi or the target is not there."""
        try:
            from pygdbmi.gdbcontroller import GdbController
        except ImportError as error:
            raise TraplineError(
                "remote targets are driven through pygdbmi, which is not installed", "pip install 'trapline[remote]'"
            ) from error
        if shutil.which(GDB) is None:
            raise TraplineError(f"remote targets need {GDB}", "as root: apt-get install gdb-multiarch")
        self._spec = spec
        self._gdb: Any = GdbController([GDB, "-nx", "--quiet", "--interpreter=mi3"])
        for command in ("set pagination off", "set confirm off", f"set tcp connect-timeout {_CONNECT_SECONDS:g}"):
            self._do(command)
        self._is_connected = False
        self._taken: list[dict[str, Any]] = []

    def run(self, elf: Path, loading: Loading | None = None) -> Ran:
        """See `Target`."""
        began = time.perf_counter()
        self._do(f'file "{elf}"')
        if not self._is_connected:
            self._do(f"-target-select remote {self._spec.detail}", _CONNECT_SECONDS + 5, "the target does not answer")
            self._is_connected = True
        elif self._spec.reset:
            self._do(self._spec.reset)
        self._do("-target-download", 60.0, "the target takes no program")
        self._do("set var $pc = _start")
        self._do("delete breakpoints")
        self._do("-break-insert suite_end")
        over = not self._continue(self._spec.limits.seconds)
        said = self._log()
        outcome, reason = judged(said, over, 0, self._spec.limits.seconds)
        return Ran(outcome, reason, said.decode("utf-8", "replace"), None, time.perf_counter() - began)

    def close(self) -> None:
        """See `Target`."""
        self._gdb.exit()

    def _continue(self, seconds: float) -> bool:
        """Whether it came to the end of the test; else it is stopped where it is."""
        self._taken = self._gdb.write("-exec-continue", timeout_sec=5, raise_error_on_timeout=False)
        if self._stopped(seconds):
            return True
        self._gdb.write("-exec-interrupt --all", timeout_sec=5, raise_error_on_timeout=False)
        self._stopped(10.0)
        return False

    def _stopped(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        pending = self._taken
        while True:
            for one in pending:
                if one.get("type") == "notify" and one.get("message") == "stopped":
                    self._taken = []
                    return bool((one.get("payload") or {}).get("reason") == "breakpoint-hit")
            if time.monotonic() >= end:
                return False
            pending = self._gdb.get_gdb_response(timeout_sec=0.2, raise_error_on_timeout=False)

    def _log(self) -> bytes:
        start = self._number("(unsigned long)&suite_log")
        end = self._number("*(unsigned long *)&suite_log_end")
        if not 0 < end - start <= 1 << 20:
            return b""
        answer = self._do(f"-data-read-memory-bytes {start:#x} {end - start}")
        return b"".join(bytes.fromhex(one["contents"]) for one in answer.get("memory", []))

    def _number(self, expression: str) -> int:
        answer = self._do(f'-data-evaluate-expression "{expression}"')
        return int(str(answer.get("value", "0")).split()[0], 0)

    def _do(self, command: str, seconds: float = 20.0, what: str = "") -> dict[str, Any]:
        """One command; what its result has.  Raises TraplineError with gdb's own words."""
        answers = self._gdb.write(command, timeout_sec=seconds, raise_error_on_timeout=False)
        end = time.monotonic() + seconds
        while True:
            for one in answers:
                if one["type"] == "result":
                    payload = one["payload"] or {}
                    if one["message"] == "error":
                        said = f"{what}: " if what else ""
                        raise TraplineError(
                            f"remote:{self._spec.detail}: {said}{payload.get('msg', command)}", "see --target remote"
                        )
                    return payload if isinstance(payload, dict) else {}
            if time.monotonic() >= end:
                raise TraplineError(
                    f"remote:{self._spec.detail}: {what or f'no answer to {command!r}'}", "see --target remote"
                )
            answers = self._gdb.get_gdb_response(timeout_sec=0.5, raise_error_on_timeout=False)
