"""The commands `trapline suite list|generate|run|repro|report|new`: what they take. What they do stands in `doing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ...isa.command_line import Argument, Command, Group, Option

_NAMES = "Suites by name, .toml files, or built suites (folders, tar files)."
_SEED = "Seed of the generator instead of the suite's."
_STEER = "Make more of what the suite does not reach (`suite cover`)."
_ISA = "A file that changes the core's description; may be repeated."


def list_suites(
    names: Annotated[list[str] | None, Argument(help="Suites whose tests are listed.")] = None,
    tags: Annotated[list[str] | None, Option("--tag", help="Only tests with this tag.")] = None,
) -> None:
    """List the suites, or the tests of some."""
    from .doing import do_list

    do_list(names or [], tags or [])


def generate(
    name: Annotated[str, Argument(help="A suite's name, or a .toml file.")],
    output: Annotated[Path | None, Option("-o", "--output", help="Folder for the built suite.")] = None,
    tar: Annotated[Path | None, Option("--tar", help="Write it as a .tar.xz file as well.")] = None,
    seed: Annotated[int | None, Option("--seed", help=_SEED)] = None,
    full: Annotated[bool, Option("--full", help="Cross values fully, not pairwise.")] = False,
    steer: Annotated[bool, Option("--steer", help=_STEER)] = False,
    jobs: Annotated[int | None, Option("-j", "--jobs", help="Processes; else one a processor.", min=1)] = None,
    isa: Annotated[list[Path] | None, Option("--isa", help=_ISA)] = None,
) -> None:
    """Generate a suite into a folder: ELF files, commented sources, manifests, and a runner that needs no Trapline."""
    from .doing import do_generate

    do_generate(name, output, tar, seed, full, steer, jobs, isa or [])


def run(
    names: Annotated[list[str] | None, Argument(help=f"{_NAMES} None: some tests of every suite.")] = None,
    foreign: Annotated[
        list[Path] | None,
        Option("--foreign", help="A .toml file that tells of others' tests (kvm-unit-tests); may be repeated."),
    ] = None,
    target: Annotated[
        str, Option("--target", help="trapline[:ENGINE], qemu, command:WORDS with {elf}, or remote:HOST:PORT.")
    ] = "trapline",
    oracles: Annotated[
        list[str] | None,
        Option(
            "--oracle",
            help="Run each test twice and compare: engines, transparency, stub, non-interference, migration, "
            "schedule; may be repeated.",
        ),
    ] = None,
    reset: Annotated[str, Option("--reset", help="gdb's command that resets a remote target between tests.")] = "",
    tests: Annotated[list[str] | None, Option("--tests", help="Only tests of this glob; may be repeated.")] = None,
    tags: Annotated[list[str] | None, Option("--tag", help="Only tests with this tag; may be repeated.")] = None,
    groups: Annotated[list[str] | None, Option("--group", help="Only tests of this group; may be repeated.")] = None,
    seed: Annotated[int | None, Option("--seed", help=_SEED)] = None,
    full: Annotated[bool, Option("--full", help="Cross values fully, not pairwise.")] = False,
    steer: Annotated[bool, Option("--steer", help=_STEER)] = False,
    isa: Annotated[list[Path] | None, Option("--isa", help=_ISA)] = None,
    rebuild: Annotated[bool, Option("--rebuild", help="Generate anew what has been generated.")] = False,
    jobs: Annotated[int | None, Option("-j", "--jobs", help="Processes that run tests.", min=1)] = None,
    cluster: Annotated[
        str, Option("--cluster", help="HOST:PORT of a dask.distributed scheduler whose workers run the tests.")
    ] = "",
    retry: Annotated[int, Option("--retry", help="Run a test that fails again, so many times.", min=0)] = 0,
    quarantine: Annotated[
        list[str] | None, Option("--quarantine", help="Tests (glob) whose failures do not count; may be repeated.")
    ] = None,
    shuffle: Annotated[int | None, Option("--shuffle", help="Run in an order that this seed makes.")] = None,
    resume: Annotated[bool, Option("--resume", help="Go on with the last run, if it was interrupted.")] = False,
    stop_after: Annotated[int | None, Option("--stop-after", help="Stop after so many failures.", min=1)] = None,
    shrink: Annotated[
        int, Option("--shrink", help="Make the tests of so many failures smaller (trapline targets).", min=0)
    ] = 3,
    results: Annotated[Path | None, Option("--results", help="File for the results; else beside the suite.")] = None,
    failures: Annotated[Path | None, Option("--failures", help="Folder for repro capsules of failures.")] = None,
    tap: Annotated[Path | None, Option("--tap", help="Write the results as TAP 14.")] = None,
    junit: Annotated[Path | None, Option("--junit", help="Write the results as JUnit XML.")] = None,
    json: Annotated[Path | None, Option("--json", help="Write the results as JSON lines.")] = None,
    html: Annotated[Path | None, Option("--html", help="Write one page with results and coverage.")] = None,
    perfetto: Annotated[
        Path | None, Option("--perfetto", help="Write a trace of events in guest time (ui.perfetto.dev).")
    ] = None,
) -> None:
    """Run suites: on Trapline, on QEMU, on a debugger's remote target, or by a command.

    Ends with 0 if everything passed, else with 1.
    """
    from .doing import Reports, Run
    from .doing_runs import do_run
    from .running.runner import RunOptions

    options = RunOptions(jobs, retry, tuple(quarantine or ()), shuffle, resume, stop_after, cluster)
    asked = Run(
        tuple(names or ()),
        tuple(foreign or ()),
        target,
        tuple(oracles or ()),
        reset,
        tuple(tests or ()),
        tuple(tags or ()),
        tuple(groups or ()),
        seed,
        full,
        steer,
        tuple(isa or ()),
        rebuild,
        options,
        shrink,
        results,
        failures,
        Reports(tap, junit, json, html, perfetto),
    )
    do_run(asked)


def repro(
    file: Annotated[Path, Argument(help="A capsule that `suite run` wrote.")],
    gdb: Annotated[bool, Option("--gdb", help="Stop gdb right before the failing step's last instruction.")] = False,
    target: Annotated[str | None, Option("--target", help="Another target than the capsule's.")] = None,
    extract: Annotated[Path | None, Option("--extract", help="Only write its files into this folder.")] = None,
    shrink: Annotated[
        Path | None, Option("--shrink", help="Make its test smaller, and write a capsule of that test.")
    ] = None,
    seconds: Annotated[float, Option("--seconds", help="How long --shrink may take.", min=1)] = 120.0,
    isa: Annotated[list[Path] | None, Option("--isa", help=_ISA)] = None,
) -> None:
    """Run a failure's capsule again, and say whether it fails as it did.

    Ends with 0 if it fails as it did, with 1 if it does not.
    """
    from .doing_repros import do_repro

    do_repro(file, gdb, target, extract, shrink, seconds, isa or [])


def report(
    names: Annotated[list[str], Argument(help=_NAMES)],
    number: Annotated[int | None, Option("--run", help="The run's number; the last one if left out.")] = None,
    results: Annotated[Path | None, Option("--results", help="File with the results.")] = None,
    compare: Annotated[
        int | None, Option("--compare", help="Number of an earlier run: what has changed since.")
    ] = None,
    tap: Annotated[Path | None, Option("--tap", help="Write the results as TAP 14.")] = None,
    junit: Annotated[Path | None, Option("--junit", help="Write the results as JUnit XML.")] = None,
    json: Annotated[Path | None, Option("--json", help="Write the results as JSON lines.")] = None,
    html: Annotated[Path | None, Option("--html", help="Write one page with results and coverage.")] = None,
    perfetto: Annotated[
        Path | None, Option("--perfetto", help="Write a trace of events in guest time (ui.perfetto.dev).")
    ] = None,
) -> None:
    """Report on a run that has been: on the console, and into files."""
    from .doing import Reports, do_report

    do_report(names, number, results, compare, Reports(tap, junit, json, html, perfetto))


def cover(
    names: Annotated[list[str], Argument(help=_NAMES)],
    most: Annotated[int, Option("--most", help="Parts that are listed at most.", min=0)] = 40,
    as_json: Annotated[
        bool, Option("--json", help="Print the parts as a JSON list: an editor shows them beside the description.")
    ] = False,
) -> None:
    """Say which statements of the description a suite's tests execute, and which they do not.

    Runs every test on the reference engine, once: the answer is kept beside the suite, for reports and --steer.
    """
    from .doing_reach import do_cover

    do_cover(names, most, as_json)


def new(
    folder: Annotated[Path, Argument(help="Folder for the new suite; its name is the suite's.")],
) -> None:
    """Write a suite to begin with: a TOML file and a generator with one test."""
    from .doing import do_new

    do_new(folder)


SUITE = Group(
    "suite",
    "Test suites of firmware and hypervisors, generated from the descriptions.",
    (
        Command("list", list_suites),
        Command("generate", generate),
        Command("run", run),
        Command("repro", repro),
        Command("report", report),
        Command("cover", cover),
        Command("new", new),
    ),
)
