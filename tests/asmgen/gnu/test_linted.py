"""Claims about our files: checkers of ELF and DWARF find nothing in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ...oracle.objects.flavours import FLAVOURS
from ...oracle.objects.gnu import assemble_by_gnu, compile_by_gcc
from ...oracle.objects.ours import Refusal, assemble_by_us, link_by_us, run_command
from .compiled import FOLDER
from .corpus import Case, cases, linkable
from .linted import dwarf_faults, elf_faults

pytestmark = pytest.mark.oracle

OWN_DEBUG = (".debug_info", ".loc ")
"""Sources that write debug information themselves, or tell a compiler's lines, make what they make."""


def _made(some: list[Case], is_linked: bool) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for case in some:
        try:
            files[case.name] = (link_by_us(case.path, case.flavour).elf if is_linked
                                else assemble_by_us(case.path, case.flavour).raw)
        except Refusal:
            # Such a case is in held.txt.
            continue
    assert len(files) > 90
    return files


def _has_own_debug(case: Case) -> bool:
    return any(one in case.path.read_text() for one in OWN_DEBUG)


def test_objects_are_clean(tmp_path: Path) -> None:
    """Nothing is found in the objects of the corpus that is not in GNU as's as well."""
    by_name = {case.name: case for case in cases()}
    files = _made(cases(), is_linked=False)
    for name, found in elf_faults(files, tmp_path).items():
        if found:
            case = by_name[name]
            theirs = elf_faults({name: assemble_by_gnu(case.path, case.flavour).raw}, tmp_path)[name]
            assert [line for line in found if line not in theirs] == [], name
    plain = {name: data for name, data in files.items() if not _has_own_debug(by_name[name])}
    assert {name: found for name, found in dwarf_faults(plain, tmp_path).items() if found} == {}


def test_programs_are_clean(tmp_path: Path) -> None:
    """Nothing is found in the programs that its sources make in one step."""
    files = _made(linkable(), is_linked=True)
    assert {name: found for name, found in elf_faults(files, tmp_path).items() if found} == {}
    by_name = {case.name: case for case in linkable()}
    plain = {name: data for name, data in files.items() if not _has_own_debug(by_name[name])}
    assert {name: found for name, found in dwarf_faults(plain, tmp_path).items() if found} == {}


@pytest.mark.parametrize("name", ["power7-elfv1", "970-elfv2", "arm"])
def test_linked_compilers_output_is_clean(name: str, tmp_path: Path) -> None:
    """A C file compiled with -g, assembled by us with -c and linked by us.

    The DWARF is gcc's own, of which LLVM 14's checker finds no end.
    """
    flavour = FLAVOURS[name]
    source = compile_by_gcc(FOLDER / "sorting.c", flavour, ("-O1", "-g"), tmp_path / "made.s")
    status, printed = run_command("asm", "--arch", flavour.core, "-c", "-o", str(tmp_path / "made.o"), str(source))
    assert status == 0, printed
    status, printed = run_command("asm", "--arch", flavour.core, "--base", "0x10000000", "-o", str(tmp_path / "made"),
                                  str(tmp_path / "made.o"))
    assert status == 0, printed
    files = {kind: (tmp_path / kind).read_bytes() for kind in ("made.o", "made")}
    assert elf_faults(files, tmp_path) == {"made.o": [], "made": []}
