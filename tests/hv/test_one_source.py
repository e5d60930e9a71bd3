"""Facts stand in the description alone: models follow a description that says otherwise, and state none of it again."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from msgspec.structs import replace

from trapline.isa.lang.load import CORES, ENTRIES, load_files
from trapline.isa.model.items import Description
from trapline.server.hv.arm.exits.coprocessor import Coprocessor, Kept
from trapline.server.hv.book3s.kvm import Book3sKvm
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.exits import Mmio
from trapline.server.hv.kvm import KvmError

from ..server.guests import description, hcall, load
from .hosts import gpr, put, until, vcpu_of, vm_of

HV = Path(__file__).resolve().parents[2] / "server" / "hv"
DEVICE, INDEX = 0x80_0000_0000, (0x123 ^ 0x10) * 8
TO_DEVICE = (
    hcall("H_ENTER", 1 << 39, INDEX, 0x123001, DEVICE | 0x1BA)
    + load(9, 0x123 << 12)
    + load(8, 0x8000000)
    + "slbmte %r9, %r8\nmfmsr %r25\nori %r25, %r25, 0x10\nmtmsrd %r25\nisync\nlis %r11, 1\nlwz %r20, 0(%r11)\n"
)


def changed(tmp_path: Path, text: str, core: str = "power7") -> Description:
    """The description of a core with a file of changes."""
    file = tmp_path / "change.isa"
    file.write_text(text)
    return load_files([ENTRIES[CORES[core]], file], core)


def vcpu_on(described: Description, code: str) -> Book3sVcpu:
    """A vcpu of a partition of a host with that description."""
    vm = vm_of(Book3sKvm(described, engine="reference"))
    put(vm, code)
    put(vm, "li %r21, 1\n1: b 1b\n", at=0x300)
    return vcpu_of(vm)


def test_numbers_and_bits_are_the_descriptions(tmp_path: Path) -> None:
    """H_REGISTER_VPA's functions have other numbers, ABSENT and HVLOCK change places: the model follows."""
    other = changed(
        tmp_path,
        "replace enum vpa_request : u3 {\n register_vpa = 4 register_dispatch_log = 2 register_slb_shadow = 3\n"
        " deregister_vpa = 5 deregister_dispatch_log = 6 deregister_slb_shadow = 7\n}\n"
        "replace const HPTE_ABSENT : u64 = 0x40\nreplace const HPTE_HVLOCK : u64 = 0x20\n",
    )
    for described, address, bit in ((other, 0x11000, 0x40), (description("power7"), 0, 0x20)):
        vcpu = vcpu_on(described, hcall("H_REGISTER_VPA", 4 << 45, 0, 0x11000) + TO_DEVICE)
        vcpu.vm.memory.write_int(0x11004, 2, 640, "big")
        assert until(vcpu, Mmio, 400) == Mmio(DEVICE, 4, False)
        assert vcpu.get_one_reg("VPA_ADDR") == address
        assert vcpu.vm.host.read_int(vcpu.vm.hpt_base + INDEX * 16, 8, "big") & 0x60 == bit


def test_the_search_of_the_page_table_is_the_descriptions(tmp_path: Path) -> None:
    """Where it finds no absent entries, nobody does: the access is the partition's own interrupt."""
    blind = "replace function absent_entry(ea : u64, vsid : u64, size : u8) -> (u1, u64) { (0, 0) }\n"
    vcpu = vcpu_on(changed(tmp_path, blind), TO_DEVICE)
    vcpu.run(400)
    assert gpr(vcpu, 21) == 1


@pytest.mark.parametrize("folder", ["arm", "book3s"])
def test_models_have_no_masks_of_their_own(folder: str) -> None:
    """What answers exits picks no bits of syndromes, descriptors or entries by numbers that stand in Python."""
    places = {"arm": ("aborts", "traps", "coprocessor", "inject", "stage2"), "book3s": ("exits", "partition", "vcpu")}
    files = [path for path in (HV / folder).rglob("*.py") if {path.stem, path.parent.name} & set(places[folder])]
    assert len(files) >= 5
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
                sides = (side.value for side in (node.left, node.right) if isinstance(side, ast.Constant))
                masks = {value for value in sides if isinstance(value, int)}
                # A width of 32 bits; the 970 has the low bits of partition numbers and selectors by themselves.
                assert masks <= {0xFFFF_FFFF, 0xF, 3}, f"{path.name}:{node.lineno}"


def test_how_kvm_keeps_a_register_is_declared() -> None:
    """A right may be called as one likes: what counts is `@kvm(kept = ...)`, and a word that says nothing is told."""
    described = description("armv7ve")

    def kept(annotations: dict[str, dict[str, str]], right: str) -> dict[tuple[int, ...], tuple[str, Kept]]:
        register = described.registers["PMOVSSET"]
        accesses = tuple(replace(one, read=right, write=right) for one in register.accesses)
        changed = replace(register, annotations=annotations, accesses=accesses)
        return Coprocessor(replace(described, registers={"PMOVSSET": changed})).kept

    assert Coprocessor(described).kept[0, 9, 14, 3] == ("PMOVSSET", Kept.ZERO)
    assert kept({"kvm": {"kept": "zero"}}, "some_right") == {(0, 9, 14, 3): ("PMOVSSET", Kept.ZERO)}
    assert kept({}, "pmu_right") == kept({}, "right_tsw") == {}, "a name alone decides nothing"
    with pytest.raises(KvmError, match="PMOVSSET is kept as 'nothing'"):
        kept({"kvm": {"kept": "nothing"}}, "pmu")
