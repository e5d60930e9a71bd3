"""Guests that take many interrupts, or wait with interrupts off, and are none of those that run wild."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trapline.isa.lang.load import load_core
from trapline.server.verdict import Outcome

from .guests import ARM, POWER


@dataclass(frozen=True)
class SaneGuest:
    """`text` has `{rounds}` for how often it does what it does: `rounds`, on the reference engine a fortieth."""

    name: str
    board: str
    core: str
    text: str
    rounds: int
    outcome: Outcome
    steps: int = 4_000_000
    vcpus: int = 1

    @property
    def base(self) -> int:
        """Where it stands."""
        return ARM if self.core == "armv7ve" else POWER

    def source(self, engine: str) -> str:
        """The program."""
        rounds = self.rounds if engine == "native" else max(self.rounds // 40, 1)
        return self.text.replace("{rounds}", str(rounds))


def _number(core: str, name: str) -> int:
    return next(call.number for call in load_core(core).hypercalls.values() if call.name == name)


_OFF: Final = "rvwinkle\n"
"""With LPCR.PECE zero nothing ends it: the machine is off, and idle since nothing was said."""
_ROUNDS: Final = "lis %r5, {rounds}@h\nori %r5, %r5, {rounds}@l\nmtctr %r5\n"


def _power(name: str, vectors: str, code: str, rounds: int, outcome: Outcome = Outcome.IDLE, **more: int) -> SaneGuest:
    text = f"{vectors}\n.org 0x4000\n_start:\n{code}\n"
    return SaneGuest(name, "power-bare", "power7", text, rounds, outcome, **more)


def _arm(name: str, code: str, rounds: int, outcome: Outcome) -> SaneGuest:
    return SaneGuest(name, "arm-virt", "armv7ve", f"_start:\n{code}\n", rounds, outcome)


def _arm_off() -> str:
    number = _number("armv7ve", "PSCI_SYSTEM_OFF")
    return f"movw r0, #{number & 0xFFFF:#x}\nmovt r0, #{number >> 16:#x}\nsmc #0\n"


_ARM_ROUNDS: Final = "movw r5, #({rounds} & 0xffff)\nmovt r5, #({rounds} >> 16)\n"
_VECTORS: Final = "adr r0, vectors\nmcr p15, 4, r0, c12, c0, 0\n"

SANE: Final = (
    _power(
        "trap and emulate",
        ".org 0xe40\nmfspr %r6, 314\naddi %r6, %r6, 4\nmtspr 314, %r6\nhrfid\n",
        _ROUNDS + "1: .long 0\nbdnz 1b\n" + _OFF,
        200_000,
    ),
    _power("system calls", ".org 0xc00\nrfid\n", _ROUNDS + "1: sc\nbdnz 1b\n" + _OFF, 200_000),
    _power(
        "traps that branch on instead of returning",
        ".org 0x700\nb next\n",
        _ROUNDS + "1: trap\nnext: bdnz 1b\n" + _OFF,
        50_000,
    ),
    _power(
        "handler that needs several tries",
        ".org 0x700\naddi %r7, %r7, 1\ncmpd %r7, %r5\nblt 1f\nmfsrr0 %r6\naddi %r6, %r6, 4\nmtsrr0 %r6\n1: rfid\n",
        _ROUNDS + "trap\n" + _OFF,
        50_000,
    ),
    _power(
        "decrementer",
        ".org 0x900\nli %r4, 50\nmtdec %r4\naddi %r7, %r7, 1\ncmpd %r7, %r5\nbge 1f\nrfid\n1: " + _OFF,
        _ROUNDS + "li %r4, 50\nmtdec %r4\nmfmsr %r3\nori %r3, %r3, 0x8000\nmtmsrd %r3, 1\nwait: b wait\n",
        4000,
    ),
    _power(
        "waiting in a loop with interrupts on",
        ".org 0x900\nlis %r4, 0x7fff\nmtdec %r4\nrfid\n",
        "lis %r4, 0x7fff\nmtdec %r4\nmfmsr %r3\nori %r3, %r3, 0x8000\nmtmsrd %r3, 1\nwait: b wait\n",
        1,
        Outcome.BUDGET,
    ),
    _power(
        "waiting for a device with interrupts off",
        "",
        "li %r4, 0x80\nsldi %r4, %r4, 32\n1: lbz %r3, 5(%r4)\nandi. %r3, %r3, 1\nbeq 1b\n",
        1,
        Outcome.BUDGET,
        steps=400_000,
    ),
    _power(
        "waiting for the time with interrupts off",
        "",
        _ROUNDS + "1: mftb %r3\ncmpd %r3, %r5\nli %r3, 0\nblt 1b\n" + _OFF,
        300_000,
    ),
    _power(
        "waiting for another thread with interrupts off",
        "",
        _ROUNDS + "li %r4, 0x2000\ncmpwi %r3, 0\nbne other\n1: ld %r6, 0(%r4)\ncmpdi %r6, 0\nbeq 1b\n" + _OFF
        + "other: bdnz other\nstd %r5, 0(%r4)\n" + _OFF,
        500_000,
        vcpus=2,
    ),
    _arm(
        "trap and emulate",
        _VECTORS + _ARM_ROUNDS + "1: udf #0\nsubs r5, r5, #1\nbne 1b\n" + _arm_off()
        + ".align 5\nvectors: b .\nb skip\nskip: mrs r6, elr_hyp\nadd r6, r6, #4\nmsr elr_hyp, r6\neret\n",
        200_000,
        Outcome.SILENT,
    ),
    _arm(
        "calls of its own hypervisor",
        _VECTORS + _ARM_ROUNDS + "1: hvc #1\nsubs r5, r5, #1\nbne 1b\n" + _arm_off()
        + ".align 5\nvectors: b .\nb .\neret\n",
        200_000,
        Outcome.SILENT,
    ),
    _arm("waiting in a loop with interrupts on", "cpsie i\nwait: b wait\n", 1, Outcome.BUDGET),
    _arm(
        "waiting for the time with interrupts off",
        _ARM_ROUNDS + "1: mrrc p15, 0, r3, r4, c14\ncmp r3, r5\nmov r3, #0\nmov r4, #0\nblo 1b\n" + _arm_off(),
        500_000,
        Outcome.SILENT,
    ),
)
