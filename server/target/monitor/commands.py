"""`monitor` commands: what lies beneath the registers and the memory that gdb shows.

Each is a plain function of the target, the context and the words behind its name; output is text for people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import hexdigits
from typing import Final

from ....isa.errors import TraplineError
from ...core import Core
from ...hv.book3s.vcpu import Book3sVcpu
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorCommand, MonitorContext
from ...timeline.changes import PutGuestMemory
from ...wild.report import PAGE, code_at
from ..controls import Controls
from .answering import command
from .breaking import BREAK_USAGE, break_command
from .described import ISA_USAGE, isa_command
from .device import device_command
from .instructions import EXPLAIN_USAGE, TRACE_USAGE, explain_command, trace_command
from .machinery import (
    engine_command,
    irq_command,
    stats_command,
    tce_command,
    tlb_command,
    vcore_command,
    vpa_command,
)
from .past import bookmark_command, goto_command, history_command, last_write_command, snapshot_command
from .registers import banked_command, banked_names, registers_command, slb_command
from .translate import translate_command, usage
from .viewing import VIEW_USAGE, view_command
from .walk import WALK_USAGE, walk_command
from .watch_places import WATCH_USAGE, watch_command
from .watching import CATCH_USAGE, catch_command, events_command
from .words import address_and_length, dump, number

_ENTRIES_SHOWN: Final = 64
_LINES: Final = 10
_MOST_LINES: Final = 4096
_FIRST_BITS: Final = ("VALID", "ABSENT", "SECONDARY", "LARGE", "BOLTED", "LOCK", "HVLOCK")
_SECOND_BITS: Final = ("REFERENCED", "CHANGED")
"""Constants of the description, without HPTE_, as they are told of an entry's two doublewords."""

Run = Callable[["Controls", MonitorContext, Sequence[str]], object]


def monitor_commands(target: Controls) -> Sequence[MonitorCommand]:
    """The commands that make sense for the target's machine."""
    has_slb = "SLB_ESID" in target.machine.description.registers
    has_hpt = isinstance(target.machine.vcpus[0], Book3sVcpu)
    chosen: list[tuple[str, str, str, Run]] = [
        ("info", "info machine|exits|interrupts", "the machine and its vcpus; exits, interrupts so far", _info),
        ("exits", "exits", "exits and hypervisor calls so far, most frequent first", _exits),
        ("translate", usage(target.machine.description), "where a translation leads", translate_command),
        (
            "disassemble",
            "disassemble [ADDRESS [COUNT]]",
            "instructions by the description, from pc or an address on",
            _disassemble,
        ),
        ("phys", "phys ADDRESS [LENGTH]", "reads physical memory (host real, for a partition's vcpu)", _phys),
        ("guest", "guest ADDRESS [LENGTH]", "reads memory at an address as the guest calls it physical", _guest),
        ("view", VIEW_USAGE, "what addresses mean to gdb from now on, or for one look", view_command),
        ("poke", "poke ADDRESS BYTE...", "writes physical memory as the guest addresses it", _poke),
        (
            "device",
            "device ADDRESS SIZE [=VALUE]",
            "reads a device's register, or writes it, with all that the access does",
            device_command,
        ),
        ("registers", "registers NAME...", "registers of the description, with their fields", registers_command),
        ("banked", "banked", "banked copies of registers", banked_command),
        ("slb", "slb", "segment lookaside buffer", slb_command),
        ("hpt", "hpt ADDRESS|all", "hashed page table entries for an address, or those in use", _hpt),
        ("walk", WALK_USAGE, "each step of a translation by the description, and why it fails", walk_command),
        ("tlb", "tlb", "translation lookaside buffer, where software can tell that there is one", tlb_command),
        ("vcore", "vcore", "virtual cores and their threads", vcore_command),
        ("vpa", "vpa", "virtual processor area, SLB shadow and dispatch log of the vcpu", vpa_command),
        ("tce", "tce [LIOBN]", "translation control entries, those of one bus in full", tce_command),
        ("irq", "irq", "interrupt controllers at work, and the last interrupts", irq_command),
        ("stats", "stats", "figures of the run so far", stats_command),
        ("engine", "engine", "which engine executes the guest, and what it asked Python for", engine_command),
        ("explain", EXPLAIN_USAGE, "an instruction: bits, meaning, and what it would do now", explain_command),
        ("trace", TRACE_USAGE, "the last instructions, and what each changed", trace_command),
        ("history", "history", "where in its history the machine stands", history_command),
        ("snapshot", "snapshot FILE", "writes the run up to here, for `trapline replay FILE`", snapshot_command),
        ("bookmark", "bookmark NAME", "gives the present moment a name", bookmark_command),
        (
            "goto",
            "goto present|start|NAME|NUMBER",
            "puts the machine to a moment: a bookmark, or so many instructions from its start",
            goto_command,
        ),
        (
            "last-write",
            "last-write ADDRESS [SIZE]|$REGISTER",
            "which instruction wrote memory, or changed a register, last",
            last_write_command,
        ),
        ("watch", WATCH_USAGE, "stops at accesses to physical memory, or to a device", watch_command),
        ("break", BREAK_USAGE, "a breakpoint in one world only; lists and deletes them", break_command),
        ("events", "events on|off", "shows exits, hypervisor calls and interrupts as they happen", events_command),
        ("catch", CATCH_USAGE, "stops where such a thing happens; lists what stops", catch_command),
        ("isa", ISA_USAGE, "takes the description as its files are now, or whenever one is saved", isa_command),
        ("reset", "reset", "puts the guest back to its start", _reset),
        ("quit", "quit", "ends the server after this session", _quit),
    ]
    hidden = set() if has_slb else {"slb"}
    hidden |= set() if has_hpt else {"hpt", "vcore", "vpa", "tce"}
    hidden |= set() if "TLB_TAG" in target.machine.description.registers else {"tlb"}
    hidden |= {"banked"} if not banked_names(target.machine.description) else set()
    return [
        command(target, name, usage, summary, run)
        for name, usage, summary, run in chosen
        if name not in hidden
    ]


def _info(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    machine = target.machine
    what = words[0] if words else "machine"
    if what not in ("machine", "exits", "interrupts"):
        raise MonitorError(f"info: there is no {what!r}: machine, exits or interrupts")
    if what == "interrupts":
        lines = machine.diagnosis.count_lines()
        if not lines:
            context.write("no interrupts yet\n")
            return
        context.write("".join(f"{line}\n" for line in [*lines, "the last ones, the oldest first:"]))
        context.write("".join(f"  {line}\n" for line in machine.diagnosis.last_lines()))
        return
    if what == "exits":
        _exits(target, context, ())
        return
    figures = machine.statistics()
    description = machine.description
    context.write(f"{machine.NAME}: {machine.SUMMARY}; core {description.core} ({description.core_title})\n")
    for slot in machine.memory.slots:
        context.write(f"memory {slot}\n")
    for window in machine.bus.windows:
        context.write(f"device {window}\n")
    for vcpu in machine.vcpus:
        context.write(f"vcpu {vcpu.number}: {vcpu.mp_state.value}, pc {vcpu.core.pc:#x}, {vcpu.core.retired} done\n")
    context.write(f"guest time {figures.guest_seconds:.9f} s, {figures.instructions} instructions\n")
    if machine.wild is not None:
        context.write(f"{machine.wild.message}\n")


def _exits(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    found = target.machine.statistics().exits
    context.write("".join(f"{count:>10}  {reason}\n" for reason, count in found.items()) or "no exits yet\n")


def _disassemble(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    core = target.vcpu(context.thread).core
    address = number(core, "disassemble", words, 0) if words else core.pc
    count = number(core, "disassemble", words, 1) if len(words) > 1 else _LINES
    if not 0 < count <= _MOST_LINES:
        raise MonitorError(f"disassemble: {count} instructions cannot be shown: 1 to {_MOST_LINES}")
    diagnosis = target.machine.diagnosis
    code, _ = code_at(core, address, 1)
    unit = diagnosis.reporter.words.instruction_set(code).unit // 8
    address &= -unit
    # Page by page, as far as can be read: what follows may be no memory.
    data, wanted = b"", 4 * count
    while len(data) < wanted:
        at = address + len(data)
        piece = code_at(core, at, min(wanted - len(data), PAGE - at % PAGE))[1]
        if not piece:
            break
        data += piece
    if not data:
        there = _nothing_readable(core, address)
        raise MonitorError(f"disassemble: there is no code at {address:#x}: {there}")
    for line in diagnosis.reporter.words.listing(data, address, code)[:count]:
        mark = "=>" if line.address == core.pc else "  "
        symbol = diagnosis.names.symbol(line.address)
        place = f"{line.address:#x}" + (f" <{symbol}>" if symbol else "")
        word = f"{line.word:0{2 * line.size}x}"
        reason = f"    {line.reason}" if line.reason else ""
        context.write(f"{mark} {place}:  {word}  {line.text}{reason}\n")


def _nothing_readable(core: Core, address: int) -> str:
    try:
        core.engine.read_memory(address, 1)
    except TraplineError as error:
        return str(error)
    return "it is at the end of memory"


def _phys(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    core = target.vcpu(context.thread).core
    address, length = address_and_length(core, "phys", words)
    try:
        data = core.engine.read_physical_memory(address, length)
    except TraplineError as error:
        raise MonitorError(f"phys: {error}") from error
    context.write(dump(address, data))


def _guest(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    address, length = address_and_length(target.vcpu(context.thread).core, "guest", words)
    try:
        data = target.machine.memory.read(address, length)
    except TraplineError as error:
        raise MonitorError(f"guest: {error}") from error
    context.write(dump(address, data))


def _poke(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    core = target.vcpu(context.thread).core
    address = number(core, "poke", words, 0)
    digits = [word.lower().removeprefix("0x") for word in words[1:]]
    wrong = next((word for word in digits if not 1 <= len(word) <= 2 or not set(word) <= set(hexdigits)), None)
    if wrong is not None or not digits:
        said = "none is there" if wrong is None else f"{wrong[:16]!r} is none"
        raise MonitorError(f"poke: bytes are two hexadecimal digits each: {said}")
    data = bytes(int(word, 16) for word in digits)
    try:
        target.change(PutGuestMemory(address, data), len(data))
    except TraplineError as error:
        raise MonitorError(f"poke: {error}") from error


def _hpt(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    vcpu = target.vcpu(context.thread)
    assert isinstance(vcpu, Book3sVcpu)
    vm, core = vcpu.vm, vcpu.core
    if words[:1] != ["all"]:
        address = number(core, "hpt", words, 0)
        hit, segment = core.call("slb_lookup", address)
        if not hit:
            (segment,) = core.call("vrma_segment")
            context.write("no SLB entry: searched as the virtual real mode area\n")
        (size,) = core.call("page_size", segment)
        (code,) = core.call("hash_of", address, segment, size)
        groups = 1 << (vm.hpt_order - 7)
        indices = [group * 8 + n for group in (code & (groups - 1), ~code & (groups - 1)) for n in range(8)]
    else:
        table = vm.host.read(vm.hpt_base, 1 << vm.hpt_order)
        indices = [n for n in range(len(table) // 16) if any(table[n * 16 : n * 16 + 8])]
    shown = 0
    for index in indices:
        entry = vm.host.read(vm.hpt_base + index * 16, 16)
        if any(entry[:8]):
            shown += 1
            if shown > _ENTRIES_SHOWN:
                context.write(f"... and more; {len(indices)} in use\n")
                return
            if shown == 1:
                context.write("   index  first doubleword second doubleword\n")
            context.write(f"{index:>8x}  {entry[:8].hex()} {entry[8:].hex()}  {_describe_entry(core, entry)}\n")
    if not shown:
        context.write("no entry in use\n")


def _describe_entry(core: Core, entry: bytes) -> str:
    """An HPTE in words: its bits by the description's names, and its real page."""
    first, second = int.from_bytes(entry[:8], "big"), int.from_bytes(entry[8:], "big")
    bits = [name.lower() for name in _FIRST_BITS if first & core.constant(f"HPTE_{name}")]
    bits += [name.lower() for name in _SECOND_BITS if second & core.constant(f"HPTE_{name}")]
    return f"{' '.join(bits)}; real page {second & core.constant('HPTE_REAL_PAGE'):#x}"


def _reset(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    target.restart_all()
    context.write("the guest stands at its entry point; `maintenance flush register-cache` makes gdb look again\n")


def _quit(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    target.quit_requested = True
    context.write("the server ends when this session does\n")
