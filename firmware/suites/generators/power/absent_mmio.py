"""`absent-hpte-mmio`: pages that no memory slot holds, kept as ABSENT by the hypervisor, which emulates accesses.

Every load and store of the core goes to the machine's serial port through such a page, at each of its registers, and
the port's registers are read back; then entries of many kinds (keys, protection, page sizes, groups), what page table
calls do with them, fetches, accesses across the edge to memory, and problem state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .....asmgen.catalog.instructions import InstructionInfo
from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import data_off, data_on, go_on, handlers_msr, hcall, reason, saved_msr, segment
from .isa import InstructionCase

PORT: Final = 0x8000000000
"""The serial port's page: beyond every memory slot."""
WINDOW: Final = 0xD0000000
VSID: Final = 0x123
INDEX: Final = VSID * 8
FIRST: Final = VSID << 12 | 1
INHIBITED: Final = 0x28
"""WIMG of a device: caching inhibited, guarded."""
_REGISTERS: Final = 8
"""Of the port, a byte each."""
_MEMORY: Final = 0x200000
_RULE: Final = "PAPR 2.x, section 14.5.4.1; Linux KVM Book3S HV, kvmppc_book3s_hv_page_fault (ABSENT entries)"
_SECOND: Final = PORT | INHIBITED | 2
_PLAIN: Final = _MEMORY | 0x12
_NOBODY: Final = 0x10000000 | INHIBITED | 2
"""A page behind memory, where no device is."""


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    maker = _Maker(context)
    for info in context.catalog.instructions:
        if info.memory and not info.privilege and context.wants(f"access-{info.name}"):
            case = maker.accesses(info)
            if case is not None:
                yield case
    yield from maker.entries()
    yield from maker.calls()
    yield from maker.edges()
    yield from maker.fetches()


class _AtThePort(InstructionCase):
    """An instruction's tests with their accesses at the port."""

    PLACE = f"{WINDOW:#x}"

    def offsets(self) -> Sequence[int]:
        """Registers that an access fits into."""
        size = max(one.size or _REGISTERS for one in self._info.memory)
        return range(max(_REGISTERS - size, 0) + 1)


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._description = context.description

    # Instructions

    def accesses(self, info: InstructionInfo) -> Case | None:
        """Each load and store, to registers of the port, as the instructions' own suite draws them."""
        drawn = _AtThePort(self._context, info).case()
        if drawn is None:
            return None
        steps = [self._ready("the port's page is entered", {0: (FIRST, _SECOND)})]
        for step in drawn.steps:
            if step.title.startswith("memory after"):
                steps.append(self._port_after(step.title.removeprefix("memory after ")))
                continue
            code = step.code
            title = f"{step.title}, at the port"
            ready = (*data_on(self._description), code[-1])
            after = (*data_off(self._description), *step.after)
            checks = tuple(one for one in step.checks if one.word != "gprs")
            checks += (Check("dar", unless=0), Check("dsisr", unless=0))
            steps.append(Step(title, (*code[:-1], *ready), checks, _RULE, step.comments, (), after, step.covers))
        return Case(f"access-{info.name}", f"{info.instruction} through an absent entry", tuple(steps),
                    ("access", *drawn.tags), drawn.data, is_drawn=True)  # fmt: skip

    def _port_after(self, text: str) -> Step:
        code = [f"load64  r21, {WINDOW:#x}", *data_on(self._description)]
        code += [f"lbz     r{22 + at}, {at}(r21)" for at in (1, 3, 4, 5, 7)]
        checks = (Check("trap"), *(Check(f"r{22 + at}", note=f"register {at} of the port") for at in (1, 3, 4, 5, 7)))
        return Step(f"the port after {text}", tuple(code), checks, _RULE, (), (), data_off(self._description))

    # Entries

    def entries(self) -> Iterator[Case]:
        """An entry of each kind; a load, a store, both from problem state, and the entry afterwards."""
        rng = self._context.source("entries")
        kinds: list[tuple[str, int, int, int]] = []
        for control in (0, 0x8, 0x10, 0x18, 0x20, INHIBITED, 0x2C, 0x38, 0x40):
            kinds.append((f"control-{control:02x}", FIRST, PORT | control | 2, 0))
        for protection in (0, 1, 2, 3, 1 << 63, 1 << 63 | 2, 1 << 63 | 3):
            low = protection & 3
            for keys in (0x800, 0x400, 0xC00):
                name = f"protection-{protection >> 63}{low}-keys-{keys >> 10:x}"
                kinds.append((name, FIRST, PORT | INHIBITED | protection, keys))
        kinds.append(("no-execute", FIRST, PORT | INHIBITED | 6, 0))
        kinds.append(("referenced", FIRST, PORT | INHIBITED | 0x182, 0))
        kinds.append(("secondary", FIRST | 2, _SECOND, 0))
        kinds.append(("bolted", FIRST | 0x10, _SECOND, 0))
        for key in (1, 7, 30, 31):
            kinds.append((f"class-{key}", FIRST, _SECOND | (key & 0x18) << 57 | (key & 7) << 9, 0))
        for number, place in enumerate((0x10000000, 0x10001000, 0x7FFFFFF000, 0x8000001000, 0xFFFFFFFF000)):
            kinds.append((f"nobody-{number}", FIRST, place | INHIBITED | 2, 0))
        for name, first, second, keys in kinds:
            yield self._entry(f"entry-{name}", first, second, keys, rng.getrandbits(64))

    def _entry(self, name: str, first: int, second: int, keys: int, class_keys: int) -> Case:
        group = ~VSID & 0x3FFF if first & 2 else VSID
        index = group * 8
        ready = self._ready("the entry is made", {index - INDEX: (first, second)}, keys, class_keys)
        load, store = ("lbz     r20, 5(r21)", "stb     r22, 7(r21)")
        steps = [ready]
        for access, problem in ((load, False), (store, False), (load, True), (store, True)):
            steps.append(self._access(access, WINDOW, problem))
        steps.append(self._read(index))
        return Case(name, f"an absent entry: {first:#x}, {second:#x}, segment keys {keys:#x}", tuple(steps), ("entry",))

    # Page table calls

    def calls(self) -> Iterator[Case]:
        """What each page table call does with an absent entry; then accesses."""
        calls = {
            "protect-none": hcall("H_PROTECT", 0, INDEX, 0),
            "protect-read": hcall("H_PROTECT", 3, INDEX, 0),
            "protect-other": hcall("H_PROTECT", "H_AVPN | 3", INDEX, FIRST & ~0x7F),
            "protect-no-match": hcall("H_PROTECT", "H_AVPN | 3", INDEX, 0x80),
            "protect-no-execute": hcall("H_PROTECT", 6, INDEX, 0),
            "remove": hcall("H_REMOVE", 0, INDEX, 0),
            "remove-match": hcall("H_REMOVE", "H_AVPN", INDEX, FIRST & ~0x7F),
            "remove-no-match": hcall("H_REMOVE", "H_AVPN", INDEX, 0x80),
            "remove-condition": hcall("H_REMOVE", "H_ANDCOND", INDEX, 1),
            "bulk-remove": hcall("H_BULK_REMOVE", f"{0x4000000000000000 | INDEX:#x}", 0, 0xC000000000000000),
            "enter-exact": hcall("H_ENTER", "H_EXACT", INDEX, FIRST, _MEMORY | 0x12),
            "enter-group": hcall("H_ENTER", 0, INDEX, FIRST + 0x80, _MEMORY | 0x12),
            "read-four": hcall("H_READ", "H_READ_4", INDEX),
            "load-inhibited": hcall("H_LOGICAL_CI_LOAD", 1, PORT + 5),
            "store-inhibited": hcall("H_LOGICAL_CI_STORE", 1, PORT + 7, 0x5A),
        }
        for name, code in calls.items():
            kept = tuple(f"mr      r{16 + at}, r{3 + at}" for at in range(6))
            mask = ~0x40 & (1 << 64) - 1
            checks = tuple(Check(f"r{16 + at}", mask, "" if at else "the answer") for at in range(6))
            step = Step(
                name, (*code, *kept), checks, _RULE, covers=(f"hcall {code[0].split()[-1]} of an absent entry",)
            )
            steps = [self._ready("the port's page is entered", {0: (FIRST, _SECOND)}), step]
            steps += [
                self._access("lbz     r20, 7(r21)", WINDOW, False),
                self._access("stb     r22, 7(r21)", WINDOW, True),
            ]
            yield Case(f"call-{name}", f"{name} of an absent entry", (*steps, self._read(INDEX)), ("call",))

    # Edges

    def edges(self) -> Iterator[Case]:
        """Accesses that lie in two pages: absent and memory, memory and absent, absent and nothing."""
        for name, low, high in (
            ("absent-memory", _NOBODY, _PLAIN),
            ("memory-absent", _PLAIN, _SECOND),
            ("absent-absent", _NOBODY, _SECOND),
            ("absent-nothing", _NOBODY, None),
            ("memory-nothing", _PLAIN, None),
        ):
            # The second page's group is the other one of a pair; its abbreviated number is the same.
            steps = [self._ready(f"two pages: {name}", {0: (FIRST, low), 1: (FIRST, high)})]
            for access in ("lwz     r20, 0(r21)", "stw     r22, 0(r21)", "ld      r20, 0(r21)", "lwbrx   r20, 0, r21",
                           "lmw     r29, 0(r21)", "lswi    r28, r21, 8", "dcbz    0, r21"):  # fmt: skip
                steps.append(self._access(access, WINDOW + 0xFFE, False))
            yield Case(f"edge-{name}", f"accesses across two pages: {name}", tuple(steps), ("edge",))

    # Fetches

    def fetches(self) -> Iterator[Case]:
        """Nothing can be fetched from a device."""
        for name, second in (("guarded", _SECOND), ("plain", PORT | 0x12), ("no-execute", PORT | 0x16)):
            for problem in (False, True):
                bits = ("IR", "PR") if problem else ("IR",)
                state = "problem" if problem else "privileged"
                code = go_on(self._description, *bits, at=f"{WINDOW:#x}")
                told = self._description
                checks = (Check("trap"), reason(told), Check("srr0"), saved_msr(told), handlers_msr(told))
                step = Step(f"a fetch in {state} state", code, checks, _RULE, covers=("fetch from an absent entry",))
                steps = (self._ready("the port's page is entered", {0: (FIRST, second)}), step, self._read(INDEX))
                yield Case(f"fetch-{name}-{state}", f"a fetch through an absent entry, {name}", steps, ("fetch",))

    # Parts

    def _ready(
        self, title: str, entries: dict[int, tuple[int, int | None]], keys: int = 0, class_keys: int = 0
    ) -> Step:
        """Entries by how far from INDEX they are; 1 is the page behind, whose group differs in its last bit."""
        code: list[str] = [*segment(1, WINDOW, VSID << 12 | keys)]
        checks = []
        for number, (at, (first, second)) in enumerate(entries.items()):
            if second is None:
                continue
            index = (VSID ^ 1) * 8 if at == 1 else INDEX + at
            code += [*hcall("H_ENTER", "H_EXACT", index, first, second), f"mr      r{20 + number}, r3"]
            checks.append(Check(f"r{20 + number}", note="H_ENTER"))
        if "ISA206" in self._description.features:
            code += [f"load64  r4, {class_keys:#x}", "mtspr   29, r4", "isync"]
        return Step(title, tuple(code), tuple(checks), _RULE)

    def _access(self, access: str, effective: int, problem: bool) -> Step:
        state = "problem" if problem else "privileged"
        title = f"{' '.join(access.split())} in {state} state"
        checks = [Check("trap"), reason(self._description), Check("r20"), Check("r29"), Check("dar", unless=0)]
        checks += [Check("dsisr", unless=0)]
        code = (f"load64  r21, {effective:#x}", "li      r22, 0x5A")
        covers = (f"absent entry {access.split()[0]} {state}",)
        if problem:
            ready = go_on(self._description, "DR", "PR")
            return Step(title, (*code, *ready, access), tuple(checks), _RULE, (), (), ("sc      0",), covers)
        ready, after = data_on(self._description), data_off(self._description)
        return Step(title, (*code, *ready, access), tuple(checks), _RULE, (), (), after, covers)

    def _read(self, index: int) -> Step:
        code = (*hcall("H_READ", 0, index), "mr      r20, r3", "mr      r21, r4", "mr      r22, r5")
        mask = ~0x40 & (1 << 64) - 1
        checks = (Check("r20", note="H_READ"), Check("r21", mask, "first doubleword"), Check("r22", note="second"))
        return Step("the entry as the partition sees it", code, checks, _RULE, covers=("hcall H_READ",))
