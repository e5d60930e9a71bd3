"""Accesses of `kvm-arm` that its host answers: to a device, from every mode, and to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import MODES, NO_VECTORS, entered, left, told
from .tables import table

_PORT: Final = 0x0900_0000
IDENTITY: Final = _PORT + 0xFE0
"""Of the serial port: registers that only tell what it is."""
_ABORTS: Final = "ARM DDI 0406C, section B3.12 (aborts); Linux 3.9, arch/arm/kvm/mmio.c and emulate.c"
_NOWHERE: Final = (0x1000_0000, 0x4800_0000, 0x8000_0000, 0xC000_0000, 0xFFFF_F000)
"""Where no memory and no device is; the second one is right behind memory."""
_LOADS: Final = ("ldr", "ldrb", "ldrh", "ldrsb", "ldrsh")
_STORES: Final = ("str", "strh", "strb")
_WRITABLE: Final = {"UARTIBRD": 0x24, "UARTFBRD": 0x28, "UARTIFLS": 0x34, "UARTIMSC": 0x38}
_REFUSED_FETCHES: Final = ("svc", "usr", "fiq")


class Accesses:
    """Makes the cases."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._labels = 0

    def cases(self) -> Iterator[Case]:
        """All of them."""
        yield from self.port()
        yield from self.nowhere()
        yield from self.translated()

    def port(self) -> Iterator[Case]:
        """The serial port, by each size and sign, register and mode: HSR alone tells the host what to do."""
        for mode in MODES:
            steps = []
            for at, load in enumerate(_LOADS):
                for register in (2, 8, 11, 12, 13, 14):
                    offset = (0, 4, 0x14, 0x1C)[(at + register) % 4]
                    steps.append(self._loaded(mode, f"{load:7} r{register}, [r4, #{offset}]", register))
            steps += [self._loaded(mode, f"{load:7} r9, [r4, r6]", 9) for load in _LOADS]
            yield Case(f"port-loads-{mode}", f"loads from a device in {mode}", tuple(steps), ("port",), NO_VECTORS)
            written = [self._stored(mode, store, place, register) for store in _STORES for place in _WRITABLE
                       for register in (3, 10, 14)]  # fmt: skip
            yield Case(f"port-stores-{mode}", f"stores to a device in {mode}", tuple(written), ("port",), NO_VECTORS)
        steps = [self._in_t32(f"{load}.w  r5, [r4, #{at}]") for load in _LOADS for at in (0, 0x14)]
        steps += [self._in_t32(f"{load}    r5, [r4, r6]") for load in _LOADS]
        yield Case("port-t32", "loads from a device in T32", tuple(steps), ("port",), NO_VECTORS)
        big = [self._loaded("svc", f"{load:7} r5, [r4, #0x14]", 5, "setend  be") for load in _LOADS]
        yield Case("port-big-endian", "loads from a device with CPSR.E", tuple(big), ("port",), NO_VECTORS)

    def _loaded(self, mode: str, text: str, register: int, first: str = "") -> Step:
        code = [*entered(mode), f"load32  r4, {IDENTITY:#x}", "mov     r6, #0x14"]
        code += [*([first] if first else []), text]
        checks = (*told(), Check("cpsr"), Check("regs")) if mode != "usr" else (*told(), Check("r2"), Check("r8"))
        seen = () if register > 12 and mode == "usr" else (Check(f"r{register}", note="what the port has there"),)
        return Step(f"{' '.join(text.split())} in {mode}", tuple(code), (*seen, *checks), _ABORTS,
                    after=left(mode), covers=(f"device load {text.split()[0]} {mode}",))  # fmt: skip

    def _stored(self, mode: str, store: str, place: str, register: int) -> Step:
        rng = self._context.source(f"{mode}/{store}/{place}/{register}")
        code = [
            *entered(mode),
            f"load32  r4, {_PORT + _WRITABLE[place]:#x}",
            f"load32  r{register}, {rng.getrandbits(32):#x}",
        ]
        code += [f"{store:7} r{register}, [r4]", "ldr     r5, [r4]", "mov     r6, #0", "str     r6, [r4]"]
        checks = (Check("r5", note=f"{place} behind the store"), *told(), Check("r6"))
        return Step(f"{store} of r{register} to {place} in {mode}", tuple(code), checks, _ABORTS,
                    after=left(mode), covers=(f"device store {store} {mode}",))  # fmt: skip

    def _in_t32(self, text: str) -> Step:
        self._labels += 1
        code = (f"load32  r4, {IDENTITY:#x}", "mov     r6, #0x14", f"into_t32 {self._labels}", text, "out_of_t32")
        return Step(f"{' '.join(text.split())} in T32", code, (*told(), Check("r5"), Check("cpsr")), _ABORTS)

    def nowhere(self) -> Iterator[Case]:
        """Accesses that nothing answers: the guest's external abort; fetches; maintenance of a device's lines."""
        texts = [f"{one:7} r5, [r4]" for one in (*_LOADS, *_STORES)]
        for mode in MODES:
            steps = [self._refused(mode, text, address) for address in _NOWHERE for text in texts]
            yield Case(
                f"nowhere-{mode}", f"accesses where nothing is, in {mode}", tuple(steps), ("nowhere",), NO_VECTORS
            )
        steps = [self._refused("svc", text, address, long=True) for address in _NOWHERE[:2] for text in texts[:8]]
        yield Case("nowhere-long", "with the long format of fault status", tuple(steps), ("nowhere",), NO_VECTORS)
        # What stage 1 says of memory comes first (off: Strongly-ordered): nothing has to be there to be misaligned.
        texts = ["ldr     r5, [r4, #1]", "ldrh    r5, [r4, #3]", "str     r5, [r4, #2]", "strh    r5, [r4, #1]"]
        steps = [
            self._refused(mode, text, at) for mode in ("svc", "usr") for at in (_PORT, *_NOWHERE) for text in texts
        ]
        yield Case("misaligned", "misaligned accesses where no memory is", tuple(steps), ("nowhere",), NO_VECTORS)
        fetches = []
        for address in (_PORT, IDENTITY, *_NOWHERE):
            for long in (False, True):
                for mode in _REFUSED_FETCHES:
                    fetches.append(self._refused(mode, "bx      r4", address, long))
        yield Case("nowhere-fetch", "fetches where no memory is", tuple(fetches), ("nowhere",), NO_VECTORS)
        kept = []
        for what, crm, number in (
            ("DCIMVAC", 6, 1),
            ("DCCMVAC", 10, 1),
            ("DCCIMVAC", 14, 1),
            ("DCCMVAU", 11, 1),
            ("ICIMVAU", 5, 1),
        ):
            for address in (_PORT, *_NOWHERE[:2]):
                text = f"mcr     p15, 0, r4, c7, c{crm}, {number}           @ {what}"
                kept += [self._refused("svc", text, address), self._refused("svc", text, address, long=True)]
        yield Case(
            "nowhere-maintenance", "maintenance of lines that are not memory", tuple(kept), ("nowhere",), NO_VECTORS
        )

    def _refused(self, mode: str, text: str, address: int, long: bool = False) -> Step:
        code = [f"mov     r0, #{int(long) << 31:#x}", "mcr     p15, 0, r0, c2, c0, 2           @ TTBCR"]
        code += [*entered(mode), f"load32  r4, {address:#x}", text]
        format_of = ", long format" if long else ""
        shown = " ".join(text.partition("@")[2].split() or text.split())
        return Step(f"{shown} at {address:#x} in {mode}{format_of}", tuple(code), (*told(), Check("r5"), Check("r6")),
                    _ABORTS, after=left(mode), covers=(f"no answer {mode}",))  # fmt: skip

    def translated(self) -> Iterator[Case]:
        """With stage 1 on: virtual addresses that are others; tables that lie in a device, or nowhere."""
        first: list[int] = [0] * 2048
        for megabyte in range(128):
            first[0x400 + megabyte] = 0x4000_0000 + (megabyte << 20) | 0xC0E
        first[0x090] = _PORT | 0xC02
        first[0x200], first[0x201], first[0x202] = _PORT | 0xC02, 0x8000_0C02, 0x4200_0C0E
        first[0x203] = _PORT | 0xC12  # XN
        data = (*NO_VECTORS, *table("stage1", first, 16384, 4))
        texts = [f"{one:7} r5, [r4]" for one in (*_LOADS, *_STORES)]
        steps = []
        for number, address in enumerate((0x2000_0FE0, 0x2010_0010, 0x2020_0000, 0x2030_0FF4)):
            chosen = texts if number in (0, 1) else texts[:5]
            steps += [self._with_stage1(text, address, mode) for text in chosen for mode in ("svc", "usr")]
        steps += [
            self._with_stage1("bx      r4", address, "svc") for address in (0x2000_0000, 0x2010_0000, 0x2030_0000)
        ]
        yield Case("translated", "accesses with stage 1 on", tuple(steps), ("translated",), data)
        walks = []
        for place in (_PORT, 0x1000_0000, 0x8000_0000):
            for text in (*texts[:3], texts[5], "mcr     p15, 0, r4, c7, c8, 0           @ ATS1CPR"):
                walks.append(self._with_stage1(text, 0x9000_0000, "svc", tables=place))
        yield Case("walks", "tables of the guest where no memory is", tuple(walks), ("translated",), data)

    def _with_stage1(self, text: str, address: int, mode: str, tables: int = 0) -> Step:
        code = ["load32  r0, stage1", "mcr     p15, 0, r0, c2, c0, 0           @ TTBR0"]
        code += [f"load32  r0, {tables:#x}", "mcr     p15, 0, r0, c2, c0, 1           @ TTBR1", "mov     r0, #1"]
        code += ["mcr     p15, 0, r0, c2, c0, 2           @ TTBCR: the upper half by TTBR1"]
        code += ["mcr     p15, 0, r0, c3, c0, 0           @ DACR", "mcr     p15, 0, r0, c8, c7, 0           @ TLBIALL"]
        code += ["mrc     p15, 0, r0, c1, c0, 0", "orr     r0, r0, #1", "mcr     p15, 0, r0, c1, c0, 0", "isb"]
        code += [f"load32  r4, {address:#x}", *entered(mode), text]
        where = f", tables at {tables:#x}" if tables else ""
        shown = " ".join(text.partition("@")[2].split() or text.split())
        after = ("mrc     p15, 0, r6, c7, c4, 0           @ PAR",) if "ATS1" in text else left(mode)
        title = f"{shown} at {address:#x} in {mode}, stage 1 on{where}"
        checks = (*told(), Check("r5"), Check("r6"))
        return Step(title, tuple(code), checks, _ABORTS, after=after, covers=("no answer stage 1",))
