"""The commands `trapline guests` and `trapline demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Command, Option, echo
from .suites.commands import SUITE

if TYPE_CHECKING:
    import typer


def guests(
    names: Annotated[list[str] | None, Argument(help="Guests to build; all if none is named.")] = None,
    output: Annotated[Path | None, Option("-o", "--output", help="Folder for the ELF files.")] = None,
    lib: Annotated[bool, Option("--lib", help="The guest library's folder instead; with -o, a copy of it.")] = False,
) -> None:
    """List the guests that come with Trapline, or build them into a folder."""
    from ..isa.errors import TraplineError, reason_of
    from .catalogue import FOLDER, GUESTS, build, find_guest

    if lib:
        _library(FOLDER / "lib", output)
        return

    chosen = [find_guest(name) for name in names] if names else list(GUESTS)
    for guest in chosen:
        if output is None:
            echo(f"{guest.name:14} {guest.machine:10} {guest.title}")
            continue
        path = output / f"{guest.name}.elf"
        try:
            output.mkdir(parents=True, exist_ok=True)
            path.write_bytes(build(guest).elf)
        except OSError as error:
            raise TraplineError(f"cannot write {path}: {reason_of(error)}", "name another folder with -o") from error
        wanted = f" --vcpus {guest.vcpus} --threads {guest.threads}" if guest.vcpus > 1 else ""
        wanted += f" --memory {guest.memory}" if guest.memory is not None else ""
        wanted += " --rma" if guest.rma else ""
        # Machines for several cores begin with the usual one.
        wanted += f" --core {guest.core}" if guest.core == "ppc970" else ""
        echo(f"{path}: run it with: trapline run --machine {guest.machine}{wanted} {path}")


def _library(folder: Path, output: Path | None) -> None:
    """Says where the guest library is, or copies it."""
    import shutil

    from ..isa.errors import TraplineError, reason_of

    if output is None:
        echo(str(folder))
        return
    try:
        output.mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.glob("*.s")):
            shutil.copyfile(file, output / file.name)
    except OSError as error:
        raise TraplineError(f"cannot write {output}: {reason_of(error)}", "name another folder with -o") from error
    echo(f"{output}: assemble with it: trapline asm --arch power7 {output}/pseries.s YOURS.s")


def demo(
    names: Annotated[list[str] | None, Argument(help="Guests to show; all if none is named.")] = None,
) -> None:
    """Show every trap: gdb attached to the bundled guests, from break to verdict."""
    from .demo import show

    raise SystemExit(show(names or []))


COMMANDS = (Command("guests", guests), Command("demo", demo), SUITE)


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..isa.command_line.library import add

    add(app, COMMANDS)
