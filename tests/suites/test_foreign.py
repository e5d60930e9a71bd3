"""Foreign suites: others' tests by a small TOML file, each loaded and judged as it says."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from trapline.firmware.suites.definition import Limits
from trapline.firmware.suites.failures.capsule import capsule_of, read_capsule, write_capsule
from trapline.firmware.suites.failures.repro import run_again
from trapline.firmware.suites.foreign.tests import foreign_suite
from trapline.firmware.suites.places import is_foreign
from trapline.firmware.suites.running.loading import Board, Loading
from trapline.firmware.suites.running.qemu import qemu_words
from trapline.firmware.suites.running.results import Result, Status
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store
from trapline.isa.errors import TraplineError
from trapline.tests.server.guests import guest

from ..oracle.require import oracle
from ..patience import HANGS

POWER_SAYS = """_start: bl 1f
        .asciz "{text}"
        .balign 4
1:      mflr r31
2:      lbz r4, 0(r31)
        cmpwi r4, 0
        beq 3f
        sldi r6, r4, 56
        li r3, H_PUT_TERM_CHAR
        li r4, 0
        li r5, 1
        sc 1
        addi r31, r31, 1
        b 2b
3:      b 3b
"""
"""Says something, and then goes round where it is: a test that cannot switch its machine off."""
ARM_SAYS = """_start: adr r1, 2f
        mov r2, #0x09000000
1:      ldrb r0, [r1], #1
        cmp r0, #0
        strne r0, [r2]
        bne 1b
        ldr r0, =0x84000008
        hvc #0
        .ltorg
2:      .asciz "{text}"
"""
CONFIG = r"""# kvm-unit-tests' own form
[setup]
file = selftest.elf
smp = 2
extra_params = -m 128 -append 'setup smp=2 mem=128'
groups = selftest

[rtas]
file = selftest.elf
timeout = 5s
extra_params = -append "get-time-of-day date=$(date +%s)"

[many]
file = selftest.elf
smp = $((($MAX_SMP < 6)?$MAX_SMP:6))
test_args = "many vcpus"
qemu_params = -nodefaults

[tm]
file = tm.elf
accel = kvm

[htm]
file = selftest.elf
extra_params = -machine cap-htm=on

[arm64-only]
file = selftest.elf
arch = arm64

[shell]
file = selftest.elf
extra_params = -append "$(uname -r)"

[by-hand]
file = selftest.elf
groups = nodefault selftest
"""


def power(text: str) -> bytes:
    """An ELF program for a partition that says something."""
    return guest(POWER_SAYS.replace("{text}", text), "power7", 0x400000).raw


def run(
    suite: BuiltSuite, where: Path, target: str = "trapline:reference", groups: tuple[str, ...] = ()
) -> dict[str, Result]:
    """All its tests, or those of some groups."""
    spec = parse_target(target, suite.manifest.machine, suite.manifest.limits, is_foreign=True)
    with Store(where / "results.sqlite") as store:
        number = run_suite(suite, suite.chosen((), (), groups), spec, RunOptions(jobs=1), store)
        return {one.test: one for one in store.results(number)}


def test_each_test_is_judged_by_the_verdict_that_it_speaks(tmp_path: Path) -> None:
    """EXIT: STATUS=N, TAP, lines of words, a pattern, a command's status; silence and half a plan are no success."""
    says = {
        "exit-0": r"FAIL is a word here\nEXIT: STATUS=1\n",
        "exit-1": r"all well\nEXIT: STATUS=3\n",
        "tap": r"TAP version 14\n1..1\nok 1 - one\n",
        "tap-half": r"TAP version 14\n1..2\nok 1 - one\n",
        "mine": r"verdict: good\n",
        "silent": r"hello\n",
    }
    for name, text in says.items():
        (tmp_path / f"{name}.elf").write_bytes(power(text))
    (tmp_path / "suite.toml").write_text(
        f"""
[suite]
name = "mixed"
[machine]
name = "pseries"
[limits]
instructions = 30_000
[[test]]
files = "exit-*.elf"
verdict = "exit-line"
groups = ["exit"]
[[test]]
files = "tap*.elf"
verdict = "tap"
[[test]]
file = "mine.elf"
verdict = {{ kind = "pattern", passed = "verdict: good", failed = "verdict: bad" }}
[[test]]
name = "mine-is-bad"
file = "mine.elf"
verdict = {{ kind = "pattern", passed = "nothing", failed = "verdict" }}
[[test]]
file = "silent.elf"
[[test]]
name = "command"
command = ["{sys.executable}", "-c", "print('PASS: it')"]
[[test]]
name = "command-status"
command = ["{sys.executable}", "-c", "raise SystemExit(3)"]
verdict = {{ kind = "exit-code", status = 3 }}
[[test]]
name = "command-fails"
command = ["{sys.executable}", "-c", "raise SystemExit(3)"]
[[test]]
name = "not-yet"
file = "mine.elf"
skip = "no time"
[[expected_failure]]
tests = "mine-is-bad"
reason = "it is meant to"
"""
    )
    suite = foreign_suite(tmp_path / "suite.toml")
    found = run(suite, tmp_path)
    outcomes = {name: one.run.outcome for name, one in found.items()}
    assert outcomes == {
        "exit-0": "passed",
        "exit-1": "failed",
        "tap": "passed",
        "tap-half": "failed",
        "mine": "passed",
        "mine-is-bad": "failed",
        "silent": "wild",
        "command": "passed",
        "command-status": "passed",
        "command-fails": "failed",
        "not-yet": "skipped",
    }, {name: one.run.reason for name, one in found.items()}
    assert found["mine-is-bad"].status is Status.EXPECTED_FAIL
    assert found["not-yet"].note == "no time"
    assert "EXIT: STATUS=3" in found["exit-1"].run.reason

    capsule = capsule_of(suite, found["exit-1"], "trapline:reference")
    write_capsule(capsule, tmp_path / "exit-1.capsule")
    (tmp_path / "exit-1.elf").unlink()
    again, same = run_again(read_capsule(tmp_path / "exit-1.capsule"))
    assert same, again


def test_a_unittests_cfg_of_kvm_unit_tests_is_read_as_its_runner_reads_it(tmp_path: Path) -> None:
    """File, processors, memory, arguments, groups and time; what only a shell or another machine has is skipped, and
    why is told; tests of group nodefault run when they are named."""
    (tmp_path / "unittests.cfg").write_text(CONFIG)
    (tmp_path / "selftest.elf").write_bytes(power(r"SUMMARY: 1 tests\nEXIT: STATUS=1\n"))
    (tmp_path / "kut.toml").write_text(
        '[suite]\nname = "kut"\n[machine]\nname = "pseries"\n[limits]\ninstructions = 30_000\n'
        '[load]\nenvironment = { KERNEL_VERSION = "6" }\n[unittests]\nconfig = "unittests.cfg"\n'
    )
    assert is_foreign(str(tmp_path / "kut.toml"))
    suite = foreign_suite(tmp_path / "kut.toml")
    loads = {one.name: one.load for one in suite.manifest.tests if one.load is not None}
    assert loads["setup"].board.vcpus == 2
    assert loads["setup"].board.memory == 128
    assert loads["setup"].append == "setup smp=2 mem=128"
    assert loads["setup"].kind == "kernel"
    assert Path(loads["setup"].initrd).read_text() == "KERNEL_VERSION=6\n"
    assert loads["rtas"].append == "get-time-of-day date=1325376000"
    assert loads["rtas"].limits.seconds == 5
    assert loads["many"].board.vcpus == 6
    assert loads["many"].append == "many vcpus"
    found = run(suite, tmp_path)
    skipped = {name: one.note for name, one in found.items() if one.status is Status.SKIP}
    assert skipped == {
        "tm": "kvm only",
        "htm": "no machine here has -machine cap-htm=on",
        "arm64-only": "arm64 only",
        "shell": "only a shell could expand $(uname -r)",
        "by-hand": "it is run only when named (group nodefault)",
    }
    assert {name for name, one in found.items() if one.status is Status.PASS} == {"setup", "rtas", "many"}
    assert found["setup"].run.outcome == "passed", found["setup"].run
    named = run(suite, tmp_path, groups=("nodefault",))
    assert named["by-hand"].status is Status.PASS


def test_an_arm_test_is_a_raw_image_with_a_kernel_s_boot_protocol(tmp_path: Path) -> None:
    """A .flat file, 64 KB above the start of RAM; PSCI by HVC, as under KVM; the same command line for QEMU."""
    elf = guest(ARM_SAYS.replace("{text}", r"PASS: it runs\nEXIT: STATUS=1\n"), "armv7ve", 0x4001_0000)
    (segment,) = elf.segments
    (tmp_path / "selftest.flat").write_bytes(segment.data)
    (tmp_path / "arm.toml").write_text(
        '[suite]\nname = "arm"\n[machine]\nname = "arm-kvm"\nmemory = 128\n[load]\nkind = "kernel"\n'
        '[[test]]\nfile = "selftest.flat"\nappend = "smp"\n'
    )
    suite = foreign_suite(tmp_path / "arm.toml")
    found = run(suite, tmp_path)
    assert found["selftest"].status is Status.PASS, found["selftest"].run
    entry = suite.manifest.tests[0]
    assert entry.load is not None
    words = qemu_words(Path(entry.elf), entry.load)
    assert words[-2:] == ["-append", "smp"]
    oracle("qemu-system-arm")
    on_qemu = run(suite, tmp_path, "qemu")
    assert on_qemu["selftest"].status is Status.PASS, on_qemu["selftest"].run


def test_a_power_kernel_that_relocates_itself_goes_where_qemu_puts_it(tmp_path: Path) -> None:
    """kvm-unit-tests' are ET_DYN linked at 0: 4 MB, above the vectors."""
    source = POWER_SAYS.replace("{text}", r"PASS: relocated\nEXIT: STATUS=1\n")
    program = bytearray(guest(source, "power7", 0).raw)
    program[16:18] = struct.pack(">H", 3)
    (tmp_path / "pie.elf").write_bytes(program)
    (tmp_path / "pie.toml").write_text(
        '[suite]\nname = "pie"\n[machine]\nname = "pseries"\n[limits]\ninstructions = 30_000\n'
        '[[test]]\nfile = "pie.elf"\nkind = "kernel"\n[[test]]\nname = "as-program"\nfile = "pie.elf"\n'
    )
    found = run(foreign_suite(tmp_path / "pie.toml"), tmp_path)
    assert found["pie"].status is Status.PASS, found["pie"].run
    assert found["as-program"].run.outcome == "error"
    assert "give it as --kernel if it relocates itself" in found["as-program"].run.reason


def test_what_is_wrong_in_the_file_is_told_with_the_way_out(tmp_path: Path) -> None:
    """Unknown keys and kinds, missing files, two tests of one name, a glob that finds nothing, nothing built."""

    def refused(text: str) -> str:
        (tmp_path / "it.toml").write_text('[suite]\nname = "it"\n[machine]\nname = "pseries"\n' + text)
        with pytest.raises(TraplineError) as caught:
            foreign_suite(tmp_path / "it.toml")
        assert caught.value.hint
        return caught.value.message

    (tmp_path / "a.elf").write_bytes(power("x"))
    (tmp_path / "empty.cfg").write_text("[a]\nfile = gone.elf\n")
    assert "it names no tests" in refused("")
    assert "unknown field `fiel`" in refused('[[test]]\nfiel = "a.elf"\n')
    assert "there is no kind 'kernal'" in refused('[[test]]\nfile = "a.elf"\nkind = "kernal"\n')
    assert "there is no verdict 'tab'" in refused('[[test]]\nfile = "a.elf"\nverdict = "tab"\n')
    assert "needs passed" in refused('[[test]]\nfile = "a.elf"\nverdict = "pattern"\n')
    assert "b.elf is not there" in refused('[[test]]\nfile = "b.elf"\n')
    assert "has no such file" in refused('[[test]]\nfiles = "*.flat"\n')
    assert "two tests are called 'a'" in refused('[[test]]\nfile = "a.elf"\n[[test]]\nfile = "a.elf"\n')
    assert "one of file, files and command" in refused('[[test]]\nname = "a"\n')
    assert "none of the tests" in refused('[unittests]\nconfig = "empty.cfg"\n')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "does not say which machine it is for"),
        (b"\x7fELF", "is no whole ELF file"),
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0\x3e\0" + bytes(44), "is for X86_64, which no machine here has"),
    ],
)
def test_a_program_for_qemu_that_no_machine_runs_is_told_so(content: bytes, said: str, tmp_path: Path) -> None:
    """Where the file names no machine, the program's header does, or one message says why it cannot."""
    program = tmp_path / "it.elf"
    program.write_bytes(content)
    with pytest.raises(TraplineError) as caught:
        qemu_words(program, Loading("program", Board(), Limits()))
    assert said in caught.value.message
    assert caught.value.hint
    program.write_bytes(power("x"))
    assert qemu_words(program, Loading("program", Board(), Limits()))[0] == "qemu-system-ppc64"


def test_the_command_runs_a_foreign_suite(tmp_path: Path) -> None:
    """`suite run --foreign FILE --json FILE`: as any other suite, and exit status 1 for a failure."""
    (tmp_path / "bad.elf").write_bytes(power(r"FAIL: it\nEXIT: STATUS=3\n"))
    (tmp_path / "it.toml").write_text(
        '[suite]\nname = "it"\n[machine]\nname = "pseries"\n[limits]\ninstructions = 30_000\n'
        '[[test]]\nfile = "bad.elf"\n'
    )
    words = ["suite", "run", "--foreign", str(tmp_path / "it.toml"), "--target", "trapline:reference"]
    done = subprocess.run(
        [sys.executable, "-m", "trapline", *words, "--json", str(tmp_path / "out"), "--html", str(tmp_path / "page")],
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "FAIL it/bad" in done.stdout
    assert "trapline suite repro" in done.stdout
    lines = [msgspec.json.decode(one) for one in (tmp_path / "out").read_text().splitlines()]
    assert [one["status"] for one in lines if one["kind"] == "test"] == ["fail"]
    assert "bad" in (tmp_path / "page").read_text()
