"""Draws blocks of instructions, from a description's forms, that stay in their code and in their memory.

Our own engine runs each block while it is drawn: an access outside of the memory, or a jump out of the block, is
aimed again by changing a register of the initial state, and the instruction is drawn anew where that does not help.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from trapline.asmgen.instructions.codecs.codec_table import CodecTable
from trapline.asmgen.instructions.codecs.codecs import Misfit
from trapline.asmgen.instructions.codecs.coded_codecs import CodedCodec
from trapline.asmgen.instructions.codecs.encoding import FormEncoder, split
from trapline.asmgen.instructions.codecs.functions import DescribedFunctions
from trapline.asmgen.instructions.codecs.number_codecs import NumberCodec
from trapline.asmgen.instructions.templates.conditional_blocks import ANNOTATION
from trapline.isa.model.decoder import field_value
from trapline.isa.model.items import Form, Operand, Optional, TemplatePart

from .instances import Sample, Sampler
from .qemu_user import MEMORY_ADDRESS, MEMORY_BYTES, Instance
from .user_machine import Left, NeverEndsError, UserMachine

SIGSEGV = 11
_AIMS = 5  # changes of the initial state for one instruction
_DRAWS = 12  # words of one form

S = TypeVar("S")


class Architecture(Protocol[S]):
    """What drawing has to know of an architecture."""

    @property
    def machine(self) -> UserMachine[S]:
        """Our engine."""

    def state(self, draw: random.Random) -> S:
        """A random initial state."""

    def bytes_of(self, samples: Sequence[Sample]) -> bytes:
        """A block of instructions as it stands in memory."""

    def allows(self, code: bytes, samples: Sequence[Sample]) -> bool:
        """Whether the harness takes the block: no system calls, no conditional block that goes beyond its end."""

    def may_end(self, state: S, samples: Sequence[Sample]) -> bool:
        """Whether the harness can go on behind the block that just ran from `state`: its code is of one set, say."""

    def aim(self, state: S, sample: Sample, distance: int, draw: random.Random) -> S | None:
        """The state with a register changed so that the instruction's address moves by `distance`; None if none is."""

    def aim_jump(self, state: S, sample: Sample, target: int, distance: int, draw: random.Random) -> S | None:
        """The same for where the instruction jumps to."""


@dataclass(frozen=True, slots=True)
class Block(Generic[S]):
    """A drawn block with what our engine made of it; it is to run at `left.result.code_address`."""

    samples: tuple[Sample, ...]
    instance: Instance[S]
    left: Left[S]


class Drawer(Generic[S]):
    """Draws blocks of one architecture."""

    def __init__(self, architecture: Architecture[S], sampler: Sampler, plain: Sequence[Form]) -> None:
        """`plain` forms neither jump nor touch memory: they stand where a branch may skip them."""
        self._architecture = architecture
        self._machine = architecture.machine
        self._sampler = sampler
        self._plain = plain
        description = self._machine.description
        self._make = CodecTable(description, DescribedFunctions(description)).codec

    def block(self, forms: Sequence[Form], address: int, draw: random.Random) -> Block[S] | None:
        """A block with an instruction of each form, in order; forms that could not be aimed are left out.

        None where none of them could. `address` is where the block stands.
        """
        memory = draw.randbytes(MEMORY_BYTES)
        state = self._architecture.state(draw)
        found: Block[S] | None = None
        for form in forms:
            before = found.samples if found is not None else ()
            if found is not None:
                state = found.instance.state
            for attempt in range(_DRAWS):
                longer = self._longer(before, form, state, memory, address, draw, attempt >= _DRAWS // 2)
                if longer is not None:
                    found = longer
                    break
            if found is not None and found.left.result.fault is not None:
                break
        return found

    def _longer(
        self,
        before: tuple[Sample, ...],
        form: Form,
        state: S,
        memory: bytes,
        address: int,
        draw: random.Random,
        near: bool,
    ) -> Block[S] | None:
        """The block with one more instruction and what has to follow it; `near`: one that reads what follows it."""
        sample = self._sampler.one(form, draw, near)
        if sample is None:
            return None
        relative = _relative_operand(form)
        skipped = self._skipped(draw, 4 if near else _followers(form, relative))
        at = address + len(self._architecture.bytes_of(before))
        behind = at + len(self._architecture.bytes_of((sample, *skipped)))
        if relative is not None:
            target = behind if relative.codec.target or draw.getrandbits(1) else (at + 7) & ~3
            if before and draw.random() < 0.15:
                target = address + len(self._architecture.bytes_of(before[: draw.randrange(len(before))]))
            aimed = self._with_target(sample, relative, at, target)
            if aimed is None:
                return None
            sample = aimed
        samples = (*before, sample, *skipped)
        code = self._architecture.bytes_of(samples)
        if not self._architecture.allows(code, samples):
            return None
        for _ in range(_AIMS):
            instance = Instance(state, code, memory)
            try:
                left = self._machine.run(instance, address)
            except NeverEndsError:
                return None
            fault = left.result.fault
            changed: S | None
            if fault is not None and fault.signal == SIGSEGV and address <= fault.pc < address + len(code):
                wanted = MEMORY_ADDRESS + (draw.randrange(MEMORY_BYTES - 8) & -draw.choice((1, 4, 8, 16)))
                changed = self._architecture.aim(state, sample, wanted - fault.address, draw)
            elif address <= left.pc < address + len(code) or (left.pc == address + len(code) and fault is None):
                return Block(samples, instance, left) if self._architecture.may_end(state, samples) else None
            else:
                changed = self._architecture.aim_jump(state, sample, behind, behind - left.pc, draw)
            if changed is None:
                return None
            state = changed
        return None

    def _skipped(self, draw: random.Random, least: int) -> tuple[Sample, ...]:
        """What a jump may leave out, or a condition leave undone; now and then behind other instructions too."""
        count = max(least, draw.randrange(3) if least or draw.random() < 0.1 else 0)
        drawn = (self._sampler.one(draw.choice(self._plain), draw) for _ in range(count))
        return tuple(sample for sample in drawn if sample is not None)

    def _with_target(self, sample: Sample, operand: Operand, address: int, target: int) -> Sample | None:
        """The instruction with its address-relative operand set, or None where it cannot reach the target."""
        codec = self._make(operand.codec, operand.width)
        assert isinstance(codec, NumberCodec | CodedCodec)
        encoder = FormEncoder(sample.form)
        try:
            bits = codec.encode(target, address, False)
        except Misfit:
            return None
        fields = encoder.decode(sample.word) | split(bits, operand.fields, encoder.widths)
        word = encoder.encode(fields)
        return None if word is None else replace(sample, word=word)


def _followers(form: Form, relative: Operand | None) -> int:
    """How many instructions must stand behind one: what it makes conditional, what it loads, what it may skip."""
    if ANNOTATION in form.annotations:
        return 4
    if relative is None:
        return 0
    return 1 if relative.codec.target else 3


def _relative_operand(form: Form) -> Operand | None:
    """The operand that is an address relative to the instruction's."""
    parts = (part for template in form.templates for part in template.operands)
    return next((found for part in parts if (found := _find(part)) is not None), None)


def _find(part: TemplatePart) -> Operand | None:
    if isinstance(part, Optional):
        return next((found for inner in part.parts if (found := _find(inner)) is not None), None)
    return part if isinstance(part, Operand) and part.codec.relative else None


def field_of(sample: Sample, name: str) -> int | None:
    """A field of an instruction, or None where its form has no such field."""
    return next((field_value(field, sample.word) for field in sample.form.fields if field.name == name), None)
