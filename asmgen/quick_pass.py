"""The first pass over lines whose shapes are known: by their plans, without a statement for each.

What a plan does not take (another shape, a number that does not fit, a name that is defined already, a state in which
lines mean something else) is left to the first pass proper, which reads the line anew; so errors come from there alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .layout.assembly import Assembly
from .layout.run_writer import RunWriter
from .layout.sections import Mark
from .layout.symbol import Symbol
from .line_plans import LinePlan, LinePlanner
from .old_branches import old_branches
from .target.seam import InstructionReader
from .text.file_lines import FileLines, Shapes

LEARNED_AT = 2
"""Which line of a shape a plan is made of: making one takes longer than reading a line."""
MAX_PLANS = 1 << 15
MAX_VARIANTS = 12
"""Plans of one shape."""


class QuickPass:
    """Takes lines of a file into an assembly as long as it has plans for them."""

    def __init__(self, assembly: Assembly, reader: InstructionReader, widths: Mapping[str, int]) -> None:
        """`widths` are the directives that put plain numbers into a section, with the bytes of each."""
        self._assembly = assembly
        self._reader = reader
        self._planner = LinePlanner(assembly.target, widths, assembly.big_endian)
        self._kept = assembly.target.kept_plans
        self._seen: dict[str, int] = {}

    def run(self, lines: FileLines, macros: Mapping[str, object]) -> None:
        """Take lines from `lines.at` on.  `macros` are words that mean something else than in plans."""
        assembly = self._assembly
        section = assembly.section
        if (assembly.reading.is_listed or section.nobits or lines.is_waiting
                or assembly.next_label_is_function or not self._reader.is_plain
                or (assembly.is_divided and assembly.instruction_set.divided) or old_branches(assembly) is not None):
            return
        found = lines.shapes()
        if found is not None and lines.at < len(found.shapes):
            kept = self._kept.setdefault((assembly.instruction_set.name, assembly.big_endian), {})
            self._take(found, lines, kept, macros)

    def _take(
        self, found: Shapes, lines: FileLines, plans: dict[str, LinePlan | None], macros: Mapping[str, object]
    ) -> None:
        assembly = self._assembly
        section, symbols, chosen = assembly.section, assembly.symbols, assembly.instruction_set
        shapes, numbers = found
        names, numeric = symbols.own, symbols.numeric
        writer = RunWriter(assembly, lines)
        words, rows, sizes, late = writer.words, writer.rows, writer.sizes, writer.late
        unit, bit = chosen.alignment, chosen.pointer_bit
        # A place in a section moves with what stands before it, as long as that can grow.
        is_settled = section.epoch == 0 and section.main is None
        is_simple = unit == 4 and not macros
        start = section.size
        mark = section.items[-1] if section.items and isinstance(section.items[-1], Mark) else None
        is_new = False
        index, get = lines.first_number(lines.at), plans.get
        at = lines.at
        for at in range(lines.at, len(shapes)):
            shape = shapes[at]
            plan = get(shape)
            if is_simple and plan is not None and plan.simple is not None:
                try:
                    words.append(plan.simple(numbers, index))
                except KeyError:
                    pass
                else:
                    # Nothing but an instruction of one unit that waits for nothing: what most lines are.
                    rows.append(at)
                    index += plan.count
                    if mark is not None:
                        mark.code_bit = bit
                        mark = None
                        is_new = False
                    continue
            if plan is None and (shape in plans or (plan := self._learned(lines, at, shape, plans)) is None):
                break
            if macros and plan.word in macros:
                break
            code = plan.code
            if code is not None:
                try:
                    word = code.word(numbers, index)
                except KeyError:
                    plan = self._variant(lines, at, shape, plan, numbers, index)
                    if plan is None or plan.code is None:
                        break
                    code = plan.code
                    word = code.word(numbers, index)
                if plan.late_name is not None:
                    target = plan.late_name(numbers, index)
                    if plan.direction:
                        target = numeric.named(int(target), plan.direction) if len(target) < 10 else ""
                        if not target:
                            break
                    elif (known := names.get(target)) is not None and known.expression is not None:
                        break
            elif plan.data is not None:
                try:
                    data = plan.data(numbers, index)
                except KeyError:
                    break
                if rows and len(data) % unit == 0 and section.executable:
                    writer.keep(data)
                else:
                    writer.put(start)
                    section.append_bytes(data)
                    start = section.size
                mark = None
                index += plan.count
                continue
            if plan.label is not None:
                name = plan.label(numbers, index)
                if plan.is_numeric:
                    name = numeric.define(int(name))
                symbol = names.get(name)
                if symbol is None:
                    if symbols.is_taken(name):
                        break
                    symbol = names[name] = Symbol(name)
                elif symbol.mark is not None or symbol.expression is not None or symbols.is_taken(name):
                    break
                if mark is None and is_settled:
                    mark, is_new = Mark(0), True
                    mark.offset = start + unit * len(words)
                elif mark is None:
                    writer.put(start)
                    start = section.size
                    mark = section.mark()
                symbol.section, symbol.mark, symbol.label_bit = section, mark, bit
                symbol.place = lines.place(at, plan.label_column)
            elif code is None and lines.is_marker(at):
                break
            index += plan.count
            if code is not None:
                if mark is not None:
                    mark.code_bit = bit
                    mark = None
                    is_new = False
                if plan.late_name is not None:
                    late.append((unit * len(words), code, word, target, len(rows)))
                rows.append(at)
                if unit == 2:
                    sizes.append(code.size)
                    if code.size == 4:
                        first, word = chosen.units(word)
                        words.append(first)
                words.append(word)
        else:
            at = len(shapes)
        writer.put(start)
        if mark is not None and is_new:
            section.items.append(mark)
        lines.at = at
        lines.is_counted(at, index)

    def _learned(
        self, lines: FileLines, at: int, shape: str, plans: dict[str, LinePlan | None]
    ) -> LinePlan | None:
        """A plan for a shape that has come often enough; None if there is none (so far)."""
        seen = self._seen.get(shape, 0) + 1
        if len(self._seen) < MAX_PLANS:
            self._seen[shape] = seen
        if (seen < LEARNED_AT and shape) or len(plans) >= MAX_PLANS:
            return None
        made = plans[shape] = self._planner.plan(lines.clean[at], shape, self._reader, self._assembly.instruction_set)
        return made

    def _variant(
        self, lines: FileLines, at: int, shape: str, plan: LinePlan, numbers: Sequence[str], index: int
    ) -> LinePlan | None:
        """Another plan of a shape for the numbers of this line; None if there is none."""
        for _ in range(MAX_VARIANTS):
            if plan.following is None:
                made = self._planner.plan(lines.clean[at], shape, self._reader, self._assembly.instruction_set)
                if made is None or made.code is None or not _takes(made, numbers, index):
                    return None
                if plan.code is not None and not plan.code.learn(made.code):
                    plan.following = made
                return made
            plan = plan.following
            if _takes(plan, numbers, index):
                return plan
        return None


def _takes(plan: LinePlan, numbers: Sequence[str], index: int) -> bool:
    try:
        return plan.code is not None and plan.code.word(numbers, index) >= 0
    except KeyError:
        return False
