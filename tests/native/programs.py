"""Random programs: what a machine is set to, and streams of instructions that branch, fault and change themselves."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator

from trapline.isa.engine.interface import Stop
from trapline.isa.model.decoder import Decoder
from trapline.isa.model.items import Form

from .pair import Pair, random_word, word_bytes

_POWER_STATES = (
    0x9000000002802000,  # 64 bits, hypervisor, FP, VMX, VSX
    0x8000000002802000,  # no hypervisor
    0x1000000002802000,  # 32 bits
    0x9000000002806000,  # problem state
    0x9000000002802001,  # little-endian
    0x9000000000000000,  # facilities unavailable
)
_ARM_MODES = (0x10, 0x13, 0x13, 0x1F)
_TRIES = 64


def settings(pair: Pair, form: Form, generator: random.Random) -> dict[str, int]:
    """Registers that decide what a form may do."""
    if "MSR" in pair.description.registers:
        return {"MSR": generator.choice(_POWER_STATES)}
    status = generator.choice(_ARM_MODES) | 0x100 | generator.getrandbits(5) << 27
    if form.instruction_set == "T32":
        status |= 0x20
    return {"CPSR": status, "FPEXC": 0x40000000, "CPACR": 0xF00000}


def word_of(pair: Pair, form: Form, generator: random.Random, decoders: dict[str, Decoder]) -> bytes | None:
    """A random instruction of a form, as bytes; None where others claim all words that were tried."""
    for _ in range(_TRIES):
        word = random_word(form, generator)
        if decoders[form.instruction_set].decode(word, form.length) is form:
            return word_bytes(form, word, pair.description.byte_order)
    return None


def decoders_of(pair: Pair) -> dict[str, Decoder]:
    """The decoder of each instruction set."""
    return {name: Decoder(pair.description, name) for name in pair.description.instruction_sets}


@functools.cache
def pool(pair: Pair, instruction_set: str, seed: int = 7) -> list[tuple[Form, bytes]]:
    """Instructions of all forms of a set. Where one of a few tries completes without an interrupt, it is that one."""
    decoders = decoders_of(pair)
    generator = random.Random(seed)
    found = []
    reference = pair.sides[0]
    for form in pair.description.forms.values():
        if form.instruction_set != instruction_set:
            continue
        for _ in range(4):
            word = word_of(pair, form, generator, decoders)
            if word is None:
                continue
            pair.prepare(generator, settings(pair, form, generator), word)
            stop = reference.run(1)
            if isinstance(stop, Stop) and stop.retired == 1:
                break
        if word is not None:
            found.append((form, word))
    return found


def streams(pair: Pair, instruction_set: str, seed: int, count: int, length: int) -> Iterator[tuple[Form, bytes]]:
    """`count` streams of `length` random instructions of one set; the form is the first instruction's."""
    chosen = pool(pair, instruction_set)
    for number in range(count):
        generator = random.Random(seed * 1000 + number)
        parts = [generator.choice(chosen) for _ in range(length)]
        yield parts[0][0], b"".join(word for _, word in parts)
