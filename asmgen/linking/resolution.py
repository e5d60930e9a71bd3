"""Joins symbols: which file's definition counts, which members of archives are needed, what nothing defines."""

from __future__ import annotations

from collections.abc import Iterable

from .modules import InputSymbol, LinkError, Module


class Symbols:
    """The symbols that files share."""

    def __init__(self) -> None:
        self.modules: list[Module] = []
        self._defined: dict[str, tuple[InputSymbol, Module]] = {}
        self._commons: dict[str, InputSymbol] = {}
        self._wanted: set[str] = set()
        self._groups: set[str] = set()
        self.errors: list[LinkError] = []

    def add(self, module: Module) -> None:
        """Take a file in."""
        self.modules.append(module)
        for signature, sections in module.groups:
            if signature in self._groups:
                for section in sections:
                    section.is_dropped = True
            self._groups.add(signature)
        for symbol in module.symbols:
            if symbol.binding == "local" or not symbol.name:
                continue
            if symbol.common:
                self._common(symbol)
            elif not symbol.is_defined:
                if symbol.binding == "global":
                    self._wanted.add(symbol.name)
            elif symbol.section is None or not symbol.section.is_dropped:
                self._define(symbol, module)

    def _define(self, symbol: InputSymbol, module: Module) -> None:
        known = self._defined.get(symbol.name)
        if known is None or (known[0].binding == "weak" and symbol.binding == "global"):
            self._defined[symbol.name] = symbol, module
        elif symbol.binding == "global" and known[0].binding == "global":
            self.errors.append(LinkError(f"'{symbol.name}' is defined in {known[1].name} and in {module.name}",
                                         "rename one of them, or make one of them weak or local"))

    def _common(self, symbol: InputSymbol) -> None:
        known = self._commons.get(symbol.name)
        if known is None:
            self._commons[symbol.name] = symbol
        else:
            known.size = max(known.size, symbol.size)
            known.common = max(known.common, symbol.common)

    @property
    def missing(self) -> set[str]:
        """Names that files ask for and nothing defines yet."""
        return {n for n in self._wanted if n not in self._defined and n not in self._commons}

    def take_members(self, candidates: Iterable[Module]) -> None:
        """Take in the members of an archive that define something missing, until nothing is left to take."""
        left = list(candidates)
        while True:
            missing = self.missing
            taken = next((m for m in left if any(
                s.name in missing and (s.is_defined or s.common) and s.binding != "local" for s in m.symbols)), None)
            if taken is None:
                return
            left.remove(taken)
            self.add(taken)

    def commons(self) -> list[InputSymbol]:
        """Shared storage that no file defines otherwise."""
        return [s for n, s in self._commons.items() if n not in self._defined]

    def define(self, symbol: InputSymbol, module: Module) -> None:
        """A symbol that the linker makes; a file's own counts before it."""
        self._defined.setdefault(symbol.name, (symbol, module))

    def find(self, symbol: InputSymbol) -> InputSymbol | None:
        """The definition that a reference means; None if there is none (a weak one is then 0)."""
        if symbol.binding == "local" or symbol.kind == "section":
            return symbol if symbol.is_defined else None
        found = self._defined.get(symbol.name)
        return found[0] if found is not None else None

    def shared(self, name: str) -> InputSymbol | None:
        """The definition of a name, or None."""
        found = self._defined.get(name)
        return found[0] if found is not None else None
