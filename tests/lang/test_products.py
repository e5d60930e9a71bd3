"""What people are told of descriptions: `trapline isa explain`, `diff`, `export` and `new`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from trapline.__main__ import build_app
from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core
from trapline.isa.lang.products.export import export, schema
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import parse_elf


def _said(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(build_app(), ["isa", *words])
    assert done.exit_code == status, done.output
    return done.stdout


def test_a_word_is_explained_by_its_form_and_the_text_of_the_description() -> None:
    """Fields with their bits and values, the syntax, what it touches, place and text."""
    told = _said("explain", "0x00C58533", "--arch", "rv64")
    assert "add: Two registers, format R, 32 bits of RV" in told
    assert "11:7   rd      10 (0xa)" in told
    assert "syntax  add rd, rs1, rs2" in told
    assert "writes X" in told
    assert "riscv/integer.isa:" in told


def test_a_name_is_explained_whatever_it_names() -> None:
    """An instruction, a register with its places and fields, an interrupt; a misspelt one gets the closest names."""
    assert "syntax  lr.w{ordering} rd, (rs1)" in _said("explain", "lr_w", "--arch", "rv64")
    told = _said("explain", "SATP", "--arch", "rv64")
    assert "CSR(384) read satp_access write satp_access" in told
    assert "63:60  MODE" in told
    assert "interrupt, Load page fault" in _said("explain", "load_page_fault", "--arch", "rv64")
    done = CliRunner().invoke(build_app(), ["isa", "explain", "SATPP", "--arch", "rv64"])
    assert isinstance(done.exception, TraplineError)
    assert "'SATP'" in (done.exception.hint or "")


def test_diff_tells_what_a_change_means(tmp_path: Path) -> None:
    """Semantics, syntax and encodings apart; comments are no difference; the status says whether there is one."""
    change = tmp_path / "change.isa"
    change.write_text("// only a comment\n")
    assert _said("diff", str(change), "--arch", "rv64") == "no difference in meaning\n"
    change.write_text(
        'replace instruction lui "Load Upper Immediate" : U(opcode = 0x37) {\n syntax  lui rd, imm20\n X[rd] = 0 }\n'
        'replace instruction wfi "Wait" : SYSTEM(opcode = 0x73, funct3 = 0, funct12 = 0x106, rs1 = 0, rd = 0) {\n'
        " syntax  wait\n }\n"
        'register EXTRA : u8 "New"\n'
    )
    told = _said("diff", str(change), "--arch", "rv64", status=1).splitlines()
    assert "  ~ lui: meaning" in told
    assert "  ~ wfi: encoding, syntax, meaning" in told
    assert "  + EXTRA" in told


def test_an_export_is_what_its_schema_says() -> None:
    """Every value has the type, every object the keys, that the published schema has; bodies are left out."""
    data, published = export(load_core("rv64")), schema()
    _check(data, published, published["$defs"], "description")
    assert json.loads(json.dumps(data)) == data
    assert data["forms"]["add"]["mask"] == 0xFE00707F
    assert "body" not in data["forms"]["add"]


def _check(value: object, wanted: dict[str, Any], known: dict[str, Any], where: str) -> None:
    """As much of JSON Schema as the schema uses."""
    if "$ref" in wanted:
        wanted = known[wanted["$ref"].rpartition("/")[2]]
    if "anyOf" in wanted:
        fits = []
        for one in wanted["anyOf"]:
            try:
                _check(value, one, known, where)
            except AssertionError:
                continue
            fits.append(one)
        assert fits, where
        return
    if "const" in wanted:
        assert value == wanted["const"], where
        return
    kinds: dict[str, type] = {"object": dict, "array": list, "integer": int, "string": str, "boolean": bool,
                              "null": type(None)}  # fmt: skip
    assert isinstance(value, kinds[wanted["type"]]), where
    if isinstance(value, dict) and "properties" in wanted:
        assert set(value) == set(wanted["properties"]) == set(wanted["required"]), where
        for name, one in value.items():
            _check(one, wanted["properties"][name], known, f"{where}.{name}")
    elif isinstance(value, dict):
        for name, one in value.items():
            _check(one, wanted["additionalProperties"], known, f"{where}.{name}")
    elif isinstance(value, list) and "items" in wanted and wanted["items"]:
        for number, one in enumerate(value):
            _check(one, wanted["items"], known, f"{where}[{number}]")
    elif isinstance(value, list):
        assert len(value) == len(wanted["prefixItems"]), where
        for one, own in zip(value, wanted["prefixItems"], strict=True):
            _check(one, own, known, where)


@pytest.mark.parametrize("name", ["mine", "core_2"])
def test_a_new_description_is_right_and_runs(name: str, tmp_path: Path) -> None:
    """`isa check` finds nothing, not even a warning; a program for it prints and ends."""
    path = tmp_path / f"{name}.isa"
    _said("new", name, "-o", str(path))
    assert _said("check", str(path)) == "no problems in 1 file\n"
    source = """
        .globl _start
_start: addi r1, r0, 0x100
        shift r1, r1, 20
        addi r2, r0, 'A'
        store r2, 0(r1)
        addi r2, r0, 3
        store r2, 0x1000(r1)
"""
    target = target_for(load_core("", entry=path))
    elf = parse_elf(assemble([Source("a.s", source)], target, Layout(base=0x100)).elf, "a.elf")
    machine = build_machine(elf, None, MachineOptions(description=path, engine="reference"))
    printed = bytearray()
    machine.console.add_sink(printed.extend)
    assert machine.run(100).reason == "the guest left by its board's exit with status 3"
    assert bytes(printed) == b"A"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file that is there stays, and a name that can be none is told."""
    path = tmp_path / "mine.isa"
    path.write_text("")
    done = CliRunner().invoke(build_app(), ["isa", "new", "mine", "-o", str(path)])
    assert isinstance(done.exception, TraplineError)
    assert path.read_text() == ""
    done = CliRunner().invoke(build_app(), ["isa", "new", "Mine!", "-o", str(tmp_path / "other.isa")])
    assert isinstance(done.exception, TraplineError)
