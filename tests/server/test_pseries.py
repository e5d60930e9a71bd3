"""A partition under the KVM Book3S HV model: calls, faults, devices, time, several vcpus."""

import pytest

from trapline.server.boards.devices import UART
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.book3s.vm import Book3sOptions
from trapline.server.hv.kvm import KvmError, MpState
from trapline.server.tree.schedule import QUANTUM
from trapline.server.verdict import Outcome

from .guests import gpr, hcall, load, number, output, partition, power_off, rtas, say
from .structures import hpte, slbmte

DOUBLEWORD = (1 << 64) - 1
VSID = 0x123

# One 256 MB segment at 0, and the page of the code in it.
_ENTRY = slbmte(VSID, 0)
SEGMENT = load(9, _ENTRY[0]) + load(8, _ENTRY[1]) + "slbmte %r9, %r8\n"


def enter(ea: int, second: int) -> str:
    """H_ENTER of a 4 KB page of segment 0."""
    index = (VSID ^ ea >> 12) * 8
    return hcall("H_ENTER", 0, index, hpte(VSID, ea, 0)[0], second)


def present(real: int) -> int:
    """The second doubleword of a page in use, in memory that is kept coherent."""
    return hpte(VSID, 0, real, R=1, C=1, M=1)[1]


def translation_on(code: str) -> str:
    """Code that runs with the segment's pages: its own, and whatever was entered before."""
    start = SEGMENT + enter(0x4000, present(0x4000)) + enter(0x5000, present(0x5000)) + load(9, 0x8000000000001032)
    return start + f"mtsrr1 %r9\n{load(9, 0x5000)}mtsrr0 %r9\nrfid\n.org 0x5000\n{code}"


def test_partition_prints_and_powers_off() -> None:
    """H_PUT_TERM_CHAR reaches the console and RTAS power-off ends the run as passed."""
    machine = partition(say("hello\n") + say("PASS\n") + power_off())
    said = output(machine)
    verdict = machine.run(10_000)
    assert (bytes(said), verdict.outcome) == (b"hello\nPASS\n", Outcome.PASSED)


def test_fail_line_decides_the_verdict() -> None:
    """The last line that begins with PASS or FAIL counts."""
    machine = partition(say("PASS\nFAIL x\n") + power_off())
    assert machine.run(10_000).outcome is Outcome.FAILED


def test_unknown_call_gets_h_function() -> None:
    """A number that the description does not have is answered with H_FUNCTION."""
    machine = partition(load(3, 0xABC0) + "sc 1\nmr %r31, %r3\n" + power_off())
    machine.run(10_000)
    assert gpr(machine, 31) == number("H_FUNCTION") & DOUBLEWORD


def test_budget_ends_a_loop() -> None:
    """A guest that never ends is stopped after the instructions that it was given."""
    machine = partition("")
    assert machine.run(1000).outcome is Outcome.BUDGET
    assert machine.statistics().instructions == 1000


def test_ppc970_partition_runs_in_its_real_mode_area() -> None:
    """On the 970, offset and limit registers put real mode into slot 0."""
    machine = partition(say("PASS\n") + power_off(), core="ppc970")
    assert machine.run(10_000).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("access", "said", "result"),
    [
        ("li %r5, 0x41\nstb %r5, 0(%r4)", b"A", None),
        ("addi %r4, %r4, -1\nli %r5, 0x42\nstbu %r5, 1(%r4)\nmr %r31, %r4", b"B", 0x10000),
        ("li %r5, 0x43\nli %r6, 0\nstbx %r5, %r4, %r6", b"C", None),
        ("lbz %r31, 5(%r4)", b"", 0x60),
        ("addi %r4, %r4, 4\nlbzu %r31, 1(%r4)", b"", 0x60),
        # Line status and modem status side by side: big-endian, then byte-reversed.
        ("addi %r4, %r4, 5\nlhz %r31, 0(%r4)", b"", 0x60B0),
        ("addi %r4, %r4, 5\nlhbrx %r31, 0, %r4", b"", 0xB060),
        ("addi %r4, %r4, 6\nlha %r31, -1(%r4)", b"", 0x60B0),
    ],
)
def test_device_accesses_of_every_form(access: str, said: bytes, result: int | None) -> None:
    """Loads and stores of a page without memory leave for the device, and do all that the instruction does."""
    code = enter(0x10000, UART | 0x1B8) + translation_on(load(4, 0x10000) + access + "\nli %r30, 1\n1: b 1b\n")
    machine = partition(code)
    heard = output(machine)
    machine.run(400)
    assert (bytes(heard), gpr(machine, 30)) == (said, 1)
    assert result is None or gpr(machine, 31) == result
    assert machine.exits["mmio"] >= 1


def test_missing_entry_is_reflected() -> None:
    """A load that no entry translates becomes the partition's own data storage interrupt."""
    vectors = ".org 0x300\nmfdsisr %r30\nmfdar %r31\nmfsrr0 %r29\n1: b 1b\n"
    machine = partition(translation_on(load(4, 0x20008) + "lbz %r5, 0(%r4)\n"), vectors)
    machine.run(400)
    assert (gpr(machine, 30), gpr(machine, 31)) == (0x40000000, 0x20008)
    assert gpr(machine, 29) == 0x5000 + 5 * 4


def test_store_to_read_only_device_page_is_refused() -> None:
    """The partition's own protection comes before the device: PP = 3 lets no store through."""
    vectors = ".org 0x300\nmfdsisr %r30\n1: b 1b\n"
    code = enter(0x10000, UART | 0x1BB) + translation_on(load(4, 0x10000) + "stb %r5, 0(%r4)\n")
    machine = partition(code, vectors)
    machine.run(400)
    assert gpr(machine, 30) == 0x0A000000
    assert machine.exits["mmio"] == 0


def test_unknown_instruction_becomes_a_program_interrupt() -> None:
    """What hypervisor emulation assistance finds is reflected with SRR1 bit 44."""
    machine = partition(".long 0x00000001\n", ".org 0x700\nmfsrr1 %r30\nmfsrr0 %r31\n1: b 1b\n")
    machine.run(100)
    assert (gpr(machine, 30) & 0x80000, gpr(machine, 31)) == (0x80000, 0x4000)


def test_cede_sleeps_until_the_decrementer() -> None:
    """H_CEDE enables interrupts and lets guest time jump to the decrementer's."""
    vectors = ".org 0x900\nmftb %r31\nli %r30, 1\n1: b 1b\n"
    machine = partition(load(9, 100_000) + "mtdec %r9\nmftb %r29\n" + hcall("H_CEDE"), vectors)
    machine.run(100)
    assert gpr(machine, 30) == 1
    assert 100_000 <= gpr(machine, 31) - gpr(machine, 29) <= 100_020


def test_ceded_for_good_is_idle() -> None:
    """A partition that cedes with a decrementer far away is moved there; time is no obstacle."""
    machine = partition(hcall("H_CEDE") + "li %r30, 7\n", ".org 0x900\nli %r31, 9\n" + power_off())
    assert machine.run(10_000).outcome is Outcome.SILENT
    assert gpr(machine, 31) == 9


SECOND = ".org 0x6000\nli %r30, 5\nmr %r29, %r3\n"


def test_start_cpu_and_prod() -> None:
    """RTAS start-cpu starts the second vcpu with r3; H_PROD ends its cede."""
    second = SECOND + hcall("H_CEDE") + say("PASS\n") + power_off()
    wait = load(9, 12_000) + "mtctr %r9\n2: bdnz 2b\n"
    first = rtas("start_cpu", 1, 0x6000, 0x77) + wait + hcall("H_PROD", 1) + "1: b 1b\n"
    machine = partition(first + second, vcpus=2)
    assert machine.run(80_000).outcome is Outcome.PASSED
    assert (gpr(machine, 30, 1), gpr(machine, 29, 1)) == (5, 0x77)


def test_prod_as_the_original_did() -> None:
    """With the defect of the time, a prod does not end a cede, and the next cede returns at once."""
    second = SECOND + hcall("H_CEDE") + "li %r30, 6\n1: b 1b\n"
    first = rtas("start_cpu", 1, 0x6000, 0) + load(9, 12_000) + "mtctr %r9\n2: bdnz 2b\n" + hcall("H_PROD", 1)
    for defect, progress in ((False, 6), (True, 5)):
        machine = partition(first + "1: b 1b\n" + second, vcpus=2, hypervisor=Book3sOptions(prod_tests_caller=defect))
        machine.run(80_000)
        assert gpr(machine, 30, 1) == progress


def test_vcpu_that_is_not_started_stays_stopped() -> None:
    """query-cpu-stopped-state says 0 for it, and it never runs."""
    machine = partition(rtas("query_cpu_stopped_state", 1, results=2) + "lwz %r31, 20(%r10)\n" + power_off(), vcpus=2)
    machine.run(10_000)
    assert gpr(machine, 31) == 0
    assert machine.vcpus[1].mp_state is MpState.STOPPED
    assert machine.vcpus[1].core.retired == 0


def test_interprocessor_interrupt() -> None:
    """H_IPI to oneself raises an external interrupt; H_XIRR tells the source and takes it away."""
    external = ".org 0x500\n" + hcall("H_XIRR") + "mr %r31, %r4\n" + power_off()
    code = hcall("H_CPPR", 0xFF) + hcall("H_IPI", 0, 4) + load(9, 0x8000) + "mtmsrd %r9, 1\n"
    machine = partition(code, external)
    assert machine.run(10_000).outcome is Outcome.SILENT
    assert gpr(machine, 31) == 0xFF000002


def test_time_of_day_is_guest_time() -> None:
    """get-time-of-day does not depend on the host's clock."""
    machine = partition(rtas("get_time_of_day", results=8) + "lwz %r31, 16(%r10)\n" + power_off())
    machine.run(10_000)
    assert gpr(machine, 31) == 2012


def test_os_term_is_a_death() -> None:
    """ibm,os-term ends the run with the message that the partition gives."""
    text = '.org 0x3100\n.asciz "Oops"\n'
    machine = partition(rtas("os_term", 0x3100), text)
    verdict = machine.run(10_000)
    assert verdict.outcome is Outcome.DIED
    assert "Oops" in verdict.reason


def test_virtual_processor_area() -> None:
    """H_REGISTER_VPA takes a VPA, and an SLB shadow only once there is a VPA; one-reg shows them."""
    area, shadow = 0x3800, 0x3C00
    code = load(9, 640) + load(10, area) + "sth %r9, 4(%r10)\n" + load(10, shadow) + "stw %r9, 4(%r10)\n"
    for register, function, address in ((30, 3, shadow), (31, 1, area), (29, 3, shadow), (28, 5, 0)):
        code += hcall("H_REGISTER_VPA", function << 45, 0, address) + f"mr %r{register}, %r3\n"
    machine = partition(code + power_off())
    machine.run(10_000)
    resource = number("H_RESOURCE") & DOUBLEWORD
    assert [gpr(machine, n) for n in (30, 31, 29, 28)] == [resource, 0, 0, resource]
    vcpu = machine.vcpus[0]
    assert isinstance(vcpu, Book3sVcpu)
    assert vcpu.get_one_reg("VPA_ADDR") == area
    with pytest.raises(KvmError):
        vcpu.set_one_reg("HIOR", 1)


@pytest.mark.parametrize("cut", [1, 7, 333])
def test_slices_do_not_change_a_run(cut: int) -> None:
    """However a run is cut, two vcpus end up in the same state at the same guest time."""
    first, second = "2: addi %r31, %r31, 1\nmftb %r30\nb 2b\n", "3: mftb %r28\nb 3b\n"
    code = rtas("start_cpu", 1, 0x6000, 3) + first + SECOND + second
    whole, sliced = partition(code, vcpus=2), partition(code, vcpus=2)
    steps = 3 * QUANTUM
    whole.run(steps)
    done = 0
    while done < steps:
        before = sliced.steps
        sliced.run_slice(min(cut, steps - done))
        done += sliced.steps - before
    assert whole.clock.now == sliced.clock.now
    assert [v.core.snapshot() for v in whole.vcpus] == [v.core.snapshot() for v in sliced.vcpus]


def test_typed_characters_reach_the_terminal() -> None:
    """H_GET_TERM_CHAR gives what was typed, left-justified, and its count."""
    machine = partition("2: " + hcall("H_GET_TERM_CHAR", 0) + "cmpdi %r4, 0\nbeq 2b\nmr %r30, %r4\nmr %r31, %r5\n")
    machine.run(100)
    machine.console.type(b"abc")
    machine.run(200)
    assert (gpr(machine, 30), gpr(machine, 31)) == (3, int.from_bytes(b"abc".ljust(8, b"\0"), "big"))
