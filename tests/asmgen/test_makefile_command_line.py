"""Claims about `trapline asm` in a Makefile: objects, dependencies, definitions, listings, diagnostics for machines."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import typer
from elftools.elf.elffile import ELFFile
from typer.testing import CliRunner, Result

from trapline.asmgen import cli
from trapline.isa.errors import TraplineError


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    """Run the commands of this folder."""
    app = typer.Typer()
    cli.register(app)
    return CliRunner().invoke(app, list(arguments), input=stdin)


def text_of(data: bytes) -> str:
    """The code of a relocatable object, in hexadecimal."""
    elf = ELFFile(io.BytesIO(data))
    text = elf.get_section_by_name(".text")
    assert (elf["e_type"], text is not None) == ("ET_REL", True)
    contents: bytes = text.data() if text is not None else b""
    return contents.hex()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source that includes a file from another folder and uses a definition of the command line."""
    (tmp_path / "headers").mkdir()
    (tmp_path / "headers" / "common.i").write_text("        .equ    TWICE, WIDTH * 2\n")
    path = tmp_path / "main.s"
    path.write_text('        .include "common.i"\n_start: li r3, TWICE\n        bl      other\n')
    return path


def test_objects_are_written_with_includes_definitions_and_a_rule_for_make(source: Path, tmp_path: Path) -> None:
    """-c -I -D -MD -MF: the object has the value, the rule names what was read."""
    made, rule = tmp_path / "main.o", tmp_path / "rule"
    done = run("asm", "--arch", "power7", "-c", "-I", str(tmp_path / "headers"), "-D", "WIDTH=21", "-MD", "-MF",
               str(rule), "-o", str(made), str(source))  # fmt: skip
    assert (done.exit_code, done.output) == (0, "")
    assert text_of(made.read_bytes()) == "3860002a" + "48000001"
    assert rule.read_text() == (
        f"{made}: {source} \\\n  {tmp_path}/headers/common.i\n\n{tmp_path}/headers/common.i:\n")


def test_a_missing_definition_is_one_undefined_symbol_at_its_line(source: Path, tmp_path: Path) -> None:
    """Without -D the value of `.equ` cannot be known: no object in silence."""
    done = run("asm", "--arch", "power7", "-c", "-I", str(tmp_path / "headers"), "-o", str(tmp_path / "main.o"),
               str(source))  # fmt: skip
    assert done.exit_code == 2
    assert "main.s:2:" in done.output
    assert not (tmp_path / "main.o").exists()


def test_standard_input_and_output_are_files(tmp_path: Path) -> None:
    """`-` is standard input, `-o -` standard output."""
    done = run("asm", "--arch", "armv7ve", "-c", "-o", "-", "-", stdin=b"        bx lr\n")
    assert done.exit_code == 0
    assert text_of(done.stdout_bytes) == "1eff2fe1"


def test_a_listing_has_places_and_bytes_beside_the_source(tmp_path: Path) -> None:
    """One row a statement, the place in its section; expansions stand below the macro's lines."""
    (tmp_path / "a.s").write_text(".macro two\n nop\n nop\n.endm\n two\nx: .byte 1, 2\n")
    done = run("asm", "--arch", "power7", "-c", "--listing", "-", "-o", str(tmp_path / "a.o"), str(tmp_path / "a.s"))
    assert done.exit_code == 0
    rows = [line.split() for line in done.output.splitlines()]
    assert ["6", "8", "0102", "x:", ".byte", "1,", "2"] in rows
    assert [row[1:] for row in rows if row[-1] == "nop"] == [["0", "60000000", "nop"], ["4", "60000000", "nop"]]


def test_a_map_tells_where_sections_and_symbols_lie(tmp_path: Path) -> None:
    """--map: of a linked program; of an object there is none."""
    (tmp_path / "a.s").write_text("_start: nop\n        .data\nvalue:  .long 1\n")
    done = run("asm", "--arch", "power7", "--base", "0x1000", "--map", "-", "-o", str(tmp_path / "a.elf"),
               str(tmp_path / "a.s"))  # fmt: skip
    assert done.exit_code == 0
    assert [line.split()[:2] for line in done.output.splitlines()] == [
        ["entry", "0x1000"], [".text", "0x1000"], ["0x1000", "0"], [".data", "0x1010"], ["0x1010", "0"]]
    refused = run("asm", "--arch", "power7", "-c", "--map", "-", str(tmp_path / "a.s"))
    assert isinstance(refused.exception, TraplineError)
    assert "has no map" in refused.exception.message


def test_errors_stop_where_the_user_says_and_say_so(tmp_path: Path) -> None:
    """--max-errors 3 of five: three, and a word that there may be more."""
    (tmp_path / "a.s").write_text("        bogus\n" * 5)
    done = run("asm", "--arch", "power7", "--max-errors", "3", "-c", "-o", str(tmp_path / "a.o"), str(tmp_path / "a.s"))
    assert done.exit_code == 2
    assert done.output.endswith("3 errors; stopped here (--max-errors takes more)\n")


def test_diagnostics_for_machines_are_one_document(tmp_path: Path) -> None:
    """--json: kind, message, place; the status stays."""
    (tmp_path / "a.s").write_text("        nop\n  bogus r1\n")
    done = run("asm", "--arch", "power7", "--json", "-c", "-o", str(tmp_path / "a.o"), str(tmp_path / "a.s"))
    assert done.exit_code == 2
    (found,) = json.loads(done.output)["diagnostics"]
    assert (found["kind"], found["line"], found["column"]) == ("error", 2, 3)
    assert "'bogus'" in found["message"]


def test_an_entry_that_nothing_defines_is_an_error(tmp_path: Path) -> None:
    """Asked for, it must be there; without a word, programs may begin at their first code."""
    (tmp_path / "a.s").write_text("        nop\n")
    refused = run("asm", "--arch", "power7", "--entry", "nope", "-o", str(tmp_path / "a.elf"), str(tmp_path / "a.s"))
    assert isinstance(refused.exception, TraplineError)
    assert "--entry nope" in refused.exception.message
    assert run("asm", "--arch", "power7", "-o", str(tmp_path / "a.elf"), str(tmp_path / "a.s")).exit_code == 0
