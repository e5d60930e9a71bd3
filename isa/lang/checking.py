"""Checks whole descriptions: every problem over all of their cores, and warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..model.items import Description
from .checks.codecs import check_codecs
from .checks.entry import check_entry
from .checks.hidden import check_aliases
from .checks.lints import check_order, check_read_back, check_unused
from .elaborate import Elaboration
from .load import ARCH
from .names.cores import cores
from .text.sources import Sources, read_sources
from .tree import Item
from .tree.diagnostics import Diagnostic, Problems
from .units.store import Store
from .units.unit import Unit


@dataclass(frozen=True)
class Checked:
    """What was found: problems in order of place, the texts by name and their files, and each core's description as
    far as it has no problem."""

    problems: list[Diagnostic]
    texts: dict[str, str]
    paths: list[Path]
    descriptions: tuple[Description, ...]
    items: list[Item]


def check_files(files: Iterable[Path], relative_to: Path | None = None) -> tuple[list[Diagnostic], dict[str, str]]:
    """Every problem of a description, over all of its cores, in order of place; and the texts for excerpts."""
    problems, texts = checked_files(files, relative_to)
    return [problem for problem in problems if problem.severity == "error"], texts


def checked_files(files: Iterable[Path], relative_to: Path | None = None) -> tuple[list[Diagnostic], dict[str, str]]:
    """The same, with warnings behind."""
    found = checked(files, relative_to)
    return found.problems, found.texts


def checked(
    files: Iterable[Path],
    relative_to: Path | None = None,
    texts: Mapping[Path, str] | None = None,
    first_core: bool = False,
    lints: bool = True,
) -> Checked:
    """All that there is to know. `texts` stand in for files that are not saved yet; `first_core`: only that is looked
    at."""
    problems = Problems()
    sources = read_sources(list(files), problems, relative_to, texts=texts)
    descriptions: list[Description] = []
    check_entry(sources, problems)
    if not problems.found:
        shipped = frozenset(_shipped_names(sources))
        store = Store()
        for core in cores(sources.items, problems)[: 1 if first_core else None]:
            elaboration = Elaboration(sources.items, core, problems, store=store)
            description = elaboration.run()
            if description is not None and not problems.found:
                descriptions.append(description)
                if lints:
                    check_codecs(description, elaboration.codec_spans, problems, elaboration.clean)
                    forms = description.forms.values()
                    own = [form for form in forms if description.files[form.line >> 20] not in shipped]
                    check_order(own, description.files, problems)
                    check_read_back(own, description.files, problems)
                    check_aliases(description, shipped, problems)
        store.save()
    if not problems.found and lints:
        # What a mistake names wrongly would seem to be unused.
        check_unused(sources.items, problems, frozenset(_shipped_names(sources)))
    return Checked(problems.in_order(), sources.texts, sources.paths, tuple(descriptions), sources.items)


class _Anew(Store):
    """Finds nothing of one file: what is in that is made again."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def find(self, file: str, key: str) -> Unit | None:
        """See `Store`."""
        return None if file == self._file else super().find(file, key)


def local_types(files: Iterable[Path], path: Path, texts: Mapping[Path, str]) -> dict[tuple[int, str], str]:
    """By line and name, the types of variables and parameters of one file, as far as it has no problem."""
    problems = Problems()
    sources = read_sources(list(files), problems, texts=texts)
    shown = next((name for name, at in zip(sources.texts, sources.paths, strict=True) if at == path), "")
    found: dict[tuple[int, str], str] = {}
    for core in cores(sources.items, problems) if shown and not problems.found else ():
        elaboration = Elaboration(sources.items, core, problems, store=_Anew(shown))
        elaboration.env.locals = {}
        elaboration.run()
        for (file, line, name), type_ in elaboration.env.locals.items():
            if file == shown:
                found.setdefault((line, name), f"{type_}" + (f" ({type_.width} bits)" if type_.name else ""))
    return found


def _shipped_names(sources: Sources) -> list[str]:
    """The files of the description that come with Trapline, as messages name them."""
    return [name for name, path in zip(sources.texts, sources.paths, strict=True) if path.is_relative_to(ARCH)]
