"""Toy machines that implement the target Protocols: a bare one and one with every ability.

They count: see `toy_arch`. History is kept as copies of registers and data, which is enough to step back.
"""

from collections.abc import Container, Mapping, Sequence

from trapline.server.rsp.errors import (
    BreakpointError,
    MemoryFault,
    MonitorError,
    RegisterReadOnly,
    RegisterUnavailable,
)
from trapline.server.rsp.execution import (
    Access,
    Action,
    Exited,
    GdbSignal,
    HwBreak,
    NoneResumed,
    RangeStep,
    ReplayLog,
    Signal,
    Step,
    StopEvent,
    StopReason,
    SwBreak,
    ThreadId,
    ThreadInfo,
    WatchHit,
)
from trapline.server.rsp.registers import TargetDescription
from trapline.server.rsp.target import BreakpointKind, GuestFile, MonitorCommand, MonitorContext

from .toy_arch import ADD, BASE, BRANCH, DATA, HIDDEN, LOAD, LPCR, MODE, PVR, PVR_VALUE, STORE, ToyArch
from .toy_elf import toy_elf

RAM = range(0x1000, 0x101000)
ROM = range(0x400000, 0x401000)
SLICE = 100
WATCH_SLOTS = 2


class ToyCpu:
    """Registers of one thread, and whether it is powered on."""

    def __init__(self, arch: ToyArch) -> None:
        self.registers = {n: bytes(r.size) for n, r in arch.description.by_number.items()}
        self.powered = True


class ToyTarget:
    """Only the abilities that every target has."""

    def __init__(self, arch: ToyArch, partitions: int = 1, vcpus: int = 1) -> None:
        self.arch = arch
        self.ram = bytearray(len(RAM))
        start = BASE - RAM.start
        self.ram[start : start + len(arch.code_bytes)] = arch.code_bytes
        self.cpus: dict[ThreadId, ToyCpu] = {}
        for pid in range(1, partitions + 1):
            for tid in range(1, vcpus + 1):
                self._add_cpu(ThreadId(pid, tid))
        self.all_threads = tuple(self.cpus)
        self.plan: dict[ThreadId, Action] = {}
        self.calls: list[str] = []
        self.defect = False
        self.slice = SLICE
        """Instructions of a slice, of each thread."""

    def _add_cpu(self, thread: ThreadId) -> None:
        self.cpus[thread] = ToyCpu(self.arch)
        self.set(thread, self.arch.pc, BASE)
        self.set(thread, 4, DATA)
        self.set(thread, PVR, PVR_VALUE)
        self.set(thread, LPCR, 0x0200000C)
        self.set(thread, MODE, 0x02000001)

    def get(self, thread: ThreadId, number: int) -> int:
        return int.from_bytes(self.cpus[thread].registers[number], self.arch.byte_order)

    def set(self, thread: ThreadId, number: int, value: int) -> None:
        size = self.arch.description.by_number[number].size
        self.cpus[thread].registers[number] = (value % (1 << 8 * size)).to_bytes(size, self.arch.byte_order)

    # Registers

    def describe(self) -> TargetDescription:
        return self.arch.description

    def read_register(self, thread: ThreadId, number: int) -> bytes:
        if number == HIDDEN:
            raise RegisterUnavailable("hidden has no value in this mode")
        return self.cpus[thread].registers[number]

    def read_registers(self, thread: ThreadId) -> bytes:
        self.calls.append("read_registers")
        return b"".join(self.read_register(thread, r.number) for r in self.arch.description.general)

    def write_register(self, thread: ThreadId, number: int, value: bytes) -> None:
        if number == PVR:
            raise RegisterReadOnly("toypvr is read-only")
        self.cpus[thread].registers[number] = value

    # Memory

    def read_memory(self, thread: ThreadId, address: int, length: int) -> bytes:
        if self.defect:
            raise KeyError("a defect in the toy")
        if address in ROM:
            return bytes(min(length, ROM.stop - address))
        if address not in RAM:
            raise MemoryFault(address, "unmapped")
        start = address - RAM.start
        return bytes(self.ram[start : start + length])

    def write_memory(self, thread: ThreadId, address: int, data: bytes) -> None:
        if address in ROM:
            raise MemoryFault(address, "read-only ROM")
        if address not in RAM or address + len(data) > RAM.stop:
            raise MemoryFault(max(address, RAM.stop) if address in RAM else address, "unmapped")
        start = address - RAM.start
        self.ram[start : start + len(data)] = data

    # Threads and execution

    def threads(self) -> Sequence[ThreadInfo]:
        return [
            ThreadInfo(thread, f"vcpu{thread.tid - 1}", core=0, extra="" if cpu.powered else "powered off")
            for thread, cpu in self.cpus.items()
        ]

    def resume(self, plan: Mapping[ThreadId, Action], fresh: Container[ThreadId] | None = None) -> None:
        self.plan = dict(plan)

    def run_slice(self) -> StopEvent | None:
        running = [thread for thread in self.plan if self.cpus[thread].powered]
        if not running:
            return StopEvent(next(iter(self.plan)), NoneResumed())
        for _ in range(self.slice):
            for thread in running:
                reason = self._advance(thread, self.plan[thread])
                if reason is not None:
                    return StopEvent(thread, reason)
        return None

    def interrupt(self) -> StopEvent:
        live = [thread for thread in self.plan if thread in self.cpus] or list(self.cpus)
        return StopEvent(live[0], Signal(GdbSignal.SIGINT))

    def _advance(self, thread: ThreadId, action: Action) -> StopReason | None:
        """One instruction, and what stops the thread after it."""
        reason = self._execute(thread)
        if reason is not None:
            return reason
        pc = self.get(thread, self.arch.pc)
        stepped = isinstance(action, Step) or (isinstance(action, RangeStep) and not action.start <= pc < action.end)
        return Signal(GdbSignal.SIGTRAP) if stepped else self._stop_at(thread, pc)

    def _execute(self, thread: ThreadId) -> StopReason | None:
        pc = self.get(thread, self.arch.pc)
        target = BASE if pc == BRANCH else pc + 4
        if pc == ADD:
            self.set(thread, self.arch.counter, self.get(thread, self.arch.counter) + 1)
        elif pc == STORE:
            value = self.get(thread, self.arch.counter) & 0xFFFFFFFF
            self.write_memory(thread, DATA, value.to_bytes(4, self.arch.byte_order))
        self.set(thread, self.arch.pc, target)
        return None

    def _stop_at(self, thread: ThreadId, pc: int) -> StopReason | None:
        return None


class FullToyTarget(ToyTarget):
    """Every ability that the protocol knows, but for a memory map."""

    def __init__(self, arch: ToyArch, partitions: int = 1, vcpus: int = 1) -> None:
        super().__init__(arch, partitions, vcpus)
        self.breakpoints: dict[tuple[int, int], BreakpointKind] = {}
        self.watchpoints: set[tuple[int, Access, int, int]] = set()
        self.history: list[tuple[ThreadId, dict[int, bytes], bytes]] = []
        self.backwards: ThreadId | str | None = None
        self.left: list[int] = []
        self.exiting: StopEvent | None = None
        self._passed_watch: ThreadId | None = None

    # Breakpoints and watchpoints

    def breakpoint_kinds(self) -> frozenset[int]:
        return self.arch.breakpoint_kinds

    def insert_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        if address not in RAM:
            raise BreakpointError(f"no instruction can be at {address:#x}: unmapped")
        self.calls.append(f"insert {address:#x}")
        self.breakpoints[pid, address] = how

    def remove_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        self.breakpoints.pop((pid, address), None)  # Z0 and Z1 at one address are one here

    def insert_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        if len(self.watchpoints) == WATCH_SLOTS:
            raise BreakpointError(f"all {WATCH_SLOTS} watchpoints are in use")
        self.watchpoints.add((pid, access, address, length))

    def remove_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        self.watchpoints.remove((pid, access, address, length))

    def _stop_at(self, thread: ThreadId, pc: int) -> StopReason | None:
        how = self.breakpoints.get((thread.pid, pc))
        if how is None:
            return None
        return SwBreak() if how == "software" else HwBreak()

    def _execute(self, thread: ThreadId) -> StopReason | None:
        hit = self._watched(thread)
        if hit is not None and self._passed_watch != thread:
            # Before the access; when the thread is resumed here, the access is done.
            self._passed_watch = thread
            return hit
        self._passed_watch = None
        data = bytes(self.ram[DATA - RAM.start : DATA - RAM.start + 4])
        self.history.append((thread, dict(self.cpus[thread].registers), data))
        return super()._execute(thread)

    def _watched(self, thread: ThreadId) -> WatchHit | None:
        pc = self.get(thread, self.arch.pc)
        if pc not in (STORE, LOAD):
            return None
        accesses = {Access.READ_WRITE, Access.WRITE if pc == STORE else Access.READ}
        for pid, access, address, length in sorted(self.watchpoints, key=str):
            if pid == thread.pid and access in accesses and address < DATA + 4 and DATA < address + length:
                return WatchHit(access, max(address, DATA))
        return None

    # Backwards

    def reverse_step(self, thread: ThreadId) -> None:
        self.backwards = thread

    def reverse_continue(self) -> None:
        self.backwards = "all"

    def run_slice(self) -> StopEvent | None:
        if self.exiting is not None:
            ending, self.exiting = self.exiting, None
            self.kill_partition(ending.thread.pid)
            return ending
        if self.backwards is None:
            return super().run_slice()
        for _ in range(self.slice):
            if not self.history:
                first = next(iter(self.cpus))
                self.backwards = None
                return StopEvent(first, ReplayLog(at_end=False))
            thread, registers, data = self.history.pop()
            self.cpus[thread].registers = registers
            self.ram[DATA - RAM.start : DATA - RAM.start + 4] = data
            reason = self._stop_at(thread, self.get(thread, self.arch.pc))
            if self.backwards == thread:
                reason = Signal(GdbSignal.SIGTRAP)
            if reason is not None:
                self.backwards = None
                return StopEvent(thread, reason)
        return None

    def interrupt(self) -> StopEvent:
        self.backwards = None
        return super().interrupt()

    # Files, commands, life and death

    def exec_file(self, pid: int) -> GuestFile | None:
        return GuestFile(f"/partition{pid}/toy.elf", toy_elf(self.arch))

    def monitor_commands(self) -> Sequence[MonitorCommand]:
        return [
            MonitorCommand("counter", "counter", "the counter of the selected vcpu", self._counter),
            MonitorCommand("power", "power on|off", "power the selected vcpu on or off", self._power),
            MonitorCommand("exit", "exit STATUS", "end the partition of the selected vcpu", self._exit),
        ]

    def _counter(self, context: MonitorContext, arguments: Sequence[str]) -> None:
        value = self.get(context.thread, self.arch.counter)
        context.write(f"p{context.thread.pid}.{context.thread.tid}: {value}\n")

    def _power(self, context: MonitorContext, arguments: Sequence[str]) -> None:
        if list(arguments) not in (["on"], ["off"]):
            raise MonitorError("power: say on or off")
        self.cpus[context.thread].powered = arguments[0] == "on"

    def _exit(self, context: MonitorContext, arguments: Sequence[str]) -> None:
        if len(arguments) != 1 or not arguments[0].isdigit():
            raise MonitorError("exit: say with which status")
        self.exiting = StopEvent(context.thread, Exited(int(arguments[0]) & 0xFF))

    def kill_partition(self, pid: int) -> None:
        self.calls.append(f"kill {pid}")
        self.cpus = {thread: cpu for thread, cpu in self.cpus.items() if thread.pid != pid}
        self.history = [entry for entry in self.history if entry[0].pid != pid]

    def detach_partition(self, pid: int) -> None:
        self.left.append(pid)

    def restart_all(self) -> None:
        for thread in self.all_threads:
            self._add_cpu(thread)
