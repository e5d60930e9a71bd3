"""Our own sources: each is assembled by GNU as and by us in the flavours that its folder stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ...oracle.objects.compare import differences, image_differences
from ...oracle.objects.flavours import FLAVOURS, Flavour
from ...oracle.objects.gnu import assemble_by_gnu, link_by_gnu
from ...oracle.objects.ours import assemble_by_us, link_by_us

FOLDER = Path(__file__).resolve().parents[1] / "corpus"
_FLAVOURS = {"common": ("power7-elfv1", "arm"), "power": ("power7-elfv1",), "arm": ("arm",)}
_LITTLE_TOO = ("data_", "little_", "function_", "relocations_", "words_")
"""What is assembled for little-endian Power, too: files whose names begin so."""
_FOREIGN = re.compile(r"\bforeign\b|\bputs\b|=symbol\b|@toc|^\s*\.hidden never", re.MULTILINE)
"""What the sources call things that they do not define."""


@dataclass(frozen=True, slots=True)
class Case:
    """A source in one flavour."""

    path: Path
    flavour: Flavour

    @property
    def name(self) -> str:
        """Folder, file and flavour."""
        return f"{self.path.parent.name}/{self.path.stem}-{self.flavour.name}"


def cases(folder: Path = FOLDER) -> list[Case]:
    """Every source in every flavour of its folder."""
    return [
        Case(path, FLAVOURS[name])
        for part, names in _FLAVOURS.items()
        for path in sorted((folder / part).glob("*.s"))
        for name in (*names, *(["power7-little"] if part != "arm" and path.stem.startswith(_LITTLE_TOO) else []))
    ]


def linkable() -> list[Case]:
    """The cases that need no other file: they name nothing that a linker would have to find."""
    return [case for case in cases() if not _FOREIGN.search(case.path.read_text())]


def object_differences(case: Case) -> list[str]:
    """How our object differs from GNU as's. Raises `Refusal` or `OracleError` where one of both is not made."""
    gnu = assemble_by_gnu(case.path, case.flavour)
    return differences(gnu, assemble_by_us(case.path, case.flavour))


def linked_differences(case: Case) -> list[str]:
    """How the program that we make in one step differs from GNU as's and ld's with sections at the same addresses."""
    ours = link_by_us(case.path, case.flavour)
    contents = {one.name: one.data for one in ours.sections if not one.nobits}
    gnu = assemble_by_gnu(case.path, case.flavour)
    linked = link_by_gnu(gnu, case.flavour, {one.name: one.address for one in ours.sections})
    return image_differences(linked, contents)
