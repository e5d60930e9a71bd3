"""Objects that are linked again and again, read once: a library that each of a thousand programs is linked with."""

from __future__ import annotations

from .modules import Module


class ReusedObject:
    """A module, and what a link changes of it: its sections' contents, their places, and the sizes of commons."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._contents = [bytes(section.data) for section in module.sections]
        self._commons = [(symbol, symbol.size, symbol.common) for symbol in module.symbols if symbol.common]

    def fresh(self) -> Module:
        """The module as its file has it. What an earlier link made of it is gone: one link at a time."""
        for section, contents in zip(self._module.sections, self._contents, strict=True):
            section.data[:] = contents
            section.is_dropped, section.output, section.offset = False, None, 0
        for symbol, size, common in self._commons:
            symbol.size, symbol.common = size, common
        return self._module
