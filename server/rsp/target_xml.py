"""Writes a `TargetDescription` as the XML document that GDB asks for by the name ``target.xml``.

Source: Debugging with GDB, "Target Description Format". Features keep the order in which the target
gives them, and each register carries its number, so that neither depends on what stands before it.
"""

from __future__ import annotations

import html

from .registers import Feature, Register, TargetDescription, UnionType, VectorType


def render_target_xml(description: TargetDescription) -> bytes:
    """The complete document, one register a line, without includes."""
    lines = [
        '<?xml version="1.0"?>',
        '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
        '<target version="1.0">',
        f"  <architecture>{description.architecture}</architecture>",
    ]
    for feature in description.features:
        lines += _feature(feature)
    lines.append("</target>")
    return "\n".join(lines).encode("ascii") + b"\n"


def _feature(feature: Feature) -> list[str]:
    lines = [f"  <feature name={quoted(feature.name)}>"]
    for declared in feature.types:
        lines += _type(declared)
    for register in feature.registers:
        if register.fields:
            lines += _fields_type(register)
    lines += [_register(register) for register in feature.registers]
    lines.append("  </feature>")
    return lines


def _type(declared: VectorType | UnionType) -> list[str]:
    if isinstance(declared, VectorType):
        return [f'    <vector id={quoted(declared.name)} type={quoted(declared.element)} count="{declared.count}"/>']
    members = (_member(name, type_name) for name, type_name in declared.members)
    return [f"    <union id={quoted(declared.name)}>", *members, "    </union>"]


def _member(name: str, type_name: str) -> str:
    return f"      <field name={quoted(name)} type={quoted(type_name)}/>"


def _fields_type(register: Register) -> list[str]:
    """The union {value, fields} that lets a register show its fields and still be set."""
    fields_name = f"{register.name}_fields"
    lines = [f'    <{register.layout} id={quoted(fields_name)} size="{register.size}">']
    lines += [
        f'      <field name={quoted(field.name)} start="{field.low}" end="{field.high}"/>' for field in register.fields
    ]
    lines += [
        f"    </{register.layout}>",
        f"    <union id={quoted(_union_name(register))}>",
        _member("value", register.type),
        _member("fields", fields_name),
        "    </union>",
    ]
    return lines


def _union_name(register: Register) -> str:
    return f"{register.name}_register"


def _register(register: Register) -> str:
    type_name = _union_name(register) if register.fields else register.type
    group = "" if register.group is None else f" group={quoted(register.group)}"
    saved = "" if register.save_restore else ' save-restore="no"'
    return (
        f'    <reg name={quoted(register.name)} bitsize="{register.bits}" '
        f'regnum="{register.number}" type={quoted(type_name)}{group}{saved}/>'
    )


def quoted(text: str) -> str:
    """An attribute's value, in its quotes."""
    return f'"{html.escape(text)}"'
