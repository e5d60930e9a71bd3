"""Builds programs from Python: what a suite generator emits guests with.

    b = Builder(target)
    b.label("_start", is_global=True)
    b.add("r3", "r4", "r5")          # any mnemonic is a method
    b.lwz("r3", Memory("r4", 8))     # a memory operand, written as the architecture writes it
    b.emit("bl", "done")
    b.long(1, 2, "done - _start")
    image = b.link(Layout(base=0x1000))

The builder writes assembly text and hands it to the assembler, so that one set of rules holds; `source`
is that text, and the line table of the image points into it.  Errors point at the line of Python that wrote it.
An operand is one operand: text that would begin another statement is refused where it is given.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable

from msgspec.structs import replace

from ..isa.errors import TraplineError
from .assembler import assemble
from .catalog.memory_operands import memory_operand_text
from .catalog.values import Memory, Value, checked_name, checked_text
from .instructions.described import DescribedTarget
from .layout.options import Layout, Reading
from .objects.image import Image
from .target.seam import Target
from .text.diagnostics import AssemblyErrors, Diagnostic, Place
from .text.source import Source

_WORD = re.compile(r"[\w.$+-]+")
_HERE = __file__


class Builder:
    """A program being written.  Methods return the builder, so that calls can be chained."""

    def __init__(self, target: Target, name: str = "built.s") -> None:
        self._target = target
        self._name = name
        self._lines: list[str] = []
        self._origins: list[tuple[str, int]] = []
        self._serial = 0

    @property
    def source(self) -> Source:
        """What has been written so far."""
        return Source(self._name, "\n".join(self._lines) + "\n")

    def emit(self, text: str, *operands: Value) -> Builder:
        """Write an instruction or a directive: all of it as text, or a mnemonic and operands."""
        if not operands:
            return self._write(f"    {text}".rstrip())
        if not _WORD.fullmatch(text.strip()):
            raise TraplineError(f"'{text}' is no mnemonic or directive", "give all as text, or operands by themselves")
        joined = ", ".join(self._operand(text, at, one, len(operands)) for at, one in enumerate(operands))
        return self._write(f"    {text} {joined}".rstrip())

    def _operand(self, word: str, number: int, value: Value, count: int) -> str:
        if not isinstance(value, Memory):
            return checked_text(str(value), f"operand {number + 1} of '{word}'")
        if not isinstance(self._target, DescribedTarget):
            raise TraplineError("memory operands need an architecture that is described")
        return memory_operand_text(self._target, word, number, value, count)

    def _write(self, text: str) -> Builder:
        """Add lines, and keep where in the caller's Python they come from."""
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename == _HERE:
            frame = frame.f_back
        for line in text.split("\n"):
            self._lines.append(line)
            self._origins.append((frame.f_code.co_filename, frame.f_lineno))
        return self

    def __getattr__(self, mnemonic: str) -> Callable[..., Builder]:
        """A method for any mnemonic: `b.add("r3", "r4", "r5")`.

        A trailing underscore is dropped (`and_`), a double one stands for a dot (`add__` is `add.`).
        """
        if mnemonic.startswith("_"):
            raise AttributeError(mnemonic)
        word = mnemonic.replace("__", ".") if "__" in mnemonic else mnemonic.removesuffix("_")
        return lambda *operands: self.emit(word, *operands)

    def label(self, name: str, is_global: bool = False, kind: str = "") -> Builder:
        """Define a label here; `kind` is "function" or "object" if the symbol shall say so."""
        checked_name(name, "a label")
        if is_global:
            self._write(f"    .global {name}")
        if kind:
            self._write(f"    .type {name}, %{checked_text(kind, 'the kind')}")
        return self._write(f"{name}:")

    def fresh_label(self, stem: str = "label") -> str:
        """A name that no other call returns, and that stays out of the symbol table."""
        self._serial += 1
        return f".L{stem}{self._serial}"

    def section(self, name: str, flags: str | None = None, address: int | None = None) -> Builder:
        """Go on in a section, which is made if it is new, and placed if `address` is given."""
        checked_name(name, "a section")
        shown = "" if flags is None else f', "{checked_text(flags, "the flags")}"'
        self._write(f"    .section {name}{shown}")
        if address is not None:
            self._write(f"    .place {name}, {address:#x}")
        return self

    def byte(self, *values: Value) -> Builder:
        """Values of one byte."""
        return self.emit(".byte", *values)

    def short(self, *values: Value) -> Builder:
        """Values of two bytes."""
        return self.emit(".2byte", *values)

    def long(self, *values: Value) -> Builder:
        """Values of four bytes."""
        return self.emit(".4byte", *values)

    def quad(self, *values: Value) -> Builder:
        """Values of eight bytes."""
        return self.emit(".8byte", *values)

    def data(self, contents: bytes) -> Builder:
        """Bytes as they are."""
        for start in range(0, len(contents), 16):
            self.emit(".byte", *contents[start : start + 16])
        return self

    def string(self, text: str) -> Builder:
        """UTF-8 with a zero byte behind it."""
        return self.data(text.encode() + b"\0")

    def space(self, count: Value, fill: int = 0) -> Builder:
        """`count` bytes `fill`."""
        return self.emit(".skip", count, fill)

    def align(self, alignment: int) -> Builder:
        """Fill up to a multiple of `alignment` bytes."""
        return self.emit(".balign", alignment)

    def set(self, name: str, value: Value) -> Builder:
        """Give a symbol a value."""
        return self.emit(".set", name, value)

    def comment(self, text: str) -> Builder:
        """A comment in the source, for whoever reads it in a debugger."""
        return self._write("    /* " + text.replace("*/", "* /") + " */")

    def link(self, layout: Layout | None = None) -> Image:
        """The finished program.  Raises AssemblyErrors, whose places are lines of the caller's Python."""
        try:
            return assemble([self.source], self._target, layout, Reading(is_divided=False))
        except AssemblyErrors as errors:
            raise AssemblyErrors(self._in_python(one) for one in errors.diagnostics) from None

    def _in_python(self, found: Diagnostic) -> Diagnostic:
        """The same error at the Python that wrote the line; the line itself comes first in the trail."""
        place = found.place
        if place is None or place.file != self._name or not 0 < place.line <= len(self._origins):
            return found
        file, line = self._origins[place.line - 1]
        text = linecache.getline(file, line).rstrip("\n")
        column = len(text) - len(text.lstrip()) + 1
        trail = (f"'{place.text.strip()}', written at {place}", *place.trail)
        return replace(found, place=Place(file, line, column, text, trail))
