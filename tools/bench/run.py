"""Runs the kernels on the peers, one kernel after the other, so that what is compared is measured side by side."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ... import __version__
from ...isa.errors import TraplineError
from ...server.boards.machine import MachineOptions
from .architectures import Architecture
from .catalogue import Kernel, Kind
from .compilers import missing_compiler
from .peers.host import Host
from .peers.peer import Peer
from .peers.qemu import Qemu, version
from .peers.trapline import Trapline
from .peers.unicorn import Unicorn
from .programs import Form, Program, best_form, build
from .results import INTERPRETER, NATIVE, REFERENCE, STEPS, Failure, Missing, Results
from .sampling import PATIENCE, Settings, measure
from .steps import measure_steps

Progress = Callable[[str], None]

NATIVE_OPTIONS = MachineOptions(engine="native")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured. `form`: None takes C where it can be compiled.

    `complete`: all there is, single steps too, so that targets can be judged.
    """

    arches: Sequence[Architecture]
    kernels: Sequence[Kernel]
    form: Form | None
    settings: Settings
    complete: bool


def run(plan: Plan, progress: Progress) -> Results:
    """Measures everything that can be measured here. What cannot is in the results, too; nothing is raised for it."""
    results = Results(__version__, plan.settings.clock, _machine(plan.arches))
    with tempfile.TemporaryDirectory(prefix="trapline-bench-") as name:
        native = Trapline(NATIVE, "Trapline", NATIVE_OPTIONS)
        interpreter = Trapline(INTERPRETER, "Trapline's interpreter tier", MachineOptions(engine="interpreter"))
        reference = Trapline(REFERENCE, "reference", MachineOptions(engine="reference"), scaled=True)
        folder = Path(name)
        peers: list[Peer] = [native, interpreter, Qemu(folder), Unicorn(), Host(folder), reference]
        for arch in plan.arches:
            there = _present(peers, arch, plan, results)
            for kernel in plan.kernels:
                if arch.name in kernel.arches:
                    _measure_kernel(kernel, arch, there, native, plan, results, progress)
            if plan.complete:
                _measure_steps(arch, plan, results, progress)
    return results


def _present(peers: Sequence[Peer], arch: Architecture, plan: Plan, results: Results) -> list[Peer]:
    """The peers that are there; the others are noted."""
    there = []
    for peer in peers:
        reason = peer.missing(arch)
        if reason is None:
            there.append(peer)
        else:
            results.missing.append(Missing(arch.name, peer.name, reason))
    compiler = missing_compiler(arch)
    if compiler is not None and plan.form is None:
        results.missing.append(Missing(arch.name, "C form", f"{compiler}; compute kernels are the assembly ones"))
    return there


def _measure_kernel(
    kernel: Kernel,
    arch: Architecture,
    peers: Sequence[Peer],
    native: Trapline,
    plan: Plan,
    results: Results,
    progress: Progress,
) -> None:
    program = build(kernel, arch, form_of(kernel, arch, plan))
    instructions = _instructions(native, program, results)
    for peer in peers:
        if not peer.takes(program):
            continue
        progress(f"{arch.name}: {kernel.name} on {peer.title}")
        executed = None if peer.name == "host" else instructions
        try:
            results.measurements.append(measure(peer, program, plan.settings, executed))
        except TraplineError as error:
            results.failures.append(Failure(arch.name, kernel.name, peer.name, error.message))


def form_of(kernel: Kernel, arch: Architecture, plan: Plan) -> Form:
    """The form that was asked for, where a kernel has it; else the best."""
    return plan.form if plan.form is not None and kernel.kind is Kind.COMPUTE else best_form(kernel, arch)


def _instructions(native: Trapline, program: Program, results: Results) -> int | None:
    """Instructions of one run; a failure is noted."""
    try:
        return native.instructions(program, PATIENCE)
    except TraplineError as error:
        results.failures.append(Failure(program.arch.name, program.kernel.name, native.name, error.message))
        return None


def _measure_steps(arch: Architecture, plan: Plan, results: Results, progress: Progress) -> None:
    kernel = next((kernel for kernel in plan.kernels if kernel.kind is Kind.COMPUTE), None)
    if kernel is None:
        return
    progress(f"{arch.name}: single steps")
    settings = plan.settings
    program = build(kernel, arch, Form.ASSEMBLY)
    try:
        results.measurements.append(
            measure_steps(program, NATIVE_OPTIONS, settings.samples, settings.seconds, settings.clock)
        )
    except TraplineError as error:
        results.failures.append(Failure(arch.name, STEPS, NATIVE, error.message))


def _machine(arches: Sequence[Architecture]) -> dict[str, str]:
    """What figures depend on."""
    emulators = {f"qemu-{arch.name}": version(arch) or "missing" for arch in arches}
    return {
        "processor": _processor(),
        "processors": str(os.cpu_count() or 0),
        "system": platform.platform(),
        "python": platform.python_version(),
        "llvmlite": _package_version("llvmlite"),
        **emulators,
    }


def _package_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _processor() -> str:
    """The processor's name as Linux has it, or what the platform says."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
