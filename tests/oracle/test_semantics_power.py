"""Claims: Power instructions leave every register, and memory, as QEMU's POWER7 and PowerPC 970 do (Power ISA 2.06).

The reference engine draws and runs the instances; the native engine runs the same ones.
"""

from functools import cache, partial

import pytest

from trapline.isa.lang.load import load_core
from trapline.tests.oracle import qemu_power
from trapline.tests.oracle.known_power import KNOWN, KNOWN_970, KNOWN_IN_BLOCKS, PLAIN, UNTESTED
from trapline.tests.oracle.power_blocks import PowerArchitecture
from trapline.tests.oracle.power_machine import PowerMachine
from trapline.tests.oracle.qemu_power import PowerCpu, PowerState
from trapline.tests.oracle.slices import Subject, numbered_registers, run_slice, soak_seeds

pytestmark = pytest.mark.oracle

CORES = {"power7": PowerCpu.POWER7, "ppc970": PowerCpu.PPC970}


@cache
def subject(core: str) -> Subject[PowerState]:
    """A core beside QEMU's."""
    cpu = CORES[core]
    description = load_core(core)
    return Subject(
        description=description,
        instruction_set="PPC",
        architecture=PowerArchitecture(PowerMachine(core), cpu),
        run=partial(qemu_power.run_batch, cpu=cpu),
        code_address=partial(qemu_power.code_address, cpu=cpu),
        known=KNOWN if core == "power7" else KNOWN + KNOWN_970,
        plain=PLAIN,
        untested=UNTESTED,
        presets=numbered_registers(description, "SPR", {"number": "spr"}, {}),
        beside=partial(PowerMachine, core, "native"),
        known_in_blocks=KNOWN_IN_BLOCKS,
        mixes_known=True,
    )


@pytest.mark.parametrize(
    ("core", "rounds", "blocks", "least"), [("power7", 62, 5000, 42000), ("ppc970", 42, 3500, 18000)]
)
def test_instructions_and_blocks_end_as_under_qemu(core: str, rounds: int, blocks: int, least: int) -> None:
    """Every form is drawn, alone and in blocks of two to eight; registers, flags, memory and faults are compared.

    Both cores together: at least 60,000 instances.
    """
    found = run_slice(subject(core), seed=1, rounds=rounds, blocks=blocks)
    assert not found.failures, "\n".join([f"{len(found.failures)} differ", *found.failures[:8]])
    assert not found.uncovered
    assert found.instances >= least


@pytest.mark.soak
@pytest.mark.parametrize("core", CORES)
def test_soak(core: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same with other seeds each time, which are printed: ten slices of both cores are a million instances."""
    for seed in soak_seeds():
        with capsys.disabled():
            print(f"{core}: seed {seed}", flush=True)
        found = run_slice(subject(core), seed, rounds=100, blocks=8000)
        assert not found.failures, "\n".join([f"seed {seed}: {len(found.failures)} differ", *found.failures[:8]])
