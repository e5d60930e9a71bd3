"""Checks whole descriptions: every problem over all of their cores, and warnings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .checks.codecs import check_codecs
from .checks.entry import check_entry
from .checks.lints import check_order, check_unused
from .elaborate import Elaboration
from .load import ARCH
from .names.cores import cores
from .text.sources import Sources, read_sources
from .tree.diagnostics import Diagnostic, Problems
from .units.store import Store


def check_files(files: Iterable[Path], relative_to: Path | None = None) -> tuple[list[Diagnostic], dict[str, str]]:
    """Every problem of a description, over all of its cores, in order of place; and the texts for excerpts."""
    problems, texts = checked_files(files, relative_to)
    return [problem for problem in problems if problem.severity == "error"], texts


def checked_files(files: Iterable[Path], relative_to: Path | None = None) -> tuple[list[Diagnostic], dict[str, str]]:
    """The same, with warnings behind."""
    problems = Problems()
    sources = read_sources(list(files), problems, relative_to)
    check_entry(sources, problems)
    if not problems.found:
        shipped = frozenset(_shipped_names(sources))
        store = Store()
        for core in cores(sources.items, problems):
            elaboration = Elaboration(sources.items, core, problems, store=store)
            description = elaboration.run()
            if description is not None and not problems.found:
                check_codecs(description, elaboration.codec_spans, problems, elaboration.clean)
                own = [form for form in description.forms.values() if description.files[form.line >> 20] not in shipped]
                check_order(own, description.files, problems)
        store.save()
    if not problems.found:
        # What a mistake names wrongly would seem to be unused.
        check_unused(sources.items, problems, frozenset(_shipped_names(sources)))
    return problems.in_order(), sources.texts


def _shipped_names(sources: Sources) -> list[str]:
    """The files of the description that come with Trapline, as messages name them."""
    return [name for name, path in zip(sources.texts, sources.paths, strict=True) if path.is_relative_to(ARCH)]
