"""Drafts to stencils: LLVM compiles many at once, and what it leaves open in the object is what copies are told."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...errors import EngineError
from ..building import CannotLinkError, ObjectFile, llvm
from ..copies import (
    HOSTS,
    HOT,
    INDIRECT,
    LONGEST_CODE,
    MISS,
    NEXT,
    OWN,
    WAY,
    Cell,
    Constant,
    Fix,
    Hole,
    Jump,
    Piece,
    Stencil,
)
from .glue_text import PIECE, PIECES, glue_texts, inner_texts
from .writing import Draft, Writer, depends_on_address
from .x86 import UnknownCodeError, has_cell, instructions, touched

if TYPE_CHECKING:
    from llvmlite.binding import PassBuilder, TargetMachine

_SPEED_LEVEL = 1
_NUMBERS = {1: (8, False), 10: (4, False), 11: (4, True), 12: (2, False), 14: (1, False)}
"""R_X86_64_64, _32, _32S, _16, _8 (System V ABI for x86-64, table 4.9)."""
_RELATIVE = (2, 4)
_WITHOUT = "-movbe"
"""An instruction that has no form with two registers."""
_WAYS = re.compile(rf"{NEXT}|{OWN}|{INDIRECT}|{MISS}|{HOT}|{re.escape(WAY)}\d+")
_GLUE = "glue."


def compile_stencils(writer: Writer, drafts: Sequence[Draft]) -> list[Stencil]:
    """Those of drafts that can be copied. Raises EngineError where LLVM rejects the module."""
    made = _compiled(writer.module(drafts))
    found = []
    for draft in drafts:
        code = made.get(draft.name)
        if code is not None and len(code.code) <= LONGEST_CODE:
            found.append(_stencil(draft, code))
    return found


def compile_glue(writer: Writer) -> dict[str, Piece]:
    """The pieces of `glue_text`. Raises EngineError."""
    pieces = {}
    inner = _compiled(writer.module((), inner_texts()))
    for name, code in (_compiled(writer.module((), glue_texts(), PIECES)) | inner).items():
        fixes = tuple(
            (at, size, signed, symbol.removeprefix(_GLUE), more) for at, size, signed, symbol, more in code.fixes
        )
        pieces[name.removeprefix(PIECE)] = Piece(code.code, fixes, tuple(code.jumps))
    return pieces


class _Code:
    """A function's bytes, with its relocations told apart."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self.fixes: list[tuple[int, int, bool, str, int]] = []
        self.jumps: list[Jump] = []
        self.uses: list[Constant] = []
        self.constants = b""
        self.constants_at: dict[int, int] = {}
        """Where each section of them begins there."""
        self.is_whole = True


def _compiled(text: str) -> dict[str, _Code]:
    binding = llvm()
    machine, builder = _tools()
    try:
        module = binding.parse_assembly(text)
        module.triple = binding.get_default_triple()
        module.data_layout = str(machine.target_data)
        module.verify()
        builder.getModulePassManager().run(module, builder)
        image: bytes = machine.emit_object(module)
        return _taken_apart(ObjectFile(image))
    except (RuntimeError, CannotLinkError) as error:
        raise EngineError(f"LLVM rejects stencils: {error}", hint="this is a fault of the engine") from error


@functools.cache
def _tools() -> tuple[TargetMachine, PassBuilder]:
    binding = llvm()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=f"{binding.get_host_cpu_features().flatten()},{_WITHOUT}",
        opt=_SPEED_LEVEL,
        reloc="static",
        codemodel="small",
    )
    options = binding.create_pipeline_tuning_options(speed_level=_SPEED_LEVEL)
    return machine, binding.create_pass_builder(machine, options)


def _taken_apart(one: ObjectFile) -> dict[str, _Code]:
    """The functions of an object that were not inlined, by name; without those that need what cannot be copied."""
    found: dict[str, _Code] = {}
    places: list[tuple[int, int, _Code]] = []
    texts = {number for number in one.placed() if one.sections[number].flags & _EXECUTABLE}
    linked = {section.info for section in one.sections if section.kind == _ADDENDS}
    data = {
        number for number in one.placed()
        if number not in texts | linked and one.sections[number].align <= _WIDEST_CONSTANT
    }  # fmt: skip
    for name, _, where, value in one.symbols:
        if name and where in texts and one.sizes.get(name):
            section = one.sections[where]
            start = section.offset + value
            made = found[name] = _Code(one.raw[start : start + one.sizes[name]])
            places.append((where, value, made))
    places.sort(key=lambda place: place[:2])
    for section in one.sections:
        if section.kind == _ADDENDS and section.info in texts:
            for at, info, addend in one.relocations(section):
                owner = _owner(places, section.info, at)
                if owner is not None:
                    _note(one, owner[2], at - owner[1], info, addend, data)
    return {name: made for name, made in found.items() if made.is_whole}


_EXECUTABLE, _ADDENDS = 4, 4
_WIDEST_CONSTANT = 32
"""Bytes of the alignment of constants, at most."""


def _owner(places: Sequence[tuple[int, int, _Code]], section: int, at: int) -> tuple[int, int, _Code] | None:
    number = bisect.bisect_right(places, (section, at), key=lambda place: place[:2]) - 1
    return places[number] if number >= 0 and places[number][0] == section else None


def _note(one: ObjectFile, made: _Code, at: int, info: int, addend: int, data: set[int]) -> None:
    name, _, where, value = one.symbols[info >> 32]
    kind = info & 0xFFFF_FFFF
    if kind in _RELATIVE and where in data and not one.sections[where].flags & _EXECUTABLE:
        section = one.sections[where]
        if where not in made.constants_at:
            made.constants += bytes(-len(made.constants) % _WIDEST_CONSTANT)
            made.constants_at[where] = len(made.constants)
            made.constants += one.raw[section.offset : section.offset + section.size]
        made.uses.append(Constant(at, made.constants_at[where] + value, addend + 4))
    elif kind in _RELATIVE and _WAYS.fullmatch(name):
        made.jumps.append(Jump(at, name))
    elif kind in _NUMBERS and where == 0 and name:
        made.fixes.append((at, *_NUMBERS[kind], name, addend))
    else:
        made.is_whole = False


def _stencil(draft: Draft, made: _Code) -> Stencil:
    numbers: Mapping[str, int] = {symbol.removeprefix("@"): at for at, symbol in enumerate(draft.holes.values())}
    used = sorted({name for *_, name, _ in made.fixes}, key=lambda name: numbers[name])
    holes = list(draft.holes)
    kept = tuple(holes[numbers[name]] for name in used)
    fixes = tuple(Fix(at, size, signed, used.index(name), more) for at, size, signed, name, more in made.fixes)
    cells, rigid = _cells(made, fixes, kept)
    expressions = [hole.value for hole in kept] + [one for one, _ in draft.chosen]
    return Stencil(
        draft.form, draft.variant, draft.modes, draft.chosen, kept, draft.ways, made.code, fixes, tuple(made.jumps),
        made.constants, tuple(made.uses), cells, rigid, draft.apart, any(map(depends_on_address, expressions)),
    )  # fmt: skip


def _cells(made: _Code, fixes: Sequence[Fix], holes: Sequence[Hole]) -> tuple[tuple[Cell, ...], bool]:
    """The cells of a stencil, and whether it is rigid."""
    try:
        found = list(instructions(made.code))
    except UnknownCodeError:
        return (), True
    if any(touched(made.code, one) & set(HOSTS) for one in found):
        # They are moved about there, to be in their places again where it ends.
        return (), True
    linked = {jump.at for jump in made.jumps}
    rigid = any(one.jumps and one.end - 4 not in linked for one in found)
    cells = []
    for number, fix in enumerate(fixes):
        hole = holes[fix.hole]
        one = next(one for one in found if one.start <= fix.at < one.end)
        fits = hole.elements and one.size and has_cell(made.code, one, fix.at) and not fix.more
        # Writing the lower half of one of the host's registers clears the upper half, which memory would keep.
        if fits and one.size <= hole.scale and not (one.writes and one.size == 4 < hole.scale):
            cells.append(Cell(number, one.extension, one.is_vex, one.end, one.writes))
    return tuple(cells), rigid
