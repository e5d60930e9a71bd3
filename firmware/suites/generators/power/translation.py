"""`translation`: segments, page table entries and accesses drawn at random: what is found, what is refused and why.

Each test has four pages. Segments (256 MB or 1 TB, base pages of 4 KB, 64 KB or 16 MB, keys, no-execute) and entries
(primary or secondary group, page sizes, protection, class keys, storage control) are made ready; then loads, stores and
fetches go there, privileged and not; the last step reads the entries back, with their references and changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import data_off, data_on, go_on, handlers_msr, hcall, reason, segment

_TESTS: Final = 60
_PAGES: Final = 4
_ACCESSES: Final = 8
_REAL: Final = 0x200000
_LARGE_REAL: Final = 0x1000000
_CODE_AT: Final = 0x40
_FOUND: Final = 0x77
_MASK: Final = (1 << 64) - 1
_RULE: Final = "Power ISA 2.06 Book III-S, section 5.7.7 and 5.7.9"

_SIZES: Final = (*((12, 12), (16, 16), (24, 24)) * 5, (12, 16), (12, 24), (16, 24))
"""log2 of base page and page. H_ENTER refuses pages that are larger than their segment's base, as KVM did."""


@dataclass(frozen=True)
class Page:
    """A page in a segment of its own: all that is drawn."""

    number: int
    effective: int
    terabyte: bool
    base: int
    """log2 of the segment's base page size."""
    size: int
    """log2 of the page's."""
    vsid: int
    segment_flags: int
    real: int
    secondary: bool
    protection: int
    """Bits 0 and 62:63 of the second doubleword."""
    key: int
    control: int
    """WIMG and N."""
    is_there: bool

    @property
    def vsid_word(self) -> int:
        """slbmte's RS."""
        large = {12: 0, 16: 0x110, 24: 0x100}[self.base]
        return (
            (1 << 62 if self.terabyte else 0) | self.vsid << (24 if self.terabyte else 12) | self.segment_flags | large
        )

    @property
    def first(self) -> int:
        """The entry's first doubleword."""
        if self.terabyte:
            address = self.vsid << 24 | (self.effective & 0xFFFFFFFFFF) >> 16 & ~0x7F
        else:
            address = self.vsid << 12 | (self.effective & 0xFFFFFFF) >> 16 & ~0x7F
        if self.base > 23:
            address &= ~0xFF
        kind = (1 << 62 if self.terabyte else 0) | (4 if self.size > 12 else 0) | 2 * self.secondary | 1
        return address & ~0x7F | kind

    @property
    def second(self) -> int:
        """The entry's second doubleword."""
        size = {(12, 16): 0x7000, (12, 24): 0x38000, (16, 16): 0x1000, (16, 24): 0x8000}.get((self.base, self.size), 0)
        key = (self.key & 0x18) << 57 | (self.key & 7) << 9
        return self.real | size | key | self.control | self.protection

    @property
    def group(self) -> int:
        """The group's number before it is cut to the table's size."""
        if self.terabyte:
            found = self.vsid ^ self.vsid << 25 ^ (self.effective & 0xFFFFFFFFFF) >> self.base
        else:
            found = self.vsid ^ (self.effective & 0xFFFFFFF) >> self.base
        return (~found if self.secondary else found) & 0x7FFFFFFFFF


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    count = round(int(context.options.get("tests", _TESTS)) * context.weight("translation"))
    for number in range(1, count + 1):
        name = f"pages-{number:03}"
        if context.wants(name):
            yield _Maker(context, name).case()


class _Maker:
    def __init__(self, context: Context, name: str) -> None:
        self._context, self._name = context, name
        self._description = context.description
        self._rng = context.source(name)
        self._is_970 = "PPC970" in self._description.features
        self._groups = int(context.options.get("groups", 0x4000))

    def case(self) -> Case:
        """One test."""
        pages = [self._page(number) for number in range(_PAGES)]
        rng = self._rng
        keys = 0 if self._is_970 else rng.choice((0, 0, rng.getrandbits(64) & rng.getrandbits(64)))
        steps = [self._ready(pages, keys)]
        steps += [self._access(self._rng.choice(pages)) for _ in range(_ACCESSES)]
        steps.append(self._witness(pages))
        sizes = sorted({f"{1 << one.size >> 10}k" for one in pages})
        return Case(
            self._name, f"accesses to {_PAGES} pages: {', '.join(sizes)}", tuple(steps), ("translation", *sizes)
        )

    def _page(self, number: int) -> Page:
        rng = self._rng
        base, size = rng.choice([(12, 12), (24, 24)] if self._is_970 else _SIZES)
        terabyte = not self._is_970 and rng.random() < 0.3
        place = rng.getrandbits(64 if rng.random() < 0.5 else 36)
        # A segment for each page: their numbers differ where segments of both sizes begin.
        effective = place & ~(0xF << 40) | number << 40
        effective &= ~((1 << size) - 1)
        real = (_LARGE_REAL if size == 24 else _REAL) + (number << size if size < 24 else (number & 1) << 24)
        flags = rng.choice((0, 0, 0x800, 0x400, 0xC00)) | rng.choice((0, 0, 0, 0x200)) | rng.choice((0, 0x80))
        protection = rng.choice((2, 2, 0, 1, 3)) | (0 if self._is_970 else rng.choice((0, 0, 0, 1 << 63)))
        control = rng.choice((0x10, 0x10, 0x10, 0x14, 0x18, 0x28))
        return Page(
            number,
            effective,
            terabyte,
            base,
            size,
            rng.randint(1, (1 << 13) - 1) << 4 | number,
            flags,
            real,
            rng.random() < 0.4,
            protection,
            0 if self._is_970 else rng.choice((0, 0, rng.randrange(31))),
            control,
            rng.random() < 0.9,
        )

    def _ready(self, pages: list[Page], keys: int) -> Step:
        code: list[str] = []
        checks = []
        for page in pages:
            # What is found there, and code: a load of 0x77 and a system call, by which a fetch ends.
            code += [f"load64  r4, {page.real:#x}", f"load64  r5, {self._rng.getrandbits(64):#x}", "std     r5, 0(r4)"]
            code += ["std     r5, 8(r4)", f"load32  r5, {0x3A800000 | _FOUND:#x}", f"stw     r5, {_CODE_AT}(r4)"]
            code += ["load32  r5, 0x44000002", f"stw     r5, {_CODE_AT + 4}(r4)"]
            code += [f"addi    r4, r4, {_CODE_AT}", "dcbst   0, r4", "sync", "icbi    0, r4", "isync"]
            if page.is_there:
                index = page.group % self._groups * 8 + page.number
                code += [
                    *hcall("H_ENTER", "H_EXACT", index, page.first, page.second),
                    f"mr      r{20 + page.number}, r3",
                ]
                checks.append(Check(f"r{20 + page.number}", note=f"H_ENTER of page {page.number}"))
        for page in pages:
            code += segment(page.number + 1, page.effective, page.vsid_word)
        if not self._is_970:
            code += [f"load64  r4, {keys:#x}", "mtspr   29, r4", "isync"]
        comments = tuple(
            f"page {one.number}: {one.effective:#x} -> {one.real:#x}, {1 << one.size >> 10} KB in a segment of "
            f"{'1 TB' if one.terabyte else '256 MB'} with pages of {1 << one.base >> 10} KB"
            for one in pages
        )
        return Step("segments and entries are made ready", tuple(code), tuple(checks), _RULE, comments)

    def _access(self, page: Page) -> Step:
        rng = self._rng
        problem = rng.random() < 0.4
        kind = rng.choice(("load", "load", "store", "store", "fetch", "crossing", "dcbz"))
        edge = (1 << page.size) - rng.choice((1, 2, 4, 7))
        offset = {"fetch": _CODE_AT, "crossing": edge}.get(kind, rng.choice((0, 8, 0x30, (1 << page.size) - 8)))
        effective = page.effective + offset & _MASK
        state = "problem" if problem else "privileged"
        title = f"{kind} at {effective:#x} (page {page.number}), {state} state"
        covers = (f"translation {kind} {state}",)
        checks = [Check("trap"), reason(self._description), Check("srr0", note="where")]
        checks.append(handlers_msr(self._description))
        checks += [Check("r20"), Check("dar", unless=0, codes=()), Check("dsisr", unless=0, codes=())]
        if kind == "fetch":
            bits = ("IR", "PR") if problem else ("IR",)
            # Out of a page that is found the way is a system call; the handler is in real mode.
            code = go_on(self._description, *bits, at=f"{effective:#x}")
            return Step(title, code, tuple(checks), _RULE, covers=covers)
        access = {"load": "ld      r20, 0(r21)", "store": "std     r22, 0(r21)", "dcbz": "dcbz    0, r21"}.get(
            kind, rng.choice(("lwz     r20, 0(r21)", "stw     r22, 0(r21)", "ld      r20, 0(r21)"))
        )
        code = (f"load64  r21, {effective:#x}",)
        if problem:
            return Step(title, (*code, *go_on(self._description, "DR", "PR"), access), tuple(checks), _RULE, (), (),
                        ("sc      0",), covers)  # fmt: skip
        after = data_off(self._description)
        checks = [Check("trap"), reason(self._description), Check("r20"), *checks[5:]]
        return Step(title, (*code, *data_on(self._description), access), tuple(checks), _RULE, (), (), after, covers)

    def _witness(self, pages: list[Page]) -> Step:
        code: list[str] = []
        checks = []
        for page in pages:
            index = page.group % self._groups * 8 + page.number
            code += [
                *hcall("H_READ", 0, index),
                f"mr      r{20 + 2 * page.number}, r4",
                f"mr      r{21 + 2 * page.number}, r5",
            ]
            for at, what in enumerate(("first", "second")):
                mask = _MASK & ~0x40 if at == 0 else _MASK
                word = f"r{20 + 2 * page.number + at}"
                checks.append(Check(word, mask, f"{what} doubleword of page {page.number}: R and C"))
        return Step(
            "what the page table says now", tuple(code), tuple(checks), "Power ISA 2.06 Book III-S, section 5.7.8"
        )
