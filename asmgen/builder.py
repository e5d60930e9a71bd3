"""Builds programs from Python: what a suite generator emits guests with.

    b = Builder(target)
    b.label("_start", is_global=True)
    b.add("r3", "r4", "r5")          # any mnemonic is a method
    b.emit("bl", "done")
    b.long(1, 2, "done - _start")
    image = b.link(Layout(base=0x1000))

The builder writes assembly text and hands it to the assembler, so that one set of rules holds; `source`
is that text, and the line table of the image points into it.
"""

from __future__ import annotations

from collections.abc import Callable

from .assembler import assemble
from .layout.options import Layout
from .objects.image import Image
from .target.seam import Target
from .text.source import Source

Operand = str | int


class Builder:
    """A program being written.  Methods return the builder, so that calls can be chained."""

    def __init__(self, target: Target, name: str = "built.s") -> None:
        self._target = target
        self._name = name
        self._lines: list[str] = []
        self._serial = 0

    @property
    def source(self) -> Source:
        """What has been written so far."""
        return Source(self._name, "\n".join(self._lines) + "\n")

    def emit(self, text: str, *operands: Operand) -> Builder:
        """Write an instruction or a directive: all of it as text, or a mnemonic and operands."""
        joined = ", ".join(str(o) for o in operands)
        self._lines.append(f"    {text} {joined}".rstrip())
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
        if is_global:
            self._lines.append(f"    .global {name}")
        if kind:
            self._lines.append(f"    .type {name}, %{kind}")
        self._lines.append(f"{name}:")
        return self

    def fresh_label(self, stem: str = "label") -> str:
        """A name that no other call returns, and that stays out of the symbol table."""
        self._serial += 1
        return f".L{stem}{self._serial}"

    def section(self, name: str, flags: str | None = None, address: int | None = None) -> Builder:
        """Go on in a section, which is made if it is new, and placed if `address` is given."""
        self._lines.append(f"    .section {name}" + (f', "{flags}"' if flags is not None else ""))
        if address is not None:
            self._lines.append(f"    .place {name}, {address:#x}")
        return self

    def byte(self, *values: Operand) -> Builder:
        """Values of one byte."""
        return self.emit(".byte", *values)

    def short(self, *values: Operand) -> Builder:
        """Values of two bytes."""
        return self.emit(".2byte", *values)

    def long(self, *values: Operand) -> Builder:
        """Values of four bytes."""
        return self.emit(".4byte", *values)

    def quad(self, *values: Operand) -> Builder:
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

    def space(self, count: Operand, fill: int = 0) -> Builder:
        """`count` bytes `fill`."""
        return self.emit(".skip", count, fill)

    def align(self, alignment: int) -> Builder:
        """Fill up to a multiple of `alignment` bytes."""
        return self.emit(".balign", alignment)

    def set(self, name: str, value: Operand) -> Builder:
        """Give a symbol a value."""
        return self.emit(".set", name, value)

    def comment(self, text: str) -> Builder:
        """A comment in the source, for whoever reads it in a debugger."""
        self._lines.append("    /* " + text.replace("*/", "* /") + " */")
        return self

    def link(self, layout: Layout | None = None) -> Image:
        """The finished program.  Raises AssemblyErrors."""
        return assemble([self.source], self._target, layout)
