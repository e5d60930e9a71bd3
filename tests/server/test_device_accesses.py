"""A partition's accesses to devices: at once or as exits, by any engine, cut anywhere, they leave the same behind."""

from __future__ import annotations

import random

import pytest

from trapline.isa.engine.interface import WatchKind, Watchpoint
from trapline.server.boards.devices import UART
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.power.pseries import PseriesMachine
from trapline.server.boards.registry import build_machine
from trapline.server.machine import events
from trapline.server.tree.ends import Stopped

from .guests import ARM_BASE, RAM, arm, gpr, guest, hcall, load, output, partition
from .test_pseries import VSID, enter, translation_on

PAGE = 0x10000
INDEX = (VSID ^ PAGE >> 12) * 8
DEVICE = UART | 0x1B8
# Every form of load and store, also misaligned, across the end of a page of memory, and of several registers.
FORMS = (
    load(4, PAGE)
    + load(5, PAGE - 2)
    + load(6, 0x4142_4344_4546_4748)
    + """
    li %r7, 5
    stb %r6, 0(%r4)
    lbz %r10, 5(%r4)
    lhz %r11, 4(%r4)
    lha %r12, 5(%r4)
    lhbrx %r13, %r4, %r7
    lwz %r14, 2(%r4)
    lwa %r15, 4(%r4)
    lwbrx %r16, 0, %r4
    ld %r17, 0(%r4)
    ldbrx %r18, 0, %r4
    lbzx %r19, %r4, %r7
    addi %r20, %r4, -1
    lbzu %r21, 6(%r20)
    stw %r6, -4(%r4)
    lwz %r22, 0(%r5)
    lhz %r23, 1(%r5)
    li %r9, -1
    ldx %r24, %r4, %r9
    lmw %r28, -8(%r4)
    stb %r6, 7(%r4)
    lbz %r25, 7(%r4)
    sth %r6, -1(%r4)
    stmw %r30, -4(%r4)
    addi %r20, %r4, -1
    stbu %r6, 1(%r20)
    lswi %r26, %r5, 7
    lbz %r8, 5(%r4)
    1: addi %r3, %r3, 1
    b 1b
    """
)
CODE = enter(0xF000, 0x6190) + enter(PAGE, DEVICE) + translation_on(FORMS)
STEPS = 420


def machine_of(code: str, engine: str, vcpus: int = 1) -> Machine:
    """A partition on an engine."""
    text = f".org 0x4000\n.globl _start\n_start:\n{code}\n1: b 1b\n"
    return build_machine(guest(text, "power7", 0), "pseries", MachineOptions(vcpus, RAM, "power7", engine))


def by_exits(code: str) -> Machine:
    """The same where each access ends the run, and user space answers it."""
    machine = machine_of(code, "native")
    assert isinstance(machine, PseriesMachine)
    for vcpu in machine.vm.vcpus:
        vcpu.window.direct = None
        vcpu.core.engine.answer_faults("hypervisor_data_storage", lambda arguments, kind: None, 0)
    return machine


def left_behind(machine: Machine) -> tuple[object, ...]:
    """All that a run leaves."""
    states = [vcpu.core.snapshot() for vcpu in machine.vcpus]
    return machine.clock.now, dict(machine.exits), states, machine.memory.read(0, 0x20000)


@pytest.mark.parametrize("engine", ["native", "interpreter"])
def test_engines_agree(engine: str) -> None:
    """All forms, on each engine: registers, memory, guest time, exits, what was printed."""
    seen = []
    for name in ("reference", engine):
        machine = machine_of(CODE, name)
        heard = output(machine)
        machine.run(STEPS)
        assert gpr(machine, 3) > 10, "the guest was to come to its end"
        seen.append((*left_behind(machine), bytes(heard)))
    assert seen[0] == seen[1]


def test_accesses_at_once_leave_what_exits_leave() -> None:
    """User space that gets an exit for each access sees the same ones, and the partition the same answers."""
    at_once, stepwise = machine_of(CODE, "native"), by_exits(CODE)
    heard = [output(machine) for machine in (at_once, stepwise)]
    at_once.run(STEPS)
    while stepwise.clock.now < at_once.clock.now:
        stepwise.run(1)
    assert left_behind(at_once) == left_behind(stepwise)
    assert heard[0] == heard[1]


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_cut_anywhere(engine: str) -> None:
    """Slices of any length, and single steps, change nothing; what the TLB knows of a device is no state."""
    whole, sliced, stepped, flushed = (machine_of(CODE, engine) for _ in range(4))
    whole.run(STEPS)
    generator = random.Random(5)
    while sliced.steps < STEPS:
        sliced.run_slice(min(generator.randrange(1, 9), STEPS - sliced.steps))
    while flushed.steps < STEPS:
        flushed.run_slice(1)
        flushed.vcpus[0].core.tlb_flush()
    while stepped.steps < STEPS:
        stepped.step(stepped.vcpus[0])
    for other in (sliced, stepped, flushed):
        assert left_behind(other) == left_behind(whole)


CHANGES = {
    "protected": (hcall("H_PROTECT", 3, INDEX, 0), "stb %r6, 0(%r4)\n", 0x0A000000),
    "removed": (hcall("H_REMOVE", 0, INDEX, 0), "lbz %r6, 5(%r4)\n", 0x40000000),
    "replaced": (hcall("H_REMOVE", 0, INDEX, 0) + enter(PAGE, 0x6190), "lwz %r29, 0(%r4)\n", 0),
}


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_the_page_table_count(name: str, engine: str) -> None:
    """A device's page that was accessed, then protected, removed or replaced by memory."""
    change, access, status = CHANGES[name]
    before = load(4, PAGE) + load(6, 0x41) + "stb %r6, 0(%r4)\nlbz %r31, 5(%r4)\nlbz %r31, 5(%r4)\n"
    code = enter(PAGE, DEVICE) + translation_on(before + change + load(4, PAGE) + access + "li %r28, 1\n1: b 1b\n")
    text = f".org 0x300\nmfdsisr %r30\n1: b 1b\n.org 0x4000\n.globl _start\n_start:\n{code}\n"
    machine = build_machine(guest(text, "power7", 0), "pseries", MachineOptions(1, RAM, "power7", engine))
    machine.memory.write_int(0x6000, 4, 0x1234, "big")
    heard = output(machine)
    machine.run(600)
    assert gpr(machine, 31) == 0x60
    assert gpr(machine, 30) == status
    assert bytes(heard) == b"A"
    if name == "replaced":
        assert (gpr(machine, 28), gpr(machine, 29)) == (1, 0x1234)


def test_nobody_answers() -> None:
    """An access that no device takes ends the partition, as it did when it was an exit: the instruction is not done."""
    for page, register in ((UART | 0x1B8, 0x800), (UART + 0x100000 | 0x1B8, 5)):
        code = enter(PAGE, page) + translation_on(load(4, PAGE) + f"li %r31, 7\nlbz %r31, {register}(%r4)\n")
        machine = partition(code)
        verdict = machine.run(600)
        assert "load of 1 bytes" in str(verdict)
        assert gpr(machine, 31) == 7


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_events_have_the_time_of_the_access(engine: str) -> None:
    """Exits and accesses are published with guest time as it is then, the same in both engines and however run."""
    told: list[list[events.Event]] = []
    for machine in (machine_of(CODE, engine), by_exits(CODE)):
        own: list[events.Event] = []
        told.append(own)
        machine.events.subscribe(events.DeviceAccess, own.append)
        machine.run(STEPS)
    assert told[0] == told[1]
    times = [event.time for event in told[0]]
    assert times == sorted(times)
    assert len(set(times)) > 15


def test_accesses_of_a_bare_machine_have_their_time_too() -> None:
    """Four instructions lie between two loads of the loop, wherever the run began."""
    machine = arm("movw r1, #0\nmovt r1, #0x0900\n1: ldr r2, [r1, #0x18]\nnop\nnop\nb 1b\n", "arm-virt")
    told: list[events.DeviceAccess] = []
    machine.events.subscribe(events.DeviceAccess, told.append)
    machine.run(101)
    times = [event.time for event in told]
    assert times == list(range(2, 101, 4))


# Every form of load and store that HSR describes, of the serial port's flags (0x90 at 0x18) and its data.
ARM_FORMS = """
_start:
    movw r1, #0
    movt r1, #0x0900
    add r3, r1, #0x18
    ldr r2, [r1, #0x18]
    ldrb r4, [r1, #0x18]
    ldrh r5, [r3]
    ldrsb r6, [r1, #0x18]
    ldrsh r7, [r1, #0x18]
    mov r8, #0x41
    strb r8, [r1]
    str r8, [r1]
    mov r9, #0x4200
    orr r9, r9, #0x42
    strh r9, [r1]
    ldr r10, [r1, #0x24]
    cmp r10, r10
    ldrne r11, [r1, #0x18]
    ldreq r12, [r1, #0x18]
    LAST
1:  add r0, r0, #1
    b 1b
"""
HYP = ("HSR", "HDFAR", "HPFAR", "ELR_hyp", "SPSR_hyp", "CPSR")


def arm_kvm(text: str, engine: str) -> Machine:
    """A guest of the KVM/Arm model."""
    return build_machine(guest(text, "armv7ve", ARM_BASE), "arm-kvm", MachineOptions(1, RAM, "armv7ve", engine))


def arm_by_exits(text: str) -> Machine:
    """The same where each access ends the run, and user space answers it."""
    machine = arm_kvm(text, "native")
    for vcpu in machine.vcpus:
        vcpu.core.engine.answer_faults("data_abort", lambda arguments, kind: None, 0)
    return machine


@pytest.mark.parametrize("last", ["ldrsb r2, [r1, #0x18]", "str r8, [r1]", "ldrh r2, [r3, r0]"])
def test_arm_accesses(last: str) -> None:
    """All engines agree; as exits, accesses leave the same registers, Hyp mode's too, though they do not count."""
    text = ARM_FORMS.replace("LAST", last)
    machines = [arm_kvm(text, engine) for engine in ("reference", "native", "interpreter")]
    heard = [output(machine) for machine in machines]
    for machine in machines:
        machine.run(60)
    assert left_behind_arm(machines[0]) == left_behind_arm(machines[1]) == left_behind_arm(machines[2])
    assert machines[0].exits["mmio"] == 11
    stepwise = arm_by_exits(text)
    heard.append(output(stepwise))
    while stepwise.vcpus[0].core.read("R", 0) < machines[0].vcpus[0].core.read("R", 0):
        stepwise.run(1)
    stepwise.run(machines[0].vcpus[0].core.pc != stepwise.vcpus[0].core.pc)
    one, other = machines[0].vcpus[0].core, stepwise.vcpus[0].core
    assert [one.read("R", n) for n in range(13)] == [other.read("R", n) for n in range(13)]
    assert [one.read(name) for name in HYP] == [other.read(name) for name in HYP]
    assert stepwise.exits["mmio"] == 11
    assert len({bytes(each) for each in heard}) == 1


def left_behind_arm(machine: Machine) -> tuple[object, ...]:
    """All that a run leaves."""
    return machine.clock.now, machine.steps, dict(machine.exits), [vcpu.core.snapshot() for vcpu in machine.vcpus]


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_what_kvm_does_not_emulate_ends_an_arm_guest(engine: str) -> None:
    """With writeback, or of two registers: HSR does not describe the access, and the device does not see it."""
    for access in ("ldr r2, [r1, #0x18]!", "strd r8, r9, [r1]"):
        machine = arm_kvm(ARM_FORMS.replace("LAST", access), engine)
        heard = output(machine)
        verdict = machine.run(100)
        assert "HSR does not say how" in str(verdict)
        assert bytes(heard) == b"AAB"


def test_slices_of_an_arm_guest() -> None:
    """Single instructions, with and without what the TLB keeps of devices."""
    text = ARM_FORMS.replace("LAST", "nop")
    whole, sliced, flushed, stepped = (arm_kvm(text, "native") for _ in range(4))
    whole.run(60)
    while sliced.steps < 60:
        sliced.run_slice(1)
    while flushed.steps < 60:
        flushed.run_slice(1)
        flushed.vcpus[0].core.tlb_flush()
    while stepped.steps < 60:
        stepped.step(stepped.vcpus[0])
    for other in (sliced, flushed, stepped):
        assert left_behind_arm(other) == left_behind_arm(whole)


@pytest.mark.parametrize("before", [True, False])
def test_watched_devices_stop_the_guest(before: bool) -> None:
    """A watchpoint on a device's register, when the TLB knows the page already: each engine stops at each access."""
    code = enter(PAGE, DEVICE) + translation_on(
        load(4, PAGE) + "1: lbz %r5, 4(%r4)\nlbz %r6, 5(%r4)\naddi %r31, %r31, 1\nstb %r31, 7(%r4)\nb 1b\n"
    )
    text = "1: ldrb r2, [r1, #0x24]\nldr r3, [r1, #0x18]\nadd r5, r5, #1\nstr r5, [r1, #0x24]\nb 1b\n"
    arm_code = "_start:\nmovw r1, #0\nmovt r1, #0x0900\n" + text
    for make, program, address in ((machine_of, code, PAGE + 5), (arm_kvm, arm_code, 0x0900_0018)):
        stops = []
        for engine in ("reference", "native", "interpreter"):
            machine = make(program, engine)
            machine.run(300)
            core = machine.vcpus[0].core
            watched = [Watchpoint(address, 1, WatchKind.READ), Watchpoint(address & ~7 | 4, 1, WatchKind.WRITE)]
            core.engine.set_watchpoints(watched, before=before)
            told = []
            for _ in range(6):
                end = machine.run_slice(100)
                told.append((core.pc, end.stop if isinstance(end, Stopped) else None, machine.exits["mmio"]))
            core.engine.set_watchpoints([], before=before)
            machine.run(50)
            stops.append((told, machine.clock.now, core.snapshot()))
        assert stops[0] == stops[1] == stops[2]
        assert all(one[1] is not None for one in stops[0][0])
