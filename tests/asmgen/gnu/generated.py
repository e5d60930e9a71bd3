"""Sources drawn from a seed: instructions of the description and all families of directives, in units that stand alone.

A unit is a few statements that need no other unit, so that one which differs is found by assembling each alone.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from trapline.asmgen import Disassembler
from trapline.asmgen.instructions.templates.conditional_blocks import ANNOTATION
from trapline.isa.model.items import Operand, Optional, TemplatePart

from ...oracle.binutils import Dialect, assemble
from ...oracle.instances import all_samples
from ...oracle.objects.compare import differences
from ...oracle.objects.flavours import FLAVOURS, Flavour
from ...oracle.objects.gnu import assemble_by_gnu
from ...oracle.objects.ours import Refusal, assemble_by_us, target
from ...oracle.require import OracleError
from .units import Numbers, units_of

_SAMPLES = 3
_ARM_NUMBER = re.compile(r"(?<=#)-?\d+\b(?![.\]])")
_POWER_NUMBER = re.compile(r"(?<=, )-?\d+\b(?!\*)")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is generated: a flavour, and the instruction set of its code."""

    name: str
    flavour: Flavour
    instruction_set: str
    dialect: Dialect
    header: str


KINDS = (
    Kind("power7", FLAVOURS["power7-elfv1"], "PPC", Dialect.POWER7, ""),
    Kind("970", FLAVOURS["970-elfv1"], "PPC", Dialect.PPC970, ""),
    Kind("arm", FLAVOURS["arm"], "A32", Dialect.ARM, ".syntax unified\n.arm\n"),
    Kind("thumb", FLAVOURS["arm"], "T32", Dialect.THUMB, ".syntax unified\n.thumb\n"),
)


@lru_cache(maxsize=4)
def instructions(kind: Kind) -> tuple[str, ...]:
    """Texts of instructions of every form and alias that GNU as takes, but those whose operand is a place in the code.

    What GNU as refuses of them, and where it makes another word of one (T32's `#-0`), is the matter of tests/oracle.
    """
    instruction_set = kind.instruction_set
    described = target(kind.flavour.core)
    disassembler = Disassembler(described)
    entry = next(one for one in described.instruction_sets if one.name == instruction_set)
    writer = described.writer(instruction_set)
    texts, words = [], []
    for sample in all_samples(described.description, 11, _SAMPLES, instruction_set):
        if ANNOTATION in sample.form.annotations or _is_place(sample.form.templates):
            continue
        code = writer.bytes_of(sample.word, sample.form.length // 8)
        one = next(disassembler.run(code, 0, entry))
        if not one.reason and not re.search(r"\bpc\b|0x[0-9a-f]{5,}", one.text):
            texts.append(one.text)
            words.append(sample.word)
    made = assemble(kind.dialect, texts)
    return tuple(text for text, word, one in zip(texts, words, made, strict=True) if one.words == (word,))


def _is_place(templates: Sequence[object]) -> bool:
    def relative(part: TemplatePart) -> bool:
        if isinstance(part, Optional):
            return any(relative(inner) for inner in part.parts)
        return isinstance(part, Operand) and part.codec.relative

    return any(relative(part) for template in templates for part in getattr(template, "operands", ()))


def generate(kind: Kind, seed: int, statements: int) -> list[str]:
    """Units of at least so many statements together."""
    draw = random.Random(f"{seed} {kind.name}")
    known = instructions(kind)
    makers = units_of(kind.flavour.is_arm, kind.instruction_set == "T32")
    numbers = Numbers(draw)
    pattern = _ARM_NUMBER if kind.flavour.is_arm else _POWER_NUMBER
    units: list[str] = []
    count = 0
    while count < statements:
        if draw.random() < 0.6:
            unit = "\n".join(_respelled(draw.choice(known), pattern, numbers, draw) for _ in range(draw.randint(1, 6)))
            unit = f".text\n{unit}\n"
        else:
            unit = draw.choice(makers)(draw, numbers)
        count += unit.count("\n")
        units.append(unit)
    return units


def _respelled(text: str, pattern: re.Pattern[str], numbers: Numbers, draw: random.Random) -> str:
    """An instruction with some of its numbers as expressions, in upper case, or with other blanks."""
    if draw.random() < 0.3:
        text = pattern.sub(lambda found: numbers.spelled(int(found[0])), text)
    if draw.random() < 0.1:
        mnemonic, blank, rest = text.partition(" ")
        text = mnemonic.upper() + blank + rest
    if draw.random() < 0.1:
        text = text.replace(", ", ",").replace(" ", " \t", 1)
    return text


def found_differences(kind: Kind, units: Sequence[str]) -> list[str]:
    """What differs over all units; where something does, the first units that differ when they stand alone."""
    whole = _compare(kind, units)
    if not whole:
        return []
    alone = _differing(kind, units)
    return alone or [f"together, but not alone: {whole[:4]}"]


def _differing(kind: Kind, units: Sequence[str]) -> list[str]:
    """The units that differ, found by halving; at most a few."""
    found: list[str] = []
    stack = [list(units)]
    while stack and len(found) < 8:
        part = stack.pop()
        differing = _compare(kind, part)
        if not differing:
            continue
        if len(part) == 1:
            found.append("\n".join([part[0], *differing[:3]]))
            continue
        half = len(part) // 2
        stack += [part[half:], part[:half]]
    return found


def _compare(kind: Kind, units: Sequence[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "generated.s")
        source.write_text(kind.header + "".join(units))
        try:
            gnu = assemble_by_gnu(source, kind.flavour)
        except OracleError as error:
            return [f"GNU as refuses: {error}"[:1500]]
        try:
            return differences(gnu, assemble_by_us(source, kind.flavour))
        except Refusal as refusal:
            return [f"refused: {refusal.text[:1500]}"]
