"""What a core is compared with: the words, what other tools know of them, and the head of the page that tells it."""

from __future__ import annotations

from typing import Final

from ..errors import TraplineError
from ..lang.load import load_core
from . import arm, power
from .arm_words import a32_words, t32_words
from .power_words import power_words
from .report import Coverage, coverage

ARM: Final = "armv7ve"
_POWER_HEAD: Final = """# Power: what GNU binutils know, and what is described

Made by `trapline isa coverage --against binutils --markdown`. Words of every primary and extended opcode
are given to objdump, which prints a core's mnemonics (not the extended ones), and to the description."""
_ARM_HEAD: Final = """# Armv7-A: what GNU binutils know, and what is described

Made by `trapline isa coverage --against binutils --arch armv7ve --markdown`. Words of every combination of opcode bits
are given to objdump, and what it prints to the assembler, for `-march=armv7ve -mfpu=neon-vfpv4`. What it makes the same
word of is looked up in the description. Mnemonics are without condition and width."""


def compared(core: str) -> tuple[Coverage, ...]:
    """A core beside binutils, each of its instruction sets. Raises TraplineError where they are not there."""
    if core != ARM:
        return (coverage(load_core(core), power.known_words(core, power_words())),)
    words = {"A32": [(word, 32) for word in a32_words()], "T32": list(t32_words())}
    description = load_core(core)
    return tuple(coverage(description, arm.known_words(name, found), name) for name, found in words.items())


def page(cores: list[str]) -> tuple[str, str]:
    """The page's head, and what its columns are. Raises TraplineError for cores that share no page."""
    if cores == [ARM]:
        return _ARM_HEAD, "set"
    if ARM in cores:
        raise TraplineError("a page is about one architecture", f"name {ARM} alone, or Power's cores")
    return _POWER_HEAD, "core"
