"""What to expect: the test itself, run on the reference engine, which stops before anything is compared.

A library's `suite_recording` makes a test record and say nothing; its blocks are read from memory at `suite_end`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....asmgen import Image
from ....server.api import Machine
from ..definition import MachineNeeds
from .case import Case, Expected
from .guests import GuestLibrary

_MOST = 60_000
"""Instructions of a generator's run: a case that needs more is none of a small test."""


class Oracle:
    """A machine of the suite's kind on the reference engine; made once, and reset in place for each case."""

    def __init__(self, needs: MachineNeeds, library: GuestLibrary, changes: Sequence[str] = ()) -> None:
        self._library = library
        self._machine = Machine(
            machine=needs.name,
            core=needs.core,
            vcpus=needs.vcpus,
            threads=needs.threads,
            memory=needs.memory,
            clock_shift=needs.clock_shift,
            engine="reference",
            isa=list(changes),
        )

    def blocks(self, image: Image, steps: int) -> list[list[int]] | str:
        """The words that each step leaves; or in words why it comes to no end."""
        machine, library = self._machine, self._library
        machine.load(image.elf)
        machine.memory.write(image.symbols["suite_recording"], b"\1\1\1\1")
        if not machine.run_until("suite_end", max_instructions=_MOST):
            verdict = machine.verdict
            said = machine.console.decode(errors="replace").strip().splitlines()
            if verdict is not None:
                return f"the reference engine: {verdict}"
            at = machine.memory.read_int(image.symbols["suite_state"] + library.step_at, library.word_bytes)
            behind = f", {said[-1]}" if said else ""
            return f"the reference engine does not come to the end: it is in step {at}{behind}"
        size = library.word_bytes
        count = len(library.words)
        data = machine.memory.read(image.symbols["suite_blocks"], steps * count * size)
        words = [int.from_bytes(data[at : at + size], library.order) for at in range(0, len(data), size)]
        return [words[at : at + count] for at in range(0, len(words), count)]

    def close(self) -> None:
        """Gives the machine back."""
        self._machine.close()


def expected_of(case: Case, blocks: Sequence[Sequence[int]], library: GuestLibrary) -> list[list[Expected]]:
    """Each step's checks with their values. A check that does not hold for this result has mask 0."""
    most = (1 << 8 * library.word_bytes) - 1
    found = []
    for step, block in zip(case.steps, blocks, strict=True):
        result = block[library.index(library.result)]
        names = {one.value & most: one.name for one in step.allowed}
        expected = []
        for check in step.checks:
            value = block[library.index(check.word)]
            if (check.codes or check.unless is not None) and result not in check.codes and value == check.unless:
                expected.append(Expected(check.word, 0, 0, "volatile here"))
                continue
            mask = check.mask & most
            note = check.note or (names.get(value, "") if check.word == library.result else "")
            expected.append(Expected(check.word, mask, value & mask, note))
        found.append(expected)
    return found
