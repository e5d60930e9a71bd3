"""Linux 6.1, built from Debian's sources (`linux/recipe.py`), boots to a shell on every machine, obeys, and powers off.

Building takes minutes the first time, so `make soak` runs these; what was built is kept in the user's cache.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import FileAt, LoadRequest
from trapline.tests.loading.conversation import Conversation

from .linux import recipe

pytestmark = [pytest.mark.soak, pytest.mark.oracle]
BOOT = 1_500_000_000
COMMAND = 300_000_000


@cache
def built(name: str) -> Path:
    """The folder with an architecture's kernel; where it cannot be built the test is skipped, or fails under CI."""
    lacking = recipe.missing()
    if lacking:
        message = f"{', '.join(lacking)} missing: as root, sh tools/setup/debian.sh test bench linux (make soak does)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return recipe.built(name)


@dataclass(frozen=True)
class Case:
    """A machine to boot on."""

    kernel: str
    image: str
    machine: str
    core: str
    vcpus: int
    threads: int = 1
    console: str = "hvc0"
    rma: bool = False

    def __str__(self) -> str:
        return f"{self.machine}-{self.core}-{self.vcpus}x{self.threads}-{self.image}{'-rma' if self.rma else ''}"


CASES = [
    Case("power", "vmlinux", "pseries", "power7", 1),
    Case("power", "vmlinux", "pseries", "power7", 2),
    Case("power", "zImage", "pseries", "power7", 4, 2),
    Case("power", "vmlinux", "pseries", "power7", 4, 4, rma=True),
    Case("power", "vmlinux", "pseries", "ppc970", 1),
    Case("power", "vmlinux", "pseries", "ppc970", 2),
    Case("arm", "zImage", "arm-virt", "armv7ve", 2, console="ttyAMA0"),
    Case("arm", "Image", "arm-virt", "armv7ve", 1, console="ttyAMA0"),
    Case("arm", "zImage", "arm-kvm", "armv7ve", 2, console="ttyAMA0"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_linux_boots_to_a_shell(case: Case) -> None:
    """Every processor computes, a second passes, and the machine is switched off by the kernel."""
    folder = built(case.kernel)
    request = LoadRequest(kernel=FileAt(folder / case.image), initrd=FileAt(folder / recipe.INITRD))
    options = MachineOptions(
        vcpus=case.vcpus,
        threads=case.threads,
        core=case.core,
        rma=case.rma,
        bootargs=f"console={case.console} quiet",
    )
    talk = Conversation(build_machine(request, case.machine, options))
    talk.wait_for("# ", BOOT)
    assert "Linux 6.1" in talk.answer("uname", "# ", COMMAND)
    assert f"{2 * case.vcpus} children right" in talk.answer(f"children {2 * case.vcpus}", "# ", COMMAND)
    assert talk.answer("cat /proc/cpuinfo", "# ", COMMAND).count("processor") >= case.vcpus
    before = talk.machine.statistics().guest_seconds
    assert "slept" in talk.answer("sleep 1", "# ", 4 * COMMAND)
    assert talk.machine.statistics().guest_seconds - before >= 1
    verdict = talk.ending("poweroff", COMMAND)
    assert verdict is not None
    assert "power-off" in verdict.reason or "switched its machine off" in verdict.reason
