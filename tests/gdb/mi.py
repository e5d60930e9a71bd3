"""A gdb behind its machine interface, as front ends drive it: commands, and the records that come by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pygdbmi.gdbcontroller import GdbController

from ..patience import HANGS
from .conftest import GDB

Record = dict[str, Any]


class Mi:
    """One gdb; `close` ends it, whatever it does."""

    def __init__(self, *settings: str) -> None:
        self._controller = GdbController(
            [GDB, "--nx", "--quiet", "--interpreter=mi3"], time_to_check_for_additional_output_sec=0.02
        )
        self.records: list[Record] = []
        """All that has come by itself."""
        for setting in ("confirm off", *settings):
            self.ask(f"-gdb-set {setting}")

    def ask(self, command: str) -> Record:
        """The result of a command."""
        return self.settle(command, lambda found: found["type"] == "result")

    def settle(self, command: str, wanted: Callable[[Record], bool]) -> Record:
        """Sends a command, and waits for a record."""
        records = self._controller.write(command, timeout_sec=HANGS, raise_error_on_timeout=False)
        return self._wait(records, wanted)

    def stop(self, thread: int | None = None) -> Record:
        """Waits for a stop, of a thread if one is given, and takes it from `records`; its payload."""

        def is_stop(record: Record) -> bool:
            if record["type"] != "notify" or record["message"] != "stopped":
                return False
            return thread is None or record["payload"].get("thread-id") == str(thread)

        found = next((record for record in self.records if is_stop(record)), None)
        if found is None:
            found = self._wait([], is_stop)
        self.records.remove(found)
        payload = found["payload"]
        assert isinstance(payload, dict)
        return payload

    def states(self) -> dict[str, str]:
        """Whether each thread is stopped or running, by gdb's number."""
        return {one["id"]: one["state"] for one in self.ask("-thread-info")["payload"]["threads"]}

    def _wait(self, records: list[Record], wanted: Callable[[Record], bool]) -> Record:
        end = time.monotonic() + HANGS
        while True:
            self.records += [record for record in records if record["type"] != "result"]
            for record in records:
                if wanted(record):
                    return record
            assert time.monotonic() < end, f"gdb does not answer; the last records: {self.records[-5:]}"
            records = self._controller.get_gdb_response(timeout_sec=0.2, raise_error_on_timeout=False)

    def close(self) -> None:
        """Ends gdb."""
        self._controller.exit()
