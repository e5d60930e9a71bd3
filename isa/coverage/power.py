"""What GNU binutils know of Power: the mnemonics that objdump prints for a core's words, without extended ones."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ..errors import TraplineError

OBJDUMP: Final = "powerpc64-linux-gnu-objdump"
PACKAGE: Final = "binutils-powerpc64-linux-gnu"
OPTIONS: Final = {"power7": "power7,raw", "ppc970": "power4,altivec,raw"}
"""By core, what makes objdump print its instructions: for the 970 POWER4's and AltiVec's."""
_PATIENCE_S: Final = 600


def known_words(core: str, words: Iterable[int]) -> dict[str, list[int]]:
    """The words by mnemonic, for those that are instructions.

    Raises TraplineError if binutils are not there, fail, or do not know the core.
    """
    if core not in OPTIONS:
        raise TraplineError(f"binutils are not compared with core '{core}'", "known: " + ", ".join(OPTIONS))
    found: dict[str, list[int]] = {}
    for word, text in _answers(words, OPTIONS[core]):
        found.setdefault(text, []).append(word)
    return found


def listed(words: Iterable[int], options: str) -> frozenset[int]:
    """Those of the words that are instructions by objdump's options, as `power9,raw`. Raises TraplineError likewise."""
    return frozenset(word for word, _ in _answers(words, options))


def _answers(words: Iterable[int], options: str) -> Iterator[tuple[int, str]]:
    """Each word that objdump knows, and its mnemonic."""
    tool = shutil.which(OBJDUMP)
    if tool is None:
        raise TraplineError(f"{OBJDUMP} is not installed", f"Debian has it in the package {PACKAGE}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words"
        path.write_bytes(b"".join(word.to_bytes(4, "big") for word in words))
        command = [tool, "-D", "-z", "-b", "binary", "-m", "powerpc:common64", "-EB", "-M", options, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
        if done.returncode:
            raise TraplineError(f"{OBJDUMP} ended with {done.returncode}: {done.stderr.strip()}")
        for line in done.stdout.splitlines():
            parts = line.split("\t")
            if len(parts) > 2 and not parts[2].startswith("."):
                yield int(parts[1].replace(" ", ""), 16), parts[2].split(maxsplit=1)[0]
