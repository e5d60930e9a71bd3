"""A partition without a board: the face alone, memory, and code in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trapline.server.hv.book3s.kvm import Book3sKvm
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.book3s.vm import Book3sOptions, Book3sVm
from trapline.server.hv.errors import KvmError
from trapline.server.hv.exits import Exit, Halt, Interrupted, Mmio, PaprHcall
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import description, guest, load

RAM = 64 << 20
BASE = 0x4000
DOUBLEWORD = (1 << 64) - 1
SMALL_TABLE = Book3sOptions(hpt_order=18)
ENGINE = ["reference"]
"""What hosts run on; `test_native` makes the same claims of the other one."""


def host(core: str = "power7", threads: int | None = None, events: EventStream | None = None) -> Book3sKvm:
    """A host on `ENGINE`; one real mode area of the memory's size, for the 970."""
    pool = (GuestRam(RAM),) if core == "ppc970" else ()
    return Book3sKvm(description(core), engine=ENGINE[0], threads=threads, rma_pool=pool, events=events)


def vm_of(kvm: Book3sKvm, size: int = RAM, options: Book3sOptions = SMALL_TABLE) -> Book3sVm:
    """A partition with memory at 0, a real mode area on the 970."""
    vm = kvm.create_vm(options)
    ram = GuestRam(size) if kvm.is_power7 else vm.allocate_rma()
    vm.set_user_memory_region(MemorySlot(0, 0, ram.size, ram))
    return vm


def put(vm: Book3sVm, code: str, at: int = BASE) -> None:
    """Assembles code into the partition's memory."""
    for segment in guest(f".org {at:#x}\n_start:\n{code}\n1: b 1b\n", vm.description.core, 0).segments:
        skipped = max(0, at - segment.physical)
        vm.memory.write(segment.physical + skipped, segment.data[skipped:])


def vcpu_of(vm: Book3sVm, number: int = 0, at: int = BASE) -> Book3sVcpu:
    """A vcpu in real mode at `at`, as user space starts one."""
    vcpu = vm.create_vcpu(number)
    start(vcpu, at)
    return vcpu


def start(vcpu: Book3sVcpu, at: int = BASE) -> None:
    """Real mode at `at`, with interrupts off."""
    regs = vcpu.get_regs()
    regs.pc, regs.msr = at, 0x8000000000001000
    vcpu.set_regs(regs)


def running(code: str, core: str = "power7", number: int = 0) -> Book3sVcpu:
    """The vcpu of a partition of its own that is about to execute some code."""
    vm = vm_of(host(core))
    put(vm, code)
    return vcpu_of(vm, number)


def until(vcpu: Book3sVcpu, kind: type[Exit], budget: int = 10_000) -> Exit:
    """Runs to an exit of one kind; calls get H_FUNCTION, loads zeros, until then."""
    end = vcpu.core.steps + budget
    while vcpu.core.steps < end:
        left = vcpu.run(end - vcpu.core.steps)
        if isinstance(left, kind):
            return left
        assert isinstance(left, Halt | Interrupted | Mmio | PaprHcall), left
    raise AssertionError(f"no {kind.__name__} within {budget} instructions")


def refused(call: Callable[[], object]) -> str:
    """The name of the errno with which a call fails."""
    with pytest.raises(KvmError) as error:
        call()
    return error.value.name


def vm_with(vcpu: Book3sVcpu) -> Book3sVm:
    """The partition that a vcpu is in."""
    assert isinstance(vcpu.vm, Book3sVm)
    return vcpu.vm


def gpr(vcpu: Book3sVcpu, n: int) -> int:
    """A general purpose register."""
    return vcpu.core.read("GPR", n)


__all__ = ["gpr", "host", "load", "put", "refused", "running", "start", "until", "vcpu_of", "vm_of", "vm_with"]
