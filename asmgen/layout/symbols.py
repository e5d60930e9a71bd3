"""Symbols: one table a file, one for what files share, and numeric labels.

A file's symbols are its own until `.global` or `.weak` offers them to the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..expressions.evaluation import evaluate
from ..expressions.tree import Expression, Number, SymbolRef, symbol_plus
from ..expressions.values import NotKnownYet, Relative, Value
from ..text.diagnostics import Diagnostic, Place, Reporter, SourceError, did_you_mean
from .lazy_values import as_of_now
from .numeric_labels import NumericLabels
from .sections import Mark, Section
from .symbol import Binding, Symbol, UndefinedSymbol

NO_VERSION = -1
"""A reference made before its name had a value: it means the last one."""
MAX_SET_DEPTH = 64
"""Symbols defined by symbols defined by symbols."""


class SymbolTable:
    """All symbols of a run.  `scope` is the number of the file being assembled.

    `constants` are the architecture's own names (hypercall numbers, say): they count where no file defines a name.
    """

    def __init__(self, constants: Mapping[str, int] | None = None) -> None:
        self._constants = constants or {}
        self._taken: set[tuple[int, str]] = set()
        self._files: list[dict[str, Symbol]] = []
        self._shared: dict[str, Symbol] = {}
        self.numeric = NumericLabels()
        self._history: dict[tuple[int, str, int], Expression] = {}
        self.sections: Mapping[str, Section] = {}
        """The sections so far, whose names are symbols, too."""
        self._resolving = 0
        self._hints: dict[str, str] = {}
        self._linked = False

    @property
    def scope(self) -> int:
        """The number of the current file."""
        return len(self._files) - 1

    def begin_file(self) -> None:
        """Start the table of the next file."""
        self._files.append({})
        self.numeric = NumericLabels()

    @property
    def own(self) -> dict[str, Symbol]:
        """The current file's symbols by name."""
        return self._files[-1]

    def is_taken(self, name: str) -> bool:
        """Whether the current file has used the name for a constant of the description."""
        return (self.scope, name) in self._taken

    def names(self, scope: int) -> Mapping[str, Symbol]:
        """The symbols of a file by name."""
        return self._files[scope]

    def find(self, name: str) -> Symbol | None:
        """The current file's symbol, or None."""
        return self._files[-1].get(name)

    def get(self, name: str) -> Symbol:
        """The current file's symbol, made if it is new."""
        table = self._files[-1]
        symbol = table.get(name)
        if symbol is None:
            symbol = table[name] = Symbol(name)
        return symbol

    def define_label(self, name: str, section: Section, place: Place, pointer_bit: int) -> Symbol:
        """Put a label at the end of `section`.  Raises SourceError if the name has a value already."""
        if name.isdigit():
            name = self.numeric.define(int(name))
        symbol = self.get(name)
        self._check_not_taken(name)
        if symbol.defined:
            raise SourceError(f"label '{name}' is already defined at {symbol.place}", 0,
                              "rename one of them, or use a numeric label (1: … 1b)")
        symbol.section, symbol.mark, symbol.place = section, section.mark(), place
        symbol.label_bit = pointer_bit
        return symbol

    def here_label(self, section: Section, place: Place) -> str:
        """The name of a label made for the end of `section`: what `.` stands for in a stored expression."""
        mark = section.mark()
        name = f".Lhere${section.name}${len(section.items)}"
        symbol = self.get(name)
        symbol.section, symbol.mark, symbol.place = section, mark, place
        return name

    def assign(self, name: str, value: Expression, place: Place, once: bool) -> None:
        """Give `name` the value of an expression.  Raises SourceError if that may not be."""
        symbol = self.get(name)
        self._check_not_taken(name)
        if symbol.mark is not None or (symbol.defined and (once or not symbol.is_variable)):
            raise SourceError(f"'{name}' is already defined at {symbol.place}", 0,
                              "only what .set and = defined can be given another value")
        if symbol.expression is not None:
            # What has used the name so far means the value that it had.
            self._history[self.scope, name, symbol.version] = symbol.expression
            symbol.version += 1
        symbol.expression, symbol.place, symbol.is_variable = value, place, not once

    def assign_number(self, name: str, value: int, place: Place, once: bool) -> None:
        """As `assign`, for a value that is known."""
        self.assign(name, Number(value), place, once)

    def move(self, part: Section, main: Section) -> None:
        """The labels of `part` are labels of `main` from here on."""
        for symbol in self._files[-1].values():
            if symbol.section is part:
                symbol.section = main

    def _check_not_taken(self, name: str) -> None:
        if self.is_taken(name):
            raise SourceError(f"'{name}' has stood for the description's {name} = {self._constants[name]:#x} above", 0,
                              "define it before its first use, or take another name")

    def reference(self, name: str, offset: int) -> Expression:
        """What an expression keeps for `name`: a constant's value now, or a reference for later."""
        symbol = self._files[-1].get(name)
        if symbol is not None and isinstance(symbol.expression, Number):
            return symbol.expression
        if symbol is not None and symbol.is_lazy and symbol.expression is not None:
            return as_of_now(symbol.expression, self.own, self.reference, MAX_SET_DEPTH)
        version = symbol.version if symbol is not None and symbol.is_variable else NO_VERSION
        return SymbolRef(name, offset, len(self._files) - 1, version)

    def lazy_reference(self, name: str, offset: int) -> Expression:
        """As `reference`, for the value that the name has at last."""
        return SymbolRef(name, offset, len(self._files) - 1)

    def numeric_reference(self, number: int, direction: str) -> Expression:
        """What an expression keeps for `1b` or `1f`.  Raises SourceError for a `1b` with no `1:` above."""
        name = self.numeric.named(number, direction)
        if not name:
            raise SourceError(f"there is no label {number}: above this line")
        return SymbolRef(name, 0, self.scope)

    def defined(self, reference: SymbolRef) -> Symbol | None:
        """The symbol of a file that a reference means, with the value that it had there; None if no file defines it."""
        own = self._files[reference.scope].get(reference.name)
        if own is None or not own.defined:
            return self._shared.get(reference.name)
        if own.version and reference.version != NO_VERSION and reference.version != own.version:
            past = self._history[reference.scope, reference.name, reference.version]
            return Symbol(reference.name, own.place, expression=past)
        return own

    def resolve(self, reference: SymbolRef) -> Symbol:
        """The symbol that a reference means.  Raises SourceError if nothing defines it."""
        if (known := self.defined(reference)) is not None:
            return known
        own = self._files[reference.scope].get(reference.name)
        if own is not None and own.binding is Binding.WEAK and self._linked:
            return Symbol(reference.name, expression=Number(0))
        if reference.name in self.sections:
            return self.section_symbol(reference.name)
        if reference.name in self._constants:
            self._taken.add((reference.scope, reference.name))
            return Symbol(reference.name, expression=Number(self._constants[reference.name]))
        if not self._linked:
            raise NotKnownYet(f"'{reference.name.partition(chr(1))[0]}' has no value at this point",
                              reference.offset, "define it above this line")
        name, separator, _ = reference.name.partition("\x01")
        if separator:
            raise SourceError(f"there is no label {name}: below this line", reference.offset)
        if name not in self._hints:
            self._hints[name] = did_you_mean(name, [*self._files[reference.scope], *self._shared, *self._constants])
        raise UndefinedSymbol(name, reference.offset, self._hints[name])

    def section_symbol(self, name: str) -> Symbol:
        """The start of a section as a symbol: its name stands for it where nothing else has it."""
        return Symbol(name, section=self.sections[name], mark=Mark())

    def for_linker(self, reference: SymbolRef) -> Symbol:
        """The symbol that a reference means in a relocatable object; one that nothing defines is left to a linker.

        Raises SourceError for a numeric label that is not there.
        """
        table = self._files[reference.scope]
        own = table.get(reference.name)
        if own is not None and (own.defined or own.common or own.mention or own.binding is not Binding.LOCAL):
            return own
        name, separator, _ = reference.name.partition("\x01")
        if separator:
            raise SourceError(f"there is no label {name}: below this line", reference.offset)
        if name in self.sections and own is None:
            return self.section_symbol(name)
        if name in self._constants:
            return Symbol(name, expression=Number(self._constants[name]))
        if own is None:
            own = table[name] = Symbol(name)
        return own

    def address(self, reference: SymbolRef) -> Value:
        """Where the symbol is: an address after layout, a `Relative` before."""
        return self._value(self.resolve(reference))

    def code_symbol(self, reference: SymbolRef) -> Symbol | None:
        """The label that a name stands for, also by way of `.set` (`g = f`, `g = f + 4`); None if there is none."""
        symbol = self.resolve(reference)
        for _ in range(MAX_SET_DEPTH):
            if symbol.mark is not None:
                return symbol
            pointed = symbol_plus(symbol.expression) if symbol.expression is not None else None
            if pointed is None or pointed.modifier:
                return None
            symbol = self.resolve(pointed.symbol)
        return None

    def pointer_bit(self, reference: SymbolRef) -> int:
        """What a pointer to the symbol carries in its lowest bits: 1 for a function of T32."""
        # `.thumb_set` gives any place a bit of its own.
        symbol = self.code_symbol(reference)
        return self.resolve(reference).pointer_bit or (symbol.pointer_bit if symbol is not None else 0)

    def value_of(self, symbol: Symbol) -> Value:
        """The value of a symbol that is defined."""
        return self._value(symbol)

    def _value(self, symbol: Symbol) -> Value:
        if symbol.mark is not None and symbol.section is not None:
            mark, section = symbol.mark, symbol.section
            if section.address is None:
                return Relative(section.key, mark.epoch, mark.offset)
            return section.address + mark.offset
        if symbol.expression is None:
            raise NotKnownYet(f"'{symbol.name}' has no value yet")
        if isinstance(symbol.expression, Number):
            return symbol.expression.value
        if self._resolving > MAX_SET_DEPTH:
            raise SourceError(f"symbols are defined by symbols over {MAX_SET_DEPTH} deep", 0, f"see {symbol.place}")
        self._resolving += 1
        try:
            return evaluate(symbol.expression, self.address, None)
        finally:
            self._resolving -= 1

    def link(self, reporter: Reporter) -> None:
        """Offer each file's global symbols to all; report those that two files define.

        From here on a symbol without a value is an error, not something that may come later.
        """
        self._linked = True
        for table in self._files:
            for symbol in table.values():
                if symbol.binding is Binding.LOCAL or not symbol.defined:
                    continue
                known = self._shared.get(symbol.name)
                if known is None or known.binding is Binding.WEAK:
                    self._shared[symbol.name] = symbol
                elif symbol.binding is not Binding.WEAK:
                    reporter.add(Diagnostic(
                        f"global symbol '{symbol.name}' is already defined at {known.place}", symbol.place,
                        "rename one of them, or leave .global away in one file"))

    def shared(self, name: str) -> Symbol | None:
        """The global symbol, after `link`."""
        return self._shared.get(name)

    def all_symbols(self) -> Iterator[Symbol]:
        """Every symbol that a file defines or speaks of."""
        for table in self._files:
            yield from table.values()

    def files(self) -> Iterator[tuple[int, Symbol]]:
        """Every defined symbol with the number of its file."""
        for number, table in enumerate(self._files):
            for symbol in table.values():
                if symbol.defined:
                    yield number, symbol
