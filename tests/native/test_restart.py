"""What bodies tell of when an instruction can be begun again, and how far its accesses reach."""

from __future__ import annotations

import pytest

from trapline.isa.engine.native.bodies.restart import Restarts
from trapline.isa.engine.native.shared.footprints import Footprint
from trapline.isa.lang.load import load_core
from trapline.isa.model.decoder import Decoder
from trapline.isa.model.items import Form

from ..engine.toy import toy

FOOTPRINTS = [
    ("power7", "PPC", 0xBFA10010, Footprint(0, 8, 2)),  # stmw r29, 16(r1)
    ("power7", "PPC", 0xBBA10010, Footprint(0, 8, 1)),  # lmw r29, 16(r1)
    ("power7", "PPC", 0x7C0407EC, Footprint(0, 112, 2)),  # dcbz r4, r0: eight times 16 bytes
    ("armv7ve", "A32", 0xE92D4030, Footprint(0, 8, 2)),  # push {r4, r5, lr}
    ("armv7ve", "A32", 0xE8BD8030, Footprint(0, 8, 1)),  # pop {r4, r5, pc}
    ("armv7ve", "A32", 0xE1012093, Footprint(0, 0, 3)),  # swp r2, r3, [r1]
    ("armv7ve", "T32", 0xB530, Footprint(0, 8, 2)),  # push {r4, r5, lr}
]
REACHES = [
    ("power7", "PPC", 0x90A40000, 0),  # stw r5, 0(r4)
    ("power7", "PPC", 0x94A60004, 0),  # stwu r5, 4(r6): the register changes behind the store
    ("power7", "PPC", 0x7CA0212D, None),  # stwcx. r5, 0, r4: the reservation goes first
    ("armv7ve", "A32", 0xE1832F94, None),  # strex r2, r4, [r3]
    ("armv7ve", "A32", 0xF420078F, None),  # vld1.32 {d0}, [r0]: each element is written when it is loaded
]


def form_of(core: str, instruction_set: str, word: int) -> tuple[Restarts, Form]:
    """The form of a word, and who answers for it."""
    description = load_core(core)
    form = Decoder(description, instruction_set).decode(word, 16 if word < 1 << 16 else 32)
    assert form is not None
    return Restarts(description), form


@pytest.mark.parametrize(("core", "instruction_set", "word", "footprint"), FOOTPRINTS)
def test_accesses_that_lie_close_together_are_measured(
    core: str, instruction_set: str, word: int, footprint: Footprint
) -> None:
    """By the instruction's fields: how many registers, in which order."""
    restarts, form = form_of(core, instruction_set, word)
    assert restarts.reach(form)
    assert restarts.footprint(form, word) == footprint


@pytest.mark.parametrize(("core", "instruction_set", "word", "reach"), REACHES)
def test_effects_before_an_access_forbid_to_begin_again(
    core: str, instruction_set: str, word: int, reach: int | None
) -> None:
    """One access before all effects needs nothing; a register written first cannot be taken back."""
    restarts, form = form_of(core, instruction_set, word)
    assert restarts.reach(form) == reach


def test_two_stores_that_may_be_anywhere_cannot_be_begun_again() -> None:
    """The toy's `store2` counts first; of its doubles, one access is all there is."""
    description = toy()
    restarts = Restarts(description)
    assert restarts.reach(description.forms["store2"]) is None
    assert restarts.reach(description.forms["stored"]) == 0
    assert restarts.by_instructions_alone
