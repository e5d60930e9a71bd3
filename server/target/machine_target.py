"""All abilities of a machine together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from ..rsp.target import GuestFile, MonitorCommand
from ..verdict import Outcome, Verdict
from .controls import Controls
from .monitor.commands import monitor_commands


class MachineTarget(Controls):
    """All abilities. `make` builds the machine, again at each restart."""

    def exec_file(self, pid: int) -> GuestFile | None:
        """See `rsp.target.ExecFiles`."""
        elf = self.machine.elf
        if not elf.raw or self.is_host(pid):
            return None
        return GuestFile(f"/guest/{PurePath(elf.path).name or 'guest.elf'}", elf.raw)

    def process_name(self, pid: int) -> str:
        """See `rsp.target.ProcessNames`."""
        machine = self.machine
        return f"{machine.HOST} (host)" if self.is_host(pid) else f"{machine.NAME}: {machine.guest.title}"

    def host_info(self) -> tuple[str, int]:
        """See `rsp.target.HostInfo`."""
        description = self.machine.description
        triple = description.annotations["gdb"].get("triple", f"{description.name}-unknown-unknown")
        return str(triple), description.address_width // 8

    def kill_partition(self, pid: int) -> None:
        """See `rsp.target.Kill`."""
        if self.machine.verdict is None:
            self.machine.verdict = Verdict(Outcome.LEFT, "killed by the debugger")

    def monitor_commands(self) -> Sequence[MonitorCommand]:
        """See `rsp.target.Monitor`."""
        return monitor_commands(self)
