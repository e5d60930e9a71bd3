"""A VM saved to a file and restored, here or in another process, goes on as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trapline.server.hv.book3s.kvm import Book3sKvm
from trapline.server.hv.book3s.vm import Book3sVm
from trapline.server.hv.exits import Halt, Mmio, PaprHcall
from trapline.server.hv.kvm import Interrupt
from trapline.server.hv.regions import RegionFlags
from trapline.server.machine.physical import MemorySlot

from ..server.guests import description, hcall, load
from .hosts import RAM, SMALL_TABLE, gpr, host, put, refused, start, until, vcpu_of, vm_of

DEVICE = 0x80_0000_0000
INDEX = (0x123 ^ 0x10) * 8
LEAVE = load(3, 0xF00) + "sc 1\n"
DATA_ON = load(9, 0x123 << 12) + load(8, 0x8000000) + "slbmte %r9, %r8\n" + load(9, 0x8000000000001010)
# Thread 0 leaves in the middle of a load of two words from a device; thread 1 naps; thread 2 leaves with a call.
CODE = (
    "cmpdi %r3, 1\nbeq 1f\ncmpdi %r3, 2\nbeq 2f\n"
    + hcall("H_ENTER", 0, INDEX, 0x123001, DEVICE | 0x1BA)
    + hcall("H_PUT_TCE", 5, 0x2000, 0x7003)
    + DATA_ON
    + "mtmsrd %r9\nisync\nlis %r11, 1\nlmw %r30, 0(%r11)\n"
    + load(9, 0x8000000000001000)
    + "mtmsrd %r9\nisync\nstd %r30, 0x200(0)\nb .\n"
    + "1:"
    + hcall("H_CEDE")
    + "li %r20, 11\n3: addi %r21, %r21, 1\nb 3b\n2:"
    + LEAVE
    + "mr %r20, %r3\n4: mftb %r21\nb 4b\n"
)


def in_the_middle(kvm: Book3sKvm) -> Book3sVm:
    """A VM with an access half answered, a thread that naps, and one with a call that nobody has answered."""
    vm = vm_of(kvm, options=SMALL_TABLE)
    ram = vm.memory.slots[0].ram
    vm.set_user_memory_region(MemorySlot(0, 0, ram.size, ram), RegionFlags.LOG_DIRTY_PAGES)
    vm.create_spapr_tce(5, 0x4000)
    put(vm, CODE)
    vcpus = [vcpu_of(vm, n) for n in range(3)]
    for n, vcpu in enumerate(vcpus):
        start(vcpu)
        vcpu.set_one_reg("GPR[3]", n)
        vcpu.core.put("DEC", 0x7FFFFFFF)
    vcpus[2].run(1)
    vcpus[0].run(1)
    until(vcpus[1], Halt)
    until(vcpus[2], PaprHcall)
    vcpus[2].complete_hcall((0,))
    left = until(vcpus[0], Mmio, 200)
    assert left == Mmio(DEVICE, 4, False)
    vcpus[0].complete_mmio(b"\x11\x22\x33\x44")
    assert until(vcpus[0], Mmio) == Mmio(DEVICE + 4, 4, False)
    return vm


def go_on(vm: Book3sVm) -> dict[str, object]:
    """Answers what waits, wakes who naps, and runs on; what can be told afterwards."""
    first, napping, third = (vm.vcpu(n) for n in range(3))
    assert first is not None and napping is not None and third is not None  # noqa: PT018
    first.complete_mmio(b"\x55\x66\x77\x88")
    first.run(20)
    third.run(20)
    asleep = napping.run(20)
    napping.interrupt(Interrupt.SET_LEVEL)
    napping.run(30)
    names = ("LR", "CR", "MSR", "TB", "DEC", "SPRG0")
    return {
        "others": [(vcpu.core.pc, *(vcpu.core.get(name) for name in names)) for vcpu in vm.vcpus],
        "asleep": asleep == Halt(),
        "registers": [[gpr(vcpu, n) for n in range(32)] for vcpu in vm.vcpus],
        "memory": vm.memory.read(0x200, 8).hex(),
        "tce": vm.tce_tables[0][2],
        "entry": hex(vm.page_table.entry(INDEX).guest_second),
        "dirty": vm.get_dirty_log(0).hex()[:64],
        "retired": [vcpu.core.retired for vcpu in vm.vcpus],
        "vcore": (vm.vcores[0].state.value, [one.number for one in vm.vcores[0].runnable]),
        "calls": dict(vm.calls()),
    }


def test_a_restored_vm_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    """In the same host under another partition number, and in another host under its own."""
    kvm = host()
    vm = in_the_middle(kvm)
    vm.save(tmp_path / "vm")
    moved, elsewhere = kvm.restore_vm(tmp_path / "vm"), host().restore_vm(tmp_path / "vm")
    assert (vm.lpid, moved.lpid, elsewhere.lpid) == (1, 2, 1)
    expected = go_on(vm)
    assert go_on(moved) == expected
    assert go_on(elsewhere) == expected
    assert expected["memory"] == "0000000011223344"
    assert {slot.base >> 40 for slot in kvm.memory.slots} == {1, 2}


def test_a_vm_moves_to_another_process(tmp_path: Path) -> None:
    """Which restores it, runs it on, and ends with the same."""
    vm = in_the_middle(host())
    vm.save(tmp_path / "vm")
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from trapline.server.hv.kvm import open_kvm\n"
        "vm = open_kvm('power7', 'reference').restore_vm(Path(sys.argv[1]))\n"
        "first = vm.vcpu(0)\nfirst.complete_mmio(b'\\x55\\x66\\x77\\x88')\nfirst.run(20)\n"
        "print(vm.memory.read(0x200, 8).hex(), first.core.read('GPR', 31), first.core.retired, vm.vcpu(1).ceded)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "vm")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    first = vm.vcpu(0)
    assert first is not None
    first.complete_mmio(b"\x55\x66\x77\x88")
    first.run(20)
    assert done.stdout.split() == ["0000000011223344", str(0x55667788), str(first.core.retired), "True"]


def test_a_970_takes_its_real_mode_area_along(tmp_path: Path) -> None:
    """And cannot be restored where there is none."""
    vm = vm_of(host("ppc970"))
    put(vm, "2: addi %r20, %r20, 1\nb 2b\n")
    vcpu = vcpu_of(vm)
    vcpu.run(10)
    vm.save(tmp_path / "vm")
    again = host("ppc970").restore_vm(tmp_path / "vm")
    again.vcpus[0].run(10)
    vcpu.run(10)
    assert gpr(again.vcpus[0], 20) == gpr(vcpu, 20) == 10
    bare = Book3sKvm(description("ppc970"), engine="reference")
    assert refused(lambda: bare.restore_vm(tmp_path / "vm")) == "ENOMEM"
    assert not bare.vms


@pytest.mark.parametrize("spoil", [b"", b"hello", None])
def test_what_is_no_saved_vm_is_refused(tmp_path: Path, spoil: bytes | None) -> None:
    """EINVAL for other files, damaged ones, and those of another version or host; ENOENT for none."""
    kvm = host()
    vm = vm_of(kvm, size=1 << 20)
    vcpu_of(vm)
    file = tmp_path / "vm"
    vm.save(file)
    data = file.read_bytes()
    if spoil is not None:
        file.write_bytes(spoil)
        assert refused(lambda: kvm.restore_vm(file)) == "EINVAL"
        return
    assert refused(lambda: host(threads=1).restore_vm(file)) == "EINVAL"
    assert refused(lambda: host("ppc970").restore_vm(file)) == "EINVAL"
    assert refused(lambda: kvm.restore_vm(tmp_path / "none")) == "ENOENT"
    for cut in (len(data) - 3, 24):
        file.write_bytes(data[:cut])
        assert refused(lambda: kvm.restore_vm(file)) == "EINVAL"
    file.write_bytes(data.replace(b"vm\n\0\0\0\2", b"vm\n\0\0\0\3"))
    assert refused(lambda: kvm.restore_vm(file)) == "EINVAL"
    assert list(kvm.vms) == [1]


def test_a_saved_vm_is_no_larger_than_what_is_in_use(tmp_path: Path) -> None:
    """Zero pages cost nothing."""
    vm = vm_of(host())
    vcpu_of(vm)
    vm.save(tmp_path / "vm")
    assert (tmp_path / "vm").stat().st_size < RAM >> 8
