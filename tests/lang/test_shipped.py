"""The descriptions that come with Trapline are without a problem, and whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from trapline.__main__ import build_app
from trapline.isa.lang.checking import check_files
from trapline.isa.lang.load import load_core

ARCHITECTURES = Path(__file__).resolve().parents[2] / "isa" / "arch"
ENTRIES = sorted(folder / f"{folder.name}.isa" for folder in ARCHITECTURES.iterdir() if folder.is_dir())
CORES = {"power": ("power7", "ppc970"), "arm": ("armv7ve", "armv7ve_novfp"), "riscv": ("rv64",)}


def test_each_shipped_architecture_is_checked() -> None:
    """The entries are those whose cores the tests name; a new architecture has to be added here."""
    assert {entry.stem for entry in ENTRIES} == set(CORES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.stem)
def test_isa_check_finds_no_problem_in_a_shipped_description(entry: Path) -> None:
    """`trapline isa check` reads it for each of its cores and ends with 0."""
    done = CliRunner().invoke(build_app(), ["isa", "check", str(entry)])
    assert (done.exit_code, done.stdout.startswith("no problems in ")) == (0, True), done.stdout


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.stem)
def test_a_shipped_description_uses_all_files_of_its_folder(entry: Path) -> None:
    """A file that nothing uses would be checked by nobody."""
    problems, sources = check_files([entry])
    assert problems == []
    assert {Path(name).resolve() for name in sources} == {path.resolve() for path in entry.parent.rglob("*.isa")}


@pytest.mark.parametrize(("architecture", "core"), [(name, core) for name, cores in CORES.items() for core in cores])
def test_every_shipped_core_loads(architecture: str, core: str) -> None:
    """Each core has instructions in each instruction set, and an interrupt that an illegal one raises."""
    description = load_core(core)
    assert (description.name, description.core) == (architecture, core)
    assert {form.instruction_set for form in description.forms.values()} == set(description.instruction_sets)
    assert description.interrupts
