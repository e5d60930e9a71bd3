"""What checkers of ELF and DWARF say of our files: `eu-elflint` (elfutils) and `llvm-dwarfdump --verify` (LLVM)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ...oracle.require import oracle

_TIMEOUT_S = 120
_ONLY_ZEROS = "is writable but contains no writable sections"
"""Said of a segment that has only .bss, also in GNU ld's programs: the checker looks for sections with contents."""


def elf_faults(files: Mapping[str, bytes], folder: Path) -> dict[str, list[str]]:
    """What eu-elflint finds, by the file's name; sections and relocations have no numbers."""
    paths = _written(files, folder)
    done = subprocess.run([oracle("eu-elflint"), "--gnu-ld", *map(str, paths.values())], capture_output=True,
                          text=True, timeout=_TIMEOUT_S, check=False)
    found: dict[str, list[str]] = {name: [] for name in files}
    by_path = {str(path): name for name, path in paths.items()}
    present = next(iter(files))
    for line in (done.stdout + done.stderr).splitlines():
        if line.rstrip(":") in by_path:
            present = by_path[line.rstrip(":")]
        elif line.strip() not in ("", "No errors") and _ONLY_ZEROS not in line:
            found[present].append(re.sub(r"\[ *\d+\] |(?<=relocation )\d+", "", line))
    return found


def dwarf_faults(files: Mapping[str, bytes], folder: Path) -> dict[str, list[str]]:
    """What llvm-dwarfdump finds, by the file's name."""
    paths = _written(files, folder)
    done = subprocess.run([oracle("llvm-dwarfdump"), "--verify", *map(str, paths.values())], capture_output=True,
                          text=True, timeout=_TIMEOUT_S, check=False)
    found: dict[str, list[str]] = {name: [] for name in files}
    for part in re.split(r"^Verifying (?=/)", done.stdout, flags=re.MULTILINE)[1:]:
        head, _, rest = part.partition(":\t")
        if "No errors." not in rest:
            found[next(name for name, path in paths.items() if str(path) == head)] = rest.splitlines()[:8]
    return found


def _written(files: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    for number, (name, data) in enumerate(files.items()):
        paths[name] = folder / f"{number}-{name.replace('/', '-')}.elf"
        paths[name].write_bytes(data)
    return paths
