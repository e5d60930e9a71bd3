"""gcc's output, assembled by GNU as and by us.

An instruction that is not described cannot be assembled. Which ones those are is not listed anywhere: our assembler's
own refusal says it, and its word for that line, as GNU as makes it, must be one that the description does not decode.
Such lines become `nop` for both sides, so that the rest of the file is still compared.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from trapline.isa.model.decoder import Decoder

from ...oracle.objects.compare import differences
from ...oracle.objects.flavours import FLAVOURS, Flavour
from ...oracle.objects.gnu import assemble_by_gnu, compile_by_gcc, words_of_lines
from ...oracle.objects.ours import Refusal, assemble_by_us, target

FOLDER = Path(__file__).resolve().parents[1] / "c"
LEVELS = ("-O0", "-O1", "-O2", "-O3", "-Os")
_USED = ("power7-elfv1", "arm", "power7-elfv2", "thumb", "970-elfv1", "970-elfv2")
_ERROR = re.compile(r"^[^\n]*?:(\d+):\d+: error: ([^\n]*)", re.MULTILINE)
_UNKNOWN = re.compile(r"there is no instruction '([^']+)' (?:in|for) (.*)")


@dataclass(frozen=True, slots=True)
class Compilation:
    """A C file in one flavour with options of gcc."""

    path: Path
    flavour: Flavour
    options: tuple[str, ...]

    @property
    def name(self) -> str:
        """File, flavour and options."""
        return f"{self.path.stem}-{self.flavour.name}{''.join(self.options)}"


@dataclass
class Compared:
    """What differs, and the instructions that the core's description lacks, by the assembler's own refusal."""

    differences: list[str] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)


def files() -> list[Path]:
    """The C files."""
    return sorted(FOLDER.glob("*.c"))


def some(path: Path) -> list[Compilation]:
    """A few compilations of a file; over all files, every flavour meets every level, with and without `-g`."""
    number = files().index(path)
    chosen = []
    for turn in range(4):
        flavour = _USED[(number + turn * (1 + number % 2)) % 6 if turn < 2 else (number * 5 + turn) % 6]
        level = LEVELS[(number // 2 + turn) % len(LEVELS)]
        debug = ("-g",) if (number + turn) % 3 == 0 else ()
        common = ("-fcommon",) if path.stem == "common_data" else ()
        chosen.append(Compilation(path, _as_compilers_use_it(FLAVOURS[flavour]), (level, *debug, *common)))
    return list(dict.fromkeys(chosen))


def _as_compilers_use_it(flavour: Flavour) -> Flavour:
    """A compiler's output names Power's registers by numbers, so that a variable may be called r8."""
    return replace(flavour, as_options=tuple(option for option in flavour.as_options if option != "-mregnames"))


def every(path: Path) -> Iterator[Compilation]:
    """All flavours, levels, and with and without `-g` and position-independent code."""
    for flavour in FLAVOURS.values():
        for level in LEVELS:
            for more in ((), ("-g",), ("-fpic",)):
                yield Compilation(path, _as_compilers_use_it(flavour), (level, *more))


def compare(case: Compilation) -> Compared:
    """Compile, assemble on both sides, compare. Raises `OracleError` for a foreign tool's failure."""
    result = Compared()
    with tempfile.TemporaryDirectory() as folder:
        source = compile_by_gcc(case.path, case.flavour, case.options, Path(folder, f"{case.path.stem}.s"))
        words = words_of_lines(source, case.flavour)
        while True:
            try:
                ours = assemble_by_us(source, case.flavour)
            except Refusal as refusal:
                if not _without_unknown(source, refusal, words, case, result):
                    return result
                continue
            result.differences += differences(assemble_by_gnu(source, case.flavour), ours)
            return result


def _without_unknown(
    source: Path, refusal: Refusal, words: dict[int, bytes], case: Compilation, result: Compared
) -> bool:
    """Take out the lines that our assembler refuses for an instruction it does not know; False if there is none."""
    lines = source.read_text().splitlines()
    errors = {int(line): message for line, message in _ERROR.findall(refusal.text)}
    refused = {line: message for line, message in errors.items() if _is_instruction(lines[line - 1])}
    if not refused:
        result.differences += ["refused by us:", *refusal.text.splitlines()]
        return False
    for number, message in refused.items():
        line, word = lines[number - 1].strip(), words.get(number, b"")
        named = _UNKNOWN.match(message)
        if _is_described(word, case.flavour):
            result.differences.append(f"line {number}: '{line}' is refused, but {word.hex()} is described: {message}")
        elif named is None or case.flavour.core not in message:
            result.differences.append(f"line {number}: the refusal of '{line}' names no instruction or core: {message}")
        else:
            result.blocked[named[1]] = case.flavour.core
        # An IT block takes no plain nop; there the line goes altogether, and so does the block if need be.
        lines[number - 1] = "" if lines[number - 1] == "\tnop" else "\tnop"
    source.write_text("\n".join([*lines, ""]))
    return True


def _is_instruction(line: str) -> bool:
    return re.match(r"\s+[a-z]", line) is not None


@lru_cache(maxsize=8)
def _decoder(core: str, instruction_set: str) -> Decoder:
    return Decoder(target(core).description, instruction_set)


def _is_described(code: bytes, flavour: Flavour) -> bool:
    """Whether the description decodes these bytes as they stand in memory."""
    if flavour.is_arm and "-mthumb" in flavour.as_options:
        halves = [int.from_bytes(code[at : at + 2], "little") for at in range(0, len(code), 2)]
        word = sum(half << 16 * place for place, half in enumerate(reversed(halves)))
        return bool(code) and _decoder(flavour.core, "T32").decode(word, 8 * len(code)) is not None
    name = next(iter(target(flavour.core).description.instruction_sets))
    word = int.from_bytes(code[:4], "little" if flavour.is_arm or flavour.little else "big")
    return bool(code) and _decoder(flavour.core, name).decode(word, 32) is not None


def summary(compared: Sequence[tuple[Compilation, Compared]]) -> dict[str, set[str]]:
    """Core to the instructions that it lacks."""
    lacking: dict[str, set[str]] = {}
    for case, result in compared:
        lacking.setdefault(case.flavour.core, set()).update(result.blocked)
    return lacking
