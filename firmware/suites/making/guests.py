"""The guest libraries that tests are linked with: one for each architecture, and what Python has to know of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ....isa.errors import TraplineError

LIBRARY: Final = Path(__file__).resolve().parents[2] / "lib"


@dataclass(frozen=True, slots=True)
class GuestLibrary:
    """`words` are the names of a step's block in order, each `word_bytes` long; `base` is where a test is linked."""

    name: str
    sources: tuple[str, ...]
    """Files, relative to the folder of libraries; each is an object."""
    comment: str
    word_bytes: int
    order: Literal["big", "little"]
    base: int
    placements: dict[str, int]
    words: tuple[str, ...]
    quad: str
    """The directive for a word."""
    result: str
    """The word of a call's first result."""
    step_at: int
    """Offset of the present step's number in `suite_state`."""

    @property
    def macros(self) -> str:
        """The file of macros that tests include."""
        return f"{self.name}_macros.s"

    @property
    def files(self) -> tuple[Path, ...]:
        """All that a test is made with."""
        return tuple(LIBRARY / one for one in (*self.sources, self.macros))

    @property
    def checks_at(self) -> int:
        """Offset of the first check, three words each, from its `checks_N`."""
        return 5 * self.word_bytes

    def index(self, word: str) -> int:
        """A word's place in the block.  Raises TraplineError."""
        if word not in self.words:
            raise TraplineError(f"a step has no word '{word}'", "words: " + ", ".join(self.words))
        return self.words.index(word)


POWER: Final = GuestLibrary(
    name="suite_power",
    sources=("suite_power.s", "suite_power_vectors.s", "suite_power_console.s", "suite_power_alone.s"),
    comment="#",
    word_bytes=8,
    order="big",
    base=0x400000,
    placements={".vectors": 0},
    words=(
        *(f"r{n}" for n in range(32)),
        *("cr", "xer", "lr", "ctr", "trap", "srr0", "srr1", "dar", "dsisr", "gprs", "imsr"),
    ),
    quad=".quad",
    result="r3",
    step_at=0,
)

ARM: Final = GuestLibrary(
    name="suite_arm",
    sources=("suite_arm.s", "suite_arm_hyp.s", "suite_arm_console.s"),
    comment="@",
    word_bytes=4,
    order="little",
    base=0x40010000,
    placements={},
    words=(
        *(f"r{n}" for n in range(15)),
        *("cpsr", "trap", "elr", "spsr", "fsr", "far", "regs", "fpscr", "dregs"),
        *(f"d{n}.{half}" for n in range(32) for half in ("low", "high")),
        *("hpfar", "icpsr"),
    ),
    quad=".word",
    result="r0",
    step_at=8,
)

LIBRARIES: Final = {"power": POWER, "arm": ARM}
"""By the architecture's name."""


def library_for(core_description_name: str) -> GuestLibrary:
    """The library of an architecture.  Raises TraplineError."""
    if core_description_name not in LIBRARIES:
        raise TraplineError(f"no guest library is for {core_description_name}", "there are: " + ", ".join(LIBRARIES))
    return LIBRARIES[core_description_name]
