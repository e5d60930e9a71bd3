"""GNU as, ld and gcc: a source becomes an object, a program at given addresses, or assembly text."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..require import OracleError, oracle
from .elf import ObjectFile, read_object
from .flavours import Flavour

_TIMEOUT_S = 120


def assemble_by_gnu(source: Path, flavour: Flavour, options: Sequence[str] = ()) -> ObjectFile:
    """The object that GNU as makes of a file; files are included from its folder. Raises `OracleError` if refused."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "gnu.o")
        _run([oracle(f"{flavour.prefix}-as"), *flavour.as_options, *options, "-I", str(source.parent),
              "-o", str(output), str(source)])
        return read_object(output.read_bytes())


def link_by_gnu(made: ObjectFile, flavour: Flavour, addresses: Mapping[str, int]) -> ObjectFile:
    """The program that GNU ld makes of an object whose sections stand at these addresses. Raises `OracleError`."""
    rows = [f'"{name}" {address:#x} : {{ *("{name}") }}' for name, address in addresses.items()]
    script = "ENTRY(_start)\nSECTIONS {\n" + "\n".join(rows) + "\n/DISCARD/ : { *(.note.GNU-stack) }\n}\n"
    with tempfile.TemporaryDirectory() as folder:
        given, output, layout = (Path(folder, name) for name in ("gnu.o", "gnu.elf", "layout.ld"))
        given.write_bytes(made.raw)
        layout.write_text(script)
        emulation = ["-m", "elf64lppc"] if flavour.little else []
        _run([oracle(f"{flavour.prefix}-ld"), *emulation, "--build-id=none", "-z", "norelro", "--no-warn-rwx-segments",
              "--no-check-sections", "-T", str(layout), "-o", str(output), str(given)])
        return read_object(output.read_bytes())


def compile_by_gcc(source: Path, flavour: Flavour, options: Sequence[str], output: Path) -> Path:
    """`gcc -S` of a C file into `output`, which is returned. Raises `OracleError`."""
    _run([oracle(f"{flavour.prefix}-gcc"), "-S", "-std=gnu11", "-w", *flavour.gcc_options, *options,
          "-o", str(output), str(source)])
    return output


def words_of_lines(source: Path, flavour: Flavour) -> dict[int, bytes]:
    """The first bytes that each line of a file makes, by GNU as's listing. Raises `OracleError` if it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder, "listing")
        _run([oracle(f"{flavour.prefix}-as"), *flavour.as_options, "-I", str(source.parent), f"-aln={listing}",
              "--listing-lhs-width=4", "-o", str(Path(folder, "gnu.o")), str(source)])
        text = listing.read_text(errors="replace")
    rows = re.findall(r"^ *(\d+) [0-9a-f]{4} ([0-9A-F]+(?: [0-9A-F]+)*)", text, re.MULTILINE)
    return {int(number): bytes.fromhex(digits.replace(" ", "")) for number, digits in reversed(rows)}


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S)
    if done.returncode:
        raise OracleError(f"{Path(command[0]).name} failed:\n{(done.stderr or done.stdout)[:3000]}")
