"""The last pass for an object: bytes, and relocations for what they lack."""

from __future__ import annotations

from msgspec import Struct

from ..expressions.tree import Binary, Expression, Number, SymbolRef
from ..layout.assembly import Assembly
from ..layout.code_runs import CodeRun, LateCode
from ..layout.ranges import check_code_address, check_width
from ..layout.sections import Code, Datum, Item, Section
from ..layout.symbol import Binding, Symbol
from ..layout.wanted_relocations import WantedRelocation
from ..objects.emission import Emitter
from ..target.byte_order import byte_order
from ..target.plans import CodePlan, Misfit
from ..target.seam import LateOperand, OpenInstruction
from ..text.diagnostics import SourceError, did_you_mean
from .styles import Style, Wanted
from .terms import Label, Sum, sum_of
from .values import LeftToLinker, ObjectValues, is_shared


class Relocation(Struct, frozen=True):
    """At `offset` of its section, the relocation `name` against a symbol, a section, or neither."""

    offset: int
    name: str
    symbol: Symbol | None
    section: Section | None
    addend: int


class ObjectEmitter(Emitter):
    """Emits sections whose addresses are a linker's matter."""

    def __init__(self, assembly: Assembly, style: Style) -> None:
        super().__init__(assembly)
        self._style = style
        self.relocations: dict[str, list[Relocation]] = {}
        self._absolute: dict[int, Symbol] = {}
        self._known: dict[CodePlan, Wanted | None] = {}
        self._open: dict[tuple[CodePlan, int, str], tuple[Wanted | None, Symbol | None, Section | None, int]] = {}

    @property
    def absolute(self) -> list[Symbol]:
        """Symbols made for plain addresses that relocations name."""
        return list(self._absolute.values())

    def item_bytes(self, item: Item, section: Section) -> bytes | bytearray:
        """See Emitter."""
        try:
            if isinstance(item, Datum):
                return self._datum(item, section)
            if isinstance(item, Code):
                check_code_address(item.offset, item.instruction_set.alignment)
                return item.content if isinstance(item.content, bytes) else self._instruction(item, section)
        except SourceError as error:
            assert isinstance(item, Datum | Code)
            self._assembly.report(item.statement.place(error.offset), error)
            return bytes(item.size)
        return super().item_bytes(item, section)

    def late_bits(self, run: CodeRun, late: LateCode, section: Section) -> int | None:
        """See Emitter; what a linker has to fill in gets its relocation here."""
        place, plan, word, name, _ = late
        waiting = plan.late
        assert waiting is not None
        here = (section.address or 0) + run.offset + place
        symbol = self._assembly.symbols.names(run.scope).get(name)
        if waiting.is_relative and symbol is not None and symbol.section is section \
                and symbol.binding is Binding.LOCAL and symbol.local_entry is None:
            # What this section knows by itself is no linker's matter.
            return None
        try:
            known = self._open.get((plan, run.scope, name))
            if known is None:
                known = self._open[plan, run.scope, name] = self._opened(run, plan, word, name)
            wanted, named, target, addend = known
            kept = 0 if self._style.has_addends else addend
            if wanted is None or (not waiting.is_relative and not -(1 << 15) <= kept < 1 << 15):
                return None
            bits = waiting.bits(here + kept if waiting.is_relative else kept & 0xFFFF, here)
        except (SourceError, Misfit):
            return None
        self.relocations.setdefault(section.key, []).append(
            Relocation(run.offset + place + wanted.at, self._style.prefix + wanted.name, named, target, addend))
        return bits

    def _opened(
        self, run: CodeRun, plan: CodePlan, word: int, name: str
    ) -> tuple[Wanted | None, Symbol | None, Section | None, int]:
        """The relocation of a plan's late operand for a symbol, what it names, and its addend.

        None as the relocation where it needs a closer look.  Raises SourceError.
        """
        symbol = self._assembly.symbols.for_linker(SymbolRef(name, 0, run.scope))
        wanted = self._wanted(run, plan, word)
        if symbol.expression is not None or (symbol.mark is not None and symbol.section is None) \
                or wanted is None or not wanted.has_symbol:
            return None, None, None, 0
        distance = symbol.mark.offset if symbol.mark is not None else 0
        named, target = self._target(Label(symbol, symbol.section, distance), wanted, 0)
        return wanted, named, target, 0 if named is not None else distance

    def _wanted(self, run: CodeRun, plan: CodePlan, word: int) -> Wanted | None:
        """The relocation of a plan's late operand; None where it has none of its own.  Raises SourceError."""
        if plan not in self._known:
            waiting = plan.late
            assert waiting is not None
            fields = self._assembly.target.relocations
            field = fields.get(waiting.instruction) or fields.get(waiting.operand)
            made = OpenInstruction(b"", waiting.instruction, waiting.fields(word), ())
            self._known[plan] = None if field is None else self._style.operand(
                field, made, waiting.part, False, self._assembly.big_endian)
        return self._known[plan]

    def _datum(self, item: Datum, section: Section) -> bytes:
        order = byte_order(self._assembly.big_endian)
        values = ObjectValues(self._assembly.symbols, section, item.offset, None)
        whole = _distance_to_function(item.expression, values) or values.sum(item.expression)
        if whole.is_number:
            number = self._shared_number(item, section)
            if number is None:
                number = check_width(whole.number, item.width, item.column)
            return (number & ((1 << 8 * item.width) - 1)).to_bytes(item.width, order)
        is_relative = bool(whole.minus)
        named = whole.plus[0].symbol.name if whole.plus and whole.plus[0].symbol is not None else ""
        wanted = self._style.data(item.width, whole.modifier, is_relative, named)
        addend = self._add(section, item.offset, wanted, whole)
        kept = 0 if self._style.has_addends else addend
        return (kept & ((1 << 8 * item.width) - 1)).to_bytes(item.width, order)

    def _shared_number(self, item: Datum, section: Section) -> int | None:
        """What stands in place of a number with a name that other files see, and that it got behind this statement.

        GNU as leaves such a one to the linker, as another file's symbol could take its place.  None for others.
        """
        symbol, more = self._named_number(item.expression)
        if symbol is None or symbol.binding is Binding.LOCAL or symbol.expression is None or symbol.version:
            return None
        try:
            wanted = self._style.data(item.width, "", False, symbol.name)
        except SourceError:
            return None
        name = self._style.prefix + wanted.name
        self.relocations.setdefault(section.key, []).append(Relocation(item.offset, name, symbol, None, more))
        return 0 if self._style.has_addends else more

    def _named_number(self, expression: Expression) -> tuple[Symbol | None, int]:
        """The symbol that is named, and a number that is added to it."""
        more = 0
        if isinstance(expression, Binary) and expression.operator in "+-" and isinstance(expression.right, Number):
            more = expression.right.value * (1 if expression.operator == "+" else -1)
            expression = expression.left
        if not isinstance(expression, SymbolRef):
            return None, 0
        return self._assembly.symbols.for_linker(expression), more

    def _instruction(self, item: Code, section: Section) -> bytes:
        assert not isinstance(item.content, bytes)
        here = (section.address or 0) + item.offset
        values = ObjectValues(self._assembly.symbols, section, item.offset, {}, self._style.number_is_distance)
        done = item.content.encode_open(here, values, item.size)
        addends: dict[int, int] = {}
        for operand in done.operands:
            whole = values.left.get(id(operand.expression))
            if whole is None:
                continue
            fields = self._assembly.target.relocations
            field = fields.get(done.instruction) or fields.get(operand.name)
            if field is None:
                return self._in_section(item, section, operand)
            wanted = self._style.operand(field, done, whole.modifier, bool(whole.minus), self._assembly.big_endian)
            addends[id(operand.expression)] = self._add(section, item.offset + wanted.at, wanted, whole)
        if not addends or self._style.has_addends:
            return done.data
        values = ObjectValues(self._assembly.symbols, section, item.offset, addends)
        return item.content.encode(here, values, item.size)

    def add_wanted(self, wanted: WantedRelocation) -> None:
        """Keep a relocation that the source spells out; what is wrong with it goes to the reporter."""
        try:
            self._add_wanted(wanted)
        except SourceError as error:
            self._assembly.report(wanted.statement.place(error.offset), error)

    def _add_wanted(self, wanted: WantedRelocation) -> None:
        if not wanted.name.startswith(self._style.prefix) or wanted.name not in self._style.numbers:
            raise SourceError(f"there is no relocation '{wanted.name}'", wanted.column,
                              did_you_mean(wanted.name, self._style.numbers))
        here = Label(None, wanted.section, 0)
        place = sum_of(wanted.place, self._assembly.symbols, here)
        section = place.plus[0].section if len(place.plus) == 1 and not place.minus else wanted.section
        if section is None or not (place.is_number or place.plus) or place.modifier:
            raise SourceError("a relocation stands at an offset, or at a label of this file")
        offset = place.constant + (place.plus[0].offset if place.plus else 0)
        if not 0 <= offset <= section.size:
            raise SourceError(f"{offset:#x} is outside of {section.name}, which has {section.size:#x} bytes")
        value = sum_of(wanted.value, self._assembly.symbols, here) if wanted.value is not None else Sum((), (), 0)
        if len(value.plus) > 1 or value.minus or value.modifier:
            raise SourceError("a relocation holds one symbol plus a number", 0, "take the rest apart with .set")
        label = value.plus[0] if value.plus else None
        is_named = (label is not None and label.symbol is not None and not label.symbol.is_made
                    and (label.section is None or label.symbol.name != label.section.name))
        symbol = label.symbol if label is not None and is_named else None
        target = label.section if label is not None and not is_named else None
        addend = value.constant + (label.offset if label is not None and target is not None else 0)
        self.relocations.setdefault(section.key, []).append(
            Relocation(offset, wanted.name, symbol, target, addend))

    def _in_section(self, item: Code, section: Section, operand: LateOperand) -> bytes:
        """An operand that no linker can fill in: what it names in this section is taken, whoever else may see it."""
        assert not isinstance(item.content, bytes)
        values = ObjectValues(self._assembly.symbols, section, item.offset, None, takes_shared=True)
        try:
            return item.content.encode((section.address or 0) + item.offset, values, item.size)
        except LeftToLinker as error:
            raise SourceError(f"operand {operand.name} of this instruction cannot be left to a linker",
                              operand.offset, "load the address first, or define the symbol in this section") from error

    def _add(self, section: Section, offset: int, wanted: Wanted, whole: Sum) -> int:
        """Keep the relocation; its addend.  Raises SourceError if it is not one symbol plus an addend."""
        addend = whole.constant
        for base in whole.minus:
            if base.section is not section or len(whole.minus) > 1:
                name = base.symbol.name if base.symbol is not None else "."
                where = "lies in another section" if base.section is not None else "this file does not define"
                raise SourceError(f"the distance from '{name}', which {where}, is not known", 0,
                                  "count from a place in this section")
            addend += offset - base.offset
        if whole.is_number:
            return self._add_absolute(section, offset, wanted, addend)
        if len(whole.plus) > 1 or (not whole.plus and wanted.has_symbol):
            raise SourceError("a relocation holds one symbol plus a number", 0, "take the rest apart with .set")
        label = whole.plus[0] if whole.plus and wanted.has_symbol else None
        symbol, target = self._target(label, wanted, addend)
        if label is not None and symbol is None:
            addend += label.offset
        name = self._style.prefix + wanted.name
        self.relocations.setdefault(section.key, []).append(Relocation(offset, name, symbol, target, addend))
        return addend

    def _add_absolute(self, section: Section, offset: int, wanted: Wanted, address: int) -> int:
        """Keep a relocation to an address, by a symbol called as other assemblers call it; its addend."""
        symbol = self._absolute.setdefault(address, Symbol(f"*ABS*{address:#x}", expression=Number(address)))
        self.relocations.setdefault(section.key, []).append(
            Relocation(offset, self._style.prefix + wanted.name, symbol if address else None, None, 0))
        return 0

    def named(self, expression: Expression, wanted: Wanted) -> tuple[Symbol | None, Section | None, int]:
        """What a relocation to an expression's place names, and its addend.  Raises SourceError."""
        whole = sum_of(expression, self._assembly.symbols, Label(None, None, 0))
        if len(whole.plus) != 1 or whole.minus or whole.modifier:
            raise SourceError("a pointer for unwinding is one symbol plus a number")
        symbol, section = self._target(whole.plus[0], wanted, whole.constant)
        return symbol, section, whole.constant + (whole.plus[0].offset if symbol is None else 0)

    def _target(self, label: Label | None, wanted: Wanted, addend: int) -> tuple[Symbol | None, Section | None]:
        """What the relocation names: the symbol, or the section in which a local symbol stands."""
        if label is None:
            return None, None
        symbol = label.symbol
        if symbol is None or label.section is None:
            return symbol, label.section
        is_kept = any(self._style.keeps_symbol(one, wanted.name) for one in (symbol, label.code) if one is not None)
        if is_shared(label) or (is_kept and not symbol.is_made):
            return symbol, None
        if "M" in label.section.flags and addend:
            # A linker merges equal entries: what lies beside a label would lose its entry.
            return symbol, None
        return None, label.section


def _distance_to_function(expression: Expression, values: ObjectValues) -> Sum | None:
    """`f - .` of a function whose pointers carry a bit: ((S + A) | T) - P, which a relocation computes, not we.

    Source: ELF for the Arm Architecture, 5.6.1 (R_ARM_REL32).
    """
    if not isinstance(expression, Binary) or expression.operator != "-":
        return None
    left, right = values.sum(expression.left), values.sum(expression.right)
    if len(left.plus) != 1 or left.minus or left.modifier or len(right.plus) != 1 or right.minus or right.modifier:
        return None
    function, base = left.plus[0].code, right.plus[0].code
    if function is None or not function.pointer_bit or (base is not None and base.pointer_bit):
        return None
    return Sum(left.plus, right.plus, left.constant - right.constant)
