"""Branches that a linker has to know where a source is for an old machine (R_ARM_V4BX at BX)."""

from __future__ import annotations

from .expressions.tree import SymbolRef
from .layout.assembly import Assembly
from .layout.wanted_relocations import WantedRelocation
from .target.seam import InstructionReader
from .target.traits import OldBranches
from .text.source import Statement


def old_branches(assembly: Assembly) -> OldBranches | None:
    """What gets a relocation at this point of the source; None if nothing does."""
    old = assembly.instruction_set.old_branches
    if old is None or not old.machines & {assembly.machine, assembly.object_machine}:
        return None
    return old


def mark_old_branch(assembly: Assembly, reader: InstructionReader, old: OldBranches, statement: Statement) -> None:
    """Ask for the relocation of the statement, which is assembled next, if it is such a branch."""
    if not statement.word.lower().startswith(old.instruction):
        return
    if reader.read_as(old.instruction, statement.word.lower(), statement.rest, assembly.instruction_set) is None:
        return
    here = assembly.symbols.here_label(assembly.section, statement.place())
    place = SymbolRef(here, 0, assembly.symbols.scope)
    assembly.wanted_relocations.append(
        WantedRelocation(assembly.section, place, old.relocation, None, statement, 0, is_hint=True))
