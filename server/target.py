"""A machine as a target of the GDB server: `server/rsp`'s Protocols over `server/boards`' machines.

A partition is process 1, its vcpus are threads from 1 on. `target_state` has registers, memory and threads,
`target_execution` runs and stops, `target_monitor` reaches what lies beneath.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from .boards.machine import Machine
from .event_tap import EventTap
from .rsp.target import GuestFile, MonitorCommand
from .target_execution import TargetExecution
from .target_monitor import monitor_commands
from .verdict import Outcome, Verdict


class MachineTarget(TargetExecution):
    """All abilities but reverse execution. `make` builds the machine, again at each restart."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        super().__init__(make)
        self.quit_requested = False
        """Whether `monitor quit` asked the server to end."""
        self.event_tap = EventTap()
        """What `monitor events` shows."""

    def exec_file(self, pid: int) -> GuestFile | None:
        """See `rsp.target.ExecFiles`."""
        elf = self.machine.elf
        if not elf.raw:
            return None
        return GuestFile(f"/guest/{PurePath(elf.path).name or 'guest.elf'}", elf.raw)

    def host_info(self) -> tuple[str, int]:
        """See `rsp.target.HostInfo`."""
        description = self.machine.description
        triple = description.annotations["gdb"].get("triple", f"{description.name}-unknown-unknown")
        return str(triple), description.address_width // 8

    def kill_partition(self, pid: int) -> None:
        """See `rsp.target.Kill`."""
        if self.machine.verdict is None:
            self.machine.verdict = Verdict(Outcome.LEFT, "killed by the debugger")

    def restart_all(self) -> None:
        """See `rsp.target.Restart`."""
        self.machine = self._remade()
        self.event_tap.move(self.machine.events)
        self._apply_points()

    def monitor_commands(self) -> Sequence[MonitorCommand]:
        """See `rsp.target.Monitor`."""
        return monitor_commands(self)
