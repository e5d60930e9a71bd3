"""Hardware threads of bare Power cores: who they are, how they wake each other, what power saving leaves of them."""

import pytest

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.power.power_bare import PowerBareMachine
from trapline.server.boards.power.presentation import PRESENTATION
from trapline.server.boards.registry import WrongBoardError, build_machine
from trapline.server.verdict import Outcome

from .guests import RAM, description, gpr, guest, load

LOST = description("power7").constants["LOST_STATE"].value
QUANTUM = 50
WOKEN = ".org 0x100\nmfsrr1 %r30\nmfsrr0 %r29\nmfspr %r28, 304\nmftb %r27\n"
MOST_FAVOURED_LET_THROUGH = "li %r5, 0xff\nstbcix %r5, %r4, %r6\n"


def bare(
    code: str, vectors: str = "", core: str = "power7", vcpus: int = 1, threads: int = 1, engine: str = "reference"
) -> Machine:
    """A power-bare machine with `code` at 0x4000."""
    text = f"{vectors}\n.org 0x4000\n_start:\n{code}\n1: b 1b\n"
    options = MachineOptions(core=core, vcpus=vcpus, threads=threads, ram_size=RAM, engine=engine, quantum=QUANTUM)
    return build_machine(guest(text, core, 0), "power-bare", options)


def beside(code: str, vectors: str = "") -> Machine:
    """The same, beside another core that never waits: time does not jump to what would wake the first one."""
    return bare("cmpdi %r3, 0\n1: bne 1b\n" + code, vectors, vcpus=2)


def controller(of: int) -> int:
    """Real address of a thread's presentation controller, by its PIR."""
    return PRESENTATION + of * 0x1000


def test_threads_know_their_core_and_their_place_in_it() -> None:
    """PIR is four times the core's number and the thread's, which TIR is; r3 counts all threads."""
    code = "mfspr %r30, 1023\nmfspr %r31, 446\nrvwinkle\n"
    for vcpus, threads, pirs in ((8, 4, range(8)), (4, 2, (0, 1, 4, 5)), (3, 1, (0, 4, 8))):
        machine = bare(code, vcpus=vcpus, threads=threads)
        machine.run_slice(1_000)
        assert [gpr(machine, 30, n) for n in range(vcpus)] == list(pirs)
        assert [gpr(machine, 31, n) for n in range(vcpus)] == [pir & 3 for pir in pirs]


def test_a_970_has_one_thread() -> None:
    """It has no TIR, its PIR counts, and cores of several threads are refused by name."""
    machine = bare("mfspr %r30, 1023\n1: b 1b\n", core="ppc970", vcpus=2)
    machine.run_slice(400)
    assert [gpr(machine, 30, n) for n in range(2)] == [0, 1]
    with pytest.raises(WrongBoardError, match="'ppc970' has 1 hardware threads, not 2"):
        bare("nop\n", core="ppc970", vcpus=2, threads=2)


@pytest.mark.parametrize(
    ("instruction", "kept", "lost"),
    [("doze", 0b01, False), ("nap", 0b10, False), ("sleep", 0b10, False), ("rvwinkle", 0b11, True)],
)
def test_each_level_loses_what_srr1_says(instruction: str, kept: int, lost: bool) -> None:
    """Book III-S, 3.3.2 and 6.5.1: 46:47 = 01 all is kept, 10 what is the hypervisor's, 11 neither."""
    setup = load(9, 0x5000) + "mtspr 318, %r9\n" + load(9, 0x1122334455667788) + "mtspr 304, %r9\nmtspr 272, %r9\n"
    setup += "mtspr 25, %r9\nmtctr %r9\nmtlr %r9\n" + load(9, 0x7FFFFFF0) + "mtdec %r9\n"
    machine = beside(setup + f"{instruction}\n", WOKEN + "mfspr %r26, 272\nmfctr %r25\nmfspr %r24, 25\n1: b 1b\n")
    machine.run_slice(400)
    core = machine.vcpus[0].core
    assert core.read("POWER_SAVING") == {"doze": 1, "nap": 2, "sleep": 3, "rvwinkle": 4}[instruction]
    core.set_input("EXTERNAL_PENDING", 1)
    machine.run_slice(400)
    assert gpr(machine, 30) >> 16 & 0x3F == 0b1000 << 2 | kept
    program = 0x1122334455667788 if instruction == "doze" else LOST
    assert (gpr(machine, 26), gpr(machine, 25), core.read("LR"), gpr(machine, 9) == LOST) == (
        program,
        program,
        program,
        instruction != "doze",
    )
    assert gpr(machine, 28) == (LOST if lost else 0x1122334455667788)
    assert gpr(machine, 24) == (LOST if lost else 0x1122334455667788)
    assert (core.get("DEC") > 0x7FFF0000) == (instruction in ("doze", "nap"))
    assert core.read("LPCR") == (0 if lost else 0x5000)


def test_srr0_is_where_a_thread_dozed_and_undefined_after_nap() -> None:
    """Only doze keeps everything."""
    for instruction, expected in (("doze", 0x4014), ("nap", LOST & ~3)):
        machine = beside(f"li %r9, 0x4000\nmtspr 318, %r9\n{instruction}\n", WOKEN + "1: b 1b\n")
        machine.run_slice(400)
        machine.vcpus[0].core.set_input("EXTERNAL_PENDING", 1)
        machine.run_slice(400)
        assert gpr(machine, 29) == expected


@pytest.mark.parametrize("pece", range(8))
def test_lpcr_says_what_ends_power_saving(pece: int) -> None:
    """PECE0 external, PECE1 decrementer (not below nap), PECE2 maintenance and machine checks; a reset always does."""
    lpcr = load(9, pece << 12) + "mtspr 318, %r9\n"
    vectors = WOKEN + "1: b 1b\n.org 0x200\nmfsrr1 %r31\n1: b 1b\n"
    events = (
        (("EXTERNAL_PENDING", 1), pece & 4, 0b1000),
        (("HMER", 1 << 63), pece & 1, 0b1010),
        (("MACHINE_CHECK_PENDING", 0x40000000), pece & 1, 0),
        (("SYSTEM_RESET_PENDING", 1), 1, 0b0100),
    )
    for (name, level), wakes, cause in events:
        machine = beside(lpcr + "nap\n", vectors)
        machine.run_slice(400)
        core = machine.vcpus[0].core
        core.put_fields("MSR", ME=1)
        core.write("HMEER", 1 << 63 if name == "HMER" else 0)
        core.set_input(name, level)
        machine.run_slice(400)
        assert (core.read("POWER_SAVING") == 0) == bool(wakes), name
        if wakes and name == "MACHINE_CHECK_PENDING":
            assert gpr(machine, 31) & 0x400F0000 == 0x40020000
        elif wakes:
            assert gpr(machine, 30) >> 16 & 0x3F == cause << 2 | 0b10, name
    for instruction in ("doze", "nap", "sleep", "rvwinkle"):
        machine = bare(lpcr + f"li %r9, 200\nmtdec %r9\n{instruction}\n", vectors)
        machine.run_slice(2000)
        awake = bool(pece & 2) and instruction in ("doze", "nap")
        assert (machine.vcpus[0].core.read("POWER_SAVING") == 0) == awake
        assert awake == (gpr(machine, 30) >> 18 & 0xF == 0b0110)


def test_the_core_keeps_its_own_while_one_of_its_threads_does() -> None:
    """rvwinkle of one thread leaves LPIDR; once all threads were in it, it is gone, and HRMOR is zero."""
    setup = load(9, 0x4000) + "mtspr 318, %r9\n" + load(9, 0x55) + "mtspr 319, %r9\ncmpdi %r3, 0\n"
    woken = WOKEN + "mfspr %r31, 319\n1: b 1b\n"
    for others, lpid, winkles in (("1: bne 1b\n", 0x55, 0), ("", LOST & 0x3FF, 1)):
        machine = bare(setup + others + "rvwinkle\n", woken, vcpus=2, threads=2)
        machine.run_slice(400)
        core = machine.vcpus[0].core
        core.set_input("EXTERNAL_PENDING", 1)
        machine.run_slice(400)
        assert (gpr(machine, 31), gpr(machine, 28)) == (lpid, LOST)
        assert (core.read("HRMOR"), core.read("CORE_WINKLES")) == (0, winkles)


IPI = f"""
    cmpdi %r3, 1
    bne 2f
    {load(4, controller(1))}
    li %r6, 4
    li %r5, 0xff
    stbcix %r5, %r4, %r6    # CPPR: all priorities get through
    {load(9, 0x4000)}
    mtspr 318, %r9          # LPCR.PECE0
    nap
2:  cmpdi %r3, 0
    bne 2b
    li %r6, 300
    mtctr %r6
1:  bdnz 1b
    {load(4, controller(1))}
    li %r6, 12
    li %r5, 5
    stbcix %r5, %r4, %r6    # MFRR: no message, only the request
"""
RECEIVED = f"""
.org 0x100
    mfsrr1 %r30
    {load(4, controller(1))}
    li %r6, 0
    lwzcix %r28, %r4, %r6   # polling accepts nothing
    li %r6, 4
    lwzcix %r29, %r4, %r6   # XIRR: CPPR as it was, source 2
    lwzcix %r31, %r4, %r6   # again: priority 5 now, nothing presented
    li %r6, 12
    li %r5, 0xff
    stbcix %r5, %r4, %r6
    li %r6, 4
    stwcix %r29, %r4, %r6   # end of interrupt
    lbzcix %r27, %r4, %r6
1:  b 1b
"""


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_an_interprocessor_interrupt_wakes_a_sibling(engine: str) -> None:
    """A store to a napping thread's MFRR wakes it; reading XIRR accepts the request, storing it there ends it."""
    machine = bare(IPI, RECEIVED, vcpus=4, threads=4, engine=engine)
    machine.run_slice(6_000)
    assert gpr(machine, 30, 1) >> 16 & 0x3F == 0b1000_10
    assert [gpr(machine, n, 1) for n in (28, 29, 31, 27)] == [0xFF000002, 0xFF000002, 0x05000000, 0xFF]
    assert machine.vcpus[1].core.read("EXTERNAL_PENDING") == 0


def test_a_request_that_is_not_more_favoured_waits() -> None:
    """MFRR must be smaller than CPPR; a request taken back before it is accepted is no longer presented."""
    steps = [(12, 5), (4, 5), (4, 6), (12, 0xFF), (12, 0), (4, 0)]
    stores = "".join(f"li %r6, {at}\nli %r5, {value}\nstbcix %r5, %r4, %r6\nnop\n" for at, value in steps)
    machine = bare(load(4, controller(0)) + stores)
    machine.run_slice(5)
    seen = []
    for _ in steps:
        machine.run_slice(4)
        seen.append(machine.vcpus[0].core.read("EXTERNAL_PENDING"))
    assert seen == [0, 0, 1, 0, 1, 0]


def test_the_serial_port_and_an_interprocessor_interrupt_share_the_line() -> None:
    """The line stays high until both have gone."""
    machine = bare(load(4, controller(0)) + "1: b 1b\n")
    assert isinstance(machine, PowerBareMachine)
    line = machine.external[0]
    drive, other = line.of("serial port"), line.of("presentation controller")
    levels = []
    for who, level in ((drive, True), (other, True), (drive, False), (other, False)):
        who(level)
        levels.append(machine.vcpus[0].core.read("EXTERNAL_PENDING"))
    assert levels == [1, 1, 1, 0]


def test_lost_state_is_the_same_on_both_engines() -> None:
    """All registers, after both threads of a core have been in rvwinkle, and resets have woken them."""
    states = []
    for engine in ("reference", "native"):
        machine = bare("rvwinkle\n", WOKEN + "1: b 1b\n", vcpus=2, threads=2, engine=engine)
        machine.run_slice(400)
        for vcpu in machine.vcpus:
            vcpu.core.set_input("SYSTEM_RESET_PENDING", 1)
            machine.run_slice(400)
        states.append([vcpu.core.snapshot() for vcpu in machine.vcpus])
        assert gpr(machine, 31) == LOST
    assert states[0] == states[1]


@pytest.mark.parametrize("mode", [7, 8, 9])
def test_a_970_naps_as_hid0_says_until_an_enabled_interrupt(mode: int) -> None:
    """MSR.POW enters the mode; the interrupt is taken as ever, POW is clear, and all registers are kept."""
    code = load(9, 1 << (63 - mode)) + "mtspr 1008, %r9\n" + load(9, 300) + "mtdec %r9\n"
    code += load(9, 0x9000000000048000) + "mtmsrd %r9\nli %r31, 1\n"
    machine = bare(code, ".org 0x900\nmfsrr1 %r30\nmfsrr0 %r29\n1: b 1b\n", core="ppc970")
    machine.run_slice(400)
    assert (gpr(machine, 30), gpr(machine, 31)) == (0x9000000000008000, 0)
    assert gpr(machine, 9) == 0x9000000000048000


def test_a_970_sleeps_on_while_interrupts_are_off() -> None:
    """With EE clear the decrementer ends nothing; without a mode in HID0, POW does nothing at all."""
    nap = load(9, 1 << 54) + "mtspr 1008, %r9\n"
    rest = load(9, 300) + "mtdec %r9\n" + load(9, 0x9000000000040000) + "mtmsrd %r9\nli %r31, 1\n"
    for code, expected in ((nap + rest, Outcome.IDLE), (rest, Outcome.BUDGET)):
        machine = bare(code, core="ppc970")
        assert machine.run(3000).outcome is expected
        assert gpr(machine, 31) == (expected is Outcome.BUDGET)
