"""Our assembler as a user runs it, in this process: `trapline asm -c`, or an image made in one step."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from unittest.mock import patch

import typer
from typer.testing import CliRunner

from trapline.asmgen import AssemblyErrors, DescribedTarget, Image, Layout, Source, assemble, cli, target_for
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Description
from trapline.isa.progress import Progress

from .elf import ObjectFile, read_object
from .flavours import Flavour


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """Our assembler refused a source: what it printed."""

    text: str

    def __str__(self) -> str:
        return self.text


@cache
def _app() -> typer.Typer:
    app = typer.Typer()
    cli.register(app)
    return app


@cache
def makes_objects() -> bool:
    """Whether `trapline asm` has `-c`."""
    return " -c" in CliRunner().invoke(_app(), ["asm", "--help"], env={"COLUMNS": "200"}).output


@lru_cache(maxsize=4)
def _core(core: str) -> Description:
    return load_core(core)


def _loaded(
    core: str, _progress: Progress | None = None, changes: Sequence[Path] = (), entry: Path | None = None
) -> Description:
    """A core's description, read from the user's cache once in this process and not for each command."""
    return load_core(core, None, changes, entry) if changes or entry is not None else _core(core)


@lru_cache(maxsize=4)
def target(core: str) -> DescribedTarget:
    """A shipped core as the assembler sees it."""
    return target_for(_core(core))


def run_command(*arguments: str) -> tuple[int, str]:
    """Run a command of the assembler's: its exit status and all that it printed. Raises what is not our own error."""
    with patch("trapline.isa.lang.load.load_core", _loaded):
        done = CliRunner().invoke(_app(), list(arguments))
    if isinstance(done.exception, TraplineError):
        hint = f"\n  {done.exception.hint}" if done.exception.hint else ""
        return done.exit_code, f"{done.output}error: {done.exception.message}{hint}\n"
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def assemble_by_us(source: Path, flavour: Flavour, *options: str) -> ObjectFile:
    """The object that `trapline asm -c` makes. Raises `Refusal` with what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "ours.o")
        little = ["--order", "little"] if flavour.little else []
        status, printed = run_command("asm", "--arch", flavour.core, "-c", *little, *options, "-o", str(output),
                                      str(source))
        if status:
            raise Refusal(printed)
        return read_object(output.read_bytes())


def link_by_us(source: Path, flavour: Flavour, base: int = 0x10000) -> Image:
    """The program that one source makes in one step. Raises `Refusal`."""
    try:
        return assemble([Source.read(source)], target(flavour.core),
                        Layout(base=base, big_endian=False if flavour.little else None))
    except AssemblyErrors as errors:
        raise Refusal("\n".join(one.render() for one in errors.diagnostics)) from errors
