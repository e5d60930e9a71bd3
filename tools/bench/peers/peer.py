"""What a peer is."""

from __future__ import annotations

from typing import Protocol

from ..architectures import Architecture
from ..programs import Counts, Program
from ..timing import Round


class Peer(Protocol):
    """Runs programs. `scaled`: it is so slow that one run of a kernel, without warm-up, is all it is asked for."""

    name: str
    title: str
    scaled: bool

    def missing(self, arch: Architecture) -> str | None:
        """Why it cannot run programs of an architecture here, or None."""

    def takes(self, program: Program) -> bool:
        """Whether a program is one for it at all."""

    def run(self, program: Program, counts: Counts, seconds: float) -> list[Round]:
        """Runs a program, for at most about `seconds`. Raises PeerError."""
