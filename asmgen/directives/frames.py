"""`.cfi_*` directives: how to find the caller's frame (GNU as manual, "CFI directives")."""

from __future__ import annotations

from collections.abc import Callable

from ..layout.assembly import Assembly
from ..layout.frames import FrameFunction, FramePointer, FrameRule
from ..layout.ranges import check_width
from ..text.arguments import split_arguments
from ..text.diagnostics import AT_WORD, SourceError, did_you_mean
from ..text.source import Statement

NO_POINTER = 0xFF
"""DW_EH_PE_omit."""


def _function(assembly: Assembly, statement: Statement) -> FrameFunction:
    if assembly.frame is None:
        raise SourceError(f"{statement.word} outside a function",
                          AT_WORD, "say .cfi_startproc first")
    if assembly.frame.section is not assembly.section:
        raise SourceError(f"the function of {statement.word} began in {assembly.frame.section.name}",
                          AT_WORD)
    return assembly.frame


def start(assembly: Assembly, statement: Statement) -> None:
    """`.cfi_startproc`, or `.cfi_startproc simple`: without the frame that functions usually begin with."""
    word = statement.rest.strip()
    if word not in ("", "simple"):
        raise SourceError(f"cannot read '{word}' behind .cfi_startproc", 0, "write simple, or nothing")
    if assembly.frame is not None:
        raise SourceError(f"the .cfi_startproc at {assembly.frame.place} is still open", 0,
                          "end that function with .cfi_endproc")
    assembly.frame = FrameFunction(assembly.section, assembly.section.mark(), statement.place(),
                                   is_simple=word == "simple")


def end(assembly: Assembly, statement: Statement) -> None:
    """`.cfi_endproc`."""
    function = _function(assembly, statement)
    function.end = assembly.section.mark()
    assembly.frames.append(function)
    assembly.frame = None


def _register(assembly: Assembly, statement: Statement, text: str, offset: int) -> int:
    registers = assembly.target.dwarf.registers if assembly.target.dwarf is not None else {}
    number = registers.get(assembly.register_aliases.get(text, text).lower().lstrip("%"))
    if number is not None:
        return number
    if text[:1].isdigit():
        return assembly.number(statement, text, offset)
    raise SourceError(f"'{text}' has no DWARF number", offset, did_you_mean(text, registers))


def rule(operation: str, signature: str) -> Callable[[Assembly, Statement], None]:
    """The directive for one DWARF operation; `signature` has `r` for a register and `n` for a number."""

    def put(assembly: Assembly, statement: Statement) -> None:
        function = _function(assembly, statement)
        pieces = split_arguments(statement.rest)
        if len(pieces) != len(signature):
            wants = " and ".join("a register" if s == "r" else "an offset" for s in signature) or "nothing"
            raise SourceError(f"{statement.word} takes {wants}")
        values = [
            _register(assembly, statement, *piece) if sort == "r" else assembly.number(statement, *piece)
            for sort, piece in zip(signature, pieces, strict=True)
        ]
        mark = assembly.section.mark()
        if len(signature) == 2:
            added = FrameRule(mark, operation, values[0], values[1])
        elif signature == "n":
            added = FrameRule(mark, operation, 0, values[0])
        else:
            added = FrameRule(mark, operation, values[0] if values else 0)
        function.rules.append(_tracked(function, added))

    return put


def escape(assembly: Assembly, statement: Statement) -> None:
    """`.cfi_escape BYTE, BYTE …`: an operation spelled out."""
    function = _function(assembly, statement)
    pieces = split_arguments(statement.rest)
    if not pieces:
        raise SourceError(".cfi_escape takes bytes", 0, "write .cfi_escape NUMBER, NUMBER …")
    data = bytes(check_width(assembly.number(statement, *piece), 1, piece[1]) for piece in pieces)
    function.rules.append(FrameRule(assembly.section.mark(), "escape", data=data))


def _tracked(function: FrameFunction, added: FrameRule) -> FrameRule:
    """`added`, with offsets that count from something else turned into offsets from the frame address."""
    operation = added.operation
    if operation in ("def_cfa", "def_cfa_offset"):
        function.cfa_offset = added.value
    elif operation == "adjust_cfa_offset":
        function.cfa_offset += added.value
        return FrameRule(added.mark, "def_cfa_offset", 0, function.cfa_offset)
    elif operation == "rel_offset":
        return FrameRule(added.mark, "offset", added.register, added.value - function.cfa_offset)
    elif operation == "remember_state":
        function.remembered.append(function.cfa_offset)
    elif operation == "restore_state":
        if not function.remembered:
            raise SourceError(".cfi_restore_state without .cfi_remember_state")
        function.cfa_offset = function.remembered.pop()
    return added


def return_column(assembly: Assembly, statement: Statement) -> None:
    """`.cfi_return_column REGISTER`: which register holds the return address."""
    function = _function(assembly, statement)
    function.return_column = _register(assembly, statement, statement.rest.strip(), 0)


def signal_frame(assembly: Assembly, statement: Statement) -> None:
    """`.cfi_signal_frame`: an interrupt handler, whose caller stopped before an instruction."""
    _function(assembly, statement).is_signal_frame = True


def pointer(what: str) -> Callable[[Assembly, Statement], None]:
    """`.cfi_personality ENCODING, ROUTINE` and `.cfi_lsda ENCODING, PLACE`; the encoding 0xff takes it back."""

    def put(assembly: Assembly, statement: Statement) -> None:
        function = _function(assembly, statement)
        pieces = split_arguments(statement.rest)
        if not pieces:
            raise SourceError(f"{statement.word} takes an encoding and an address")
        encoding = assembly.number(statement, *pieces[0])
        if encoding == NO_POINTER:
            setattr(function, what, None)
            return
        if len(pieces) != 2:
            raise SourceError(f"{statement.word} takes an encoding and an address")
        if encoding >> 8 or encoding & 0x70 not in (0, 0x10) or encoding & 7 not in (0, 2, 3, 4):
            raise SourceError(f"{encoding:#x} is no encoding of a pointer that is written here", pieces[0][1],
                              "a size (0, 2, 3, 4; 8 more for signed ones), 0x10 from here, 0x80 by a pointer to it")
        value = assembly.expressions.read_all(statement.rest, pieces[1][1])
        setattr(function, what, FramePointer(encoding, value))

    return put


def sections(assembly: Assembly, statement: Statement) -> None:
    """`.cfi_sections NAME, NAME`: where an object's call frames go; a program's go to .debug_frame."""
    names = tuple(text for text, _ in split_arguments(statement.rest))
    unknown = [name for name in names if name not in (".debug_frame", ".eh_frame")]
    if unknown:
        raise SourceError(f"call frames cannot go to {unknown[0]}", 0, "use .debug_frame or .eh_frame")
    assembly.frame_sections = names
