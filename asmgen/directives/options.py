"""`.option`: what changes how sources are read from here on."""

from __future__ import annotations

from ..layout.assembly import Assembly
from ..text.diagnostics import SourceError, did_you_mean
from ..text.source import Statement

MOST_PUSHED = 1_000


def option(assembly: Assembly, statement: Statement) -> None:
    """`.option NAME` and `.option noNAME` switch what the description offers; `push` keeps, `pop` takes back."""
    words = statement.rest.replace(",", " ").split()
    word = words[0].lower() if words else ""
    if word == "push":
        if len(assembly.option_stack) >= MOST_PUSHED:
            raise SourceError(f"more than {MOST_PUSHED} options are pushed", 0, "take them back with .option pop")
        assembly.option_stack.append(assembly.options)
    elif word == "pop":
        if not assembly.option_stack:
            raise SourceError("no .option push stands before this .option pop", 0)
        assembly.switch_options(assembly.option_stack.pop())
    elif word in assembly.target.options:
        assembly.switch_options(assembly.options | {word})
    elif word.startswith("no") and word[2:] in assembly.target.options:
        assembly.switch_options(assembly.options - {word[2:]})
    elif word not in assembly.target.passed_options:
        known = [*assembly.target.options, *(f"no{name}" for name in assembly.target.options), "push", "pop"]
        known += sorted(assembly.target.passed_options)
        raise SourceError(f"there is no option '{word}'", 0, did_you_mean(word, known) or f"known: {', '.join(known)}")
