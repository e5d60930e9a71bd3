"""`world-switch`: what a guest's world traps to Hyp mode, and how its syndrome tells of it.

Each register of the description's coprocessors is read and written, from PL1 and PL0, in the world that a KVM/Arm
host gives its guests (the description's own HCR, HCPTR, HSTR and HDCR), and in a world where nothing traps. Then each
bit that traps, alone; and what is no register: HVC, SMC, SVC, WFI, undefined instructions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .....asmgen.catalog.catalog import SpaceRegister
from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import NO_VECTORS, in_hyp, told

_REGISTERS_A_TEST: Final = 4
_RULE: Final = "ARM DDI 0406C, sections B1.14 (traps to the hypervisor) and B3.13.6 (HSR)"
_VM: Final = 1
_LINES: Final = 0x38
"""AMO, IMO, FMO: what comes from outside is not this suite's."""
TIMES: Final = ("CNT", "PMCC", "PMX", "DBGDTR", "ISR")
_INSTRUCTIONS: Final = {
    "hvc": "hvc     #0x1234",
    "hvc-0": "hvc     #0",
    "smc": "smc     #0",
    "svc": "svc     #0x77",
    "wfi-pending": "wfi",
    "wfe": "sev\n        wfe\n        wfe",
    "udf": "udf     #7",
    "bkpt": "bkpt    #3",
    "cp10": "vmov.f32 s0, s1",
    "cp14": "mrc     p14, 0, r5, c0, c0, 0",
    "bxj": "bxj     lr",
    "actlr": "mrc     p15, 0, r5, c1, c0, 1",
    "id-group-0": "mrc     p15, 0, r5, c0, c0, 0",
    "id-group-1": "mrc     p15, 0, r5, c0, c0, 3",
    "id-group-2": "mrc     p15, 0, r5, c0, c0, 1",
    "id-group-3": "mrc     p15, 0, r5, c0, c1, 4",
    "cache-by-way": "mov     r5, #0\n        mcr     p15, 0, r5, c7, c14, 2",
    "cache-to-pou": "load32  r5, suite_vectors\n        mcr     p15, 0, r5, c7, c11, 1",
    "cache-to-poc": "load32  r5, suite_vectors\n        mcr     p15, 0, r5, c7, c10, 1",
    "tlb": "mcr     p15, 0, r5, c8, c7, 0",
    "virtual-memory": "mrc     p15, 0, r5, c2, c0, 0",
    "virtual-memory-write": "mrc     p15, 0, r5, c3, c0, 0\n        mcr     p15, 0, r5, c3, c0, 0",
    "context-64": "mrrc    p15, 0, r5, r6, c2",
    "implementation-defined": "mrc     p15, 0, r5, c9, c0, 2",
    "performance": "mrc     p15, 0, r5, c9, c12, 0",
    "timer": "mrc     p15, 0, r5, c14, c2, 1",
    "t32-it": "into_t32",
}
_CONTROLS: Final = {
    "HCR": {"SWIO": 1, "TWI": 13, "TWE": 14, "TID0": 15, "TID1": 16, "TID2": 17, "TID3": 18, "TSC": 19, "TIDCP": 20,
            "TAC": 21, "TSW": 22, "TPC": 23, "TPU": 24, "TTLB": 25, "TVM": 26, "TGE": 27},
    "HSTR": {f"T{one}": one for one in (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15)},
    "HCPTR": {"TCP0": 0, "TCP10-TCP11": 10, "TASE": 15, "TTA": 20, "TCPAC": 31},
    "HDCR": {"TPMCR": 5, "TPM": 6, "TDE": 8, "TDA": 9, "TDOSA": 10, "TDRA": 11},
    "CNTHCTL": {"PL1PCTEN": 0, "PL1PCEN": 1},
}  # fmt: skip


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    maker = _Maker(context)
    for world in ("guest", "nothing"):
        for space in ("CP15", "CP14", "CP15_64", "CP14_64"):
            yield from maker.registers(space, world)
    yield from maker.single_bits()


def access_of(space: str, one: SpaceRegister, world: str, into: Sequence[str], writes: bool, state: str) -> Step:
    """A register that is read or written from PL1 or PL0, behind the code that makes the world what it is to be."""
    number = space[2:4]
    keys = one.keys
    if len(keys) == 4:
        operands = f"p{number}, {keys[0]}, r5, c{keys[1]}, c{keys[2]}, {keys[3]}"
        read, write = f"mrc     {operands}", f"mcr     {operands}"
    else:
        operands = f"p{number}, {keys[0]}, r5, r6, c{keys[1]}"
        read, write = f"mrrc    {operands}", f"mcrr    {operands}"
    # What is written is what stands there, as far as it can be read before the world is another one.
    ready = [read] if writes and one.read else ["mov     r5, #0", "mov     r6, #0"]
    code = [*(ready if writes else []), *into]
    text = write if writes else read
    if state == "PL0":
        code.append("cps     #0x10")
    checks = [*told(), *([] if one.register.startswith(TIMES) else [Check("r5"), Check("r6")])]
    place = operands.replace("r5, ", "").replace("r6, ", "")
    title = f"{'write' if writes else 'read'} of {one.register} ({place}) from {state}"
    after = ("svc     #0",) if state == "PL0" else ()
    return Step(
        title, (*code, text), tuple(checks), _RULE, (), (), after, (f"register {one.register} {world} {state}",)
    )


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        constants = context.description.constants
        names = {"HCR": "HCR_OF_GUESTS", "HCPTR": "HCPTR_OF_GUESTS", "HSTR": "HSTR_OF_GUESTS", "HDCR": "HDCR_OF_GUESTS"}
        guest = {name: constants[one].value for name, one in names.items()}
        self._worlds = {"guest": guest | {"HCR": guest["HCR"] & ~(_VM | _LINES)}, "nothing": {"HCR": 0}}

    def registers(self, space: str, world: str) -> Iterator[Case]:
        """Some registers a test: read and written, from PL1 and PL0."""
        found = self._context.catalog.registers(space)
        for at in range(0, len(found), _REGISTERS_A_TEST):
            some = found[at : at + _REGISTERS_A_TEST]
            name = f"{world}-{space.lower().replace('_', '-')}-{at // _REGISTERS_A_TEST:02}"
            if not self._context.wants(name):
                continue
            steps = []
            for one in some:
                for writes in (False, True):
                    for state in ("PL1", "PL0"):
                        steps.append(access_of(space, one, world, in_hyp(**self._worlds[world]), writes, state))
            title = f"{', '.join(one.register for one in some)} in the {world}'s world"
            yield Case(name, title, tuple(steps), ("registers", world, space.lower()), NO_VECTORS)

    def single_bits(self) -> Iterator[Case]:
        """Each bit that traps, with each instruction that it may concern; a test for each bit."""
        for register, bits in _CONTROLS.items():
            for name, bit in bits.items():
                value = 3 << bit if name == "TCP10-TCP11" else 1 << bit
                if register == "CNTHCTL":
                    value ^= 3
                title = f"{register}.{name} alone"
                steps = []
                for what, text in _INSTRUCTIONS.items():
                    for state in ("PL1", "PL0"):
                        if not (what in ("wfi-pending", "wfe") and (name, state) != (what[:3].upper(), "PL1")):
                            steps.append(self._instruction(register, value, what, text, state))
                yield Case(
                    f"bit-{register.lower()}-{name.lower()}",
                    title,
                    tuple(steps),
                    ("bits", register.lower()),
                    NO_VECTORS,
                )

    def _instruction(self, register: str, value: int, what: str, text: str, state: str) -> Step:
        code = in_hyp(**{register: value})
        if state == "PL0":
            code.append("cps     #0x10")
        lines = [one.strip() for one in text.split("\n")]
        if what == "t32-it":
            # A conditional HVC-like trap in an IT block: the syndrome tells of the condition.
            lines = ["adr     lr, 3f", "ldr     pc, 4f", "4:", ".word   5f + 1", ".thumb", "5:", "it      al",
                     "mrcal   p15, 0, r5, c1, c0, 1", "bx      lr", ".balign 4", ".arm", "3:"]  # fmt: skip
        after = ("svc     #0",) if state == "PL0" else ()
        return Step(f"{what} from {state}", (*code, *lines), (*told(), Check("r5")), _RULE, (), (), after,
                    (f"trap {register} {what} {state}",))  # fmt: skip
