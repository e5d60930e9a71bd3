"""Oracles beside a test's own checks: two runs that a guest must not tell apart, and what is said when it can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from trapline.firmware.suites.catalogue import find_suite, shipped_suites
from trapline.firmware.suites.definition import Limits, MachineNeeds
from trapline.firmware.suites.doing import Run
from trapline.firmware.suites.doing_runs import done_before
from trapline.firmware.suites.failures.capsule import capsule_of
from trapline.firmware.suites.failures.explain import explained
from trapline.firmware.suites.failures.repro import run_again
from trapline.firmware.suites.making.build import MadeTest, Maker, Wanted, build_suite
from trapline.firmware.suites.making.case import Case, Check, Step
from trapline.firmware.suites.making.manifest import CaseManifest
from trapline.firmware.suites.oracles import neighbours
from trapline.firmware.suites.oracles.catalogue import ORACLES
from trapline.firmware.suites.oracles.program import Program
from trapline.firmware.suites.oracles.rule import ORACLE_NAMES, LeaveOut, OracleRule
from trapline.firmware.suites.oracles.staging import Stage, Staging
from trapline.firmware.suites.running.oracle_target import OracleTarget
from trapline.firmware.suites.running.results import Ran, Result, Status, failed_steps
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store
from trapline.isa.errors import TraplineError
from trapline.server.boards.arm_kvm import ArmKvmMachine
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.power.pseries import PseriesMachine
from trapline.server.hv.book3s import saved as book3s_saved
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.machine.elf import LoadedElf
from trapline.server.tree.ends import End

VECTORS = (
    "        .data",
    "        .balign 8",
    "        .global suite_vectors",
    "suite_vectors:",
    "        .skip   256",
)
"""What d0 to d31 begin with, on Arm."""
SOME = ("H_READ-001", "H_PROTECT-002", "H_REGISTER_VPA-001", "H_CEDE-001", "sequence-001")
OF_A_PARTITION = ("engines", "transparency", "stub", "non-interference", "migration")


def asked(name: str, elf: Path, needs: MachineNeeds, rule: OracleRule | None = None, engine: str = "reference") -> Ran:
    """One test by one oracle."""
    text = f"oracle:{name}:{engine}"
    target = OracleTarget(parse_target(text, needs, Limits(), oracles={name: rule or OracleRule()}))
    try:
        return target.run(elf)
    finally:
        target.close()


def made(suite: str, case: Case, where: Path) -> Path:
    """A test of one's own, linked as a suite's are."""
    found = Maker(Wanted(find_suite(suite), seed=1)).make(case)
    assert isinstance(found, MadeTest), found
    elf = where / f"{case.name}.elf"
    elf.write_bytes(found.elf)
    return elf


def test_the_names_are_those_of_the_oracles() -> None:
    """The list that is there without loading machines."""
    assert list(ORACLES) == list(ORACLE_NAMES)
    for suite in shipped_suites():
        for rule in suite.oracles.values():
            assert all(one.reason for one in rule.leave_out), suite.name


@pytest.mark.parametrize("name", OF_A_PARTITION)
def test_a_partition_s_tests_are_the_same_in_both_runs(built: BuiltSuite, name: str) -> None:
    """Calls, areas, a cede: on both engines, under model and stub, beside others, moved three times."""
    needs, oracles = built.manifest.machine, built.manifest.oracles
    target = OracleTarget(parse_target(f"oracle:{name}", needs, built.manifest.limits, oracles=oracles))
    for test in SOME:
        ran = target.run(built.folder / "tests" / f"{test}.elf")
        wanted = "skipped" if (name in ("stub", "transparency") and test.startswith("sequence")) else "passed"
        assert ran.outcome == wanted, f"{test}: {ran.reason}\n{ran.console}"
        assert ran.outcome == "skipped" or ran.reason.startswith("the same")
    target.close()


@pytest.mark.parametrize("name", ["transparency", "migration"])
def test_an_arm_guest_sees_the_same_bare_and_under_each_hypervisor(name: str, tmp_path: Path) -> None:
    """Flags, memory, an abort where nothing is, an undefined instruction: bare, under the model, under the stub."""
    code = ("mov r4, #0x40000000", "orr r4, r4, #0x3F00000", "str r3, [r4]", "ldr r5, [r4]", "adds r6, r5, r3, lsl #3")
    steps = (
        Step("memory and flags", code),
        Step("nothing is there", ("mov r4, #0xC0000000", "ldr r5, [r4]")),
        Step("undefined", ("udf #3",)),
        Step("floating point", ("vmov.f64 d3, #1.5", "vadd.f64 d4, d3, d3")),
    )
    elf = made("isa-armv7ve", Case("mixture", "a mixture", steps, data=VECTORS), tmp_path)
    ran = asked(name, elf, find_suite("isa-armv7ve").machine)
    assert ran.outcome == "passed", ran.console
    assert name != "transparency" or ("the hypervisor model" in ran.reason and "the host stub" in ran.reason)


@pytest.mark.parametrize("name", ["isa-power7", "isa-ppc970"])
def test_a_power_guest_sees_the_same_bare_and_under_each_hypervisor(name: str, tmp_path: Path) -> None:
    """Flags, memory, traps, no such instruction, problem state: out of hypervisor state by itself, as a partition."""
    problem = ("mfmsr   r15", "ori     r15, r15, 0x4000", "mtsrr1  r15", "load32  r15, 7f", "mtsrr0  r15", "rfid", "7:")
    steps = (
        Step(
            "memory and flags", ("load32  r4, 0x300000", "std     r5, 0(r4)", "ld      r6, 0(r4)", "add.    r7, r6, r5")
        ),
        Step("a trap", ("tw      31, r4, r4",)),
        Step("no such instruction", (".long   0",)),
        Step("privileged, in problem state", (*problem, "mfmsr   r9")),
        Step("a system call from problem state", (*problem, "li      r9, 5", "sc      0")),
    )
    elf = made(name, Case("mixture", "a mixture", steps), tmp_path)
    ran = asked("transparency", elf, find_suite(name).machine)
    assert ran.outcome == "passed", f"{ran.reason}\n{ran.console}"
    assert "on a core of its own" in ran.reason
    assert "the host stub" in ran.reason


def test_what_a_guest_of_kvm_arm_meets_is_the_same_under_the_stub(tmp_path: Path) -> None:
    """Registers that are played, devices, aborts, the timer, and what outlives an exit to a host that spoils it all."""
    names = ("register-cp15-25", "condition-vector", "port-loads-abt", "nowhere-fetch", "misaligned", "walks",
             "kept-call", "exclusive-device", "interrupt-taken", "interrupt-waited")  # fmt: skip
    wanted = Wanted(find_suite("kvm-arm"), seed=1, only=names)
    build_suite(wanted, tmp_path / "built")
    suite = BuiltSuite.read(tmp_path / "built")
    needs, limits, oracles = suite.manifest.machine, suite.manifest.limits, suite.manifest.oracles
    target = OracleTarget(parse_target("oracle:stub:reference", needs, limits, oracles=oracles))
    found = {one.name: target.run(suite.folder / one.elf) for one in suite.manifest.tests}
    target.close()
    assert sorted(found) == sorted(names)
    for name, ran in found.items():
        assert ran.outcome == "passed", f"{name}: {ran.reason}\n{ran.console}"


def test_what_a_hypervisor_hides_is_found(tmp_path: Path) -> None:
    """KVM keeps the physical timer from its guests: bare it can be read, under a hypervisor it is undefined."""
    step = Step("CNTP_CTL", ("mrc p15, 0, r4, c14, c2, 1",))
    elf = made("isa-armv7ve", Case("timer", "the timer", (step,), data=VECTORS), tmp_path)
    needs = find_suite("isa-armv7ve").machine
    ran = asked("transparency", elf, needs)
    assert ran.outcome == "failed"
    (failed,) = failed_steps(ran.console)
    assert failed.title == "CNTP_CTL"
    assert {"trap", "elr"} <= {one.word for one in failed.differences}
    assert "on a core of its own" in failed.rule
    words = OracleRule(leave_out=(LeaveOut("it is so", words=("r4", "trap", "elr", "spsr", "icpsr")),))
    assert asked("transparency", elf, needs, words).outcome == "passed"
    whole = asked("transparency", elf, needs, OracleRule(leave_out=(LeaveOut("it is so", tests=("time*",)),)))
    assert (whole.outcome, whole.reason) == ("skipped", "it is so")


def _elf(built: BuiltSuite, test: str = "H_READ-001") -> Path:
    return built.folder / "tests" / f"{test}.elf"


def test_state_that_does_not_move_is_found(built: BuiltSuite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A register that a restored vcpu has not: the first step behind the move has another value."""
    restore = book3s_saved._restore_vcpu

    def forgetful(vcpu: Book3sVcpu, saved: book3s_saved.SavedVcpu) -> None:
        restore(vcpu, saved)
        vcpu.core.write("GPR", 0, 31)

    monkeypatch.setattr(book3s_saved, "_restore_vcpu", forgetful)
    ran = asked("migration", _elf(built), built.manifest.machine, OracleRule(points=9))
    assert ran.outcome == "failed", ran.reason
    assert "moved at instruction" in ran.reason


def test_a_neighbour_that_reaches_over_is_found(built: BuiltSuite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another partition whose turns write what this one has recorded."""
    place = Program.read(_elf(built)).symbol("suite_blocks") + 8 * 20
    run_slice = Machine.run_slice

    def reaching(machine: Machine, steps: int | None) -> End | None:
        left = run_slice(machine, steps)
        for other in (one for one in first if one is not machine):
            other.memory.write(place, b"leaked!!")
        return left

    first: list[Machine] = []
    second = neighbours._second

    def noted(one: PseriesMachine | ArmKvmMachine, elf: LoadedElf, options: MachineOptions) -> Machine:
        first[:] = [one]
        return second(one, elf, options)

    monkeypatch.setattr(neighbours, "_second", noted)
    monkeypatch.setattr(Machine, "run_slice", reaching)
    ran = asked("non-interference", _elf(built), built.manifest.machine)
    assert ran.outcome == "failed"
    assert "beside the test itself" in ran.reason
    assert failed_steps(ran.console)[0].differences[0].word == "r20"


def test_engines_that_differ_are_found(built: BuiltSuite, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instruction that one of them does not execute."""
    stage = Staging.stage

    def other(self: Staging, program: Program, *, engine: str | None = None, quantum: int | None = None) -> Stage:
        made = stage(self, program, engine="reference", quantum=quantum)
        if engine == "native":
            made.machine.memory.write(program.symbol("step_2_last"), bytes.fromhex("60000000"))
        return made

    monkeypatch.setattr(Staging, "stage", other)
    ran = asked("engines", _elf(built), built.manifest.machine)
    assert ran.outcome == "failed"
    assert failed_steps(ran.console)[0].number == 2


def test_a_race_is_found_by_another_interleaving(tmp_path: Path) -> None:
    """A thread counts while another one waits a while: how far it comes is the schedule's."""
    needs = find_suite("smt-cede").machine
    data = (
        "        .text",
        "        .global racer",
        "racer:  addi    r5, r5, 1",
        "        std     r5, 0(r3)",
        "        b       racer",
    )
    code = (
        "load64  r20, 0x310000",
        *(f"li r5, {value}\n        stw r5, {4 * at}(r20)" for at, value in enumerate(("start_cpu", 3, 1, 1))),
        "load32  r5, racer",
        "stw     r5, 16(r20)",
        "load64  r5, 0x300000",
        "stw     r5, 20(r20)",
        "mr      r4, r20",
        "load64  r3, H_RTAS",
        "sc      1",
        "li      r18, 3000",
        "mtctr   r18",
        "1:",
        "bdnz    1b",
        "load64  r4, 0x300000",
        "ld      r6, 0(r4)",
    )
    case = Case("race", "a race", (Step("how far the other one came", code, (Check("r20"),)),), data=data)
    elf = made("smt-cede", case, tmp_path)
    ran = asked("schedule", elf, needs, OracleRule(quanta=(50,)))
    assert ran.outcome == "failed", ran.reason
    (step,) = failed_steps(ran.console)
    assert {one.word for one in step.differences} == {"r6", "gprs"}
    assert "in turns of 50 instructions" in step.rule
    may_differ = OracleRule(quanta=(50,), leave_out=(LeaveOut("it is a race", words=("r6",)),))
    assert asked("schedule", elf, needs, may_differ).outcome == "failed", "memory that is not the same"
    alone = asked("schedule", elf, find_suite("papr-hcalls").machine)
    assert (alone.outcome, alone.reason) == ("skipped", "one vcpu has one interleaving")


def test_a_failure_explains_itself_and_comes_again(built: BuiltSuite, tmp_path: Path) -> None:
    """What was compared with what, the words, and a capsule that fails in the same way."""
    elf = made("papr-hcalls", Case("time", "the time base", (Step("TB", ("mftb r5",)),)), tmp_path)
    rule = {"stub": OracleRule()}
    spec = parse_target("oracle:stub:reference", built.manifest.machine, built.manifest.limits, oracles=rule)
    target = OracleTarget(spec)
    ran = target.run(elf)
    target.close()
    assert ran.outcome == "failed"
    entry = next(one for one in built.manifest.tests if one.name == "H_READ-001")
    manifest = msgspec.json.decode((built.folder / entry.manifest).read_bytes(), type=CaseManifest)
    result = Result("H_READ-001", Status.FAIL, ran, 1)
    lines = "\n".join(explained(result, manifest, "trapline suite repro x.capsule --gdb"))
    assert "expected  r5 = " in lines
    assert "expected under the hypervisor model, came under the host stub" in lines
    whole = structs.replace(capsule_of(built, result, "oracle:stub:reference"), elf=elf.read_bytes())
    again, same = run_again(whole)
    assert same, again.reason


def test_the_command_asks_oracles_and_says_what_is_unknown(built: BuiltSuite, tmp_path: Path) -> None:
    """`--oracle` twice: a row each; names that are none, and targets that are not Trapline's, are refused."""
    command = [sys.executable, "-m", "trapline", "suite", "run", str(built.folder), "--tests", "H_READ-00[12]"]
    command += ["--results", str(tmp_path / "results.sqlite"), "--target", "trapline:reference"]
    asks = [*command, "--oracle", "migration", "--oracle", "stub"]
    done = subprocess.run(asks, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if "oracle:" in line]
    assert [row[1:4] for row in rows] == [[f"oracle:{one}:reference", "2", "2"] for one in ("migration", "stub")]
    done = subprocess.run([*command, "--oracle", "migrations"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "did you mean 'migration'?" in done.stderr
    done = subprocess.run([*command[:-1], "qemu", "--oracle", "stub"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "leave --target out" in done.stderr


def test_a_suite_that_always_asks_goes_on_with_the_oracle_that_was_interrupted(
    built: BuiltSuite, tmp_path: Path
) -> None:
    """`always = true`: behind the tests themselves; --resume does not run again what has come to its end."""
    rules = {"migration": OracleRule(always=True, points=1), "engines": OracleRule(always=True)}
    suite = BuiltSuite(built.folder, structs.replace(built.manifest, oracles=rules))
    asks = Run((), target="trapline:reference", options=RunOptions(jobs=1, resume=True))
    targets = asks.targets(suite.manifest)
    assert targets == ["trapline:reference", "oracle:migration:reference", "oracle:engines:reference"]
    assert Run((), target="qemu").targets(suite.manifest) == ["qemu"]
    where = tmp_path / "results.sqlite"
    tests = suite.chosen(("H_READ-00[12]",))
    with Store(where) as store:
        for target in targets[:2]:
            spec = parse_target(target, suite.manifest.machine, suite.manifest.limits, oracles=rules)
            run_suite(suite, tests, spec, RunOptions(jobs=1), store)
        assert done_before(where, targets) == {targets[0]: 1, targets[1]: 2}
        spec = parse_target(targets[2], suite.manifest.machine, suite.manifest.limits, oracles=rules)
        cut = run_suite(suite, tests, spec, RunOptions(jobs=1), store)
        store._base.execute("update run set ended = null where number = ?", (cut,))
        assert done_before(where, targets) == {targets[0]: 1, targets[1]: 2}
        store.end(cut)
        assert done_before(where, targets) == {}, "a whole run is not gone on with"


def test_foreign_tests_have_no_oracles(built: BuiltSuite) -> None:
    """Nobody knows where they leave what came."""
    with pytest.raises(TraplineError, match="oracles know tests that Trapline has built"):
        parse_target("oracle:migration", built.manifest.machine, built.manifest.limits, is_foreign=True)
