"""What a guest could have seen of a run, and where two runs are not the same, as the guest library would say it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ....server.machine.ram import PAGE_SIZE
from .program import Program

END: Final = "it came to its end"
_MOST_WORDS: Final = 12


class Seen(msgspec.Struct, frozen=True):
    """`blocks` are the words of each step; `pages` digests of the test's memory by address; `time` guest instructions.

    What a world cannot tell, or what is a host's own business there, is None.
    """

    how: str
    ending: str
    blocks: tuple[tuple[int, ...], ...]
    pages: dict[int, bytes] | None = None
    time: int | None = None
    console: bytes = b""


class Unlike(msgspec.Struct, frozen=True):
    """A word that is not the same in both runs."""

    word: str
    first: int
    second: int


def digests(start: int, memory: bytes) -> dict[int, bytes]:
    """Of each page."""
    return {
        start + at: hashlib.blake2b(memory[at : at + PAGE_SIZE], digest_size=8).digest()
        for at in range(0, len(memory), PAGE_SIZE)
    }


def differences(
    program: Program, one: Seen, other: Seen, unlike: frozenset[str] = frozenset()
) -> dict[int, tuple[Unlike, ...]]:
    """By the step's number; 0 is what belongs to no step: how the runs ended, memory, guest time, the console."""
    words = program.library.words
    found: dict[int, tuple[Unlike, ...]] = {}
    for number, (first, second) in enumerate(zip(one.blocks, other.blocks, strict=True), 1):
        both = zip(words, first, second, strict=True)
        differ = tuple(Unlike(word, a, b) for word, a, b in both if a != b and word not in unlike)
        if differ:
            found[number] = differ
    if found:
        return found
    rest = tuple(_of_the_whole(one, other))
    return {0: rest} if rest else {}


def _of_the_whole(one: Seen, other: Seen) -> Iterator[Unlike]:
    if one.ending != other.ending:
        yield Unlike("ending", int(one.ending == END), int(other.ending == END))
    if one.console != other.console:
        yield Unlike("console", len(one.console), len(other.console))
    if one.pages is not None and other.pages is not None:
        for address, digest in one.pages.items():
            if other.pages.get(address, digest) != digest:
                second = int.from_bytes(other.pages[address], "big")
                yield Unlike(f"page.{address:x}", int.from_bytes(digest, "big"), second)
    if one.time is not None and other.time is not None and one.time != other.time:
        yield Unlike("time", one.time, other.time)


def told(program: Program, found: dict[int, tuple[Unlike, ...]], rule: str) -> str:
    """TAP, as the guest library says it of a test's own checks."""
    most = (1 << 8 * program.library.word_bytes) - 1
    lines = ["TAP version 14", f"1..{len(program.steps) + (0 in found)}"]
    for step in program.steps:
        differ = found.get(step.number)
        lines += (
            [f"ok {step.number} - {step.title}"] if not differ else _point(step.number, step.title, differ, rule, most)
        )
    if 0 in found:
        lines += _point(len(program.steps) + 1, "the run as a whole", found[0], rule, most)
    return "\n".join(lines) + "\n"


def _point(number: int, title: str, differ: Sequence[Unlike], rule: str, most: int) -> list[str]:
    lines = [f"not ok {number} - {title}", "  ---", f"  rule: '{rule.replace(chr(39), chr(96))}'", "  differences:"]
    lines += [
        f"    - {{word: {one.word}, expected: {one.first:#x}, came: {one.second:#x}, mask: {most:#x}}}"
        for one in differ[:_MOST_WORDS]
    ]
    return [*lines, "  ..."]
