"""The command `trapline bench`. Everything heavy is imported inside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Command, Option, echo
from .mutate.cli import COMMANDS as MUTATE

if TYPE_CHECKING:
    import typer
    from rich.console import Console

    from .bench.run import Plan

_WRONG_RESULT = 1

Samples = Annotated[int, Option("--samples", min=1, help="Samples of each time.")]


def bench(
    kernel: Annotated[list[str] | None, Option("--kernel", "-k", help="Only these kernels.")] = None,
    arch: Annotated[list[str] | None, Option("--arch", help="power or arm; both if left out.")] = None,
    form: Annotated[str, Option("--form", help="Of compute kernels: c, asm; auto: C if it compiles.")] = "auto",
    samples: Samples = 5,
    seconds: Annotated[float, Option("--seconds", min=0.001, help="About the length of a sample.")] = 0.3,
    quick: Annotated[bool, Option("--quick", help="Three samples of a tenth of a second.")] = False,
    clock: Annotated[
        str, Option("--clock", help="cpu: the peer's processor time; wall: of whole processes the usual one.")
    ] = "",
    json: Annotated[Path | None, Option("--json", help="Write the results to a file.")] = None,
    svg: Annotated[Path | None, Option("--svg", help="Draw the results into a file.")] = None,
    profile: Annotated[bool, Option("--profile", help="Show where Python's time goes, and measure nothing.")] = False,
    list_kernels: Annotated[bool, Option("--list", help="List the kernels, and measure nothing.")] = False,
    whole: Annotated[
        bool, Option("--whole", help="Measure whole processes, beside QEMU; -k takes words of the works' names.")
    ] = False,
    assembler: Annotated[
        bool, Option("--asm", help="Measure the assembler beside GNU as; -k: assemble, disassemble, start.")
    ] = False,
    rsp: Annotated[
        bool, Option("--rsp", help="Measure what a debugger waits for, beside QEMU's stub; -k: g, m, step, c, load ...")
    ] = False,
    edit: Annotated[
        bool, Option("--edit", help="Measure check, asm and run after an edit of a description; --arch: cores of it.")
    ] = False,
    linux: Annotated[
        list[str] | None, Option("--linux", help="With --whole, a kernel to boot: power=KERNEL or arm=KERNEL,INITRD.")
    ] = None,
) -> None:
    """How fast the engines run, beside QEMU, Unicorn and native C where those are installed.

    Exit status: 0, or 1 if a peer failed or gave a wrong result. A missed target is no failure.
    """
    from rich.console import Console

    if list_kernels:
        _list_kernels()
        return
    if quick:
        samples, seconds = 3, 0.1
    # What goes into a file or a pipe is not cut to the width of a terminal that is not there.
    console = Console()
    console.width = max(console.width, 120) if not console.is_terminal else console.width
    meaningless = {"--linux": linux, "--svg": svg, "--profile": profile, "--clock": clock, "--form": form != "auto"}
    if edit:
        from .bench.edits import run_edits, show_edits

        _refuse("--edit", {"--whole": whole, "--asm": assembler, "--rsp": rsp, "--json": json, **meaningless})
        show_edits(run_edits(arch or [], 1 if quick else samples, lambda text: echo(text, err=True)), console)
        return
    if rsp:
        _refuse("--rsp", {"--whole": whole, "--asm": assembler, **meaningless})
        _measure_rsp(kernel or [], arch or [], 1 if quick else samples, json, console)
        return
    if assembler:
        without = {"--whole": whole, "--json": json, **meaningless}
        if not _measure_assembler(samples, quick, kernel or [], arch or [], without, console):
            raise SystemExit(_WRONG_RESULT)
        return
    if whole:
        if _measure_whole(kernel or [], arch or [], samples, clock or "wall", quick, linux or [], json, console):
            raise SystemExit(_WRONG_RESULT)
        return
    plan = _plan(kernel or [], arch or [], form, samples, seconds, clock or "cpu")
    if profile:
        _profile(plan, console)
        return
    failed = _measure(plan, json, svg, console)
    if failed:
        raise SystemExit(_WRONG_RESULT)


def _measure_assembler(
    samples: int, quick: bool, works: list[str], arches: list[str], without: Mapping[str, object], console: Console
) -> bool:
    """Measures the assembler and shows it; whether it made the same as GNU as.

    `without` has by name what was asked for with options that mean nothing here.
    """
    from rich.table import Table

    from .bench.assembly import LINES, measure, rows

    _refuse("--asm", without)
    ratios = measure(1 if quick else samples, LINES // 10 if quick else LINES, works, arches)
    table = Table("what", "ours", "GNU", "× GNU", title="processor time of whole processes, the least of the samples")
    for row in rows(ratios):
        table.add_row(*row)
    console.print(table)
    return all(one.is_same for one in ratios)


def _refuse(mode: str, without: Mapping[str, object]) -> None:
    """Raises TraplineError for the first option of `without` that was given: it means nothing in this mode."""
    from ..isa.errors import TraplineError

    for option, value in without.items():
        if value:
            raise TraplineError(f"{option} means nothing with {mode}", "give -k, --arch, --samples or --quick")


def _measure_rsp(works: list[str], arches: list[str], samples: int, json: Path | None, console: Console) -> None:
    """Measures the protocol on both stubs, shows and writes."""
    from rich.console import Console

    from .bench.architectures import ARCHITECTURES, find_architecture
    from .bench.rsp.report import show_rsp, write_rsp
    from .bench.rsp.run import run_rsp

    chosen = tuple(find_architecture(name) for name in arches) or ARCHITECTURES
    progress = Console(stderr=True)
    with progress.status("building") as status:
        results = run_rsp(chosen, works, samples, status.update if progress.is_terminal else progress.print)
    show_rsp(results, console)
    if json is not None:
        write_rsp(json, results)


def _check_clock(clock: str) -> None:
    from ..isa.errors import TraplineError

    if clock not in ("cpu", "wall"):
        raise TraplineError(f"there is no clock '{clock}'", "use --clock cpu or --clock wall")


def _measure_whole(
    only: list[str],
    arches: list[str],
    samples: int,
    clock: str,
    quick: bool,
    linux: list[str],
    json: Path | None,
    console: Console,
) -> bool:
    """Measures whole processes, shows and writes; whether something failed."""
    from rich.console import Console

    from .bench.architectures import ARCHITECTURES, find_architecture
    from .bench.whole.report import show_whole, write_whole
    from .bench.whole.run import Plan, run_whole

    _check_clock(clock)
    chosen = tuple(find_architecture(name) for name in arches) or ARCHITECTURES
    progress = Console(stderr=True)
    with progress.status("building") as status:
        plan = Plan(chosen, samples, clock, quick, linux, only)
        results = run_whole(plan, status.update if progress.is_terminal else progress.print)
    show_whole(results, console)
    if json is not None:
        write_whole(json, results)
    return bool(results.failures)


def _plan(kernels: list[str], arches: list[str], form: str, samples: int, seconds: float, clock: str) -> Plan:
    from ..isa.errors import TraplineError
    from .bench.architectures import ARCHITECTURES, find_architecture
    from .bench.catalogue import KERNELS, find_kernel
    from .bench.compilers import missing_compiler
    from .bench.programs import Form
    from .bench.run import Plan
    from .bench.sampling import Settings

    _check_clock(clock)
    if form not in ("auto", "c", "asm"):
        raise TraplineError(f"kernels have no form '{form}'", "use --form c, asm or auto")
    chosen = tuple(find_architecture(name) for name in arches) or ARCHITECTURES
    for one in chosen:
        if form == "c" and (reason := missing_compiler(one)) is not None:
            raise TraplineError(reason, "--form asm measures without a compiler")
    return Plan(
        chosen,
        tuple(find_kernel(name) for name in kernels) or KERNELS,
        None if form == "auto" else Form(form),
        Settings(samples, seconds, clock),
        complete=not kernels,
    )


def _measure(plan: Plan, json: Path | None, svg: Path | None, console: Console) -> bool:
    """Measures, shows and writes; whether something failed."""
    from rich.console import Console

    from .bench.files import write_json, write_svg
    from .bench.report import show
    from .bench.run import run
    from .bench.targets import outcomes

    progress = Console(stderr=True)
    with progress.status("building") as status:
        # Where nothing can be written over, each step gets a line of its own.
        results = run(plan, status.update if progress.is_terminal else progress.print)
    targets = [one for arch in plan.arches for one in outcomes(results, arch.name)] if plan.complete else []
    show(results, targets, console)
    if json is not None:
        write_json(json, results, targets)
    if svg is not None:
        write_svg(svg, results)
    return bool(results.failures)


def _profile(plan: Plan, console: Console) -> None:
    from .bench.profiling import profile, show_profile
    from .bench.programs import build
    from .bench.run import NATIVE_OPTIONS, form_of

    for arch in plan.arches:
        for kernel in plan.kernels:
            if arch.name in kernel.arches:
                program = build(kernel, arch, form_of(kernel, arch, plan))
                show_profile(program, profile(program, NATIVE_OPTIONS, plan.settings.seconds), console)


def _list_kernels() -> None:
    from .bench.catalogue import KERNELS

    for kernel in KERNELS:
        echo(f"{kernel.name:14} {kernel.kind.value:8} {'/'.join(kernel.arches):10} {kernel.title}")


COMMANDS = (Command("bench", bench), *MUTATE)


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..isa.command_line.library import add

    add(app, COMMANDS)
