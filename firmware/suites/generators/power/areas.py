"""`vpa`: the virtual processor area, the SLB shadow buffer and the dispatch trace log.

Sequences of registrations and deregistrations drawn at random, with buffers that are good, short, not aligned, or
cross a page: what is refused; then what the hypervisor writes: yield counts, the shared bit, entries of the log over
calls that leave and return.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...making.case import Allowed, Case, Check, Step
from ...making.context import Context
from .code import MASK, hcall

_TESTS: Final = 40
_CALLS: Final = 8
_RULE: Final = "PAPR 2.x, section 14.11.1 (H_REGISTER_VPA) and 14.11.3.2 (VPA, dispatch trace log)"
_AREA: Final = 0x300000
_LOG: Final = 0x302000
_SHADOW: Final = 0x304000
_YIELD: Final = 0x100
_ENTRY: Final = 48
_LOG_ENTRIES: Final = 3
_TIME, _ADDRESS = 16, 32
"""Of an entry: time base, and the address that is dispatched to."""
_BUFFERS: Final = {
    "good": (0, 0),
    "in the middle": (0x400, 0),
    "not aligned": (8, 0),
    "over a page": (0xF80, 0),
    "too short": (0, -1),
    "no memory": (0x7FFF_0000_0000, 0),
}


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    maker = _Maker(context)
    for number in range(1, round(int(context.options.get("tests", _TESTS)) * context.weight("vpa")) + 1):
        yield maker.registrations(number)
    yield from maker.counts()
    yield maker.log()
    yield maker.unknown_functions()


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        description = context.description
        self._functions = dict(description.enums["vpa_request"].members)
        codes = description.abis["papr"].return_codes
        call = description.hypercalls["H_REGISTER_VPA"]
        self._allowed = tuple(Allowed(one.code, codes[one.code].value & MASK) for one in call.returns)

    def _register(self, function: int, address: int, target: int = 0) -> tuple[str, ...]:
        return hcall("H_REGISTER_VPA", function << 45, target, address)

    def registrations(self, number: int) -> Case:
        """A sequence of calls; after each, what stands in the areas."""
        rng = self._context.source(f"registrations/{number}")
        steps = [self._ready()]
        for _ in range(_CALLS):
            name, function = rng.choice(list(self._functions.items()))
            kind = rng.choice(("good", "good", "good", *_BUFFERS))
            offset, shorter = _BUFFERS[kind]
            base = {1: _AREA, 2: _LOG, 3: _SHADOW}.get(function & 3, _AREA)
            least = {1: 640, 2: _ENTRY, 3: 8}.get(function & 3, 0) + shorter
            target = rng.choice((0, 0, 0, 0, 7))
            address = base + offset
            code = [
                f"load64  r20, {min(address, _SHADOW + 0xF80):#x}",
                f"load32  r21, {least << 16 | least if function & 3 == 1 else least:#x}",
            ]
            code += ["stw     r21, 4(r20)", *self._register(function, address, target)]
            checks = (Check("r3"), *(Check(f"r{one}", note="preserved") for one in range(14, 32)))
            steps.append(Step(f"{name} of vcpu {target}, a buffer that is {kind}", tuple(code), checks, _RULE,
                              allowed=self._allowed, covers=(f"hcall H_REGISTER_VPA {name}",)))  # fmt: skip
            steps.append(self._look())
        return Case(f"registrations-{number:03}", f"{_CALLS} registrations, {number}", tuple(steps), ("registration",))

    def _ready(self) -> Step:
        code: list[str] = []
        for address in (_AREA, _LOG, _SHADOW):
            code += [f"load64  r4, {address:#x}", "li      r5, 0", "li      r6, 512", "mtctr   r6"]
            code += ["1:", "std     r5, 0(r4)", "addi    r4, r4, 8", "bdnz    1b"]
        return Step("three areas are empty", tuple(code), (Check("trap"),), _RULE)

    def _look(self) -> Step:
        """The areas behind a prod and a cede, which is an exit and an entry where it waits."""
        # How far the count goes on, not where it stands: what a test prints between its steps are exits too. The first
        # cede is for an area that takes effect with the next entry.
        read = (f"load64  r20, {_AREA:#x}", f"lwz     r29, {_YIELD}(r20)", "ld      r30, 0x218(r20)")
        code = [*_cede(), *read, *_cede(), f"lwz     r22, {_YIELD}(r20)"]
        code += ["lbz     r21, 9(r20)", "andi.   r28, r22, 1", "subf    r22, r29, r22", "ld      r23, 0x218(r20)"]
        code.append("subf    r23, r30, r23")
        code += [
            f"lwz     r24, {_YIELD + 0x400}(r20)",
            "cmpdi   r24, 0",
            "li      r24, 0",
            "beq     1f",
            "li      r24, 1",
        ]
        code += [
            "1:",
            f"load64  r20, {_LOG:#x}",
            "lbz     r25, 0(r20)",
            "lbz     r26, 1(r20)",
            f"lbz     r27, {_ENTRY}(r20)",
        ]
        notes = (
            "shared",
            "yield count, more",
            "log index, more",
            "the other counts",
            "reason",
            "",
            "next reason",
            "odd",
        )
        checks = (Check("trap"), *(Check(f"r{21 + at}", note=note) for at, note in enumerate(notes)))
        return Step("what the hypervisor has written", tuple(code), checks, _RULE, covers=("vpa contents",))

    def counts(self) -> Iterator[Case]:
        """The yield count over each kind of call: those that leave for the host change it, others do not."""
        calls = {
            "H_READ": hcall("H_READ", 0, 8),
            "H_CPPR": hcall("H_CPPR", 0),
            "H_PROD": hcall("H_PROD", 0),
            "H_CEDE": _cede(),
            "H_CONFER": hcall("H_CONFER", 0xFFFFFFFFFFFFFFFF, 0),
            "unassigned": hcall("0x1000"),
        }
        for name, code in calls.items():
            count = f"lwz     r{{}}, {_YIELD}(r20)"
            steps = [self._ready()]
            register = [
                f"load64  r20, {_AREA:#x}",
                "load32  r21, 0x2800280",
                "stw     r21, 4(r20)",
                *self._register(1, _AREA),
            ]
            steps.append(Step("the area is registered", tuple(register), (Check("r3"),), _RULE))
            lines = [f"load64  r20, {_AREA:#x}", count.format(21), *code, count.format(22), *code, count.format(23)]
            lines += ["subf    r23, r22, r23", "subf    r22, r21, r22", "li      r21, 0"]
            checks = tuple(Check(f"r{one}", note="more in the yield count") for one in (22, 23))
            steps.append(Step(f"{name}, twice", tuple(lines), checks, _RULE, covers=(f"vpa count {name}",)))
            yield Case(f"count-{name}", f"the yield count over {name}", tuple(steps), ("count",))

    def log(self) -> Case:
        """A log of three entries goes round: where each is written, what is in it; and the VPA cannot go before it."""
        functions = self._functions
        register = [f"load64  r20, {_AREA:#x}", "load32  r21, 0x2800280", "stw     r21, 4(r20)"]
        register += self._register(functions["register_vpa"], _AREA)
        steps = [self._ready(), Step("the area is registered", tuple(register), (Check("r3"),), _RULE)]
        steps += [self._logged(entries) for entries in (1, 3, 5)]
        gone = self._register(functions["deregister_vpa"], 0)
        steps.append(Step("the area goes before its log", gone, (Check("r3"),), _RULE, allowed=self._allowed))
        return Case("log", "a dispatch trace log that goes round", tuple(steps), ("count",))

    def _logged(self, entries: int) -> Step:
        """An empty log is registered, and the partition left so often: what is printed between steps leaves it, too."""
        code = [f"load64  r20, {_LOG:#x}", "li      r21, 0"]
        code += [f"std     r21, {8 * at}(r20)" for at in range((_LOG_ENTRIES + 1) * _ENTRY // 8)]
        code += [f"li      r21, {_LOG_ENTRIES * _ENTRY}", "stw     r21, 4(r20)"]
        code += [*self._register(self._functions["register_dispatch_log"], _LOG), *hcall("0x1000") * entries]
        code += [f"load64  r20, {_AREA:#x}", "ld      r21, 0x218(r20)", f"load64  r20, {_LOG:#x}"]
        checks = [Check("trap"), Check("r21", note="log index")]
        for at in range(_LOG_ENTRIES + 1):
            # Reason; whether there is a time, and an address: what they are is the machine's.
            place = 22 + 2 * at
            code += [f"lbz     r{place}, {at * _ENTRY}(r20)", f"ld      r30, {at * _ENTRY + _TIME}(r20)"]
            code += [f"ld      r31, {at * _ENTRY + _ADDRESS}(r20)", "cmpdi   cr1, r30, 0", "cmpdi   cr2, r31, 0"]
            code += [f"mfcr    r{place + 1}", f"andis.  r{place + 1}, r{place + 1}, 0x220"]
            checks += [Check(f"r{place}", note="reason"), Check(f"r{place + 1}", note="no time, no address")]
        # The last entry is where the log has gone round to: its time is that of another one.
        code += [f"ld      r30, {_TIME}(r20)", f"ld      r31, {_ENTRY + _TIME}(r20)", "cmpld   r30, r31", "mfcr    r30"]
        code.append("andis.  r30, r30, 0xC000")
        checks.append(Check("r30", note="which of the first two entries is later"))
        return Step(f"{entries} entries", tuple(code), tuple(checks), _RULE, covers=("vpa contents",))

    def unknown_functions(self) -> Case:
        """Numbers between the functions that there are, with a buffer that would do for any."""
        steps = [self._ready()]
        for function in sorted(set(range(8)) - set(self._functions.values())):
            code = (f"load64  r20, {_AREA:#x}", "load32  r21, 0x2800280", "stw     r21, 4(r20)")
            whole = (*code, *self._register(function, _AREA))
            steps.append(Step(f"function {function}", whole, (Check("r3"),), _RULE, allowed=self._allowed))
        return Case("unknown-functions", "functions that there are not", tuple(steps), ("registration",))


def _cede() -> tuple[str, ...]:
    """A cede that a prod ends at once."""
    return (*hcall("H_PROD", 0), *hcall("H_CEDE"))
