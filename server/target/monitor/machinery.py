"""`monitor stats`, `engine`, `irq`, `tlb`, `vcore`, `vpa` and `tce`: what lies around the cores of a machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ....isa.engine.devices import DescribedDevice
from ....isa.errors import TraplineError
from ...boards.power.pseries import PseriesMachine
from ...hv.book3s.thread.statistics import KVM_STATISTICS
from ...hv.book3s.vcpu import Book3sVcpu
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..controls import Controls
from .answering import table
from .words import number

_MOST_SHOWN: Final = 256
_PAGE_BITS: Final = 12
_TLB: Final = "TLB_TAG"
"""A register file of a description whose core has a TLB that software can tell."""


def stats_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Figures of the run so far."""
    _takes_nothing("stats", words)
    machine = target.machine
    figures = machine.statistics()
    context.write(f"{figures.instructions} instructions, guest time {figures.guest_seconds:.9f} s\n")
    rows = [(f"vcpu {number}", str(count)) for number, count in enumerate(figures.per_vcpu)]
    for title, counts in (("exit", figures.exits), ("interrupt", figures.interrupts), ("Python", figures.python)):
        rows += [(f"{title} {name}", str(count)) for name, count in counts.items()]
    kvm = {
        vcpu.number: {name: getattr(vcpu.counted, name) for name in KVM_STATISTICS}
        for vcpu in machine.vcpus
        if isinstance(vcpu, Book3sVcpu)
    }
    rows += [(f"kvm vcpu {at} {name}", str(count)) for at, one in kvm.items() for name, count in one.items() if count]
    context.write(table(rows))
    return {
        "instructions": figures.instructions, "guest_seconds": figures.guest_seconds,
        "per_vcpu": list(figures.per_vcpu), "exits": figures.exits, "interrupts": figures.interrupts,
        "python": figures.python, "kvm": {str(at): one for at, one in kvm.items()},
    }  # fmt: skip


def engine_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Which engine executes the guest, what it keeps, and what it asked Python for."""
    _takes_nothing("engine", words)
    machine, timeline = target.machine, target.timeline
    told: list[dict[str, object]] = []
    for vcpu in machine.vcpus:
        engine = vcpu.core.engine
        one: dict[str, object] = {
            "vcpu": vcpu.number, "engine": engine.KIND, "executed": vcpu.core.steps, "retired": engine.retired,
            "breakpoints": len(engine.breakpoints), "code_pages": len(vcpu.core.state.peers.code_pages),
            "asked_python": dict(engine.entered()),
        }  # fmt: skip
        told.append(one)
        context.write(
            f"vcpu {vcpu.number}: {engine.KIND} engine, {vcpu.core.steps} instructions executed, "
            f"{engine.retired} completed; {one['breakpoints']} breakpoints; {one['code_pages']} pages of code\n"
        )
        context.write(table([(f"  asked for {name}", str(count)) for name, count in engine.entered().items()]))
    context.write(f"description {machine.description.core}, {machine.description.fingerprint[:16] or 'of no file'}\n")
    context.write(f"{len(timeline.marks)} checkpoints since instruction {timeline.first}\n")
    return {"vcpus": told, "core": machine.description.core, "checkpoints": len(timeline.marks)}


def irq_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Interrupt controllers' registers that are not at rest, and the last interrupts that were entered."""
    _takes_nothing("irq", words)
    machine = target.machine
    told: dict[str, object] = {}
    if isinstance(machine, PseriesMachine):
        rows = [("server", "CPPR", "MFRR", "XISR", "priority")]
        rows += [
            (str(at), f"{one.priority:#x}", f"{one.mfrr:#x}", f"{one.presented:#x}", f"{one.presented_priority:#x}")
            for at, one in enumerate(machine.xics.presentations)
        ]
        context.write(f"presentation controllers:\n{table(rows)}")
        told["xics"] = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    for name, device in _controllers(target):
        found = dict(_at_work(device))
        context.write(f"{name}: {', '.join(f'{at}={value:#x}' for at, value in found.items()) or 'at rest'}\n")
        told[name] = {at: hex(value) for at, value in found.items()}
    last = machine.diagnosis.last_lines()
    context.write("".join(f"{line}\n" for line in last) or "no interrupts yet\n")
    return told | {"last": list(last), "counts": dict(machine.diagnosis.counts())}


def _controllers(target: Controls) -> Iterator[tuple[str, DescribedDevice]]:
    """Devices that the description has interrupt controllers' names for."""
    seen: set[int] = set()
    for window in target.machine.bus.windows:
        device = getattr(window.device, "device", None)
        if not isinstance(device, DescribedDevice) or id(device) in seen:
            continue
        if any(word in device.name for word in ("gic", "xics", "plic", "clint", "interrupt")):
            seen.add(id(device))
            yield f"{device.name} at {window.base:#x}", device


def _at_work(device: DescribedDevice) -> Iterator[tuple[str, int]]:
    """Its registers that are not zero, elements by their numbers."""
    shown = 0
    for name, slot in device.layout.slots.items():
        for index in range(slot.count or 1):
            value = device.block.get(slot, index)
            if value and shown < _MOST_SHOWN:
                shown += 1
                own = name.removeprefix(f"{device.name}.")
                yield f"{own}[{index}]" if slot.count else own, value


def tlb_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """The entries of a translation lookaside buffer that software can tell from its page table."""
    _takes_nothing("tlb", words)
    core = target.vcpu(context.thread).core
    count = core.register(_TLB).count
    found: list[dict[str, object]] = []
    for index in range(count):
        tag = core.read(_TLB, index)
        if tag:
            second, source = core.read("TLB_SECOND", index), core.read("TLB_FROM", index)
            found.append({"entry": index, "tag": hex(tag), "second": hex(second), "from": hex(source)})
            if len(found) <= _MOST_SHOWN:
                context.write(f"{index:>5}  {tag:016x} {second:016x}  from {source:#x}\n")
    context.write(f"{len(found)} of {count} entries are in use\n")
    return found


def vcore_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Virtual cores and their threads."""
    _takes_nothing("vcore", words)
    told: list[dict[str, object]] = []
    for vcore in _book3s(target, "vcore").vm.vcores:
        threads = [
            {"vcpu": one.number, "thread": one.thread_state.value, "state": one.mp_state.value}
            for one in vcore.members
        ]
        told.append({
            "vcore": vcore.number, "state": vcore.state.value, "threads": threads,
            "entry_exit_count": vcore.entry_exit_count, "napping_threads": vcore.napping_threads,
            "n_woken": vcore.n_woken, "nap_count": vcore.nap_count,
            "runner": None if vcore.runner is None else vcore.runner.number,
        })  # fmt: skip
        context.write(
            f"vcore {vcore.number}: {vcore.state.value}, entry_exit_count {vcore.entry_exit_count:#x}, napping "
            f"{vcore.napping_threads:#x}, woken {vcore.n_woken}, nap_count {vcore.nap_count}\n"
        )
        for at in threads:
            context.write(f"  vcpu {at['vcpu']}: {at['thread']}, {at['state']}\n")
    return told


def vpa_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """The areas that a vcpu has registered with the hypervisor, and what its VPA holds."""
    _takes_nothing("vpa", words)
    vcpu = target.vcpu(context.thread)
    if not isinstance(vcpu, Book3sVcpu):
        raise MonitorError("vpa: only a partition's vcpu has such areas")
    told: dict[str, object] = {}
    for name in ("vpa", "slb_shadow", "dispatch_log"):
        area = vcpu.areas.by_name(name)
        told[name] = {"address": hex(area.address), "length": area.length, "pending": area.pending}
        pending = ", from the next entry on" if area.pending else ""
        where = f"{area.length:#x} bytes at {area.address:#x}{pending}" if area.address else "none"
        context.write(f"{name}: {where}\n")
    fields = dict(_vpa_fields(target, vcpu))
    context.write("".join(f"  {name} = {value:#x}\n" for name, value in fields.items()))
    return told | {"fields": {name: hex(value) for name, value in fields.items()}, "log_index": vcpu.areas.log_index}


def _vpa_fields(target: Controls, vcpu: Book3sVcpu) -> Iterator[tuple[str, int]]:
    address = vcpu.areas.vpa.address
    layout = vcpu.core.description.bitfields["vpa"]
    if not address:
        return
    try:
        data = target.machine.memory.read(address, layout.width // 8)
    except TraplineError:
        return
    value = int.from_bytes(data, "big")
    for one in layout.fields:
        yield one.name, value >> one.low & (1 << one.width) - 1


def tce_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Tables of translation control entries; with a bus' number the entries that are in use."""
    vm = _book3s(target, "tce").vm
    core = target.vcpu(context.thread).core
    chosen = number(core, "tce", words, 0) if words else None
    told: list[dict[str, object]] = []
    for one in vm.tce_tables:
        if chosen is not None and one.liobn != chosen:
            continue
        used = [(at, one[at]) for at in range(len(one)) if one[at]] if chosen is not None else []
        context.write(f"bus {one.liobn:#x}: a window of {one.window_size:#x} bytes, {len(one)} entries\n")
        for at, entry in used[:_MOST_SHOWN]:
            context.write(f"  {at << _PAGE_BITS:#x}: {entry:#018x}\n")
        entries = {hex(at << _PAGE_BITS): hex(entry) for at, entry in used}
        told.append({"liobn": hex(one.liobn), "window": one.window_size, "entries": entries})
    if not told:
        context.write("there is no such table\n")
    return told


def _book3s(target: Controls, name: str) -> PseriesMachine:
    if not isinstance(target.machine, PseriesMachine):
        raise MonitorError(f"{name}: only a partition of the machine pseries has it")
    return target.machine


def _takes_nothing(name: str, words: Sequence[str]) -> None:
    if words:
        raise MonitorError(f"{name}: it takes nothing, and {' '.join(words)[:60]!r} is given")
