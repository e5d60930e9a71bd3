"""Claims about the disassembler: what it prints assembles back, for every form of every core."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from trapline.asmgen import Disassembled, Disassembler, Layout, Source, assemble
from trapline.asmgen.layout.options import Reading
from trapline.asmgen.target.byte_order import byte_order
from trapline.isa.model.items import Form

from ..oracle import require
from .described import target

SETS = [
    ("power7", "PPC"), ("ppc970", "PPC"), ("armv7ve", "A32"), ("armv7ve", "T32"), ("armv7ve_novfp", "A32"),
    ("armv7ve_novfp", "T32"), ("rv64", "RV"),
]  # fmt: skip
SAMPLES = 6


def samples(core: str, instruction_set: str, as_assembled: bool) -> list[tuple[Form, Disassembled]]:
    """Random words of every form; `as_assembled` sets the bits that an assembler sets."""
    disassembler = Disassembler(target(core))
    chosen = disassembler.instruction_set(instruction_set)
    rng = random.Random(f"{core} {instruction_set}")
    found = []
    for form in target(core).description.forms.values():
        if form.instruction_set != instruction_set:
            continue
        for _ in range(SAMPLES):
            word = rng.getrandbits(form.length) & ~form.mask | form.match
            if as_assembled:
                word = word & ~form.should_mask | form.should_be
            data = target(core).writer(instruction_set).bytes_of(word, form.length // 8)
            found.append((form, next(disassembler.run(data, 0x10000, chosen))))
    return found


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_text_assembles_back_to_the_same_word(core: str, instruction_set: str) -> None:
    """All that has a text gives the same bytes again, at the address that the text was made for."""
    core_target = target(core)
    directives = next(s.directives for s in core_target.instruction_sets if s.name == instruction_set)
    # What a disassembler prints does not depend on what else sources may switch on.
    directives += tuple(f".option no{name}" for name in core_target.options)
    checked = 0
    for _, found in samples(core, instruction_set, as_assembled=True):
        if not found.reason:
            source = Source("t.s", "\n".join([*directives, found.text]))
            image = assemble([source], core_target, Layout(base=0x10000), Reading(is_divided=False))
            assert image.sections[0].data == core_target.writer(instruction_set).bytes_of(found.word, found.size)
            checked += 1
    assert checked > 300


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_a_number_is_printed_only_with_a_reason(core: str, instruction_set: str) -> None:
    """Every word gets a text or a reason; a form that never gets a text would be a mistake in its syntax."""
    without_text: dict[str, list[Disassembled]] = {}
    for form, found in samples(core, instruction_set, as_assembled=True):
        without_text.setdefault(form.name, []).append(found)
    for name, tries in without_text.items():
        own = [t for t in tries if t.form == name]
        assert all(t.text and (t.form or t.reason) for t in tries)
        # Of a few forms most random words are unpredictable: mtocrf with more than one field.
        excused = all("no text" in t.reason or "unpredictable" in t.reason for t in own)
        assert excused or any(not t.reason for t in own), name


GNU = {
    "PPC": (["powerpc64-linux-gnu-as", "-mpower7", "-many", "-mregnames"], "powerpc64-linux-gnu-objcopy"),
    "A32": (["arm-linux-gnueabihf-as", "-march=armv7ve", "-mfpu=neon-vfpv4"], "arm-linux-gnueabihf-objcopy"),
}


@pytest.mark.parametrize(("core", "instruction_set"), [("power7", "PPC"), ("armv7ve", "A32")])
def test_gnu_as_reads_our_text_as_the_same_word(core: str, instruction_set: str, tmp_path: Path) -> None:
    """What GNU as accepts of the disassembly, it assembles to the same word.

    Branch targets are left out (they are absolute here, and relocated there).
    """
    command, objcopy = GNU[instruction_set]
    require.oracle(command[0])
    texts = [(f.word, f.text) for _, f in samples(core, instruction_set, as_assembled=True)
             if not f.reason and "0x" not in f.text]  # fmt: skip
    source, output, binary = tmp_path / "t.s", tmp_path / "t.o", tmp_path / "t.bin"
    head = ".syntax unified\n" if instruction_set == "A32" else ""
    # GNU as refuses what the architecture leaves unpredictable; such lines are taken out.
    while True:
        source.write_text(head + "".join(text + "\n" for _, text in texts))
        done = subprocess.run([*command, str(source), "-o", str(output)], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        refused = {int(line.split(":")[1]) - 1 - head.count("\n") for line in done.stderr.splitlines()
                   if " Error: " in line}  # fmt: skip
        assert refused
        texts = [entry for number, entry in enumerate(texts) if number not in refused]
    subprocess.run([objcopy, "-O", "binary", "-j", ".text", str(output), str(binary)], check=True)
    data = binary.read_bytes()
    order = byte_order(instruction_set == "PPC")
    theirs = [int.from_bytes(data[i : i + 4], order) for i in range(0, len(data), 4)]
    pairs = zip(texts, theirs, strict=True)
    differing = [(text, hex(ours), hex(other)) for (ours, text), other in pairs if ours != other]
    # GNU as turns mtcrf with one field into mtocrf, reads a VFP constant as its value, not as its code, and scales the
    # offsets of coprocessor 9 as Armv8.2's half-precision loads have it.
    differing = [d for d in differing if not d[0].startswith(("mtcrf ", "vmov")) and " p9, " not in d[0]]
    assert len(texts) > 1000
    assert differing == []
