"""Every kernel gives the checksum that its model works out, on every peer that may time it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from trapline.isa.engine.create import create_engine
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.state import State
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import PhysicalMemory
from trapline.tools.bench.architectures import ARCHITECTURES, ARM, POWER, Architecture
from trapline.tools.bench.catalogue import KERNELS, Kernel, Kind
from trapline.tools.bench.compilers import as_we_write_it
from trapline.tools.bench.peers.host import Host
from trapline.tools.bench.peers.peer import Peer
from trapline.tools.bench.peers.qemu import Qemu
from trapline.tools.bench.peers.trapline import Trapline
from trapline.tools.bench.peers.unicorn import Unicorn
from trapline.tools.bench.programs import FOLDER, Counts, Form, Program, build

from ..oracle.require import oracle

SECONDS = 120.0
NATIVE = Trapline("native", "Trapline", MachineOptions(engine="native"))
INTERPRETER = Trapline("interpreter", "interpreter tier", MachineOptions(engine="interpreter"))
REFERENCE = Trapline("reference", "reference", MachineOptions(engine="reference"), scaled=True)
CASES = [
    pytest.param(kernel, arch, id=f"{arch.name}-{kernel.name}")
    for arch in ARCHITECTURES
    for kernel in KERNELS
    if arch.name in kernel.arches
]
COMPUTE = [kernel for kernel in KERNELS if kernel.kind is Kind.COMPUTE]


def check(peer: Peer, program: Program) -> None:
    """A warm-up and two rounds, each with the model's checksum and a time."""
    rounds = peer.run(program, Counts(1, 1, 2), SECONDS)
    assert [one.checksum for one in rounds] == [program.kernel.checksum()] * 2
    assert all(one.wall > 0 for one in rounds)


@pytest.mark.parametrize(("kernel", "arch"), CASES)
def test_the_assembly_form_is_right_on_the_native_engine(kernel: Kernel, arch: Architecture) -> None:
    """Assembled by our assembler, run in the architecture's machine."""
    check(NATIVE, build(kernel, arch, Form.ASSEMBLY))


@pytest.mark.parametrize("arch", ARCHITECTURES, ids=lambda arch: arch.name)
def test_the_assembly_form_is_right_on_the_interpreter_tier(arch: Architecture) -> None:
    """The tier that is a peer as well is the native engine without its regions."""
    check(INTERPRETER, build(COMPUTE[-2], arch, Form.ASSEMBLY))
    state, bus = State(load_core(arch.core)), Bus(EventStream(), GuestClock(Fraction(1)))
    engine = create_engine("interpreter", state.description, state, PhysicalMemory(), bus)
    assert isinstance(engine, NativeEngine)
    assert engine.regions is None


@pytest.mark.parametrize("arch", ARCHITECTURES, ids=lambda arch: arch.name)
def test_the_assembly_form_is_right_on_the_reference_engine(arch: Architecture) -> None:
    """The engine that is a peer as well; one kernel, as it is the same driver for all."""
    program = build(COMPUTE[-2], arch, Form.ASSEMBLY)
    (one,) = REFERENCE.run(program, Counts(0, 1, 1), SECONDS)
    assert one.checksum == program.kernel.checksum()


@pytest.mark.oracle
@pytest.mark.parametrize(("kernel", "arch"), CASES)
def test_the_assembly_form_is_right_on_qemu(kernel: Kernel, arch: Architecture, tmp_path: Path) -> None:
    """The same program, so that the times may be compared."""
    oracle({"power": "qemu-system-ppc64", "arm": "qemu-system-arm"}[arch.name])
    program = build(kernel, arch, Form.ASSEMBLY)
    peer = Qemu(tmp_path)
    if peer.takes(program):
        check(peer, program)
    else:
        assert arch == POWER
        assert kernel.name in ("mmio", "world_switch", "threads_2", "threads_4")


@pytest.mark.oracle
@pytest.mark.parametrize("kernel", COMPUTE, ids=lambda kernel: kernel.name)
def test_the_assembly_form_is_right_on_unicorn(kernel: Kernel) -> None:
    """Unicorn is installed with the tests; it takes the compute kernels of Arm."""
    peer = Unicorn()
    assert peer.missing(ARM) is None
    assert peer.missing(POWER) is not None
    check(peer, build(kernel, ARM, Form.ASSEMBLY))


@pytest.mark.oracle
@pytest.mark.parametrize("arch", ARCHITECTURES, ids=lambda arch: arch.name)
@pytest.mark.parametrize("kernel", COMPUTE, ids=lambda kernel: kernel.name)
def test_the_c_form_is_right(kernel: Kernel, arch: Architecture, tmp_path: Path) -> None:
    """What the cross compiler makes of it, on the native engine; the same source on the host."""
    oracle(arch.compiler[0])
    program = build(kernel, arch, Form.C)
    check(NATIVE, program)
    oracle("gcc")
    check(Host(tmp_path), program)


@pytest.mark.parametrize("arch", ARCHITECTURES, ids=lambda arch: arch.name)
def test_instructions_are_those_of_one_run(arch: Architecture) -> None:
    """Of all runs each adds the same number, start-up and console left out."""
    program = build(COMPUTE[-2], arch, Form.ASSEMBLY)
    one = NATIVE.instructions(program, SECONDS)
    in_tree = (1 << 13) - 1
    # A leaf has a test, three instructions of work and a return at most; no node has more than forty.
    assert 4 * in_tree < one < 40 * in_tree


def test_counts_are_written_into_the_file() -> None:
    """Warm-up runs, runs and rounds, in the architecture's byte order, and nothing else changes."""
    for arch in ARCHITECTURES:
        program = build(COMPUTE[0], arch, Form.ASSEMBLY)
        before, after = program.elf(Counts(0, 0, 0)), program.elf(Counts(1, 2, 3))
        changed = [at for at, (one, two) in enumerate(zip(before, after, strict=True)) if one != two]
        low = 3 if arch.byte_order == "big" else 0
        assert [at - changed[0] for at in changed] == [0, 4, 8]
        assert changed[0] % 4 == low
        assert [after[at] for at in changed] == [1, 2, 3]


def test_every_kernel_has_all_its_forms() -> None:
    """A compute kernel is one C source and an assembly file for each architecture, a system kernel assembly only."""
    for kernel in KERNELS:
        assert (FOLDER / "c" / f"{kernel.name}.c").exists() == (kernel.kind is Kind.COMPUTE)
        for arch in ARCHITECTURES:
            assert (FOLDER / arch.name / f"{kernel.name}.s").exists() == (arch.name in kernel.arches)


def test_what_a_compiler_writes_becomes_what_we_assemble() -> None:
    """The TOC of Power's calling convention and Arm's spellings from before the unified syntax."""
    power = (
        "kernel:\n.LCF0:\n0:\taddis 2,12,.TOC.-.LCF0@ha\n\taddi 2,2,.TOC.-.LCF0@l\n\t.localentry\tkernel,.-kernel\n"
        "\taddis 9,2,table@toc@ha\n\taddi 9,9,table@toc@l\n"
    )
    assert as_we_write_it(power) == "kernel:\n.LCF0:\n\taddis 9,2,table@ha\n\taddi 9,9,table@l\n"
    arm = "\tadd\tr0, r1, r2, asl #2\n\tvldr.64\td16, .L3+8\n\tvpush.64\t{d8}\n\tvldr\ts0, [r1]\n"
    assert as_we_write_it(arm) == (
        "\tadd\tr0, r1, r2, lsl #2\n\tvldr\td16, [pc, #.L3+8 - . - 8]\n\tvpush\t{d8}\n\tvldr\ts0, [r1]\n"
    )
