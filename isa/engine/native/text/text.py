"""LLVM IR as text: one function's lines, with fresh names and with blocks that end once."""

from __future__ import annotations

BRANCH_WEIGHTS = '!0 = !{!"branch_weights", i32 2000, i32 1}\n!1 = !{!"branch_weights", i32 1, i32 2000}'
"""Metadata of every module: `!prof !0` says that a branch is nearly always taken, `!prof !1` that it hardly ever is."""


class FunctionText:
    """Lines of one IR function. Values are the texts of operands, without their types."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._first: list[str] = []
        self._names = 0
        self.ended = False
        """Whether the present block has its last instruction."""

    def name(self) -> str:
        """A fresh name without its sigil."""
        self._names += 1
        return f"v{self._names}"

    def value(self, text: str) -> str:
        """An instruction with a result; the result."""
        name = f"%{self.name()}"
        self._lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """An instruction without a result."""
        self._lines.append(f"  {text}")

    def raw(self, line: str) -> None:
        """A line that another text has made."""
        self._lines.append(line)

    def end(self, text: str) -> None:
        """The last instruction of a block; nothing where the block has ended already."""
        if not self.ended:
            self._lines.append(f"  {text}")
        self.ended = True

    def block(self, name: str) -> None:
        """Begins a block; falls into it from the one before unless that has ended."""
        self.end(f"br label %{name}")
        self._lines.append(f"{name}:")
        self.ended = False

    def dead(self) -> None:
        """Begins a block that nothing reaches, where statements follow the end of one."""
        self.block(self.name())

    def branch(self, condition: str, then: str, otherwise: str) -> None:
        """Ends the block by a two-way choice."""
        self.end(f"br i1 {condition}, label %{then}, label %{otherwise}")

    def variable(self, type_: str) -> str:
        """A place on the stack, made when the function begins; its address."""
        name = f"%{self.name()}"
        self._first.append(f"  {name} = alloca {type_}")
        return name

    def first(self, line: str) -> None:
        """An instruction that stands where the function begins."""
        self._first.append(f"  {line}")

    def field(self, offset: int, type_: str = "i64") -> str:
        """Loads a field of the vcpu."""
        return self.value(f"load {type_}, ptr {self.address('%cpu', offset)}")

    def set_field(self, offset: int, value: str, type_: str = "i64") -> None:
        """Stores a field of the vcpu."""
        self.do(f"store {type_} {value}, ptr {self.address('%cpu', offset)}")

    def address(self, base: str, offset: int | str) -> str:
        """`base` + `offset` bytes."""
        return self.value(f"getelementptr i8, ptr {base}, i64 {offset}")

    def text(self, head: str) -> str:
        """The definition; `head` is `define …` without the brace."""
        return "\n".join([f"{head} {{", "entry:", *self._first, *self._lines, "}"])
