"""A machine as a target of the GDB server, without the protocol in between."""

import pytest

from trapline.isa.engine.errors import EngineError
from trapline.server.boards.machine import Machine
from trapline.server.rsp.abilities import Abilities
from trapline.server.rsp.errors import MemoryFault, MonitorError, RegisterError, RegisterReadOnly
from trapline.server.rsp.execution import (
    Access,
    Continue,
    Exited,
    GdbSignal,
    HwBreak,
    NoneResumed,
    RangeStep,
    Signal,
    Step,
    StopEvent,
    SwBreak,
    ThreadId,
    WatchHit,
)
from trapline.server.rsp.target import MonitorContext
from trapline.server.target import MachineTarget

from .guests import arm, load, partition, power_off, rtas, say
from .test_pseries import SECOND, enter, translation_on

FIRST = ThreadId(1, 1)
SECOND_THREAD = ThreadId(1, 2)
COUNTING = "2: addi %r31, %r31, 1\nstd %r31, 0x2000(%r2)\nb 2b\n"


def target(made: Machine | None = None, code: str = COUNTING, vcpus: int = 1) -> MachineTarget:
    """A target over a partition with `code`, or over a machine that exists."""
    return MachineTarget(lambda: made or partition(code, vcpus=vcpus))


def until_stop(it: MachineTarget, plan: dict[ThreadId, Step | Continue | RangeStep]) -> StopEvent:
    """Resumes, and runs slices until something stops it."""
    it.resume(plan)
    for _ in range(10_000):
        event = it.run_slice()
        if event is not None:
            return event
    raise AssertionError("it never stopped")


def number(it: MachineTarget, name: str) -> int:
    """gdb's number of a register."""
    return it.describe().by_name[name].number


def value(it: MachineTarget, name: str, thread: ThreadId = FIRST) -> int:
    """A register's value."""
    return int.from_bytes(it.read_register(thread, number(it, name)), it.describe().byte_order)


def monitor(it: MachineTarget, line: str) -> str:
    """What a monitor command prints."""
    said: list[str] = []
    name, *words = line.split()
    command = next(one for one in it.monitor_commands() if one.name == name)
    command.run(MonitorContext(FIRST, said.append), words)
    return "".join(said)


def test_all_abilities() -> None:
    """The target has what it claims to have."""
    abilities = Abilities.of(target())
    assert None not in (
        abilities.reverse,
        abilities.breakpoints,
        abilities.watchpoints,
        abilities.exec_files,
        abilities.monitor,
        abilities.kill,
        abilities.restart,
    )


def test_general_registers_are_the_single_ones_packed() -> None:
    """`g` gives what `p` gives, register by register."""
    it = target()
    packed = b"".join(it.read_register(FIRST, one.number) for one in it.describe().general)
    assert it.read_registers(FIRST) == packed


def test_every_register_can_be_read() -> None:
    """No register of any machine is described and then refused."""
    for machine in (partition(""), partition("", core="ppc970"), arm("", "arm-virt"), arm("", "arm-kvm")):
        it = target(machine)
        for register in it.describe().by_number.values():
            assert len(it.read_register(FIRST, register.number)) == register.size


def test_register_writes_go_through_the_description() -> None:
    """MSR keeps the core's bits only; read-only and overlong writes are refused, not thrown away."""
    it = target()
    it.write_register(FIRST, number(it, "msr"), b"\xff" * 8)
    assert value(it, "msr") != (1 << 64) - 1
    with pytest.raises(RegisterError):
        it.write_register(FIRST, 9999, bytes(8))
    it = target(arm("", "arm-kvm"))
    with pytest.raises(RegisterReadOnly):
        it.write_register(FIRST, number(it, "cntpct"), bytes(8))


def test_memory_is_what_the_thread_sees() -> None:
    """Virtual memory is read and written through the translation; what is unmapped is named."""
    it = target(partition(enter(0x10000, 0x3190) + translation_on("1: b 1b\n")))
    it.insert_breakpoint(1, "software", 0x5000, 4)
    assert until_stop(it, {FIRST: Continue()}).reason == SwBreak()
    it.write_memory(FIRST, 0x10010, b"trapline")
    assert it.machine.memory.read(0x3010, 8) == b"trapline"
    assert it.read_memory(FIRST, 0x10010, 8) == b"trapline"
    assert len(it.read_memory(FIRST, 0x10FF0, 0x100)) == 0x10
    with pytest.raises(MemoryFault, match="0x11000"):
        it.read_memory(FIRST, 0x11000, 4)
    with pytest.raises(MemoryFault):
        it.write_memory(FIRST, 0x10FFE, b"1234")


def test_code_is_readable_where_only_fetches_are_untranslated() -> None:
    """With MSR.DR set and IR clear, an address leads somewhere for a fetch and nowhere for a load."""
    code = load(9, 0x8000000000001012) + "mtmsrd %r9\n3: nop\nb 3b\n"
    it = target(code=code)
    until_stop(it, {FIRST: RangeStep(0x4000, 0x4018)})
    assert it.read_memory(FIRST, 0x4018, 4) == bytes.fromhex("60000000")
    it.write_memory(FIRST, 0x4018, bytes.fromhex("3be00009"))
    until_stop(it, {FIRST: Step()})
    assert value(it, "r31") == 9


def test_looking_at_memory_changes_nothing() -> None:
    """Under the Arm model the debugger's reads map nothing for the guest."""
    it = target(arm("1: b 1b\n", "arm-kvm"))
    before = it.machine.vcpus[0].core.snapshot()
    assert it.read_memory(FIRST, 0x4001_0000, 4) != bytes(4)
    assert it.machine.vcpus[0].core.snapshot() == before
    it.machine.run(1)
    assert it.machine.vcpus[0].core.retired == 0, "the first fetch still faults to stage 2"


def test_step_is_one_instruction() -> None:
    """Also over a call to user space and over an access to a device."""
    it = target(code=say("x") + power_off())
    for expected in range(0x4004, 0x4020, 4):
        assert until_stop(it, {FIRST: Step()}).reason == Signal(GdbSignal.SIGTRAP)
        assert value(it, "pc") == expected
    machine = arm("movw r1, #0\nmovt r1, #0x0900\nldr r5, [r1, #0x18]\nmov r6, r5\n", "arm-kvm")
    it = target(machine)
    for expected in (0x40010004, 0x40010008, 0x4001000C, 0x40010010):
        until_stop(it, {FIRST: Step()})
        assert value(it, "pc") == expected
    assert value(it, "r5") == 0x90


def test_range_step_ends_outside() -> None:
    """A range step goes on while pc is inside."""
    it = target(code="li %r1, 1\nli %r2, 2\nli %r3, 3\nli %r4, 4\n")
    until_stop(it, {FIRST: RangeStep(0x4000, 0x400C)})
    assert value(it, "pc") == 0x400C


def test_breakpoints_and_going_on() -> None:
    """A breakpoint stops before its instruction each time round, software and hardware told apart."""
    it = target()
    it.insert_breakpoint(1, "software", 0x4004, 4)
    for count in (1, 2, 3):
        assert until_stop(it, {FIRST: Continue()}) == StopEvent(FIRST, SwBreak())
        assert (value(it, "pc"), value(it, "r31")) == (0x4004, count)
    it.remove_breakpoint(1, "software", 0x4004, 4)
    it.insert_breakpoint(1, "hardware", 0x4008, 4)
    assert until_stop(it, {FIRST: Continue()}) == StopEvent(FIRST, HwBreak())


@pytest.mark.parametrize(("machine", "pc"), [("pseries", 0x4004), ("arm-virt", 0x40010008)])
def test_watchpoint_stops_before_the_access(machine: str, pc: int) -> None:
    """pc is the storing instruction's, and it goes on from there."""
    if machine == "pseries":
        it = target()
    else:
        it = target(arm("mov r1, #0x40000000\nadd r1, r1, #0x2000\nstr r1, [r1]\n", machine))
    address = 0x2000 if machine == "pseries" else 0x40002000
    it.insert_watchpoint(1, Access.WRITE, address, 8)
    assert until_stop(it, {FIRST: Continue()}) == StopEvent(FIRST, WatchHit(Access.WRITE, address))
    assert value(it, "pc") == pc
    until_stop(it, {FIRST: Step()})
    assert value(it, "pc") == pc + 4


def test_end_of_the_guest_is_an_exit_with_its_status() -> None:
    """FAIL becomes status 1, and there are no threads any more."""
    it = target(code=say("FAIL\n") + power_off())
    assert until_stop(it, {FIRST: Continue()}).reason == Exited(1)
    assert it.threads() == []


def test_stopped_vcpus_alone_cannot_be_resumed() -> None:
    """Waiting for a vcpu that nobody starts would last forever."""
    it = target(vcpus=2)
    assert [one.extra for one in it.threads()] == ["running, supervisor", "powered off"]
    assert until_stop(it, {SECOND_THREAD: Continue()}).reason == NoneResumed()


def test_threads_run_apart() -> None:
    """With one thread resumed, the other does not move."""
    it = target(code=rtas("start_cpu", 1, 0x6000, 1) + COUNTING + SECOND + "3: addi %r30, %r30, 1\nb 3b\n", vcpus=2)
    it.insert_breakpoint(1, "software", 0x6008, 4)
    assert until_stop(it, {FIRST: Continue(), SECOND_THREAD: Continue()}).thread == SECOND_THREAD
    before = value(it, "pc")
    it.remove_breakpoint(1, "software", 0x6008, 4)
    it.resume({SECOND_THREAD: Continue()})
    for _ in range(5):
        it.run_slice()
    assert it.interrupt() == StopEvent(SECOND_THREAD, Signal(GdbSignal.SIGINT))
    assert (value(it, "pc"), value(it, "r30", SECOND_THREAD) > 100) == (before, True)


def test_restart_stands_at_the_entry_again() -> None:
    """Registers and memory are as at the start; breakpoints stay."""
    it = target()
    it.insert_breakpoint(1, "software", 0x4004, 4)
    until_stop(it, {FIRST: Continue()})
    it.restart_all()
    assert (value(it, "pc"), value(it, "r31")) == (0x4000, 0)
    assert until_stop(it, {FIRST: Continue()}).reason == SwBreak()


def test_monitor_commands_answer() -> None:
    """Each command of a partition says something to the point; mistakes are explained."""
    it = target(code=load(9, 0x123000) + load(8, 1 << 27) + "slbmte %r9, %r8\n" + say("x"))
    until_stop(it, {FIRST: RangeStep(0x4000, 0x4000 + 25 * 4)})
    assert "uart16550" in monitor(it, "info machine")
    assert "0000000008000000 0000000000123000" in monitor(it, "slb")
    assert "-> 0x10000004000" in monitor(it, "translate 0x4000")
    assert monitor(it, "translate 0x4000 fetch").endswith("alike, fetch\n")
    assert "raises data_storage(0x40000000, 0x20000000)" in monitor(it, "translate 0x20000000")
    assert "VPM1=0x1" in monitor(it, "registers LPCR")
    assert monitor(it, "guest 0x4000 16").startswith("0x4000  3d2")
    assert "4001ffff" in monitor(it, "hpt all")
    monitor(it, "poke 0x2000 12 34")
    assert it.read_memory(FIRST, 0x2000, 2) == b"\x12\x34"
    for wrong in ("translate", "translate zero", "info nothing", "registers NONE", "events maybe", "poke 0x2000 xy"):
        with pytest.raises(MonitorError):
            monitor(it, wrong)


def test_failing_engine_ends_the_guest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of an engine is the guest's end with status 4, not the session's."""
    it = target()

    def fail(steps: int, step_over: bool = False) -> None:
        raise EngineError("no such thing", 0x4000)

    monkeypatch.setattr(it.machine.vcpus[0].core.engine, "run", fail)
    assert until_stop(it, {FIRST: Continue()}).reason == Exited(4)
    assert it.machine.verdict is not None
    assert "no such thing" in it.machine.verdict.reason
