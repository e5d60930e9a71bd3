"""What interrupts a vcpu has entered: how often each, the last ones, and where a row of them began that leads nowhere.

The log is a table of 64-bit words that both engines write as they enter an interrupt: native code by itself
(`native/log_text.py`), the reference engine through `note`. Nobody has to listen for it to be there.

Two kinds of rows are counted, and reported once they are long:

- *at a stand*: each interrupt was entered where the one before led to, and no instruction completed in between: a
  vector that holds no code, say;
- *nested*: the same interrupt at the same address again and again, and nothing has returned from any of them: an abort
  in the abort handler. Known only where the description's hook `returns` counts returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

ENTERED: Final = 0
"""How many were entered."""
ROW: Final = 1
"""How many of the last ones stand in a row without an instruction completed."""
AFTER: Final = 2
"""Completed instructions when the last one had been entered."""
WENT: Final = 3
"""The address where it went on."""
ROW_LIMIT: Final = 4
NESTED: Final = 5
NESTED_LIMIT: Final = 6
RETURNS: Final = 7
"""What the hook `returns` said when the last one was entered."""
REPORT: Final = 8
"""Not 0: a row has come to its limit, and nobody has been told yet (AT_A_STAND, NESTING), or somebody listens."""
LISTENED: Final = 9
"""LISTENING while somebody wants to be told of each interrupt, else 0."""
ROW_FIRST: Final = 16
"""Where the first of the row stands."""
NESTED_FIRST: Final = 24
RING: Final = 32
"""The last RING_SIZE, that with number n (counted from 0) at n modulo RING_SIZE."""
RING_SIZE: Final = 16
RECORD: Final = 8
"""Words of a record: {number of the interrupt + 1, address of the instruction, address where it went, its word |
bytes << 32, instructions completed before, first argument, second argument, instruction set's code << 2 | 2 if the run
was left for it | 1 if it came between two instructions}."""
UNKNOWN: Final = RING + RING_SIZE * RECORD
"""Words that no encoding matched, at their address's hash: {address, word | bytes << 32, how often, 0}."""
UNKNOWN_BITS: Final = 4
UNKNOWN_ENTRY: Final = 4
UNKNOWN_HASH: Final = 0x9E37_79B9_7F4A_7C15
COUNTS: Final = UNKNOWN + (UNKNOWN_ENTRY << UNKNOWN_BITS)
"""How often each interrupt was entered, in the description's order."""

AT_A_STAND: Final = 1
NESTING: Final = 2
LISTENING: Final = 4
NEVER: Final = (1 << 64) - 1
USUAL_ROW: Final = 1000
NESTED_TO_ROW: Final = 100
"""How many times longer a nested row may be: there are guests that never return from their traps, and go on."""
_FORGOTTEN: Final = 4096
"""Instructions after which a nested row is no part of what was before."""
_MASK: Final = (1 << 64) - 1


class Entered(msgspec.Struct):
    """An interrupt that was entered.

    `address` is that of the instruction that raised it (between two instructions: that of the next one), `went` where
    it led to. `word` has `length` bytes, 0 where no instruction had been fetched. `retired`: instructions completed
    before. `arguments`: the first two, 0 where there are fewer.
    """

    number: int
    address: int
    went: int
    word: int
    length: int
    retired: int
    arguments: tuple[int, int]
    between: bool
    set_code: int = 0
    """Of the instruction set."""
    left: bool = False
    """Whether the run was left: a hypervisor that is a model took it."""


class UnknownWord(msgspec.Struct, frozen=True):
    """A word of `length` bytes at `address` that no encoding matched, `count` times."""

    address: int
    word: int
    length: int
    count: int


class InterruptLog:
    """The log of one vcpu. `words` is its memory, `size_of` its length; the limits may be changed between two runs."""

    def __init__(self, words: memoryview) -> None:
        """`words`: 64-bit ones, all zero."""
        self.words = words
        self._listener: Callable[[Entered], None] | None = None
        self._told = 0
        words[AFTER] = words[RETURNS] = NEVER
        self.limit(None)

    def limit(self, row: int | None) -> None:
        """How many interrupts may stand in a row (nested: NESTED_TO_ROW times as many); None: any number."""
        self.words[ROW_LIMIT] = NEVER if row is None else row
        self.words[NESTED_LIMIT] = NEVER if row is None else row * NESTED_TO_ROW

    # Writing

    def note(self, entered: Entered, completes: bool, following: int, returns: int) -> None:
        """An interrupt was entered; `following` is the address that would have come next.

        One that lets its instruction complete, and goes on behind it, has been answered there and then: nothing is
        noted. This is what native code does, statement by statement.
        """
        words = self.words
        if completes and entered.went == following:
            return
        count = words[ENTERED]
        last = RING + (count - 1) % RING_SIZE * RECORD
        before = RING + (count - 2) % RING_SIZE * RECORD
        stands = words[AFTER] == entered.retired and entered.address == words[WENT]
        same = any(
            words[at] == entered.number + 1 and words[at + 1] == entered.address for at in (last, before)
        )
        returned = words[RETURNS] != returns
        apart = returned or (entered.retired - words[AFTER]) & _MASK > _FORGOTTEN
        self._put(RING + count % RING_SIZE * RECORD, entered)
        words[ENTERED] = count + 1
        words[COUNTS + entered.number] += 1
        if not stands:
            words[ROW] = 0
            self._put(ROW_FIRST, entered)
        words[ROW] += 1
        words[NESTED] = words[NESTED] + 1 if same and not returned else 0
        if apart:
            self._put(NESTED_FIRST, entered)
        words[AFTER] = (entered.retired + completes) & _MASK
        words[WENT] = entered.went
        words[RETURNS] = returns
        if words[ROW] >= words[ROW_LIMIT]:
            words[REPORT] |= AT_A_STAND
        if words[NESTED] >= words[NESTED_LIMIT]:
            words[REPORT] |= NESTING
        words[REPORT] |= words[LISTENED]

    def note_unknown(self, address: int, word: int, length: int) -> None:
        """No encoding matched a word."""
        at = UNKNOWN + ((address * UNKNOWN_HASH & _MASK) >> 64 - UNKNOWN_BITS) * UNKNOWN_ENTRY
        whole = word | length << 32
        if self.words[at] != address or self.words[at + 1] != whole:
            self.words[at], self.words[at + 1], self.words[at + 2] = address, whole, 0
        self.words[at + 2] += 1

    def forward(self, entered: Entered, returns: int) -> None:
        """Somebody else than the engine has entered an interrupt: a hypervisor model hands on what it got, as a rule.
        If the last one came from the same instruction, this is the same event, and the rows go on."""
        words, count = self.words, self.words[ENTERED]
        last = self._entered(RING + (count - 1) % RING_SIZE * RECORD)
        if not count or (last.address, last.retired) != (entered.address, entered.retired):
            self.note(entered, False, NEVER, returns)
            return
        entered = replace(entered, word=last.word, length=last.length, set_code=last.set_code)
        self._put(RING + count % RING_SIZE * RECORD, entered)
        for row, first in ((ROW, ROW_FIRST), (NESTED, NESTED_FIRST)):
            if words[first + 1] == entered.address and words[first + 4] == entered.retired and words[row] <= 1:
                self._put(first, entered)
        words[ENTERED] = count + 1
        words[COUNTS + entered.number] += 1
        words[WENT] = entered.went
        words[REPORT] |= words[LISTENED]

    def save(self) -> bytes:
        """All of it, for `load`."""
        return bytes(self.words)

    def load(self, saved: bytes) -> None:
        """It is as it was when it was saved; who listens goes on listening, to what comes from now on."""
        listened = self.words[LISTENED]
        self.words[:] = memoryview(saved).cast("Q")
        self.words[LISTENED] = listened
        self.words[REPORT] &= AT_A_STAND | NESTING
        self._told = self.words[ENTERED]

    def listen(self, listener: Callable[[Entered], None] | None) -> None:
        """Has `listener` told of each interrupt, before the next instruction; None: nobody."""
        self._listener = listener
        self._told = self.words[ENTERED]
        self.words[LISTENED] = LISTENING if listener is not None else 0

    def tell(self) -> None:
        """Tells whoever listens what it has not been told yet."""
        first = max(self._told, self.words[ENTERED] - RING_SIZE)
        self._told = self.words[ENTERED]
        for number in range(first, self._told):
            if self._listener is not None:
                self._listener(self._entered(RING + number % RING_SIZE * RECORD))

    def take_report(self) -> int:
        """What there is to report, once: 0, or AT_A_STAND and NESTING. The rows go on, and are reported again once they
        are as long again."""
        found = self.words[REPORT]
        self.words[REPORT] = 0
        if found & LISTENING:
            self.tell()
        if found & AT_A_STAND:
            self.words[ROW] = 1
        if found & NESTING:
            self.words[NESTED] = 0
        return found & (AT_A_STAND | NESTING)

    def _put(self, at: int, entered: Entered) -> None:
        first, second = entered.arguments
        self.words[at] = entered.number + 1
        self.words[at + 1] = entered.address
        self.words[at + 2] = entered.went
        self.words[at + 3] = entered.word | entered.length << 32
        self.words[at + 4] = entered.retired
        self.words[at + 5] = first & _MASK
        self.words[at + 6] = second & _MASK
        self.words[at + 7] = entered.set_code << 2 | entered.left << 1 | int(entered.between)

    # Reading

    @property
    def entered(self) -> int:
        """How many were entered."""
        return self.words[ENTERED]

    @property
    def nested(self) -> int:
        """How often the last one has come again without a return from any."""
        return self.words[NESTED]

    def counts(self, interrupts: int) -> tuple[int, ...]:
        """How often each of the description's interrupts was entered."""
        return tuple(self.words[COUNTS : COUNTS + interrupts])

    def last(self) -> tuple[Entered, ...]:
        """The last ones, the oldest first."""
        count = self.words[ENTERED]
        first = max(0, count - RING_SIZE)
        return tuple(self._entered(RING + number % RING_SIZE * RECORD) for number in range(first, count))

    def first_of(self, row: int) -> Entered | None:
        """The first interrupt of the row (AT_A_STAND or NESTING) that is under way."""
        at = ROW_FIRST if row & AT_A_STAND else NESTED_FIRST
        return self._entered(at) if self.words[at] else None

    def unknown_words(self) -> tuple[UnknownWord, ...]:
        """Words that no encoding matched: the last ones, if there are many."""
        found = []
        for at in range(UNKNOWN, COUNTS, UNKNOWN_ENTRY):
            address, whole, count, _ = self.words[at : at + UNKNOWN_ENTRY]
            if count:
                found.append(UnknownWord(address, whole & 0xFFFF_FFFF, whole >> 32, count))
        return tuple(sorted(found, key=lambda one: (-one.count, one.address)))

    def _entered(self, at: int) -> Entered:
        number, address, went, whole, retired, first, second, how = self.words[at : at + RECORD]
        word, length = whole & 0xFFFF_FFFF, whole >> 32
        between, left = bool(how & 1), bool(how & 2)
        return Entered(number - 1, address, went, word, length, retired, (first, second), between, how >> 2, left)


def log_size(interrupts: int) -> int:
    """Bytes of the log of a core that has so many interrupts."""
    return 8 * (COUNTS + interrupts)
