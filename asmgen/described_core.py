"""What the commands of this folder share: the core that they work for, and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Option
from ..isa.errors import TraplineError

if TYPE_CHECKING:
    from .instructions import DescribedTarget

Core = Annotated[
    str | None, Option("--arch", "--core", help="The core to assemble for, say power7, ppc970 or armv7ve.")
]
Entry = Annotated[
    Path | None, Option("--description", help="The entry file of a description of your own, which has the core.")
]
Changes = Annotated[
    list[Path] | None, Option("--isa", help="A file that changes the core's description; may be repeated.")
]


def number(text: str) -> int:
    """An address in Python's notation (0x1000, 4096).  Raises TraplineError."""
    try:
        value = int(text, 0)
    except ValueError as error:
        raise TraplineError(f"'{text}' is not a number", "write 4096 or 0x1000") from error
    if not 0 <= value < 1 << 64:
        raise TraplineError(f"{text} is no address", "addresses go from 0 to 0xffffffffffffffff")
    return value


def load(core: str | None, changes: Sequence[Path], entry: Path | None = None) -> DescribedTarget:
    """The described core as a target.  Raises TraplineError for a name that no description has."""
    if core is None and entry is None:
        raise TraplineError("nothing says which core this is for", "give --arch power7, say, or --description FILE")
    from ..isa.lang.load import load_core
    from ..isa.progress import shown_progress
    from .instructions import target_for

    with shown_progress() as progress:
        return target_for(load_core(core or "", progress, changes, entry))
