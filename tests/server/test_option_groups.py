"""Options that belong together stand in one class; a command takes several of them."""

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from trapline.isa.command_line import OptionGroup
from trapline.isa.errors import TraplineError
from trapline.server.option_groups import grouped
from trapline.server.options import MachineChoice


class Size(OptionGroup):
    """A group of two."""

    width: Annotated[int, typer.Option("--width")] = 3
    names: Annotated[list[str] | None, typer.Option("--name")] = None


class Other(OptionGroup):
    """A group that has a name of `Size` once more."""

    width: Annotated[int, typer.Option("--breadth")] = 3


def command(
    first: Annotated[str, typer.Argument()], size: Size, last: Annotated[bool, typer.Option("--last")] = False
) -> None:
    """Says what it got."""
    typer.echo(f"{first} {size.width} {size.names} {last}")


def _said(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(grouped(command))
    return CliRunner().invoke(app, arguments).output


def test_fields_of_a_group_are_options() -> None:
    """Each field is an option of its own, beside the command's others."""
    assert _said("x", "--width", "4", "--name", "a", "--name", "b", "--last") == "x 4 ['a', 'b'] True\n"
    assert _said("x") == "x 3 None False\n"
    assert "Says what it got" in _said("--help")


def test_two_options_of_one_name_are_a_mistake() -> None:
    """Which of two groups would get the value could not be told."""

    def both(one: Size, other: Other) -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="two options are called 'width'"):
        grouped(both)


@pytest.mark.parametrize(
    ("text", "mib"), [("1", 1), ("256", 256), ("256M", 256), ("2g", 2048), ("2GiB", 2048), ("65536K", 64)]
)
def test_memory_is_said_as_people_say_it(text: str, mib: int) -> None:
    """MiB, or with a letter as QEMU's -m has it."""
    assert MachineChoice(memory=text).options().ram_size == mib << 20


@pytest.mark.parametrize("text", ["", "0", "0G", "3K", "-5", "1.5G", "9" * 30, "256 B", "M"])
def test_what_is_no_size_of_memory_is_refused(text: str) -> None:
    """With the option's name and a way out."""
    with pytest.raises(TraplineError, match="--memory"):
        MachineChoice(memory=text).options()
