"""Claims about target descriptions: what is refused when they are built, and the XML that GDB gets."""

import re
import xml.etree.ElementTree as ET

import pytest

from trapline.server.rsp.errors import DescriptionError
from trapline.server.rsp.registers import (
    BitField,
    Feature,
    Register,
    TargetDescription,
    UnionType,
    VectorType,
)
from trapline.server.rsp.target_xml import render_target_xml

from .toy_arch import ARM, LPCR, POWER, ToyArch

LR = Register("lr", 64, 67, "code_ptr")


def describe(*registers: Register, **options: object) -> TargetDescription:
    last = options.get("last_general")
    expedited = options.get("expedited", ())
    assert last is None or isinstance(last, int)
    assert isinstance(expedited, tuple)
    return TargetDescription(
        "powerpc:common64", "big", (Feature("a", registers),), expedited=expedited, last_general=last
    )


def test_two_registers_of_one_name_are_refused() -> None:
    """GDB would keep one silently; the error names both features."""
    with pytest.raises(DescriptionError, match=r"'lr'.*core.*spr"):
        TargetDescription(
            "powerpc:common64",
            "big",
            (Feature("core", (LR,)), Feature("spr", (Register("lr", 64, 99, "uint64"),))),
        )


@pytest.mark.parametrize(
    ("registers", "part"),
    [
        ((LR, Register("ctr", 64, 67, "uint64")), "number 67"),
        ((Register("cr", 4, 1, "uint32"),), "whole number of bytes"),
        ((Register("", 32, 1, "uint32"),), "a name is"),
        ((Register("a b", 32, 1, "uint32"),), "a name is"),
        ((Register("r", 32, -1, "uint32"),), "negative"),
        ((Register("r", 32, 1, "uint32", fields=(BitField("F", 30, 32),)),), "bits 30..32"),
        ((Register("r", 32, 1, "uint32", fields=(BitField("F", 3, 2),)),), "bits 3..2"),
        ((Register("r", 32, 1, "uint32", fields=(BitField("F", 0, 0), BitField("F", 1, 1))),), "field"),
    ],
)
def test_a_description_that_contradicts_itself_is_refused(registers: tuple[Register, ...], part: str) -> None:
    """When it is built, not when GDB connects."""
    with pytest.raises(DescriptionError, match=re.escape(part)):
        describe(*registers)


def test_g_may_end_only_after_a_register_that_exists() -> None:
    """Otherwise GDB says "Truncated register" and drops the connection."""
    with pytest.raises(DescriptionError, match="last_general is 66"):
        describe(LR, last_general=66)
    with pytest.raises(DescriptionError, match="expedited"):
        describe(LR, expedited=(1,))


def test_two_features_of_one_name_are_refused() -> None:
    """GDB would look into the first one only."""
    with pytest.raises(DescriptionError, match="feature"):
        TargetDescription("arm", "little", (Feature("a", (LR,)), Feature("a", ())))


@pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)
def test_the_xml_has_every_register_once_with_its_number(arch: ToyArch) -> None:
    """Features and registers in the order of the description."""
    root = ET.fromstring(render_target_xml(arch.description))
    found = [(reg.attrib["name"], int(reg.attrib["regnum"])) for reg in root.iter("reg")]
    assert found == [(r.name, r.number) for f in arch.description.features for r in f.registers]
    assert [f.attrib["name"] for f in root.iter("feature")] == [f.name for f in arch.description.features]
    assert root.findtext("architecture") == arch.description.architecture


def test_cpsr_is_number_25() -> None:
    """As org.gnu.gdb.arm.core has it."""
    root = ET.fromstring(render_target_xml(ARM.description))
    numbers = {reg.attrib["name"]: reg.attrib["regnum"] for reg in root.iter("reg")}
    assert (numbers["pc"], numbers["cpsr"]) == ("15", "25")


def test_a_register_with_fields_is_a_union_that_can_be_set() -> None:
    """{value, fields}: GDB refuses to set a plain flags or struct type."""
    root = ET.fromstring(render_target_xml(POWER.description))
    (register,) = (reg for reg in root.iter("reg") if reg.attrib["regnum"] == str(LPCR))
    (union,) = (u for u in root.iter("union") if u.attrib["id"] == register.attrib["type"])
    assert [member.attrib["name"] for member in union] == ["value", "fields"]
    (struct,) = (s for s in root.iter("struct") if s.attrib["id"] == union[1].attrib["type"])
    assert struct.attrib["size"] == "8"
    assert struct[0].attrib == {"name": "LPES", "start": "2", "end": "3"}


def test_vector_and_union_types_stand_before_the_registers_that_use_them() -> None:
    """GDB reads the document from top to bottom."""
    feature = Feature(
        "org.gnu.gdb.power.altivec",
        (Register("vr0", 128, 71, "vec128", "vector", save_restore=False),),
        (VectorType("v4i32", "int32", 4), UnionType("vec128", (("v4_int32", "v4i32"), ("uint128", "uint128")))),
    )
    root = ET.fromstring(render_target_xml(TargetDescription("powerpc:common64", "big", (feature,))))
    assert [child.tag for child in root[1]] == ["vector", "union", "reg"]
    assert root[1][2].attrib["save-restore"] == "no"
