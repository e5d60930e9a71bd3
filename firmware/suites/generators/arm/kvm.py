"""`kvm-arm`: what a guest of KVM/Arm meets: registers that the host plays, devices, no memory, and exits.

Each coprocessor register is read and written; every trap under a condition that holds and one that does not, in both
instruction sets; accesses to a device and to nothing (`kvm_accesses`); and everything that an operating system sets up:
written, behind an exit of each kind, read. The same tests run under the host stub (`--oracle stub`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .....asmgen.catalog.catalog import SpaceRegister
from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import MODES, NO_VECTORS, entered, left, told
from .hyp_traps import TIMES, access_of
from .kvm_accesses import IDENTITY, Accesses
from .kvm_interrupts import interrupts

_TRAPS: Final = "ARM DDI 0406C, sections B1.14 (traps to the hypervisor) and B3.13.6 (HSR)"
_SWITCH: Final = "Linux 3.9, arch/arm/kvm/interrupts.S (what a world switch keeps); ARM DDI 0406C, section B1.14"
_EXITS: Final = {
    "call": ("load32  r0, PSCI_VERSION", "hvc     #0"),
    "register": ("mrc     p15, 1, r0, c9, c0, 2           @ L2CTLR",),
    "device": (f"load32  r0, {IDENTITY:#x}", "ldr     r0, [r0]"),
    "set-way": ("mov     r0, #0", "mcr     p15, 0, r0, c7, c14, 2          @ DCCISW"),
    "memory": ("load32  r0, {fresh:#x}", "ldr     r0, [r0]"),
}
"""Ways out of a guest and back; r0 is lost. `fresh` is memory that nothing has touched."""
_FRESH: Final = 0x4100_0000
_END: Final = 0x43F0_0000
"""Memory that a host stub gives, too."""
_TRAPPED: Final = {
    "L2CTLR": "mrc{c}   p15, 1, r5, c9, c0, 2",
    "ACTLR": "mrc{c}   p15, 0, r5, c1, c0, 1",
    "PMCR": "mcr{c}   p15, 0, r5, c9, c12, 0",
    "DCCISW": "mcr{c}   p15, 0, r0, c7, c14, 2",
    "CNTP_CTL": "mrc{c}   p15, 0, r5, c14, c2, 1",
    "CNTP_CVAL": "mrrc{c}  p15, 2, r5, r6, c14",
    "vector": "vadd{c}.f64 d4, d2, d1",
    "event": "wfe{c}",
}
_FLAGS: Final = {"eq": 0x4000_0000, "ne": 0, "cs": 0x2000_0000, "ge": 0x9000_0000, "gt": 0x8000_0000, "le": 0x4000_0000}
"""Conditions, and flags; each condition is taken with the others' flags as well."""
_BANKED: Final = (
    ("SP_usr", "LR_usr", "SP_abt", "LR_abt", "SPSR_abt", "SP_und", "LR_und"),
    ("SPSR_und", "SP_irq", "LR_irq", "SPSR_irq", "SP_fiq", "LR_fiq", "SPSR_fiq"),
    ("R8_fiq", "R9_fiq", "R10_fiq", "R11_fiq", "R12_fiq", "SPSR"),
)
_LEFT_ALONE: Final = frozenset(("SCTLR", "ISR"))
"""What a test runs with, and what is the machine's."""
_REGISTERS_A_TEST: Final = 6
_VECTORS: Final = (
    "        .data",
    "        .balign 8",
    "        .global suite_vectors",
    "suite_vectors:",
    *(
        f"        .word   {0x3F800000 + 0x01030507 * n & 0xFFFFFFFF:#x}, {0x40000000 + 0x11111111 * n & 0xFFFFFFFF:#x}"
        for n in range(32)
    ),
)


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    maker = _Maker(context)
    yield from maker.registers()
    yield from maker.conditions()
    yield from Accesses(context).cases()
    yield from maker.kept()
    yield from maker.exclusives()
    yield from interrupts()


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._fresh = _FRESH
        self._labels = 0

    # What the host plays

    def registers(self) -> Iterator[Case]:
        """Each coprocessor register of the description, as the guest finds it: read and written, from PL1 and PL0."""
        for space in ("CP15", "CP14", "CP15_64", "CP14_64"):
            found = self._context.catalog.registers(space)
            timed = [one for one in found if one.register.startswith(TIMES)]
            rest = [one for one in found if not one.register.startswith(TIMES)]
            yield from self._registers(space, "register", rest)
            # What is told of time is the host's, too: the suite's oracles know these by their names.
            yield from self._registers(space, "timed", timed)

    def _registers(self, space: str, name: str, found: Sequence[SpaceRegister]) -> Iterator[Case]:
        for at in range(0, len(found), _REGISTERS_A_TEST):
            some = found[at : at + _REGISTERS_A_TEST]
            ways = [(one, writes, state) for one in some for writes in (False, True) for state in ("PL1", "PL0")]
            steps = tuple(access_of(space, one, "a guest", (), writes, state) for one, writes, state in ways)
            title = f"{', '.join(one.register for one in some)} as a guest finds them"
            number = f"{name}-{space.lower().replace('_', '-')}-{at // _REGISTERS_A_TEST:02}"
            yield Case(number, title, steps, ("registers", space.lower()), NO_VECTORS)

    def conditions(self) -> Iterator[Case]:
        """Everything that traps, under conditions that hold and do not, in A32 and in an IT block of two."""
        for what, text in _TRAPPED.items():
            steps = []
            for condition in _FLAGS:
                for flags in sorted({*_FLAGS.values()}):
                    steps.append(self._conditional(what, text, condition, flags, is_t32=False))
                    steps.append(self._conditional(what, text, condition, flags, is_t32=True))
            yield Case(
                f"condition-{what.lower()}", f"{what} under conditions", tuple(steps), ("conditions",), NO_VECTORS
            )

    def _conditional(self, what: str, text: str, condition: str, flags: int, is_t32: bool) -> Step:
        code = ["mov     r0, #0", "sev", f"load32  r1, {flags:#x}", "msr     cpsr_f, r1"]
        access, added = text.format(c=condition), f"add{condition}   r7, r7, #1"
        if is_t32:
            self._labels += 1
            code += [f"into_t32 {self._labels}", f"itt     {condition}", access, added, "out_of_t32"]
        else:
            code += [access, added]
        title = f"{what}, {condition}, flags {flags >> 28:x}, {'T32' if is_t32 else 'A32'}"
        checks = (*told(), *(Check(f"r{one}") for one in (5, 6, 7)), Check("cpsr"), Check("dregs"))
        return Step(title, tuple(code), checks, _TRAPS, covers=(f"trap under a condition {what}",))

    # What outlives an exit

    def kept(self) -> Iterator[Case]:
        """Core registers of each mode, banked registers, system registers, vectors: written, an exit, read."""
        for kind in _EXITS:
            steps: list[Step] = []
            for mode in MODES:
                if mode != "usr" or kind in ("device", "memory"):
                    steps.append(self._core_kept(kind, mode))
            steps += [self._banked_kept(kind, names) for names in _BANKED]
            steps += [self._vectors_kept(kind, number) for number in range(3)]
            yield Case(f"kept-{kind}", f"registers behind an exit by {kind}", tuple(steps), ("kept",), _VECTORS)
        for number, one in enumerate(self._system()):
            kind = list(_EXITS)[number % len(_EXITS)]
            steps = [self._system_kept(one[0], one[1], kind, turn) for turn in range(2)]
            yield Case(
                f"kept-{one[0].lower()}-{number:02}", f"{one[0]} behind an exit", tuple(steps), ("kept",), NO_VECTORS
            )

    def _exit(self, kind: str) -> tuple[str, ...]:
        self._fresh += 2 << 20 if kind == "memory" else 0
        if self._fresh >= _END:
            self._fresh = _FRESH
        return tuple(one.format(fresh=self._fresh) for one in _EXITS[kind])

    def _core_kept(self, kind: str, mode: str) -> Step:
        rng = self._context.source(f"core/{kind}/{mode}")
        code = [*entered(mode), *(f"load32  r{one}, {rng.getrandbits(32):#x}" for one in range(4, 15))]
        code += self._exit(kind)
        seen = range(4, 13) if mode == "usr" else range(4, 15)
        checks = (*(Check(f"r{one}", note="kept") for one in seen), Check("cpsr"), *told())
        return Step(f"core registers in {mode}, {kind}", tuple(code), checks, _SWITCH, after=left(mode),
                    covers=(f"kept core {kind}",))  # fmt: skip

    def _banked_kept(self, kind: str, names: Sequence[str]) -> Step:
        rng = self._context.source(f"banked/{kind}/{names[0]}")
        code = []
        for name in names:
            value = (
                rng.getrandbits(32) & 0xF800_0000 | rng.choice((0x10, 0x13, 0x1D3))
                if "SPSR" in name
                else rng.getrandbits(32)
            )
            code += [f"load32  r4, {value:#x}", f"msr     {'SPSR_cxsf' if name == 'SPSR' else name}, r4"]
        code += self._exit(kind)
        code += [f"mrs     r{5 + at}, {name}" for at, name in enumerate(names)]
        checks = (*(Check(f"r{5 + at}", note=name) for at, name in enumerate(names)), Check("trap"))
        return Step(f"{', '.join(names)}, {kind}", tuple(code), checks, _SWITCH, covers=(f"kept banked {kind}",))

    def _vectors_kept(self, kind: str, number: int) -> Step:
        rng = self._context.source(f"vectors/{kind}/{number}")
        status = rng.getrandbits(5) << 27 | rng.getrandbits(4) << 22 | rng.getrandbits(5)
        code = [f"load32  r4, {status:#x}", "vmsr    fpscr, r4", "vadd.i32 q1, q0, q15", *self._exit(kind)]
        code += ["vadd.i32 q9, q1, q14", *self._exit(kind), "vmrs    r5, fpscr"]
        checks = (
            Check("dregs", note="d0 to d31"),
            Check("fpscr"),
            Check("r5"),
            Check("d2.low"),
            Check("d31.high"),
            Check("trap"),
        )
        return Step(f"vectors and FPSCR, {kind}", tuple(code), checks, _SWITCH, covers=(f"kept vectors {kind}",))

    def _system(self) -> list[tuple[str, tuple[int, ...]]]:
        """CP15 registers that an operating system reads and writes."""
        found = []
        for one in self._context.catalog.registers("CP15"):
            name = one.register.partition("_")[0]
            ours = one.keys[0] != 4 and one.read and one.write and not name.startswith("PM")
            if ours and name not in _LEFT_ALONE and (not name.startswith("CNT") or name == "CNTKCTL"):
                found.append((one.register.replace("_", "-"), one.keys))
        return found

    def _system_kept(self, name: str, keys: Sequence[int], kind: str, turn: int) -> Step:
        rng = self._context.source(f"system/{name}/{turn}")
        place = f"c{keys[1]}, c{keys[2]}, {keys[3]}"
        read, write = f"mrc     p15, {keys[0]}, {{}}, {place}", f"mcr     p15, {keys[0]}, {{}}, {place}"
        code = [read.format("r5"), f"load32  r6, {rng.getrandbits(32):#x}", "eor     r6, r5, r6", write.format("r6")]
        code += [read.format("r6"), *self._exit(kind), read.format("r7"), write.format("r5"), "isb"]
        checks = (Check("r6", note="as it takes it"), Check("r7", note="behind the exit"), *told())
        return Step(f"{name}, {kind}, {turn + 1}", tuple(code), checks, _SWITCH, covers=(f"kept {name}",))

    def exclusives(self) -> Iterator[Case]:
        """An exclusive access outlives no exit, and is not begun by a host's."""
        for kind in _EXITS:
            steps = []
            for loads in (True, False):
                for size in ("", "b", "h"):
                    code = [f"load32  r4, {_FRESH:#x}", "str     r3, [r4]"]
                    code += [f"ldrex{size}  r5, [r4]"] if loads else []
                    code += [*self._exit(kind), f"strex{size}  r6, r2, [r4]", "ldr     r7, [r4]"]
                    what = "a load, the exit, the store" if loads else "the exit, a store alone"
                    checks = (Check("r6", note="1: not done"), Check("r7", note="memory"), Check("trap"))
                    title = f"strex{size}: {what}, {kind}"
                    steps.append(Step(title, tuple(code), checks, _SWITCH, covers=(f"exclusive {kind}",)))
            yield Case(
                f"exclusive-{kind}",
                f"exclusive accesses over an exit by {kind}",
                tuple(steps),
                ("exclusive",),
                NO_VECTORS,
            )
