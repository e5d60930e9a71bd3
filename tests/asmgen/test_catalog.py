"""Claims about the API for generators: instructions, operands, random instances, encoding, layouts."""

from __future__ import annotations

import random
import re
from functools import cache

import pytest

from trapline.asmgen import Catalog, Disassembler, Memory
from trapline.isa.errors import TraplineError

from .described import target

CORES = ("power7", "ppc970", "armv7ve")


@cache
def catalog(core: str) -> Catalog:
    """The catalog of a shipped core."""
    return Catalog(target(core))


@pytest.mark.parametrize("core", CORES)
def test_every_instruction_has_random_instances_that_encode_to_their_word(core: str) -> None:
    """Three of each, by their values and by their text; the word is one of the form that was asked for."""
    rng = random.Random(7)
    disassembler = Disassembler(target(core))
    assert len(catalog(core).instructions) > 250
    for one in catalog(core).instructions:
        for _ in range(3):
            drawn = one.random_operands(rng, address=0x1000)
            made = catalog(core).encode(drawn.mnemonic, *drawn.operands, instruction_set=one.instruction_set,
                                        address=0x1000)
            chosen = disassembler.instruction_set(one.instruction_set)
            assert made == drawn.word, drawn
            assert disassembler.word(drawn.word, one.length, 0x1000, chosen).form == one.name


def test_a_seed_gives_the_same_instances() -> None:
    """And another one others."""
    def texts(seed: int) -> list[str]:
        rng = random.Random(seed)
        return [one.random_operands(rng).text for one in catalog("power7").instructions]

    assert texts(1) == texts(1) != texts(2)


@pytest.mark.parametrize("core", CORES)
def test_excluded_registers_are_never_drawn(core: str) -> None:
    """Neither by themselves, nor as a base, nor in a list."""
    rng = random.Random(3)
    exclude = {"r1", "r2", "r13"} if core != "armv7ve" else {"sp", "lr", "r7"}
    for one in catalog(core).instructions:
        if not any(operand.kind.startswith("register") for operand in one.operands):
            continue
        try:
            drawn = one.random_operands(rng, exclude)
        except TraplineError:
            # What stands in the syntax itself cannot be left out.
            assert "'sp'" in one.syntax, one.name
            continue
        words = set(drawn.text.replace(",", " ").replace("(", " ").replace(")", " ").replace("{", " ").replace(
            "}", " ").replace("[", " ").replace("]", " ").replace("!", " ").split())
        assert not words & exclude, drawn


def test_what_is_excluded_altogether_is_an_error() -> None:
    """With a way out."""
    with pytest.raises(TraplineError, match="no operands of 'add' were found"):
        catalog("power7").instruction("add").random_operands(random.Random(1), {f"r{n}" for n in range(32)})


def test_what_names_nothing_is_an_error_and_not_left_alone() -> None:
    """A misspelt register, a flag of another instruction, a space that there is not."""
    add = catalog("power7").instruction("add")
    with pytest.raises(TraplineError, match="no register or name 'r32' to exclude"):
        add.random_operands(random.Random(1), {"r32"})
    with pytest.raises(TraplineError, match="'add' has no flag 'LK'"):
        add.random_operands(random.Random(1), flags={"LK": 1})
    with pytest.raises(TraplineError, match="no space of registers 'CP15'"):
        catalog("power7").registers("CP15")


def test_a_register_is_excluded_by_any_of_its_names() -> None:
    """r13 is sp, and sb is r9."""
    load = catalog("armv7ve").instruction("ldm")
    for seed in range(40):
        text = load.random_operands(random.Random(seed), {"r13", "sb", "r15"}).text
        assert not {"sp", "r9", "pc"} & set(re.findall(r"\w+", text))


@pytest.mark.parametrize(("core", "name", "operand", "role"), [
    ("power7", "lwz", "RT", "written"), ("power7", "lwz", "RA|0", "read"), ("power7", "stw", "RS", "read"),
    ("power7", "lwzu", "RA", "read and written"), ("power7", "add", "RT", "written"), ("power7", "add", "RB", "read"),
    ("power7", "addi", "SI", ""), ("power7", "lmw", "RT", "written"), ("power7", "stmw", "RS", "read"),
    ("power7", "fmadd", "FRC", "read"), ("power7", "mtspr", "RS", "read"), ("power7", "vperm", "VRC", "read"),
    ("armv7ve", "ldr.offset", "Rt", "written"), ("armv7ve", "ldr.offset", "Rn", "read"),
    ("armv7ve", "ldr.pre_indexed", "Rn", "read and written"), ("armv7ve", "str.offset", "Rt", "read"),
    ("armv7ve", "add.register", "Rm", "read"), ("armv7ve", "stm", "register_list", "read"),
    ("armv7ve", "mcr", "Rt", "read"), ("armv7ve", "mrc", "Rt_or_flags", "written"),
    ("armv7ve", "umull", "RdLo", "written"), ("armv7ve", "t16_add_register", "Rd_low", "written"),
])
def test_roles_are_those_of_the_body(core: str, name: str, operand: str, role: str) -> None:
    """What a person reads in the manual."""
    assert catalog(core).instruction(name).operand(operand).role == role


def test_privilege_features_and_memory() -> None:
    """Rights by name, what a core needs, accesses with their sizes."""
    power = catalog("power7")
    rights = {name: power.instruction(name).privilege for name in ("add", "slbmte", "tlbie", "mtspr", "rfid", "hrfid")}
    assert rights == {"add": (), "slbmte": ("supervisor",), "tlbie": ("hypervisor",), "mtspr": (),
                      "rfid": ("supervisor",), "hrfid": ("hypervisor",)}
    assert power.instruction("mtspr").spaces == ("SPR",)
    spr = {one.register: one for one in power.registers("SPR")}
    assert (spr["LR"].read, spr["SRR0"].write, spr["HSRR0"].write) == ("problem", "supervisor", "hypervisor")
    assert [(one.kind, one.size) for one in power.instruction("lwarx").memory] == [("load", 4)]
    assert power.instruction("lxvd2x").features == ("VSX",)
    assert "current_mode_is_not_user" in catalog("armv7ve").instruction("mrs_banked").privilege
    assert catalog("armv7ve").instruction("clz").privilege == ()


def test_ranges_and_names() -> None:
    """Numbers with their steps, and texts by bits."""
    power = catalog("power7")
    displacement = power.instruction("ld").operands[1].range
    assert displacement is not None
    assert (displacement.low, displacement.high, displacement.step) == (-32768, 32764, 4)
    target_ = power.instruction("b").operands[0]
    assert (target_.kind, target_.constraints) == ("address", ("a multiple of 4",))
    assert power.instruction("add").operand("RA").names[:2] == ("r0", "r1")


@pytest.mark.parametrize(("core", "mnemonic", "operands", "message"), [
    ("power7", "add", ("r3", "r4"), "'add r3, r4'"),
    ("power7", "add", ("r3", "r4", "r5; sc"), "operand 3 'r5; sc' would begin another statement"),
    ("power7", "add", ("r3", "r4, r5"), "operand 2 'r4, r5' holds more than one operand"),
    ("power7", "addi", ("r3", "r3", 40000), "does not fit SI"),
    ("power7", "bogus", (), "there is no instruction 'bogus'"),
    ("power7", "bl", ("somewhere",), "somewhere"),
    ("power7", "lwz", ("r3", Memory("r4; sc")), "would begin another statement"),
    ("armv7ve", "add", ("r0", "r1", Memory("r2")), "no operand 3 of the shape"),
    ("armv7ve", "mov", ("r0", 0x12345678), "no encoding"),
])
def test_a_mistake_in_encode_is_one_clear_error(
    core: str, mnemonic: str, operands: tuple[int | str | Memory, ...], message: str
) -> None:
    """With what was asked for, and which operand it is."""
    with pytest.raises(TraplineError) as caught:
        catalog(core).encode(mnemonic, *operands)
    assert message in caught.value.message


@pytest.mark.parametrize("core", CORES)
def test_layouts_put_together_what_they_take_apart(core: str) -> None:
    """Every bit field and register with random fields, in both orders of memory; and every form."""
    rng = random.Random(5)
    for layout in catalog(core).layouts.values():
        values = {one.name: rng.getrandbits(one.width) for one in layout.fields}
        bits = layout.compose()
        for name, value in values.items():
            bits = layout.replace(bits, **{name: value})
            assert layout.get(bits, name) == value
        again = layout.take_apart(bits)
        assert layout.compose(**again) == bits or _overlapping(core, layout.name)
        assert layout.bits(layout.to_bytes(bits)) == bits
    for one in catalog(core).instructions:
        drawn = one.random_operands(rng)
        fields = one.layout.take_apart(drawn.word)
        assert one.layout.compose(**fields).uint == drawn.word


def _overlapping(core: str, name: str) -> bool:
    """Whether fields of a layout share bits, so that setting all of them depends on their order."""
    places = [bit for one in catalog(core).layout(name).fields for piece in one.pieces
              for bit in range(piece.word_low, piece.word_low + piece.width)]
    return len(places) != len(set(places))


@pytest.mark.parametrize(("values", "message"), [
    ({"VALID": 1}, "hpte has no field 'VALID'"), ({"V": 2}, "does not fit hpte.V, which has 1 bits"),
    ({"RPN": 1 << 48}, "does not fit hpte.RPN"),
])
def test_a_wrong_field_is_a_clear_error(values: dict[str, int], message: str) -> None:
    """Unknown, or too large."""
    with pytest.raises(TraplineError, match=message):
        catalog("power7").layout("hpte").compose(**values)


def test_fixed_fields_and_lengths_are_held() -> None:
    """An opcode cannot be changed, a value of another length is none of this layout."""
    addi = catalog("power7").layout("addi")
    with pytest.raises(TraplineError, match="OPCD is always 0xe"):
        addi.compose(OPCD=15)
    with pytest.raises(TraplineError, match="has 128 bits, and the value has 64"):
        catalog("power7").layout("hpte").bits(bytes(8))
    with pytest.raises(TraplineError, match="no words called 'hpt'"):
        catalog("power7").layout("hpt")
