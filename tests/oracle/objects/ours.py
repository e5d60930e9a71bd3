"""Our assembler as a user runs it, in this process: `trapline asm -c`, or an image made in one step."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import typer
from typer.testing import CliRunner

from trapline.asmgen import AssemblyErrors, DescribedTarget, Image, Layout, Source, assemble, cli, target_for
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core

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
def target(core: str) -> DescribedTarget:
    """A shipped core as the assembler sees it."""
    return target_for(load_core(core))


def assemble_by_us(source: Path, flavour: Flavour, *options: str) -> ObjectFile:
    """The object that `trapline asm -c` makes. Raises `Refusal` with what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "ours.o")
        little = ["--order", "little"] if flavour.little else []
        done = CliRunner().invoke(_app(), ["asm", "--arch", flavour.core, "-c", *little, *options,
                                           "-o", str(output), str(source)], catch_exceptions=True)
        if done.exit_code:
            if done.exception is not None and not isinstance(done.exception, SystemExit | TraplineError):
                raise done.exception
            said = done.exception.message if isinstance(done.exception, TraplineError) else ""
            raise Refusal(f"{done.output}{said}")
        return read_object(output.read_bytes())


def link_by_us(source: Path, flavour: Flavour, base: int = 0x10000) -> Image:
    """The program that one source makes in one step. Raises `Refusal`."""
    try:
        return assemble([Source.read(source)], target(flavour.core),
                        Layout(base=base, big_endian=False if flavour.little else None))
    except AssemblyErrors as errors:
        raise Refusal("\n".join(one.render() for one in errors.diagnostics)) from errors
