"""The calls that our firmware makes first: what it relies on of a hypervisor."""

from collections.abc import Iterator

from trapline.firmware.suites.making.case import Allowed, Case, Check, Step
from trapline.firmware.suites.making.context import Context


def generate(context: Context) -> Iterator[Case]:
    """A call that nobody has, and SPRG0 through the call that sets it."""
    rng = context.source("sprg0")
    none = Step(
        "a call that nobody has",
        ("load64  r3, 0x7FFC", "sc      1"),
        (Check("r3", note="H_FUNCTION"), Check("r14", note="preserved")),
        "PAPR 2.x, section 14.5",
        allowed=(Allowed("H_FUNCTION", -2 & (1 << 64) - 1),),
    )
    yield Case("no-such-call", "a call that nobody has answers H_FUNCTION", (none,))
    for number in range(2):
        value = rng.getrandbits(64)
        code = ("load64  r3, H_SET_SPRG0", f"load64  r4, {value:#x}", "sc      1")
        yield Case(
            f"sprg0-{number}",
            "H_SET_SPRG0 sets it",
            (Step(f"set SPRG0 to {value:#x}", code, (Check("r3"), Check("r16", note="SPRG0")),
                  "PAPR 2.x, section 14.5.4.3", after=("mfsprg  r16, 0",)),),
        )  # fmt: skip
