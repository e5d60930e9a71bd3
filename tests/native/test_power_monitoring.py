"""Claims: the performance monitor counts guest time, freezes and alerts as Power ISA 2.06, Appendix B, has it.

On both engines.
"""

from __future__ import annotations

import pytest

from trapline.isa.engine.state import State
from trapline.tests.native.pair import CODE
from trapline.tests.native.test_power_small_facilities import HYPERVISOR, PROBLEM, pair, run

SUPERVISOR = 0x8000000000001000
EXTERNAL_ENABLE = 0x8000
MONITOR_MARK = 0x4
NOPS = "nop\n" * 40
FC, FCS, FCP, FCM1, FCM0, PMXE, FCECE, PMC1CE, PMCJCE, PMAO, FC56, FCHV = (
    0x80000000,
    0x40000000,
    0x20000000,
    0x10000000,
    0x08000000,
    0x04000000,
    0x02000000,
    0x8000,
    0x4000,
    0x80,
    0x10,
    0x1,
)
EVENTS = {
    "power7": {"MMCR0": 0, "MMCR1": 0x1E021E02},
    "ppc970": {"MMCR0": 0x0F << 8 | 0x09 << 1, "MMCR1": sum(v << 27 - 5 * n for n, v in enumerate((15, 9) * 3))},
}
"""PMC1, PMC3 (and PMC5, PMC7 of the 970) count cycles, PMC2, PMC4 (PMC6, PMC8) instructions."""


def counters(core: str, state: State) -> list[int]:
    """All of them, as somebody outside sees them, on both engines."""
    names = [f"PMC{n}" for n in range(1, 9) if f"PMC{n}" in state.description.registers]
    both = [[side.engine.read_external(name) for name in names] for side in pair(core).sides]
    assert both[0] == both[1]
    return both[0]


def settings(core: str, bits: int = 0) -> dict[str, int]:
    """Registers that select events, with MMCR0's other bits."""
    return {"MMCR0": EVENTS[core]["MMCR0"] | bits, "MMCR1": EVENTS[core]["MMCR1"]}


@pytest.mark.parametrize(("core", "count"), [("power7", 6), ("ppc970", 8)])
def test_counters_count_cycles_and_instructions(core: str, count: int) -> None:
    """30 instructions: each counter has 30, as time passes by instructions; six counters, and eight of the 970."""
    assert counters(core, run(core, NOPS, 30, also=settings(core))) == [30] * count


@pytest.mark.parametrize("core", ["power7", "ppc970"])
@pytest.mark.parametrize(
    ("bits", "msr", "frozen"),
    [
        (FC, HYPERVISOR, True),
        (FCS, HYPERVISOR, False),
        (FCS, SUPERVISOR, True),
        (FCS, PROBLEM, False),
        (FCP, PROBLEM, True),
        (FCP, SUPERVISOR, False),
        (FCHV, HYPERVISOR, True),
        (FCHV, SUPERVISOR, False),
        (FCHV, PROBLEM, False),
        (FCM1, HYPERVISOR | MONITOR_MARK, True),
        (FCM1, HYPERVISOR, False),
        (FCM0, HYPERVISOR | MONITOR_MARK, False),
        (FCM0, HYPERVISOR, True),
    ],
)
def test_counters_freeze_by_state(core: str, bits: int, msr: int, frozen: bool) -> None:
    """Appendix B, MMCR0: FC, and FCS, FCP, FCHV, FCM1, FCM0 in the states that they name."""
    state = (
        run(core, NOPS, 20, msr, HID4=1 << 6, also=settings(core, bits))
        if core == "ppc970"
        else run(core, NOPS, 20, msr, LPCR=8, also=settings(core, bits))
    )
    assert set(counters(core, state)) == {0 if frozen else 20}


def test_what_counts_changes_at_the_instruction_that_changes_it() -> None:
    """mtmsr to problem state with FCP: the instructions before it count, it and those behind it do not."""
    text = "nop\nnop\nrfid\n" + NOPS
    state = run("power7", text, 20, SRR0=CODE + 12, SRR1=0x9000000000005000, also=settings("power7", FCP))
    assert counters("power7", state) == [2] * 6


def test_run_counters_follow_the_run_latch() -> None:
    """PMC5 and PMC6, and run events of PMC2 and PMC4, stand still while CTRL.RUN is zero; FC56 stops the two."""
    run_events = {"MMCR0": 0, "MMCR1": 0x00F400FA}
    assert counters("power7", run("power7", NOPS, 10, also=run_events)) == [0, 10, 0, 10, 10, 10]
    assert counters("power7", run("power7", "li 4, 0\nmtctrl 4\n" + NOPS, 10, also=run_events)) == [0, 1, 0, 1, 1, 1]
    assert counters("power7", run("power7", NOPS, 10, MMCR0=FC56, MMCR1=0x00F400FA)) == [0, 10, 0, 10, 0, 0]


@pytest.mark.parametrize("core", ["power7", "ppc970"])
@pytest.mark.parametrize(("counter", "enable"), [(1, PMC1CE), (2, PMCJCE), (4, PMCJCE)])
def test_a_negative_counter_alerts_at_its_instruction(core: str, counter: int, enable: int) -> None:
    """An alert clears PMXE, sets PMAO and SIAR; the interrupt at 0xF00 comes between the instructions, if EE is one."""
    chosen = settings(core, PMXE | enable | FCECE)
    general = {4: 0x80000000 - 7, 5: chosen["MMCR0"]}
    loads = "".join(
        f"lis {n}, {value >> 16}\nori {n}, {n}, {value & 0xFFFF}\nclrldi {n}, {n}, 32\n" for n, value in general.items()
    )
    text = f"{loads}mtspr {786 + counter}, 4\nmtspr 795, 5\n{NOPS}"
    alerted = CODE + 4 * (7 + 7)
    for msr, taken in ((HYPERVISOR | EXTERNAL_ENABLE, True), (HYPERVISOR, False)):
        state = run(core, text, 24, msr, handlers=True, MMCR0=FC, MMCR1=chosen["MMCR1"])
        assert state.read("MMCR0") & (PMXE | PMAO | FC) == PMAO | FC
        assert state.read("SIAR") == alerted
        assert state.pc == (0xF00 if taken else CODE + 4 * 24)
        if taken:
            assert (state.read("SRR0"), state.read("SRR1")) == (alerted, msr)


def test_an_alert_waits_for_interrupts_to_be_enabled() -> None:
    """PMAO lasts: with EE set later, the interrupt comes then; software ends it by clearing PMAO."""
    text = "li 5, 0\nori 5, 5, 0x8000\nmtmsrd 5, 1\nnop\nnop\n"
    state = run("power7", text, 4, handlers=True, MMCR0=FC | PMAO)
    assert (state.pc, state.read("SRR0")) == (0xF00, CODE + 12)
    state = run("power7", text, 4, handlers=True, MMCR0=FC)
    assert state.pc == CODE + 16
