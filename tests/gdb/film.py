"""The film of a session: gdb at a terminal types what stands here, and what it shows becomes a page of the guide.

`python -m trapline.tests.gdb.film` writes the page; a test compares it.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from .conftest import Console
from .machines import BOARDS, serve

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "a-session.md"

_TITLE = """# A session, as it was

A guest of ours counts to three in memory, as a partition under the KVM Book3S HV model. Everything below was typed into
`gdb-multiarch`, and is what it showed: this page is made of a session, and a test makes it again.

`trapline serve guest.elf` has printed the line to connect with. There is nothing to switch on for what follows.
"""
_SCENES = (
    ("To the third time that the counter is written: the condition is looked at by the guest's own engine.",
     ("break store if $r6 == 3", "continue", "print *(long *)&counter")),
    ("What is that instruction, and what would it do?", ("monitor explain",)),
    ("Who wrote the counter last, before this?", ("monitor last-write 0x10130",)),
    ("What has just been executed?", ("monitor trace 4",)),
    ("Backwards: to the write before. A watchpoint shows the values in the order in which they are met.",
     ("delete", "watch *(long *)&counter", "reverse-continue", "reverse-continue")),
    ("Where does the address lead? By the page table, which the description walks.",
     ("monitor walk 0x10130 store",)),
    ("And one that leads nowhere.", ("monitor translate 0x7000000",)),
    ("The moment gets a name; from the start of the history it is one step away.",
     ("monitor bookmark counted", "monitor goto start", "maintenance flush register-cache", "info symbol $pc",
      "monitor goto counted", "maintenance flush register-cache", "info symbol $pc")),
    ("A change in the past begins another future.",
     ("delete", "set var $r6 = 40", "tbreak finish", "continue", "print *(long *)&counter")),
)  # fmt: skip


def page() -> str:
    """The page's text, of a session that is held now."""
    with _console() as console, serve(BOARDS[0]) as server:
        console.type("set filename-display basename")
        console.type(f"target remote {server.address.gdb_argument}")
        parts = [_TITLE]
        for said, commands in _SCENES:
            shown = "".join(f"(gdb) {command}\n{_shown(console.type(command), command)}" for command in commands)
            parts.append(f"{said}\n\n```\n{shown}```\n")
    return "\n".join(parts)


def _shown(text: str, command: str) -> str:
    """What gdb printed, without its echo and its escape sequences."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n").replace("\r", "")
    lines = [line.rstrip() for line in text.split("\n")]
    if lines and lines[0].endswith(command):
        lines = lines[1:]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


@contextlib.contextmanager
def _console() -> Iterator[Console]:
    opened = Console()
    try:
        yield opened
    finally:
        opened.close()


if __name__ == "__main__":
    PAGE.write_text(page())
