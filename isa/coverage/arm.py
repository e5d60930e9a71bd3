"""What GNU binutils know of an Armv7-A core: what objdump prints, and the assembler takes back for that core.

objdump prints the instructions of every Arm there was; those whose text the assembler refuses for `-march=armv7ve
-mfpu=neon-vfpv4`, or makes another word of, are other processors'.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..errors import TraplineError

OBJDUMP: Final = "arm-linux-gnueabihf-objdump"
ASSEMBLER: Final = "arm-linux-gnueabihf-as"
PACKAGE: Final = "binutils-arm-linux-gnueabihf"
_PATIENCE_S: Final = 600
_MOST: Final = 60
"""Words of one mnemonic that are asked: from all over those that were found."""
_HEADER: Final = ".syntax unified\n.arch armv7ve\n.fpu neon-vfpv4\n"
_LINE: Final = re.compile(r"^\s*[0-9a-f]+:\t([0-9a-f ]+?)\s*\t(.*)$")
_LISTED: Final = re.compile(r"^\s*(\d+) (?:[0-9A-Fa-f]{4,}|\?{4,}) ([0-9A-F]+)")
_TARGET: Final = re.compile(r"^(b|bl|blx|cbn?z)\b|^b[a-z]{2}(\.[nw])?\s")
_FOREIGN: Final = ("<UNDEFINED>", "<UNPREDICTABLE>", "<illegal", "Undefined", ".word", ".short", ".inst")


def known_words(instruction_set: str, words: Sequence[tuple[int, int]]) -> dict[str, list[int]]:
    """Words by mnemonic, condition and width left out. `words`: (word, bits), the first halfword above.

    Raises TraplineError if binutils are not there or fail.
    """
    for tool in (OBJDUMP, ASSEMBLER):
        if shutil.which(tool) is None:
            raise TraplineError(f"{tool} is not installed", f"Debian has it in the package {PACKAGE}")
    thumb = instruction_set == "T32"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        by_mnemonic: dict[str, list[tuple[int, str]]] = {}
        for word, text in _texts(folder, words, thumb):
            by_mnemonic.setdefault(_mnemonic(text), []).append((word, text))
        chosen = [one for found in by_mnemonic.values() for one in _some(found)]
        taken = _assembled(folder, [text for _, text in chosen], thumb)
    known: dict[str, list[int]] = {}
    for line, (word, text) in enumerate(chosen):
        if line in taken and (taken[line] == word or _TARGET.match(text)):
            known.setdefault(_mnemonic(text), []).append(word)
    return known


def _some(found: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    step = max(1, len(found) // _MOST)
    return list(found[::step][:_MOST])


def _mnemonic(text: str) -> str:
    name = text.split(maxsplit=1)[0]
    name = name.removesuffix(".n").removesuffix(".w")
    return "b" if re.fullmatch(r"b(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)", name) else name


def _texts(folder: Path, words: Sequence[tuple[int, int]], thumb: bool) -> list[tuple[int, str]]:
    data = bytearray()
    for word, bits in words:
        if thumb and bits == 32:
            data += (word >> 16).to_bytes(2, "little")
        data += (word & 0xFFFF if thumb else word).to_bytes(2 if thumb else 4, "little")
    path = folder / "words"
    path.write_bytes(data)
    command = [OBJDUMP, "-D", "-b", "binary", "-m", "arm", *(["-M", "force-thumb"] if thumb else []), str(path)]
    found = []
    for line in _run(command).stdout.splitlines():
        parts = _LINE.match(line)
        if parts is None or any(word in parts[2] for word in _FOREIGN):
            continue
        text = re.split(r"\s*[;@]|\s+<", parts[2])[0].strip()
        found.append((int(parts[1].replace(" ", ""), 16), text.replace("\t", " ")))
    return found


def _assembled(folder: Path, texts: Sequence[str], thumb: bool) -> dict[int, int]:
    """By line: the word that the assembler makes of it, if it takes it."""
    source, listing = folder / "texts.s", folder / "listing"
    header = _HEADER + (".thumb\n" if thumb else ".arm\n")
    source.write_text(header + "\n".join(texts) + "\n")
    command = [ASSEMBLER, f"-aln={listing}", "--listing-lhs-width=4", "-o", str(folder / "texts.o"), str(source)]
    done = _run(command, may_fail=True)
    refused = {int(number) for number in re.findall(r"texts\.s:(\d+): Error", done.stderr)}
    first = header.count("\n") + 1
    taken = {}
    for line in listing.read_text().splitlines():
        listed = _LISTED.match(line)
        if listed is not None and int(listed[1]) not in refused:
            data = bytes.fromhex(listed[2])
            if thumb and len(data) == 4:
                data = data[2:] + data[:2]
            taken[int(listed[1]) - first] = int.from_bytes(data, "little")
    return taken


def _run(command: Sequence[str], may_fail: bool = False) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    if done.returncode and not may_fail:
        raise TraplineError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[:500]}")
    return done
