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


def _shipped_names(sources: Sources) -> list[str]:
    """The files of the description that come with Trapline, as messages name them."""
    return [name for name, path in zip(sources.texts, sources.paths, strict=True) if path.is_relative_to(ARCH)]
