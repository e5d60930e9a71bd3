"""Machine, partitions, vcores, vcpus: what the threads of a core share, and that partitions do not collide."""

from fractions import Fraction

from trapline.server.boards.bare import BareVcpu
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import EventQueue, GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam
from trapline.server.tree.ends import Used
from trapline.server.tree.hardware import Hardware
from trapline.server.tree.levels import Partition, Vcore
from trapline.server.tree.schedule import Turns

from .guests import RAM, description, gpr, guest, load

# Thread 0 writes what belongs to the core, then waits; thread 1 looks at it, and at what belongs to itself.
SHARED = """
    cmpdi %r3, 0
    bne 1f
    lis %r4, 0x1234
    mtspr 25, %r4       # SDR1
    mtspr 319, %r3
    li %r5, 77
    mtspr 319, %r5      # LPIDR
    mtspr 304, %r5      # HSPRG0, a thread's own
    b .
1:  li %r6, 30000
    mtctr %r6
2:  bdnz 2b
    mfspr %r28, 25
    mfspr %r29, 319
    mfspr %r30, 304
    b .
"""


def bare(code: str, vectors: str = "", vcpus: int = 2, threads: int = 2) -> Machine:
    """A power-bare machine whose cores have so many threads."""
    text = f"{vectors}\n.org 0x4000\n_start:\n{code}\n"
    options = MachineOptions(core="power7", vcpus=vcpus, threads=threads, ram_size=RAM, engine="reference")
    return build_machine(guest(text, "power7", 0), "power-bare", options)


def test_threads_of_a_core_share_what_is_the_cores() -> None:
    """SDR1 and LPIDR are the core's, HSPRG0 is a thread's; threads of another core see none of it."""
    machine = bare(SHARED, vcpus=4)
    machine.run(200_000)
    assert [gpr(machine, n, 1) for n in (28, 29, 30)] == [0x12340000, 77, 0]
    assert [gpr(machine, n, 3) for n in (28, 29, 30)] == [0, 0, 0]
    assert machine.vcpus[0].core.state.blocks["core"] is machine.vcpus[1].core.state.blocks["core"]
    assert machine.vcpus[1].core.state.blocks["core"] is not machine.vcpus[2].core.state.blocks["core"]


def test_a_hypervisor_decrementer_set_by_one_thread_interrupts_the_other() -> None:
    """HDEC is the core's: thread 1, which never set it, takes the interrupt in its next turn."""
    code = load(9, 0x1_0000) + "cmpdi %r3, 0\nbne 1f\nmtspr 310, %r9\nli %r8, 0\nmtspr 318, %r8\nb .\n1: b 1b\n"
    # HDICE and EE are on, HDICE in thread 1 alone when it comes; the handler counts.
    start = load(8, 1) + "mtspr 318, %r8\n" + load(8, 0x9000000000008000) + "mtmsrd %r8, 1\n"
    vector = ".org 0x980\naddi %r31, %r31, 1\n" + load(9, 0x7FFFFFFF) + "mtspr 310, %r9\nhrfid\n"
    machine = bare(start + code, vector)
    machine.run(300_000)
    assert (gpr(machine, 31, 0), gpr(machine, 31, 1)) == (0, 1)
    assert machine.vcpus[0].core.read("HDEC_ZERO") == machine.vcpus[1].core.read("HDEC_ZERO")


def test_the_time_base_is_the_cores_and_moves_no_decrementer() -> None:
    """A write of the time base by thread 0 is seen by thread 1, whose decrementer goes on as it was."""
    code = (
        "cmpdi %r3, 0\nbne 1f\n"
        + load(9, 0x5000_0000_0000)
        + "mttbu %r9\nb .\n1:"
        + load(9, 0x7000_0000)
        + "mtdec %r9\nli %r6, 30000\nmtctr %r6\n2: bdnz 2b\nmftb %r28\nmfdec %r29\nb .\n"
    )
    machine = bare(code)
    machine.run(200_000)
    assert gpr(machine, 28, 1) >> 32 == 0
    assert 0 < 0x7000_0000 - gpr(machine, 29, 1) < 200_000
    assert machine.vcpus[0].core.get("TB") == machine.vcpus[1].core.get("TB")


def two_partitions() -> list[BareVcpu]:
    """Two partitions with a vcpu 0 each, on one machine: both count in r31, the second one twice as fast."""
    found = description("power7")
    memory, hardware = PhysicalMemory(), Hardware(found, "reference")
    memory.add(MemorySlot(0, 0, RAM, GuestRam(RAM)))
    clock = GuestClock(Fraction(2))
    made = []
    for number in range(2):
        elf = guest(f".org 0x1000\n_start: 1: addi %r31, %r31, {number + 1}\nb 1b\n", "power7", 0)
        memory.write(number << 16, elf.segments[0].data)
        core = hardware.thread(number, 0, 0, memory, Bus(EventStream(), clock))
        core.pc = (number << 16) + elf.entry
        made.append(BareVcpu(0, core, {}))
    return made


def turns_of(*vcores: Vcore[BareVcpu]) -> Turns:
    """A schedule of partitions with one vcore each."""
    partitions = [Partition(number, [vcore]) for number, vcore in enumerate(vcores)]
    return Turns(partitions, GuestClock(Fraction(2)), EventQueue(), lambda vcpu: None, quantum=100)


def test_vcpus_of_two_partitions_may_have_one_number() -> None:
    """Both get their turns, at one guest time; a set of vcpus names one of them and not the other."""
    first, second = two_partitions()
    turns = turns_of(Vcore(0, [first]), Vcore(0, [second]))
    assert isinstance(turns.run(1000, lambda vcpu, left: True), Used)
    assert second.core.read("GPR", 31) == 2 * first.core.read("GPR", 31) == 500
    turns.run(100, lambda vcpu, left: True, frozenset([second]))
    assert (first.core.read("GPR", 31), second.core.read("GPR", 31)) == (250, 600)
    assert first.core.get("TB") == second.core.get("TB")
    assert first.core.state.blocks["machine"] is second.core.state.blocks["machine"]
    assert first.core.state.blocks["partition"] is not second.core.state.blocks["partition"]


def test_a_vcore_that_may_not_run_gets_no_turn() -> None:
    """The gang decides, not the thread: both threads of a vcore wait until it may."""
    first, second = two_partitions()
    allowed = [False]
    bound = turns_of(Vcore(0, [first]), Vcore(0, [second], lambda: allowed[0]))
    bound.run(1000, lambda vcpu, left: True)
    assert (first.core.retired, second.core.retired) == (1000, 0)
    allowed[0] = True
    bound.run(1000, lambda vcpu, left: True)
    assert second.core.retired > 400
