"""Single steps as gdb's `stepi` asks for them, through the server's own loop but without a socket."""

from __future__ import annotations

import time

from ...server.boards.machine import Machine, MachineOptions
from ...server.boards.registry import board_named
from ...server.rsp.execution import Step
from ...server.target import MachineTarget
from .programs import Counts, Program, description_of
from .results import NATIVE, STEPS, Measurement

_BATCH = 1000
_ENOUGH = 1_000_000_000
"""Runs of a kernel: it goes on for longer than anybody steps."""


def measure_steps(program: Program, options: MachineOptions, samples: int, seconds: float, clock: str) -> Measurement:
    """Steps through a compute kernel for about `seconds` a sample, after one batch that warms up."""
    target = MachineTarget(lambda: _machine(program, options))
    thread = next(iter(target.threads())).id

    def batch() -> None:
        for _ in range(_BATCH):
            target.resume({thread: Step()})
            target.run_slice()

    batch()
    cpu, wall = [], []
    for _ in range(samples):
        count, began, cpu_began = 0, time.perf_counter(), time.process_time()
        while (spent := time.perf_counter() - began) < seconds or not count:
            batch()
            count += _BATCH
        spent = time.perf_counter() - began
        cpu.append((time.process_time() - cpu_began) / count)
        wall.append(spent / count)
    chosen = tuple(cpu if clock == "cpu" else wall)
    arch, form = program.arch.name, program.form.value
    return Measurement(arch, STEPS, "system", form, NATIVE, _BATCH, chosen, tuple(wall), 1, 1, "steps")


def _machine(program: Program, options: MachineOptions) -> Machine:
    return board_named(program.machine)(description_of(program.arch), program.loaded(Counts(_ENOUGH, 0, 0)), options)
