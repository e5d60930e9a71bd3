"""What to say of a guest that runs wild: one message that names the first cause.

A message has the shape "what goes on for ever; it began with ...; registers". Names, vectors and texts of instructions
are the description's, symbols and lines the program's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

import msgspec

from ...isa.engine.interface import FETCH, LOAD, Fault
from ...isa.engine.interrupt_log import AT_A_STAND, NESTING, Entered
from ...isa.errors import TraplineError
from ...isa.model import code
from ...isa.model.items import Description
from ...isa.model.word_classes import class_of
from ..core import Core
from ..machine.physical import PhysicalMemory
from .arguments import shown_argument
from .names import Names
from .words import Word, Words

_ALWAYS: Final = ("lr", "sp", "msr", "cpsr")
"""Registers, as gdb calls them, that say something about most mistakes."""
PAGE: Final = 4096
"""Bytes in which memory is all there, or not."""
_LAST: Final = 3
_DATA_ADDRESSES: Final = frozenset({"address", "dar", "ea"})
"""Parameters of interrupts that have the address of data."""


class Wild(msgspec.Struct, frozen=True):
    """A vcpu that runs wild: `cause` is where that began (`address`), if an interrupt did; `message` says it all."""

    vcpu: int
    kind: str
    """"at a stand", "nested", "no memory", "stuck" or "zeros"."""
    address: int
    message: str
    cause: Entered | None = None

    def __str__(self) -> str:
        return self.message


class Reporter:
    """Finds words for one machine's vcpus."""

    def __init__(self, description: Description, names: Names, memory: PhysicalMemory) -> None:
        """`memory`: the guest's, by the addresses that it calls physical."""
        self._description = description
        self._memory = memory
        self.names = names
        self.words = Words(description)
        self._interrupts = list(description.interrupts.values())

    # Messages

    def row(self, vcpu: int, core: Core, row: int) -> Wild:
        """Interrupts in a row: `row` as `InterruptLog.take_report` tells."""
        log = core.engine.interrupts
        kind = AT_A_STAND if row & AT_A_STAND else NESTING
        first = log.first_of(kind)
        last = log.last()
        assert first is not None
        repeated = self.chain(first, last)
        if kind == AT_A_STAND:
            what = f"interrupts follow each other and no instruction completes ({repeated})"
        else:
            what = f"a handler raises the interrupt that it is to handle, and nothing ever returns ({repeated})"
        return self._wild(vcpu, core, "at a stand" if kind == AT_A_STAND else "nested", what, first)

    def no_memory(self, vcpu: int, core: Core) -> Wild:
        """It fetches from where no memory is, and there is no handler that could be told."""
        cause = core.engine.interrupts.last()[-1] if core.fetched_nothing() else None
        address = core.pc if cause is None else cause.address
        what = f"it fetches an instruction from {self.names.shown(address)}, where no memory is"
        return self._wild(vcpu, core, "no memory", what, cause, address)

    def stuck(self, vcpu: int, core: Core, round_: Sequence[int], several: bool) -> Wild:
        """Nothing changes from one round of instructions, by their addresses, to the next, and interrupts are off."""
        log, address = core.engine.interrupts, min(round_)
        raised = [one for one in log.last() if not one.left and one.address in round_]
        if raised and log.nested:
            return self.row(vcpu, core, NESTING)
        if raised:
            places = ", ".join(self.names.shown(one) for one in dict.fromkeys(round_))
            what = f"one interrupt is raised for ever, its handler returns without having changed a thing ({places})"
            return self._wild(vcpu, core, "stuck", what, raised[-1])
        where, length = self.names.shown(address), len(round_)
        loop = f"branches to itself at {where}" if length == 1 else f"loops at {where}, {length} instructions a round"
        others = ", as do the others" if several else ""
        what = f"it {loop}{others}, with interrupts off and nothing that could change: no event can get it out of there"
        ended = [self.entered(one) for one in core.engine.interrupts.last() if not one.left][-_LAST:]
        if ended:
            what += f". Its last interrupts: {'; '.join(ended)}"
        return self._wild(vcpu, core, "stuck", what, None, address, self._word_at(core, address))

    def zeros(self, vcpu: int, core: Core, zeros: int) -> Wild:
        """It executes memory that holds nothing but zeros, which stand from `zeros` to pc."""
        led = {one.went: one for one in core.engine.interrupts.last() if not one.left}
        begins = [start for start in (*self.names.starts, *led) if zeros <= start <= core.pc]
        start = max([zeros, *begins])
        word = self._word_at(core, start)
        text = f", each {word.text!r} to the core" if word is not None and word.text else ""
        what = f"it executes memory that holds nothing but zeros{text}, from {self.names.shown(start)} on"
        return self._wild(vcpu, core, "zeros", what, led.get(start), start)

    def _wild(
        self,
        vcpu: int,
        core: Core,
        kind: str,
        what: str,
        cause: Entered | None,
        address: int | None = None,
        word: Word | None = None,
    ) -> Wild:
        message = f"vcpu {vcpu} runs wild: {what}"
        if cause is not None:
            message += f". It began with {self.entered(cause)}"
            word = self.word_of(cause) if cause.length else word
            nothing = self.nothing_there(core, cause)
            if nothing and kind != "no memory":
                message += f"; {nothing}"
        message += f". {self._registers(core, cause, word)}"
        where = cause.address if cause is not None else address if address is not None else core.pc
        return Wild(vcpu, kind, where, message, cause)

    # Parts of them

    def entered(self, entered: Entered) -> str:
        """An interrupt: its name and title, where it came from and why, where it led."""
        interrupt = self._interrupts[entered.number]
        given = zip(interrupt.parameters, entered.arguments, strict=False)
        arguments = [shown_argument(self._description, parameter, value) for parameter, value in given]
        name = f"{interrupt.name}({', '.join(arguments)})" if arguments else interrupt.name
        text = f"{interrupt.title}, {name}, at {self.names.shown(entered.address)}"
        if entered.between:
            text += " (between two instructions)"
        elif entered.length:
            text += f": {self.described(entered)}"
        else:
            text += ": the instruction could not be fetched"
        return f"{text}; {'a hypervisor took it' if entered.left else f'it led to {entered.went:#x}'}"

    def described(self, entered: Entered) -> str:
        """The instruction that raised an interrupt: word, text, and whether it is one at all."""
        shown = f"word {entered.word:#0{2 + 2 * entered.length}x}"
        word = self.word_of(entered)
        if not word.text:
            book = self._words_of_the_book.get(entered.word) or self._class_of(entered)
            return f"{shown}, the description has no form for this word" + (f" ({book})" if book else "")
        illegal = f", illegal in the book here ({word.title})" if self._is_illegal(entered) else ""
        return f"{shown}, {word.text!r}{illegal}"

    @cached_property
    def _words_of_the_book(self) -> dict[int, str]:
        """What the description says of words that it has no form for, in constants by the name of ALWAYS_ILLEGAL."""
        constants = self._description.constants.values()
        return {one.value: one.title for one in constants if one.name.startswith("ALWAYS_ILLEGAL") and one.title}

    def _class_of(self, entered: Entered) -> str:
        """What the description says of a class of words that it has no form for."""
        found = class_of(self._description, entered.word, 8 * entered.length)
        if found is None:
            return ""
        known = "the architecture has it; " if found.is_architected else ""
        return f"{found.title}: {known}{found.because}"

    def word_of(self, entered: Entered) -> Word:
        """The instruction that raised an interrupt."""
        return self.words.word(entered.word, entered.length, entered.address, entered.set_code)

    def chain(self, first: Entered, last: Iterable[Entered]) -> str:
        """Where a row goes round."""
        places = list(dict.fromkeys(one.address for one in last if one.retired >= first.retired))
        shown = [self.names.shown(address) for address in places[-_LAST:]]
        return f"at {', '.join(shown)}" if shown else "nowhere"

    def _is_illegal(self, entered: Entered) -> bool:
        """Whether the interrupt is the one that words without a form raise."""
        raised = self._illegal
        if raised is None or self._interrupts[entered.number].name != raised.interrupt:
            return False
        constants = [one.value if isinstance(one, code.Const) else None for one in raised.arguments]
        return all(value is None or value == got for value, got in zip(constants, entered.arguments, strict=False))

    @cached_property
    def _illegal(self) -> code.Raise | None:
        hook = self._description.hooks.get("illegal", "")
        body = self._description.functions[hook].body if hook else ()
        return next((statement for statement in body if isinstance(statement, code.Raise)), None)

    def nothing_there(self, core: Core, entered: Entered) -> str:
        """That no memory is where an instruction was to be fetched from, or data to be, if that is so; else ""."""
        if entered.between:
            return ""
        if entered.length:
            return self._no_data(core, entered)
        physical = physical_address(core, entered.address)
        if physical is not None:
            return "" if has_memory(core, physical) else f"no memory is at {physical:#x}"
        if self._memory.slot_at(entered.address) is None:
            return f"nothing is mapped there, and no memory is at physical {entered.address:#x}"
        return "nothing is mapped there"

    def _no_data(self, core: Core, entered: Entered) -> str:
        names = [parameter.name for parameter in self._interrupts[entered.number].parameters]
        for name, value in zip(names, entered.arguments, strict=False):
            if name in _DATA_ADDRESSES:
                physical = physical_address(core, value, LOAD)
                if physical is not None and not has_memory(core, physical):
                    return f"no memory is at {physical:#x}"
        return ""

    def _word_at(self, core: Core, address: int) -> Word | None:
        instruction_set, data = code_at(core, address, 4)
        listing = self.words.listing(data, address, instruction_set) if data else []
        if not listing:
            return None
        return self.words.word(listing[0].word, listing[0].size, address, instruction_set)

    @cached_property
    def _named_registers(self) -> dict[str, tuple[str, int | None]]:
        from ..target.registers import register_map

        found = register_map(self._description, "big" if self._description.byte_order == "big" else "little")
        names = {one.number: one.name for feature in found.description.features for one in feature.registers}
        return {names[number]: (shown.register, shown.index) for number, shown in found.shown.items()}

    def _registers(self, core: Core, cause: Entered | None, word: Word | None) -> str:
        """Those that the instruction names, and some that always matter."""
        names = [name.lstrip("%") for name in word.registers] if word is not None else []
        shown = [f"pc {core.pc:#x}"]
        stack = (str(self._description.annotations.get("gdb", {}).get("stack_pointer", "sp")),)
        for name in dict.fromkeys([*names, *stack, *_ALWAYS]):
            register, index = self._named_registers.get(name, ("", None))
            if register:
                shown.append(f"{name} {core.get(register, index):#x}")
        return f"Registers: {', '.join(shown)}"


def physical_address(core: Core, address: int, kind: int = FETCH) -> int | None:
    """Where a fetch from an address, or another access, goes in the present context; None where it is interrupted."""
    try:
        found = core.engine.translate(address, kind)
    except TraplineError:
        return None
    return None if isinstance(found, Fault) else found.physical


def has_memory(core: Core, physical: int) -> bool:
    """Whether RAM is at a physical address."""
    try:
        core.engine.read_physical_memory(physical, 1)
    except TraplineError:
        return False
    return True


def code_at(core: Core, address: int, size: int) -> tuple[int, bytes]:
    """(the present instruction set's code, the bytes at an address); no bytes where they cannot be read."""
    hook = core.description.set_state
    chosen = int(core.ask(hook)[0]) if hook else next(iter(core.description.instruction_sets.values())).code
    try:
        return chosen, core.engine.read_memory(address, size)
    except TraplineError:
        return chosen, b""
