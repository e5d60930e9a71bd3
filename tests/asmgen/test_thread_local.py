"""Claim about thread-local storage: it is refused by its name, with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.asmgen import AssemblyErrors
from trapline.asmgen.object_assembler import assemble_object
from trapline.asmgen.text.source import Source
from trapline.tests.oracle.objects.ours import target


@pytest.mark.parametrize(
    ("core", "statement", "modifier"),
    [
        ("power7", "addis 3, 13, x@tprel@ha", "tprel@ha"),
        ("power7", "addi 3, 2, x@got@tlsgd", "got@tlsgd"),
        ("power7", ".quad x@dtpmod", "dtpmod"),
        ("armv7ve", ".word x(tpoff)", "tpoff"),
        ("armv7ve", ".word x(TLSGD)", "tlsgd"),
    ],
)
def test_thread_local_symbols_are_refused_by_name(core: str, statement: str, modifier: str) -> None:
    """One error for the statement, which names what it asked for."""
    with pytest.raises(AssemblyErrors) as caught:
        assemble_object(Source("x.s", f" {statement}\n", Path()), target(core))
    (told,) = caught.value.diagnostics
    assert told.message == f"'{modifier}' asks for thread-local storage, which nothing here sets up"
    assert "_Thread_local" in told.hint
