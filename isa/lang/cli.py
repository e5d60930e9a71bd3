"""The `isa` commands; `products` has those that tell of a description."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..command_line import Argument, Command, Group, Option, echo
from .commands import diff, doc, explain, export, fmt, lsp, new

if TYPE_CHECKING:
    import typer

_KIT_SECONDS = 300.0
"""That the usual stencils may take."""


def check(
    files: Annotated[
        list[Path] | None,
        Argument(help="Entry files of one description, or with --arch files that change it; what they `use` is read."),
    ] = None,
    arch: Annotated[
        str | None,
        Option("--arch", help="The description that comes with Trapline: power or arm, or one of their cores."),
    ] = None,
    as_json: Annotated[bool, Option("--json", help="Print the problems as a JSON list.")] = False,
) -> None:
    """Check a description: every problem with its place, the reason and a way out. Ends with 1 if there is one."""
    import json

    from ..errors import TraplineError
    from .checking import checked_files
    from .load import shipped_entry
    from .tree.diagnostics import render

    entries = [*([] if arch is None else [shipped_entry(arch)]), *(files or [])]
    if not entries:
        raise TraplineError("there is nothing to check", "name the files, or a description with --arch power")
    problems, sources = checked_files(entries)
    if as_json:
        echo(json.dumps([problem.as_json() for problem in problems], indent=2))
    else:
        for problem in problems:
            echo(render(problem, sources))
        errors = sum(problem.severity == "error" for problem in problems)
        told = [f"{errors or 'no'} problem{'' if errors == 1 else 's'}"]
        if warnings := len(problems) - errors:
            told.append(f"{warnings} warning{'' if warnings == 1 else 's'}")
        echo(f"{', '.join(told)} in {len(sources)} file{'' if len(sources) == 1 else 's'}")
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(1)


def build(
    cores: Annotated[
        list[str] | None, Argument(help="The cores whose native code is built: power7, ppc970, armv7ve; left out: all.")
    ] = None,
    changes: Annotated[list[Path] | None, Option("--isa", help="A file that changes the description.")] = None,
    entry: Annotated[
        Path | None,
        Option("--description", help="The entry file of a description of your own, which has the cores."),
    ] = None,
) -> None:
    """Build all native code of cores now, which guests would otherwise have built when they need it; and the stencils
    that hot code usually needs, which the first hot guest has made beside it."""
    from ..cache_files import cache_directory
    from ..engine.native.building.code_cache import native_code
    from ..engine.native.tier import wait_beside
    from ..engine.native.tier.begun import begin_kit, has_kit, stencils_folder
    from ..progress import shown_progress
    from .load import CORES, load_core

    for core in cores or (CORES if entry is None else [""]):
        with shown_progress() as progress:
            description = load_core(core, progress, changes or [], entry)
            core = description.core or description.name
            code = native_code(description, progress)
            code.complete(progress)
            progress(f"making the usual stencils of {core}", 0, 1)
            folder = stencils_folder(cache_directory(), code.key)
            begin_kit(description, folder)
            wait_beside(cache_directory(), _KIT_SECONDS)
        echo(f"{core}: {code.built()} parts" + ("" if has_kit(folder) else "; its usual stencils are not there"))


def coverage(
    against: Annotated[str | None, Option("--against", help="Compare instructions with: binutils.")] = None,
    sprs: Annotated[
        bool, Option("--sprs", help="Special purpose registers, against QEMU's and Linux's lists of them.")
    ] = False,
    coprocessors: Annotated[
        bool, Option("--coprocessors", help="Arm's coprocessor registers, against a manual's list and QEMU's.")
    ] = False,
    arch: Annotated[
        list[str] | None, Option("--arch", help="A core: armv7ve, power7 or ppc970; may be repeated. Or Power's.")
    ] = None,
    markdown: Annotated[bool, Option("--markdown", help="Print the page of the documentation.")] = False,
) -> None:
    """Tell which instructions or registers that others know a description has, which it lacks, and why.

    Ends with 1 if one is lacking without a reason.
    """
    from ..errors import TraplineError

    if [against is not None, sprs, coprocessors].count(True) != 1:
        raise TraplineError(
            "nothing to compare, or several things", "say --against binutils, --sprs, or --coprocessors"
        )
    if against not in (None, "binutils"):
        raise TraplineError(f"descriptions cannot be compared with '{against}'", "say --against binutils")
    if coprocessors:
        printed, complete = _coprocessors_covered(markdown)
    else:
        printed, complete = _registers_covered(arch, markdown) if sprs else _instructions_covered(arch, markdown)
    echo(printed.rstrip("\n"))
    if not complete:
        raise SystemExit(1)


def _instructions_covered(arch: list[str] | None, markdown: bool) -> tuple[str, bool]:
    from ..coverage import report
    from ..coverage.compared import compared, page
    from ..coverage.power import OPTIONS

    cores = arch or list(OPTIONS)
    head = page(cores)
    covered = [one for core in cores for one in compared(core)]
    printed = report.markdown(covered, *head) if markdown else report.text(covered)
    return printed, not any(one.unexplained for one in covered)


def _registers_covered(arch: list[str] | None, markdown: bool) -> tuple[str, bool]:
    from ..coverage import special_registers
    from ..coverage.register_lists import KNOWN
    from ..errors import TraplineError
    from .load import load_core

    tables = {}
    for core in arch or KNOWN:
        if core not in KNOWN:
            raise TraplineError(f"no list of core '{core}' is known", "known: " + ", ".join(KNOWN))
        tables[core] = special_registers.special_registers(load_core(core), KNOWN[core])
    printed = special_registers.markdown(tables) if markdown else special_registers.text(tables)
    return printed, not any(row.is_unexplained for rows in tables.values() for row in rows)


def _coprocessors_covered(markdown: bool) -> tuple[str, bool]:
    from ..coverage import coprocessor_registers
    from .load import load_core

    rows = coprocessor_registers.coprocessor_registers(load_core("armv7ve"))
    printed = coprocessor_registers.markdown(rows) if markdown else coprocessor_registers.text(rows)
    return printed, not any(row.is_unexplained for row in rows)


COMMANDS = (
    Group(
        "isa",
        "Work with descriptions (.isa files).",
        [
            Command("check", check),
            Command("fmt", fmt),
            Command("doc", doc),
            Command("lsp", lsp),
            Command("explain", explain),
            Command("diff", diff),
            Command("new", new),
            Command("export", export),
            Command("build", build),
            Command("coverage", coverage),
        ],
    ),
)


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..command_line.library import add

    add(app, COMMANDS)
