"""A load from a device that user space answers."""

from __future__ import annotations

from dataclasses import dataclass

from .....isa.model.items import RegisterRef
from ....core import Core


@dataclass(frozen=True, slots=True)
class PendingLoad:
    """A load from a device on its way: what becomes of its data."""

    register: int
    size: int
    sign_extended: bool
    big_endian: bool

    def complete(self, core: Core, data: bytes) -> None:
        """Writes the register; the guest goes on behind the load."""
        value = int.from_bytes(data, "big" if self.big_endian else "little", signed=self.sign_extended)
        core.write_ref(RegisterRef("R", self.register), value)
