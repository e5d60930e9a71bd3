"""Claims: A32 and T32 instructions leave every register, and memory, as QEMU's Cortex-A15 does (DDI 0406C).

The reference engine draws and runs the instances; the native engine runs the same ones.
"""

from functools import cache, partial

import pytest

from trapline.isa.lang.load import load_core
from trapline.tests.oracle import qemu_arm
from trapline.tests.oracle.arm_blocks import ArmArchitecture
from trapline.tests.oracle.arm_machine import ArmMachine
from trapline.tests.oracle.known_arm import KNOWN, PLAIN, UNTESTED
from trapline.tests.oracle.qemu_arm import ArmState
from trapline.tests.oracle.slices import Subject, numbered_registers, run_slice, soak_seeds

pytestmark = pytest.mark.oracle


@cache
def subject(instruction_set: str) -> Subject[ArmState]:
    """An instruction set beside QEMU's."""
    description = load_core("armv7ve")
    return Subject(
        description=description,
        instruction_set=instruction_set,
        architecture=ArmArchitecture(ArmMachine("armv7ve"), instruction_set == "T32"),
        run=qemu_arm.run_batch,
        code_address=qemu_arm.code_address,
        known=KNOWN,
        plain=PLAIN[instruction_set],
        untested=UNTESTED,
        presets=[
            preset
            for space, keys in (("CP15", ("opc1", "CRn", "CRm", "opc2")), ("CP15_64", ("opc1", "CRm")))
            for preset in numbered_registers(description, space, {key: key for key in keys}, {"coproc": 15})
        ],
        beside=partial(ArmMachine, "armv7ve", "native"),
    )


@pytest.mark.parametrize(
    ("instruction_set", "rounds", "blocks", "least"), [("A32", 24, 5500, 31_000), ("T32", 27, 5600, 29_000)]
)
def test_instructions_and_blocks_end_as_under_qemu(instruction_set: str, rounds: int, blocks: int, least: int) -> None:
    """Every form is drawn, alone and in blocks of two to eight; registers, flags, memory and faults are compared."""
    found = run_slice(subject(instruction_set), seed=1, rounds=rounds, blocks=blocks)
    assert not found.failures, "\n".join([f"{len(found.failures)} differ", *found.failures[:8]])
    assert not found.uncovered
    assert found.instances >= least


@pytest.mark.soak
@pytest.mark.parametrize("instruction_set", ["A32", "T32"])
def test_soak(instruction_set: str) -> None:
    """The same with other seeds, as many slices as TRAPLINE_SOAK says: of both sets a million instances in ten."""
    for seed in soak_seeds():
        found = run_slice(subject(instruction_set), seed, rounds=52, blocks=4000)
        assert not found.failures, "\n".join([f"seed {seed}: {len(found.failures)} differ", *found.failures[:8]])
