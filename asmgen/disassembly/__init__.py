"""From words back to text.  `listing`, which reads ELF files, is imported where it is needed."""

from __future__ import annotations

from .disassembler import Disassembled, Disassembler

__all__ = ["Disassembled", "Disassembler"]
