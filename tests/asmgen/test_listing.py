"""Claims about `trapline disasm FILE`: sections, symbols, relocations, source lines, fields, JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ..oracle.objects.ours import run_command
from ..oracle.require import oracle

ARM = """
        .syntax unified
        .arm
        .globl  _start
        .type   _start, %function
_start: bl      f
        beq     _start
        .word   0x11223344
        .thumb
        .thumb_func
f:      bx      lr
        .section .other, "ax"
second: nop
"""


def built(folder: Path, core: str, text: str) -> Path:
    """The ELF file of a source."""
    source, output = folder / "a.s", folder / "a.elf"
    source.write_text(text)
    assert run_command("asm", "--arch", core, "--base", "0x8000", "-o", str(output), str(source)) == (0, "")
    return output


def listed(*arguments: str) -> list[str]:
    """The lines that `trapline disasm` prints."""
    status, printed = run_command("disasm", *arguments)
    assert status == 0, printed
    return printed.splitlines()


def test_a_branch_shows_its_target_with_the_symbol(tmp_path: Path) -> None:
    """The address stands in the text, the symbol in a comment, so that the text still assembles."""
    lines = listed("--arch", "armv7ve", str(built(tmp_path, "armv7ve", ARM)))
    assert "    8004:  0afffffd  beq 0x8000  /* <_start> */" in lines
    assert any("/* <f> */" in line for line in lines)


def test_mapping_symbols_part_both_instruction_sets_and_data(tmp_path: Path) -> None:
    """A32, data and T32 in one section, and another section."""
    lines = listed("--arch", "armv7ve", str(built(tmp_path, "armv7ve", ARM)))
    assert "    8008:  .byte 0x44, 0x33, 0x22, 0x11" in lines
    assert "    800c:  4770  bx lr" in lines
    assert [line for line in lines if line.startswith("section")] == ["section .text", "section .other"]


def test_one_section_can_be_asked_for_and_a_wrong_name_is_an_error(tmp_path: Path) -> None:
    """-j, which also takes sections of data."""
    file = built(tmp_path, "armv7ve", ARM + '.data\n.asciz "text"\n')
    assert listed("--arch", "armv7ve", "-j", ".data", str(file))[1].endswith(".byte 0x74, 0x65, 0x78, 0x74, 0x00")
    assert listed("--arch", "armv7ve", "-j", ".other", str(file))[0] == "section .other"
    status, printed = run_command("disasm", "--arch", "armv7ve", "-j", ".nothing", str(file))
    assert status != 0
    assert "no section '.nothing'" in printed
    assert ".other" in printed


def test_source_lines_are_shown(tmp_path: Path) -> None:
    """-l gives file and line, -S the text, too."""
    file = built(tmp_path, "power7", "_start: nop\n        blr\n")
    assert any(line.startswith("; ") and line.endswith("a.s:2") for line in listed("--arch", "power7", "-l", str(file)))
    assert any(line.endswith("a.s:2  blr") for line in listed("--arch", "power7", "-S", str(file)))


def test_json_has_all_of_it(tmp_path: Path) -> None:
    """One document, with addresses as numbers."""
    file = built(tmp_path, "armv7ve", ARM)
    document = json.loads("\n".join(listed("--arch", "armv7ve", "--json", str(file))))
    text = document["sections"][0]
    first, second, data, last, _padding = text["entries"]
    assert (text["name"], text["address"], text["size"]) == (".text", 0x8000, 16)
    assert (first["labels"], first["symbol"], first["set"]) == (["_start"], {"name": "f", "offset": 0}, "A32")
    assert (second["text"], second["target"], second["source"]["line"]) == ("beq 0x8000", 0x8000, 7)
    assert (data["set"], data["bytes"]) == ("", "44332211")
    assert (last["address"], last["word"], last["size"], last["set"]) == (0x800C, 0x4770, 2, "T32")


def test_reserved_bits_are_told_by_number() -> None:
    """The form, what it would be, and the bits, as the book counts them."""
    assert listed("--arch", "armv7ve", "--hex", "e3a10001") == [
        "       0:  e3a10001  .inst 0xe3a10001  /* 'mov r0, #1' with reserved bits that are not as an assembler "
        "writes them: 16 */"]
    assert listed("--arch", "power7", "--hex", "7c6c02a7")[0].endswith("writes them: 31 */")


def test_fields_are_drawn_as_in_the_book() -> None:
    """Power counts from the left, a split field shows both parts; Arm counts from the right."""
    lines = listed("--arch", "power7", "--fields", "--hex", "7c6802a6")
    assert [line.split() for line in lines[2:5]] == [
        ["0:5", "OPCD", "011111", "0x1f", "(fixed)"], ["6:10", "RT", "00011", "0x3"],
        ["16:20,", "11:15", "spr", "0000001000", "0x8"]]
    assert "31:28  cond" in listed("--arch", "armv7ve", "--fields", "--hex", "e1a00001")[2]
    document = json.loads("\n".join(listed("--arch", "power7", "--fields", "--json", "--hex", "38600001")))
    assert document["entries"][0]["fields"] == {"OPCD": 14, "RT": 3, "RA": 0, "SI": 1}


@pytest.mark.oracle
@pytest.mark.parametrize(("core", "prefix", "options", "kind"), [
    ("power7", "powerpc64-linux-gnu", ("-a64", "-mpower7"), "R_PPC64_REL24 far"),
    ("armv7ve", "arm-linux-gnueabihf", ("-march=armv7ve",), "R_ARM_CALL far"),
])
def test_relocations_of_a_foreign_object_are_shown(
    tmp_path: Path, core: str, prefix: str, options: tuple[str, ...], kind: str
) -> None:
    """-r, below the instruction; sections of an object all begin at 0, and their labels are told apart."""
    source, output = tmp_path / "a.s", tmp_path / "a.o"
    source.write_text('first: bl far\n nop\n .section .mine, "ax"\nother: nop\n')
    subprocess.run([oracle(f"{prefix}-as"), *options, "-o", str(output), str(source)], check=True)
    lines = listed("--arch", core, "-r", str(output))
    assert lines[1] == "first:"
    assert lines[2].endswith("/* <far> */")
    assert lines[3].split() == ["0:", *kind.split()]
    assert lines[-2] == "other:"


@pytest.mark.oracle
def test_a_relocation_that_the_library_does_not_know_has_its_name_or_its_number(tmp_path: Path) -> None:
    """GNU as writes numbers that pyelftools' tables lack; nothing is shown as unknown."""
    source, output = tmp_path / "a.s", tmp_path / "a.o"
    source.write_text(" bl far@notoc\n .reloc ., R_PPC64_GNU_VTENTRY, far\n nop\n")
    subprocess.run([oracle("powerpc64-linux-gnu-as"), "-a64", "-mpower7", "-o", str(output), str(source)], check=True)
    shown = "\n".join(listed("--arch", "power7", "-r", str(output)))
    assert "R_PPC64_REL24_P9NOTOC far" in shown
    assert "unknown" not in shown
