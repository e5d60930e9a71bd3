"""Layout: sizes of what had none, and an address for every section.

An instruction that has a short and a long encoding starts short and becomes long when its target turns out to be too
far away (`relaxing`); where other sizes depend on places as well, sizes only grow, so the rounds end.
"""

from __future__ import annotations

from collections.abc import Callable

from ..expressions.evaluation import evaluate_number
from ..target.seam import Evaluate, Pending
from ..text.diagnostics import Diagnostic, Place, SourceError, TooManyErrors
from .assembly import Assembly
from .operand_values import Values
from .options import Layout
from .ranges import check_origin, gap_size, leb128_bytes
from .relaxing import CodeSize, Wrap, has_lengths, padding_of, relax, relaxes
from .sections import Code, Gap, Item, Leb128, Origin, Padding, Section

MAX_ROUNDS = 400
MAX_TOTAL = 48 << 20
"""Bytes of contents of all sections together."""
SECTION_GAP = 16
"""A section that follows another one begins at a multiple of this many bytes, so that words in it are aligned."""
_STANDARD_ORDER = {".text": 0, ".rodata": 2, ".data": 4, ".bss": 6}


def lay_out(assembly: Assembly, layout: Layout) -> list[Section]:
    """Give every section its address and size; the sections in order of address.

    Errors (overlaps, no room, `.org` backwards) go to the reporter.
    """
    sections = [s for s in assembly.sections.values() if s.allocated and (s.size or s.items)]
    loose = [s for s in assembly.sections.values() if not s.allocated]
    for section in loose:
        section.address = 0
    _place(sections, assembly, layout)
    _settle([*sections, *loose], assembly, _code_size, lambda: _place(sections, assembly, layout))
    sections.sort(key=lambda s: (s.address or 0, s.order))
    _check_room(sections, assembly, layout)
    return sections


def measure_apart(assembly: Assembly, spacing: int, code_size: CodeSize) -> None:
    """Give the sections of an object their sizes, each at an address of its own, 2**`spacing` bytes from the next."""
    sections = list(assembly.sections.values())
    for number, section in enumerate(sections):
        section.address = (number + 1) << spacing
    _settle(sections, assembly, code_size, lambda: None)


def _settle(sections: list[Section], assembly: Assembly, code_size: CodeSize, place: Callable[[], None]) -> None:
    """Measure and place until nothing changes any more; instructions grow only while all places agree."""
    unsettled = [section for section in sections if section.epoch]
    grows = {section.key for section in unsettled if any(map(has_lengths, section.items))}
    relaxed = {section.key for section in unsettled if section.key in grows and relaxes(section)}
    settled: set[int] = set()

    def has_changed(section: Section) -> bool:
        if section.key in relaxed:
            return relax(section, assembly, code_size, settled)
        return section.key in grows and _grow(section, assembly, code_size)

    for _ in range(MAX_ROUNDS):
        if not [section for section in unsettled if _measure(section, assembly)] \
                and not [section for section in unsettled if has_changed(section)]:
            return
        place()
    assembly.reporter.add(Diagnostic(
        f"sizes and addresses still depend on each other after {MAX_ROUNDS} rounds", None,
        "look for an .org or .skip whose size depends on a label behind it"))


def _place(sections: list[Section], assembly: Assembly, layout: Layout) -> None:
    """Addresses: placed sections where they were told, the others one after the other from the base."""
    address, gap = layout.base, 1
    before: tuple[bool, bool] | None = None
    for section in sorted(sections, key=_order):
        fixed = layout.placements.get(section.name)
        if fixed is None and section.name in assembly.placements:
            fixed = assembly.placements[section.name][0]
        if fixed is not None:
            section.address = fixed
            continue
        rights = section.executable, "w" in section.flags
        if layout.page and before not in (None, rights):
            gap = layout.page
        before = rights
        address += -address % max(section.needed_alignment, gap)
        section.address = address
        address += section.size
        gap = SECTION_GAP


def _order(section: Section) -> tuple[int, int]:
    """Code, constants, data, then what has no contents; within each the standard section first."""
    if section.executable:
        kind = 1
    elif section.nobits:
        kind = 7
    else:
        kind = 5 if "w" in section.flags else 3
    return _STANDARD_ORDER.get(section.name, kind), section.order


def _measure(section: Section, assembly: Assembly) -> bool:
    """Set offsets and sizes of all items of a section, instructions as they are; whether anything changed."""
    offset, changed = 0, False
    base = section.address or 0
    for item in section.items:
        if item.offset != offset:
            item.offset, changed = offset, True
        size = _size(item, base, section, assembly)
        if size != item.size:
            item.size, changed = size, True
        offset += item.size
    if section.size != offset:
        section.size, changed = offset, True
    return changed


def _grow(section: Section, assembly: Assembly, code_size: CodeSize) -> bool:
    """Make instructions longer whose operands do not fit; whether there was one."""
    grown = False
    for item in section.items:
        if isinstance(item, Code) and not isinstance(item.content, bytes) and len(item.content.sizes) > 1:
            size = max(code_size(item, item.content, section, assembly, _as_it_is), item.size)
            grown = grown or size != item.size
            item.size = size
    return grown


def _as_it_is(values: Evaluate) -> Evaluate:
    return values


def _code_size(item: Code, content: Pending, section: Section, assembly: Assembly, wrap: Wrap) -> int:
    """The least size that an instruction can have at its place; the present one where it has none."""
    here = (section.address or 0) + item.offset
    try:
        return len(content.encode(here, wrap(Values(assembly.symbols, here)), content.sizes[0]))
    except SourceError:
        return item.size


def _size(item: Item, base: int, section: Section, assembly: Assembly) -> int:
    """The present size of an item that is no code.  An error leaves the size as it is; emission reports it."""
    value_of = assembly.symbols.address
    try:
        if isinstance(item, Padding):
            return padding_of(item)
        if isinstance(item, Leb128):
            value = evaluate_number(item.expression, value_of, base + item.offset)
            return len(leb128_bytes(value, item.signed, least=item.size))
        if isinstance(item, Gap):
            count = evaluate_number(item.count, value_of, base + item.offset)
            return gap_size(item, count, section.nobits)
        if isinstance(item, Origin):
            target = evaluate_number(item.target, value_of, base + item.offset)
            return max(0, (target - base if item.is_address else target) - item.offset)
    except SourceError:
        return item.size
    return item.size


def check_total(assembly: Assembly) -> None:
    """Stop before bytes are made of more than fits.  Raises TooManyErrors when all sections hold too much together."""
    total = sum(section.size for section in assembly.sections.values() if not section.nobits)
    if total > MAX_TOTAL:
        largest = max((s for s in assembly.sections.values() if not s.nobits), key=lambda s: s.size)
        assembly.reporter.add(Diagnostic(
            f"the program has {total} bytes of contents, more than {MAX_TOTAL >> 20} MiB", _gap_of(largest),
            f"most of it, {largest.size} bytes, is in {largest.name}: place what is far away in sections of its own"))
        raise TooManyErrors


def _gap_of(section: Section) -> Place | None:
    """Where the largest gap of a section is asked for."""
    gaps = [item for item in section.items if isinstance(item, (Gap, Origin)) and item.statement is not None]
    largest = max(gaps, key=lambda item: item.size, default=None)
    return largest.statement.place() if largest is not None and largest.statement is not None else None


def check_sizes(section: Section, assembly: Assembly) -> None:
    """Report the `.org`s that go back and the `.skip`s that make no sense, now that places are final."""
    base = section.address or 0
    for item in section.items:
        if not isinstance(item, (Gap, Origin)):
            continue
        try:
            here = base + item.offset
            expression = item.count if isinstance(item, Gap) else item.target
            value = evaluate_number(expression, assembly.symbols.address, here)
            if isinstance(item, Gap):
                gap_size(item, value, section.nobits)
            else:
                check_origin(value - base if item.is_address else value, item.offset)
        except SourceError as error:
            if item.statement is None:
                continue
            assembly.report(item.statement.place(error.offset), error)


def _check_room(sections: list[Section], assembly: Assembly, layout: Layout) -> None:
    """Report sections that overlap, leave the address space or do not fit the declared memory."""
    memory = [*layout.memory, *assembly.memory]
    highest = 1 << assembly.target.elf.bits
    before: Section | None = None
    for section in sections:
        start = section.address or 0
        end = start + section.size
        place = assembly.placements[section.name][1] if section.name in assembly.placements else None
        if start % section.needed_alignment:
            assembly.reporter.add(Diagnostic(
                f"{section.name} is placed at {start:#x}, but needs a multiple of {section.needed_alignment}", place,
                f"place it at {start + -start % section.needed_alignment:#x}"))
        if before is not None and start < (before.address or 0) + before.size and section.size:
            assembly.reporter.add(Diagnostic(
                f"{section.name} at {start:#x} overlaps {before.name}, which reaches to "
                f"{(before.address or 0) + before.size:#x}", place,
                f"move one of them with .place {section.name}, ADDRESS"))
        if end > highest:
            assembly.reporter.add(Diagnostic(
                f"{section.name} reaches to {end:#x}, beyond {assembly.target.elf.bits}-bit addresses", place))
        elif memory and not any(o <= start and end <= o + length for o, length in memory):
            ranges = ", ".join(f"{o:#x}..{o + length - 1:#x}" for o, length in memory)
            assembly.reporter.add(Diagnostic(
                f"{section.name} at {start:#x}..{max(start, end - 1):#x} lies outside the memory {ranges}", place,
                "enlarge the .memory, or .place the section inside it"))
        if section.size:
            before = section
