"""The C form compiled for the host: the physical limit."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..architectures import Architecture
from ..catalogue import Kind
from ..compilers import COMMON, HOST_COMPILER, compile_c
from ..programs import FOLDER, Counts, Program, c_source
from ..timing import Round
from .processes import run_process


class Host:
    """The host's own C compiler and processor; the same for all architectures."""

    name = "host"
    title = "native C"
    scaled = False

    def __init__(self, folder: Path) -> None:
        """Programs are compiled into `folder`."""
        self._folder = folder

    def missing(self, arch: Architecture) -> str | None:
        """See `Peer`."""
        return None if shutil.which(HOST_COMPILER) else f"{HOST_COMPILER} is not installed (Debian package gcc)"

    def takes(self, program: Program) -> bool:
        """System kernels are about machines, which the host is not."""
        return program.kernel.kind is Kind.COMPUTE

    def run(self, program: Program, counts: Counts, seconds: float) -> list[Round]:
        """See `Peer`."""
        path = self._folder / program.kernel.name
        if not path.exists():
            sources = [str(c_source(program.kernel)), str(FOLDER / "c" / "host.c")]
            compile_c([HOST_COMPILER, *COMMON, "-o", str(path), *sources])
        arguments = [str(number) for number in (counts.warm_up, counts.runs, counts.rounds)]
        return run_process([str(path), *arguments], counts.rounds, seconds)
