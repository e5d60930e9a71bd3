"""All abilities of a machine together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from ..rsp.errors import TargetError
from ..rsp.target import GuestFile, MonitorCommand
from ..verdict import Outcome, Verdict
from .controls import Controls
from .monitor.commands import monitor_commands
from .threads import PID


class MachineTarget(Controls):
    """All abilities. `make` builds the machine, again at each restart."""

    def exec_file(self, pid: int) -> GuestFile | None:
        """See `rsp.target.ExecFiles`."""
        if self.is_host(pid) or not self.has_partition(pid):
            return None
        elf = self.machine.behind(pid - PID).elf
        if not elf.raw:
            return None
        return GuestFile(f"/guest/{PurePath(elf.path).name or 'guest.elf'}", elf.raw)

    def process_name(self, pid: int) -> str:
        """See `rsp.target.ProcessNames`."""
        machine = self.machine
        if self.is_host(pid):
            return f"{machine.HOST} (host)"
        return f"{machine.NAME}: {machine.behind(pid - PID).guest.title}"

    def host_info(self) -> tuple[str, int]:
        """See `rsp.target.HostInfo`."""
        description = self.machine.description
        triple = description.annotations["gdb"].get("triple", f"{description.name}-unknown-unknown")
        return str(triple), description.address_width // 8

    def kill_partition(self, pid: int) -> None:
        """See `rsp.target.Kill`. The host side goes with its last partition."""
        if self.is_host(pid):
            raise TargetError(f"{self.machine.HOST} is the host of the other inferiors: detach from it instead")
        killed = Verdict(Outcome.LEFT, "killed by the debugger")
        if self.has_partition(pid) and self.machine.behind(pid - PID).verdict is None:
            self.machine.finish(pid - PID, killed)
            self._gone = self.machine.ended

    def monitor_commands(self) -> Sequence[MonitorCommand]:
        """See `rsp.target.Monitor`."""
        return monitor_commands(self)
