"""Claims about the oracles themselves: known results come back, and nothing leaks between instances."""

import random
from dataclasses import replace

import pytest

from trapline.tests.oracle import qemu_arm, qemu_power, unicorn_arm
from trapline.tests.oracle.binutils import Dialect, assemble, disassemble, to_bytes
from trapline.tests.oracle.qemu_arm import CPSR_T, ArmState
from trapline.tests.oracle.qemu_power import PowerCpu, PowerState
from trapline.tests.oracle.qemu_user import MEMORY_ADDRESS, MEMORY_BYTES, Instance
from trapline.tests.oracle.require import OracleError, debian_packages, oracle

pytestmark = pytest.mark.oracle

SIGILL, SIGTRAP, SIGSEGV = 4, 5, 11


def block(dialect: Dialect, *lines: str) -> bytes:
    """Assemble lines that must all be good into the bytes of a block."""
    lists = [assembled.words or pytest.fail(str(assembled.error)) for assembled in assemble(dialect, lines)]
    return to_bytes(dialect, [word for words in lists for word in words])


def power_state(seed: int) -> PowerState:
    """Return a state with every register random; FPSCR has status and rounding bits, no enabled exception."""
    draw = random.Random(seed).getrandbits
    return PowerState(
        gpr=tuple(draw(64) for _ in range(32)),
        cr=draw(32),
        xer=draw(3) << 29 | draw(7),
        lr=draw(64),
        ctr=draw(64),
        fpscr=draw(5) << 12 | draw(2),
        vrsave=draw(32),
        vscr=draw(1) << 16 | draw(1),
        vsr=tuple(draw(128) for _ in range(64)),
    )


def arm_state(seed: int) -> ArmState:
    """Return a state with every register random; FPSCR has flags, rounding mode and cumulative bits."""
    draw = random.Random(seed).getrandbits
    return ArmState(
        r=tuple(draw(32) for _ in range(15)),
        cpsr=draw(5) << 27 | draw(4) << 16,
        fpscr=draw(4) << 28 | draw(2) << 22 | draw(5),
        d=tuple(draw(64) for _ in range(32)),
    )


def test_a_bad_line_does_not_disturb_the_others() -> None:
    """Each refused line has its own error, and the lines around it keep their words."""
    good, bad, range_error, empty, last = assemble(
        Dialect.POWER7, ["addi r3,r4,-1", "addj r3,r4,1", "addi r3,r4,40000", "# a comment", "b .-8"]
    )
    assert (good.word, good.error) == (0x3864FFFF, None)
    assert "unrecognized opcode" in str(bad.error)
    assert "out of range" in str(range_error.error)
    assert (empty.words, empty.error) == ((), None)
    assert last.word == 0x4BFFFFF8
    with pytest.raises(ValueError, match="unrecognized opcode"):
        _ = bad.word


def test_a_t32_line_may_hold_an_it_block_of_narrow_and_wide_instructions() -> None:
    """Halfwords and pairs of them come back as one number each, and go back to the same bytes."""
    (assembled,) = assemble(Dialect.THUMB, ["ite eq; addeq r0,r1,r2; movne.w r8,#3"])
    assert assembled.words == (0xBF0C, 0x1888, 0xF04F0803)
    assert to_bytes(Dialect.THUMB, assembled.words) == bytes.fromhex("0cbf 8818 4ff0 0308")


@pytest.mark.parametrize(
    ("dialect", "word", "text"),
    [
        (Dialect.POWER7, 0x38600001, "li r3,1"),
        (Dialect.POWER7_RAW, 0x38600001, "addi r3,0,1"),
        (Dialect.PPC970, 0x10221800, "vaddubm v1,v2,v3"),
        (Dialect.POWER7, 0, ".long 0x0"),
        (Dialect.ARM, 0xE0843005, "add r3, r4, r5"),
        (Dialect.THUMB, 0xBF00, "nop"),
        (Dialect.THUMB, 0xFB91F0F2, "sdiv r0, r1, r2"),
    ],
)
def test_objdump_prints_each_word(dialect: Dialect, word: int, text: str) -> None:
    """A word has its own text wherever it stands in the list, zeros included."""
    assert disassemble(dialect, [word, word, 0, word])[::3] == [text, text]


@pytest.mark.parametrize("dialect", [Dialect.POWER7, Dialect.ARM])
def test_a_thousand_instructions_go_through_objdump_and_back_in_two_runs(dialect: Dialect) -> None:
    """What objdump prints of moves and adds, as assembles to the same words."""
    lines = [f"add r{number % 13},r{number * 7 % 13},r{number * 3 % 11}" for number in range(1000)]
    words = [assembled.word for assembled in assemble(dialect, lines)]
    again = assemble(dialect, disassemble(dialect, words))
    assert [assembled.word for assembled in again] == words


@pytest.mark.parametrize("cpu", list(PowerCpu))
@pytest.mark.parametrize("ending", [(), (".long 0",)], ids=["end", "fault"])
def test_a_power_state_goes_in_and_out_unchanged(cpu: PowerCpu, ending: tuple[str, ...]) -> None:
    """An empty block, and one that only faults, leave every register and the memory as given."""
    given = [power_state(seed) for seed in range(20)]
    if cpu is PowerCpu.PPC970:  # no lower halves of VSR 0 to 31
        given = [
            replace(one, vsr=tuple(v >> 64 << 64 if i < 32 else v for i, v in enumerate(one.vsr))) for one in given
        ]
    memory = bytes(range(MEMORY_BYTES))
    results = qemu_power.run_batch([Instance(state, block(Dialect.POWER7, *ending), memory) for state in given], cpu)
    assert [result.state for result in results] == given
    assert {result.memory for result in results} == {memory}
    assert {result.fault.signal if result.fault else 0 for result in results} == {SIGILL if ending else 0}


def test_power_results_known_by_hand() -> None:
    """Carries, CR0 with SO, a quadword load and a link register are what the book says."""
    state = replace(power_state(1), gpr=((1 << 64) - 1, 1, 5, MEMORY_ADDRESS, *range(28)), xer=0)
    add, load, link = qemu_power.run_batch(
        [
            Instance(state, block(Dialect.POWER7, "addco. r9,r0,r1")),
            Instance(state, block(Dialect.POWER7, "lxvd2x vs40,0,r3"), bytes(range(16))),
            Instance(state, block(Dialect.POWER7, "bl .+8", "trap", "mflr r31")),
        ]
    )
    assert (add.state.gpr[9], add.state.cr >> 28, add.state.xer) == (0, 0b0010, 1 << 29)
    assert load.state.vsr[40] == 0x000102030405060708090A0B0C0D0E0F
    assert link.state.gpr[31] == link.state.lr == link.code_address + 4


def test_a_power_fault_names_its_place_and_keeps_what_was_done_before() -> None:
    """A store across the end of the memory faults at the next page; the one before it has been done."""
    state = replace(power_state(2), gpr=(0, MEMORY_ADDRESS, *range(30)))
    code = block(Dialect.POWER7, "std r31,0(r1)", "std r31,252(r1)", "li r31,1")
    faulted, trapped = qemu_power.run_batch([Instance(state, code), Instance(state, block(Dialect.POWER7, "trap"))])
    assert faulted.fault is not None
    assert trapped.fault is not None
    assert (faulted.fault.signal, faulted.fault.pc) == (SIGSEGV, faulted.code_address + 4)
    assert faulted.fault.address == MEMORY_ADDRESS + MEMORY_BYTES
    assert faulted.memory[:8] == (29).to_bytes(8, "big")
    assert faulted.state == state
    assert (trapped.fault.signal, trapped.fault.pc) == (SIGTRAP, trapped.code_address)


@pytest.mark.parametrize("thumb", [False, True], ids=["A32", "T32"])
@pytest.mark.parametrize("ending", [(), ("udf #0",)], ids=["end", "fault"])
def test_an_arm_state_goes_in_and_out_unchanged(thumb: bool, ending: tuple[str, ...]) -> None:
    """An empty block, and one that only faults, leave every register and the memory as given."""
    given = [arm_state(seed) for seed in range(20)]
    code = block(Dialect.THUMB if thumb else Dialect.ARM, *ending)
    memory = bytes(range(MEMORY_BYTES))
    results = qemu_arm.run_batch(
        [Instance(replace(state, cpsr=state.cpsr | CPSR_T * thumb), code, memory) for state in given]
    )
    assert [result.state for result in results] == given
    assert {result.memory for result in results} == {memory}
    assert {result.fault.signal if result.fault else 0 for result in results} == {SIGILL if ending else 0}


def test_arm_results_known_by_hand() -> None:
    """Flags, an IT block, a big-endian load and the pc as an operand are what the book says."""
    state = replace(arm_state(1), r=(0x7FFF_FFFF, 1, MEMORY_ADDRESS, *range(12)), cpsr=0)
    thumb = replace(state, cpsr=CPSR_T | 1 << 30)
    add, chosen, big, pc = qemu_arm.run_batch(
        [
            Instance(state, block(Dialect.ARM, "adds r5,r0,r1")),
            Instance(thumb, block(Dialect.THUMB, "ite ne; addne r5,r0,r1; moveq r5,#3")),
            Instance(state, block(Dialect.ARM, "setend be", "ldr r5,[r2]"), bytes([1, 2, 3, 4])),
            Instance(thumb, block(Dialect.THUMB, "nop", "mov r5,pc")),
        ]
    )
    assert (add.state.r[5], add.state.cpsr) == (0x8000_0000, 0b1001 << 28)
    assert (chosen.state.r[5], chosen.state.cpsr) == (3, 1 << 30)
    assert (big.state.r[5], big.state.cpsr) == (0x0102_0304, 1 << 9)
    assert pc.state.r[5] == pc.code_address + 6


def test_a_system_call_is_refused_before_qemu_sees_it() -> None:
    """A block cannot reach the operating system, in any of the three instruction sets."""
    with pytest.raises(ValueError, match="operating system"):
        qemu_power.run_batch([Instance(PowerState(), block(Dialect.POWER7, "nop", "sc"))])
    with pytest.raises(ValueError, match="operating system"):
        qemu_arm.run_batch([Instance(ArmState(), block(Dialect.ARM, "nop", "svceq #5"))])
    with pytest.raises(ValueError, match="operating system"):
        qemu_arm.run_batch([Instance(ArmState(cpsr=CPSR_T), block(Dialect.THUMB, "nop", "svc #5"))])


def test_an_instance_that_stops_qemu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless block ends in an error that says which one it was."""
    monkeypatch.setattr("trapline.tests.oracle.qemu_user._TIMEOUT_S", 1)
    good, endless = block(Dialect.POWER7, "nop"), block(Dialect.POWER7, "b .")
    with pytest.raises(OracleError, match=f"instance 1, block {endless.hex()}"):
        qemu_power.run_batch([Instance(PowerState(), good), Instance(PowerState(), endless)])


def test_two_thousand_instances_of_one_process_are_apart() -> None:
    """Every instance gets its own state and memory, in order."""
    code = block(Dialect.POWER7, "add r3,r4,r5", "stw r3,0(r1)")
    states = [replace(power_state(n), gpr=(0, MEMORY_ADDRESS, *range(n, n + 30))) for n in range(2000)]
    results = qemu_power.run_batch([Instance(state, code) for state in states])
    assert [result.state.gpr[3] for result in results] == [2 * n + 5 for n in range(2000)]
    assert [result.memory[:8] for result in results] == [((2 * n + 5) << 32).to_bytes(8, "big") for n in range(2000)]


@pytest.mark.parametrize("mode", [unicorn_arm.MODE_USER, unicorn_arm.MODE_SVC])
@pytest.mark.parametrize("dialect", [Dialect.ARM, Dialect.THUMB])
def test_unicorn_and_qemu_agree(mode: int, dialect: Dialect) -> None:
    """Integer and NEON instructions do the same to a random state in both oracles and both modes."""
    lines = ["adds r3,r4,r5", "mul r6,r7,r8", "vadd.i16 q0,q1,q2", "vadd.f32 d4,d5,d6", "ssat r9,#5,r10"]
    code, thumb = block(dialect, *lines), CPSR_T * (dialect is Dialect.THUMB)
    for seed in range(5):
        state = arm_state(seed)
        core = unicorn_arm.ArmCore(0x8000, state.cpsr | mode | thumb, state.r, fpscr=state.fpscr, d=state.d)
        ran = unicorn_arm.run(core, {0x8000: code.ljust(unicorn_arm.PAGE, b"\0")}, len(lines))
        (expected,) = qemu_arm.run_batch([Instance(replace(state, cpsr=state.cpsr | thumb), code)])
        assert ran.exception is None
        assert (ran.core.r, ran.core.d, ran.core.fpscr) == (
            expected.state.r,
            expected.state.d,
            expected.state.fpscr,
        )
        assert ran.core.cpsr & qemu_arm.CPSR_FLAGS == expected.state.cpsr
        assert ran.core.pc == 0x8000 + len(code)


def test_unicorn_tells_why_it_ended_early() -> None:
    """A supervisor call, an undefined instruction and unmapped memory end the run where they stand."""
    cases = {"svc #1": "interrupt 2", "udf #0": "Invalid instruction", "ldr r0,[r1]": "Invalid memory read"}
    for line, why in cases.items():
        code = block(Dialect.ARM, "mov r1,#0", line).ljust(unicorn_arm.PAGE, b"\0")
        ran = unicorn_arm.run(unicorn_arm.ArmCore(0x8000), {0x8000: code}, 5)
        assert why in str(ran.exception)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_oracle_is_skipped_by_a_person_and_failed_by_ci(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the Debian package, which the set-up script lists."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(outcome, match="qemu-user"):
        oracle("qemu-ppc64")


def test_the_set_up_script_names_a_package_for_each_oracle() -> None:
    """The one list of Debian packages is that of the script that installs them."""
    assert {"gdb-multiarch", "powerpc64-linux-gnu-as", "qemu-system-arm", "dtc"} <= debian_packages().keys()
