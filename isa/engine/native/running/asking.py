"""Breakpoints whose condition native code looks at by itself: what is false costs some nanoseconds.

The entry of such an instruction has a handler of its own. It evaluates the condition, returns to the loop as any
breakpoint does where that holds (or where it cannot tell: a page that is not cached, another address that the decoded
page is seen at), and else goes on with the instruction's handler, on a copy of its entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ...errors import EngineError
from ...interface import ByteOrder
from ...layout import StateLayout
from ...questions import Question
from ...softtlb import PAGE_BITS, PAGE_SIZE
from ..building import CannotLinkError, LoadedImage, small_module
from ..shared import Area, CodePage
from ..shared import cpu_layout as cpu
from .stopping import NativeStops

if TYPE_CHECKING:
    from ...fetch import CodeSet

_NAME: Final = "question"
_MOST_COPIES: Final = 4096
_MOST_VALUES: Final = 2000
_WORD: Final = 8
_BINARY: Final = {
    "add": "add i64", "subtract": "sub i64", "multiply": "mul i64", "and": "and i64", "or": "or i64", "xor": "xor i64",
}  # fmt: skip
_COMPARED: Final = {"equal": "eq", "less": "ult", "less_signed": "slt"}
_SHIFTED: Final = {"shift_left": "shl i64", "shift_right": "lshr i64", "shift_right_signed": "ashr i64"}
_SCOPES: Final = {"core": cpu.CORE, "partition": cpu.PARTITION, "machine": cpu.MACHINE}
_CONVENTION: Final = "preserve_nonecc"


class CannotAskError(Exception):
    """Native code has no way to look at that. Never leaves the engine."""


class NativeAsking(NativeStops):
    """Overrides what stands in the place of an instruction with a breakpoint."""

    def prepare_asking(self) -> None:
        """Before there are breakpoints."""
        self._asked_at: dict[int, tuple[int, LoadedImage]] = {}
        """By address: the function that looks, and what it lies in."""
        self._copies: dict[tuple[int, int, int], int] = {}
        self._copied: list[Area] = []
        self._copy_table = Area(8 * _MOST_COPIES)
        self._heeded = Area(8)
        self._heeded.words[0] = 1

    def heed_questions(self, heeded: bool) -> None:
        """See `Engine`."""
        self._heeded.words[0] = int(heeded)

    def ask_at(self, address: int, question: Question | None, order: ByteOrder) -> bool:
        """See `Engine`."""
        known = self._asked_at.pop(address, None)
        made = None if question is None else self._looking(address, question, order == "big")
        if made is not None:
            self._asked_at[address] = made
        if known is not None or made is not None:
            offset = address & PAGE_SIZE - 1
            for page in self._native_pages.values():
                if offset in page.stops:
                    page.forget(offset)
        return made is not None

    def put_stop(self, page: CodePage, chosen: CodeSet, pc: int, instructions: Iterator[tuple[int, int]]) -> None:
        """See `NativeDecode`."""
        asked = self._asked_at.get(pc)
        offset = pc & PAGE_SIZE - 1
        number = None
        if asked is not None and (chosen.is_long is None or offset + chosen.unit < PAGE_SIZE):
            word, length = next(instructions)
            form, handler = self._known(chosen, word, length)
            if form is not None and not self.executes_alone(form):
                number = self._copy(page.unit, handler, word, length)
        if asked is None or number is None:
            super().put_stop(page, chosen, pc, instructions)
        else:
            page.put(offset, asked[0], number, 0)

    def _copy(self, unit: int, handler: int, word: int, length: int) -> int | None:
        """The number of a copy of an instruction's entry, behind which stands what leads on, as behind a page's last
        one."""
        key = (handler, word, length)
        if handler in self.code.special.values():
            return None
        if key not in self._copies:
            if len(self._copied) >= _MOST_COPIES:
                return None
            behind = length // unit
            copy = Area(cpu.CODE_ENTRY * (1 + behind))
            copy.words[0], copy.words[1] = handler, word | length << 32
            for at in range(1, 1 + behind):
                copy.words[2 * at], copy.words[2 * at + 1] = self.code.special["jump"], 0
            self._copy_table.words[len(self._copied)] = copy.address
            self._copies[key] = len(self._copied)
            self._copied.append(copy)
        return self._copies[key]

    def _looking(self, address: int, question: Question, is_big: bool) -> tuple[int, LoadedImage] | None:
        cells = self._copy_table.address, self._heeded.address
        writer = _Writer(self.state.layout, is_big, self.description.address_width)
        try:
            text = writer.function(address, question, *cells)
            image = small_module(text)
        except (CannotAskError, CannotLinkError, EngineError):
            # Without a compiler, or for what it cannot look at: the loop asks.
            return None
        return image.address(_NAME), image


class _Writer:
    """Writes the function in IR."""

    def __init__(self, layout: StateLayout, is_big: bool, address_width: int) -> None:
        self._layout = layout
        self._mask = (1 << address_width) - 1
        self._is_big = is_big
        self._lines: list[str] = []
        self._count = 0
        self._block = "entry"

    def function(self, address: int, question: Question, copies: int, heeded: int) -> str:
        """The module's text; `copies` and `heeded`: where table and switch are. Raises CannotAskError."""
        switch = self._value(f"load i64, ptr {self._value(f'inttoptr i64 {heeded} to ptr')}")
        self._branch(self._value(f"icmp ne i64 {switch}, 0"), "heeded", "stop")
        here = self._value(f"icmp eq i64 %pc, {_signed(address)}")
        self._branch(here, "look", "stop")
        holds = self._value(f"icmp ne i64 {self._expression(question)}, 0")
        self._put(f"br i1 {holds}, label %stop, label %on")
        lines = "\n".join(self._lines)
        swap = "".join(f"declare i{bits} @llvm.bswap.i{bits}(i{bits})\n" for bits in (16, 32, 64))
        call = f"musttail call {_CONVENTION} i32 %handler(ptr %cpu, ptr %copy, i64 %pc, i64 %left)"
        return f"""{swap}
define {_CONVENTION} i32 @{_NAME}(ptr %cpu, ptr %at, i64 %pc, i64 %left) {{
entry:
{lines}
on:
  %place = getelementptr i8, ptr %at, i64 8
  %number = load i32, ptr %place
  %wide = zext i32 %number to i64
  %table = inttoptr i64 {copies} to ptr
  %cell = getelementptr ptr, ptr %table, i64 %wide
  %copy = load ptr, ptr %cell
  %handler = load ptr, ptr %copy
  %done = {call}
  ret i32 %done
stop:
  %pcs = getelementptr i8, ptr %cpu, i64 {cpu.PC}
  store i64 %pc, ptr %pcs
  %lefts = getelementptr i8, ptr %cpu, i64 {cpu.LEFT}
  store i64 %left, ptr %lefts
  ret i32 {cpu.STOP_STATUS}
}}
"""

    def _put(self, line: str) -> None:
        self._lines.append(f"  {line}")

    def _value(self, operation: str) -> str:
        self._count += 1
        self._put(f"%v{self._count} = {operation}")
        return f"%v{self._count}"

    def _begin(self, name: str) -> None:
        self._lines.append(f"{name}:")
        self._block = name

    def _branch(self, condition: str, name: str, other: str) -> None:
        """Goes on in a new block where the condition holds."""
        self._count += 1
        block = f"{name}{self._count}"
        self._put(f"br i1 {condition}, label %{block}, label %{other}")
        self._begin(block)

    def _expression(self, one: Question) -> str:
        if self._count > _MOST_VALUES:
            raise CannotAskError
        operator = one.operator
        if operator == "constant":
            return str(_signed(one.number))
        if operator == "pc":
            return "%pc"
        if operator == "register":
            return self._register(one.name, one.number)
        if operator == "choose":
            return self._choice(*one.operands)
        values = [self._expression(operand) for operand in one.operands]
        if operator in _BINARY:
            return self._value(f"{_BINARY[operator]} {values[0]}, {values[1]}")
        if operator in _COMPARED:
            return self._flag(f"icmp {_COMPARED[operator]} i64 {values[0]}, {values[1]}")
        if operator in _SHIFTED:
            self._branch(self._value(f"icmp ult i64 {values[1]}, 64"), "shift", "stop")
            return self._value(f"{_SHIFTED[operator]} {values[0]}, {values[1]}")
        if operator == "is_zero":
            return self._flag(f"icmp eq i64 {values[0]}, 0")
        if operator == "invert":
            return self._value(f"xor i64 {values[0]}, -1")
        if operator in ("sign_extend", "zero_extend") and 0 < one.number <= 64:
            return self._extended(values[0], one.number, "sext" if operator == "sign_extend" else "zext")
        if operator == "load":
            return self._load(values[0], one.number)
        raise CannotAskError

    def _flag(self, comparison: str) -> str:
        return self._value(f"zext i1 {self._value(comparison)} to i64")

    def _extended(self, value: str, bits: int, how: str) -> str:
        if bits == 64:
            return value
        return self._value(f"{how} i{bits} {self._value(f'trunc i64 {value} to i{bits}')} to i64")

    def _choice(self, condition: Question, first: Question, second: Question) -> str:
        test = self._value(f"icmp ne i64 {self._expression(condition)}, 0")
        self._count += 1
        number = self._count
        self._put(f"br i1 {test}, label %yes{number}, label %no{number}")
        found: list[tuple[str, str]] = []
        for name, one in (("yes", first), ("no", second)):
            self._begin(f"{name}{number}")
            value = self._expression(one)
            found.append((value, self._block))
            self._put(f"br label %both{number}")
        self._begin(f"both{number}")
        return self._value(f"phi i64 {', '.join(f'[ {value}, %{block} ]' for value, block in found)}")

    def _register(self, name: str, index: int) -> str:
        if name not in self._layout.places:
            raise CannotAskError
        scope, slot = self._layout.places[name]
        if slot.size > _WORD or not -1 <= index < max(slot.count, 0) or (index < 0) is (slot.count > 0):
            raise CannotAskError
        offset = slot.offset + max(index, 0) * slot.size
        if scope == "thread":
            place = self._value(f"getelementptr i8, ptr %cpu, i64 {cpu.THREAD + offset}")
        else:
            cell = self._value(f"getelementptr i8, ptr %cpu, i64 {_SCOPES[scope]}")
            place = self._value(f"getelementptr i8, ptr {self._value(f'load ptr, ptr {cell}')}, i64 {offset}")
        bits = 8 * slot.size
        value = self._value(f"load i{bits}, ptr {place}")
        return value if bits == 64 else self._value(f"zext i{bits} {value} to i64")

    def _load(self, address: str, size: int) -> str:
        """From a page that the vcpu's loads or stores have found; anything else is the loop's to look at."""
        if size not in (1, 2, 4, 8):
            raise CannotAskError
        address = self._value(f"and i64 {address}, {_signed(self._mask)}")
        inside = self._value(f"and i64 {address}, {PAGE_SIZE - 1}")
        self._branch(self._value(f"icmp ule i64 {inside}, {PAGE_SIZE - size}"), "inside", "stop")
        page = self._value(f"lshr i64 {address}, {PAGE_BITS}")
        context = self._field(cpu.CONTEXT, "i64")
        number = self._value(f"and i64 {self._value(f'xor i64 {page}, {context}')}, {(1 << cpu.TLB_BITS) - 1}")
        base = self._value(f"and i64 {address}, {-PAGE_SIZE}")
        key = self._value(f"or i64 {base}, {context}")
        loads, is_loaded = self._entry(cpu.LOADS, cpu.LOAD_ENTRY, number, key)
        stores, is_stored = self._entry(cpu.STORES, cpu.STORE_ENTRY, number, key)
        self._branch(self._value(f"or i1 {is_loaded}, {is_stored}"), "cached", "stop")
        entry = self._value(f"select i1 {is_loaded}, ptr {loads}, ptr {stores}")
        delta = self._value(f"load i64, ptr {self._value(f'getelementptr i8, ptr {entry}, i64 8')}")
        host = self._value(f"inttoptr i64 {self._value(f'add i64 {address}, {delta}')} to ptr")
        bits = 8 * size
        value = self._value(f"load i{bits}, ptr {host}, align 1")
        if self._is_big and size > 1:
            value = self._value(f"call i{bits} @llvm.bswap.i{bits}(i{bits} {value})")
        return value if bits == 64 else self._value(f"zext i{bits} {value} to i64")

    def _entry(self, table: int, size: int, number: str, key: str) -> tuple[str, str]:
        """An entry of a table of translations, and whether it is the page's."""
        place = self._value(f"mul i64 {number}, {size}")
        entry = self._value(f"getelementptr i8, ptr {self._field(table, 'ptr')}, i64 {place}")
        return entry, self._value(f"icmp eq i64 {self._value(f'load i64, ptr {entry}')}, {key}")

    def _field(self, offset: int, kind: str) -> str:
        return self._value(f"load {kind}, ptr {self._value(f'getelementptr i8, ptr %cpu, i64 {offset}')}")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
