"""Stores beside code in IR: to a page that code was decoded from, but to no word that it was decoded from."""

from __future__ import annotations

from ..shared import cpu_layout as cpu
from ..text import FunctionText
from .access_text import entry_at, host_of, tlb_index

BESIDE_CONVENTION = "preserve_allcc"
"""Leaves its caller's registers as they are."""
LONGEST_RANGE = 128
"""Bytes of which `are_free` can tell."""
_BITS = 64
_IN_PAGE = 4095


def words_of(size: int, aligned: bool = True) -> int:
    """As many ones as `size` bytes may have words."""
    count = max(1, size >> cpu.WORD_BITS)
    return (1 << (count if aligned else count + 1)) - 1


def are_free(text: FunctionText, marks: str, address: str, words: str | int) -> str:
    """Whether no code was decoded from the words from an address on, as many as `words` has ones, within a page.

    `marks` is where its page's are, as a number.
    """
    offset = text.value(f"and i64 {address}, {_IN_PAGE}")
    byte = text.value(f"add i64 {marks}, {text.value(f'lshr i64 {offset}, {cpu.WORD_BITS + 3}')}")
    place = text.value(f"inttoptr i64 {byte} to ptr")
    bits = text.value(f"load i{_BITS}, ptr {place}, align 1")
    first = text.value(f"and i64 {text.value(f'lshr i64 {offset}, {cpu.WORD_BITS}')}, 7")
    own = text.value(f"and i64 {text.value(f'lshr i64 {bits}, {first}')}, {words}")
    return text.value(f"icmp eq i64 {own}, 0")


def range_is_free(text: FunctionText, marks: str, address: str, last: str) -> str:
    """The same for the bytes from an address to the last, LONGEST_RANGE at most."""
    lines = [text.value(f"lshr i64 {end}, {cpu.WORD_BITS}") for end in (address, last)]
    more = text.value(f"sub i64 {lines[1]}, {lines[0]}")
    return are_free(text, marks, address, text.value(f"sub i64 {text.value(f'shl i64 2, {more}')}, 1"))


def mark_decoded(text: FunctionText, marks: str, offset: str, length: int) -> None:
    """Notes that code was decoded from bytes of a page, no more than two words; `marks` is a pointer."""
    ends = [offset] if length == 1 else [offset, text.value(f"add i64 {offset}, {length - 1}")]
    for end in ends:
        word = text.value(f"lshr i64 {end}, {cpu.WORD_BITS}")
        place = text.address(marks, text.value(f"lshr i64 {word}, 3"))
        number = text.value(f"and i64 {word}, 7")
        bit = text.value(f"shl i8 1, {text.value(f'trunc i64 {number} to i8')}")
        present = text.value(f"load i8, ptr {place}")
        text.do(f"store i8 {text.value(f'or i8 {present}, {bit}')}, ptr {place}")


def beside_text() -> str:
    """`beside(at, address, key, words)`: the host's address for a store (see `place_beside`), else null.

    Regions call it, with many values in registers.
    """
    text = FunctionText()
    host = place_beside(text, "%at", "%a", "%key", "%words", "none")
    text.end(f"ret ptr {host}")
    text.block("none")
    text.end("ret ptr null")
    return text.text(f"define {BESIDE_CONVENTION} ptr @beside(ptr %at, i64 %a, i64 %key, i64 %words) noinline")


def place_beside(text: FunctionText, at: str, address: str, key: str, words: str | int, none: str) -> str:
    """Where the host has the address of a store, if an entry of the table of stores, one that stands apart, has its
    key and no code was decoded from the words (see `are_free`); else goes to `none`. The page is marked as written.
    """
    known, code, free = (text.name() for _ in range(3))
    found = text.value(f"load i64, ptr {at}")
    text.branch(text.value(f"icmp eq i64 {found}, {key}"), known, none)
    text.block(known)
    marks = text.value(f"load i64, ptr {text.address(at, cpu.STORE_MARKS)}")
    text.branch(text.value(f"icmp eq i64 {marks}, 0"), none, code)
    text.block(code)
    text.branch(are_free(text, marks, address, words), free, none)
    text.block(free)
    dirty = text.address(at, 16)
    text.do(f"store i8 1, ptr {text.value(f'load ptr, ptr {dirty}')}")
    return host_of(text, at, address)


def find_beside(text: FunctionText, address: str, size: int, aligned: bool, none: str) -> str:
    """The same for a store of `size` bytes within a page."""
    context = text.field(cpu.CONTEXT)
    place = text.value(f"and i64 {address}, {-4096 | (size - 1 if aligned else 0)}")
    key = text.value(f"or i64 {place}, {context}")
    number = text.value(f"add i64 {tlb_index(text, address, context)}, {cpu.APART}")
    at = entry_at(text, cpu.STORES, cpu.STORE_ENTRY, number)
    return place_beside(text, at, address, key, words_of(size, aligned), none)
