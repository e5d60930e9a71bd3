"""Runs a guest in a copy of the package with one line broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...isa.errors import TraplineError
from .breakage import Breakage

PACKAGE: Final = Path(__file__).resolve().parents[2]
PARTS: Final = ("isa", "asmgen", "server", "firmware", "tools", "__init__.py", "__main__.py")
INSTRUCTIONS: Final = 100_000
_OF_A_HOST: Final = 2_000_000
"""Where a host stub switches between its partition and itself."""
SECONDS: Final = 240
_RUN: Final = """
import sys
from trapline.tools.mutate.guest import verdict
print(verdict(sys.argv[1], int(sys.argv[2])))
"""


class BreakageError(TraplineError):
    """A breakage whose line is not in its file any more, or more than once; or with which no guest can run."""


def broken_text(breakage: Breakage) -> str:
    """The file's text with the line broken. Raises BreakageError."""
    text = (PACKAGE / breakage.file).read_text()
    count = text.count(breakage.line)
    if count != 1:
        raise BreakageError(
            f"{breakage.file} has the line of a breakage {count} times, not once:\n{breakage.line}",
            "bring the list in tools/mutate up to date",
        )
    return text.replace(breakage.line, breakage.broken)


@contextmanager
def copied(breakage: Breakage | None) -> Iterator[Path]:
    """A folder in which `trapline` is a copy of this package, with the breakage if there is one."""
    with tempfile.TemporaryDirectory(prefix="trapline-mutate-") as folder:
        target = Path(folder) / "trapline"
        target.mkdir()
        for part in PARTS:
            source = PACKAGE / part
            if source.is_dir():
                shutil.copytree(source, target / part, copy_function=_link)
            else:
                _link(str(source), str(target / part))
        if breakage is not None:
            file = target / breakage.file
            text = broken_text(breakage)
            file.unlink()
            file.write_text(text)
        yield Path(folder)


def _link(source: str, target: str) -> None:
    """A hard link, or where the file systems differ a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def guest_says(breakage: Breakage | None, guest: str) -> tuple[bool, str]:
    """Whether a guest passes in a process of its own, and what its run ended with.

    Raises BreakageError where the guest has no part in it: the loader refuses the description, Python the model, or the
    run has no end.
    """
    with copied(breakage) as folder:
        environment = os.environ | {"PYTHONPATH": str(folder)}
        try:
            done = subprocess.run(
                [sys.executable, "-c", _RUN, guest, str(_OF_A_HOST if "@" in guest else INSTRUCTIONS)],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BreakageError(f"{guest} has no end within {SECONDS} s", "break another line") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-4:]
        raise BreakageError(f"{guest} does not come to run:\n" + "\n".join(said), "break the line otherwise")
    last = done.stdout.strip().splitlines()[-1]
    return last.startswith("passed"), last
