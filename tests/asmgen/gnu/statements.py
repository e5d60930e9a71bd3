"""Small sources with the contents that they must have, read from tests/asmgen/statements.

A case is `=== NAME | CORE`, a source, and a line `--- SECTION HEX` for each section: what GNU as and ld make of it
with `.text` at 0x1000, `.data` at 0x2000 and `.bss` at 0x3000. `python -m trapline.tests.asmgen.gnu.statements`
writes these lines anew.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trapline.asmgen import Layout, Source, assemble

from ...oracle.objects.flavours import FLAVOURS
from ...oracle.objects.gnu import assemble_by_gnu, link_by_gnu
from ...oracle.objects.ours import target

FOLDER = Path(__file__).resolve().parents[1] / "statements"
PLACES = {".text": 0x1000, ".data": 0x2000, ".bss": 0x3000}


@dataclass(frozen=True, slots=True)
class Case:
    """A source and its sections' contents."""

    group: str
    name: str
    core: str
    source: str
    contents: dict[str, bytes]


def cases() -> Iterator[Case]:
    """All cases."""
    for path in sorted(FOLDER.glob("*.txt")):
        for part in re.split(r"^=== ", path.read_text(), flags=re.MULTILINE)[1:]:
            head, _, rest = part.partition("\n")
            name, core = (word.strip() for word in head.split("|"))
            contents = re.findall(r"^--- (\S+) ([0-9a-f]+)$", rest, re.MULTILINE)
            source = re.sub(r"^--- .*\n", "", rest, flags=re.MULTILINE)
            yield Case(path.stem, name, core, source, {section: bytes.fromhex(text) for section, text in contents})


def ours(case: Case) -> dict[str, bytes]:
    """What we make of a case: the contents of its sections that have any."""
    image = assemble([Source(f"{case.name}.s", case.source)], target(case.core), Layout(placements=PLACES))
    return {one.name: one.data for one in image.sections if one.data and one.name in PLACES}


def theirs(case: Case) -> dict[str, bytes]:
    """What GNU as and ld make of it."""
    flavour = FLAVOURS["arm" if case.core == "armv7ve" else "power7-elfv1"]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "case.s")
        source.write_text(case.source)
        made = link_by_gnu(assemble_by_gnu(source, flavour), flavour, PLACES)
    return {name: one.data for name, one in made.sections.items() if one.data and name in PLACES}


def _write() -> None:
    found = list(cases())
    for path in sorted(FOLDER.glob("*.txt")):
        text = ""
        for case in found:
            if case.group == path.stem:
                rows = "".join(f"--- {name} {data.hex()}\n" for name, data in theirs(case).items())
                text += f"=== {case.name} | {case.core}\n{case.source}{rows}"
        path.write_text(text)


if __name__ == "__main__":
    _write()
