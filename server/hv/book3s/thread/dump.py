"""A vcpu's registers as text, in the layout that Linux KVM's own dump has (book3s_hv.c, kvmppc_dump_regs)."""

from __future__ import annotations

from collections.abc import Sequence

from ....core import Core
from .registers import SlbEntry


def dump_regs(core: Core, title: str, slb: Sequence[SlbEntry], trap: int) -> str:
    """Several lines; `trap` is the vector of what ended the run, 0 if nothing did."""

    def both(first: str, second: str) -> str:
        return f"{first.lower()} = {core.get(first):016x} {second.lower()} = {core.get(second):016x}"

    has_hypervisor_faults = "HDAR" in core.description.registers
    fault = (core.read("HDAR"), core.read("HDSISR")) if has_hypervisor_faults else (0, 0)
    lines = [f"{title}:"]
    lines += [f"pc  = {core.pc:016x}  msr = {core.read('MSR'):016x}  trap = {trap:x}"]
    lines += [f"r{n:2d} = {core.read('GPR', n):016x}  r{n + 16} = {core.read('GPR', n + 16):016x}" for n in range(16)]
    lines += [f"ctr = {core.read('CTR'):016x}  lr  = {core.read('LR'):016x}"]
    lines += [both("SRR0", "SRR1"), both("SPRG0", "SPRG1"), both("SPRG2", "SPRG3")]
    lines += [f"cr = {core.read('CR'):08x}  xer = {core.read('XER'):016x}  dsisr = {core.read('DSISR'):08x}"]
    lines += [f"dar = {core.read('DAR'):016x}", f"fault dar = {fault[0]:016x} dsisr = {fault[1]:08x}"]
    lines += [f"SLB ({len(slb)} entries):"]
    lines += [f"  ESID = {one.slbe:016x} VSID = {one.slbv:016x}" for one in slb]
    lpcr = core.read("LPCR") if "LPCR" in core.description.registers else 0
    lines += [f"lpcr = {lpcr:016x} sdr1 = {core.read('SDR1'):016x} last_inst = {_last_instruction(core):08x}"]
    return "\n".join(lines) + "\n"


def _last_instruction(core: Core) -> int:
    """The word at pc; all ones, as KVM has it, where it cannot be fetched."""
    from .....isa.engine.interface import FETCH, Fault
    from .....isa.errors import TraplineError

    try:
        found = core.engine.translate(core.pc, FETCH)
        if isinstance(found, Fault):
            return 0xFFFFFFFF
        return int.from_bytes(core.engine.read_physical_memory(found.physical, 4), "big")
    except TraplineError:
        return 0xFFFFFFFF
