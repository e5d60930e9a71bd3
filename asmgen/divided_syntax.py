"""Statements of divided syntax: what mnemonics meant before unified syntax, by the tries that a description names.

GNU as takes T32 code so where a source does not say `.syntax unified`: `add r0, #1` sets flags there, and no mnemonic
of those has an encoding of 32 bits. A word that the description names is read by its tries alone; any other means one
thing in both syntaxes.
"""

from __future__ import annotations

from .layout.assembly import Assembly
from .target.seam import InstructionReader, Pending
from .text.arguments import split_arguments
from .text.diagnostics import AT_WORD, SourceError
from .text.source import Statement

_WAY_OUT = "unified syntax has it: say .syntax unified, and write an s where flags are set"


def read_divided(
    assembly: Assembly, reader: InstructionReader, statement: Statement, rest: str
) -> bytes | Pending | None:
    """What a statement makes in divided syntax; None if its word means the same in both.

    Raises SourceError for operands that no instruction of that syntax has.
    """
    chosen = assembly.instruction_set
    word = statement.word.lower()
    tries = chosen.divided.get(word)
    if tries is None:
        return None
    for attempt in tries:
        mnemonic, _, operands = attempt.partition(" ")
        filled = _filled(operands, rest)
        if filled is None:
            continue
        name, _, instruction = mnemonic.partition("=")
        try:
            made = (reader.read_as(instruction, name, filled, chosen) if instruction
                    else reader.read(name, filled, chosen))
        except SourceError:
            continue
        if made is not None:
            if "^!" in operands:
                assembly.say("warning", f"'{word}' writes its base register back in divided syntax, with or without !",
                             statement.place(AT_WORD))
            return made
    raise SourceError(f"'{word} {rest.strip()}' is no instruction of divided syntax, which holds here", AT_WORD,
                      _WAY_OUT)


def _filled(template: str, rest: str) -> str | None:
    """The operands of a try: `*` for all, `^` for the first, `>` for those behind it, `~` with the last negated.

    None if there are too few: but for `*` alone, a try is of two at least.
    """
    if template == "*" or not any(mark in template for mark in "*^>~"):
        return template.replace("*", rest)
    first, comma, others = rest.partition(",")
    if not comma:
        return None
    if "~" in template:
        arguments = [text for text, _ in split_arguments(rest)]
        last = arguments[-1].strip().removeprefix("#")
        if not last:
            return None
        template = template.replace("~", ", ".join([*arguments[:-1], f"#-({last})"]))
    return template.replace("*", rest).replace("^", first.strip()).replace(">", others)
