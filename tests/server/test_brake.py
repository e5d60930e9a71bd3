"""A slice ends when somebody asks for it, or its time is up, whatever the guest does; and the guest cannot tell."""

from __future__ import annotations

import threading

import pytest

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.tree.ends import Idle, Used

from .guests import ARM_BASE, RAM, guest, hcall, load, rtas

LOOP = "_start:\n1: addi %r20, %r20, 1\naddi %r21, %r21, 3\nb 1b\n"
# Nothing at the illegal word's vector either: it is taken again and again.
POWER_STORM = ".org 0x4000\n_start: .long 0\n"
ARM_STORM = "_start: udf #0\n"
POWER_IDLE = f".org 0x900\nb 0x900\n.org 0x4000\n_start:\n1:{load(9, 0x40000)}mtdec %r9\n{hcall('H_CEDE')}b 1b\n"
POWER_FOUR = (
    ".org 0x4000\n_start:\n" + "".join(rtas("start_cpu", n, 0x6000, n) for n in (1, 2, 3))
    + "1: addi %r20, %r20, 1\nb 1b\n.org 0x6000\n2: addi %r20, %r20, 1\nb 2b\n"
)  # fmt: skip

GUESTS = {
    "loop": ("pseries", LOOP, "power7", 0, 1),
    "power storm": ("power-bare", POWER_STORM, "power7", 0, 1),
    "partition storm": ("pseries", POWER_STORM, "power7", 0, 1),
    "arm storm": ("arm-virt", ARM_STORM, "armv7ve", ARM_BASE, 1),
    "arm guest storm": ("arm-kvm", ARM_STORM, "armv7ve", ARM_BASE, 1),
    "idle": ("pseries", POWER_IDLE, "power7", 0, 1),
    "four": ("pseries", POWER_FOUR, "power7", 0, 4),
}
EVERY = pytest.mark.parametrize("name", GUESTS)


def machine(name: str, engine: str) -> Machine:
    """One of the guests, at its entry point."""
    board, text, core, base, vcpus = GUESTS[name]
    options = MachineOptions(ram_size=RAM, vcpus=vcpus, engine=engine, wild_after=0)
    return build_machine(guest(text, core, base), board, options)


def run_until_pressed(running: Machine) -> None:
    """A slice without any other end. The brake is pressed from another thread, again and again as a watcher does."""
    done = threading.Event()

    def press() -> None:
        while not done.wait(0.005):
            running.brake.press()

    watcher = threading.Thread(target=press)
    watcher.start()
    try:
        assert isinstance(running.run_slice(None), Used)
    finally:
        done.set()
        watcher.join()


@EVERY
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_the_brake_ends_a_slice_and_the_guest_cannot_tell(name: str, engine: str) -> None:
    """Cut at three places that the host's clock chose, the guest is where it would be after as many steps in one go."""
    cut, whole = machine(name, engine), machine(name, engine)
    for _ in range(3):
        run_until_pressed(cut)
    assert cut.steps > 0
    whole.run_slice(cut.steps)
    assert cut.steps == whole.steps
    assert cut.clock.now == whole.clock.now
    for one, other in zip(cut.vcpus, whole.vcpus, strict=True):
        assert one.core.state.snapshot() == other.core.state.snapshot()


@EVERY
def test_a_slice_has_a_time(name: str) -> None:
    """With seconds to run for it comes back by itself, having executed something."""
    running = machine(name, "native")
    for _ in range(3):
        before = running.steps, running.clock.now
        assert isinstance(running.run_slice(None, seconds=0.001), Used)
        assert (running.steps, running.clock.now) > before


def test_a_pressed_brake_lets_one_instruction_pass() -> None:
    """Else whoever runs slice after slice would come no further; and a step is a step."""
    running = machine("loop", "native")
    core = running.vcpus[0].core
    running.brake.press()
    assert core.run(1_000_000).name == "budget"
    assert 0 < core.steps < 1_000_000
    steps = core.steps
    assert core.run_one().name == "budget"
    assert core.steps == steps + 1


def test_a_guest_that_waits_for_good_is_still_idle() -> None:
    """A time that is up does not hide that nothing is to come."""
    wfi = guest("_start: wfi\nb _start\n", "armv7ve", ARM_BASE)
    waiting = build_machine(wfi, "arm-virt", MachineOptions(ram_size=RAM))
    assert isinstance(waiting.run_slice(None, seconds=10), Idle)
