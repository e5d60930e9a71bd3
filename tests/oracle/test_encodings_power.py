"""Claims: every Power form and alias is encoded, printed and read as GNU as and objdump have it (Power ISA 2.06)."""

import re

import pytest

from trapline.isa.lang.load import load_core
from trapline.tests.oracle.binutils import Dialect
from trapline.tests.oracle.encoding_claims import Excepted, compare
from trapline.tests.oracle.roundtrip import Way

pytestmark = pytest.mark.oracle

_BRANCHES = r"bc|bca|bclr|bcctr|ba?_.*|blr_.*|bctr_.*|bclr_without_hint|bcctr_without_hint"

COMMON = (
    Excepted(
        Way.OURS,
        _BRANCHES,
        "BO has no meaning",
        "Book I, 2.4: a BO with z bits that are not 0, or one that bcctr does not have",
    ),
    Excepted(
        Way.OBJDUMP,
        _BRANCHES,
        r"'\.long|BO has no meaning",
        "the same: objdump prints most invalid forms as data, those of bcctr that count as if they were valid",
    ),
    Excepted(
        Way.OBJDUMP,
        r"bca?|ba?_.*",
        r"'b(d?n?z|lt|gt|eq|so|ge|le|ne|ns|un|nu)[tf]?l?a? ",
        "Book I, 2.4: BO with at = 01 is reserved; objdump prints it as if there were no hint",
    ),
    Excepted(
        Way.OBJDUMP,
        "bclr|bcctr",
        r",[123]' -> ',[123]' is more",
        "Book I, 2.4: extended mnemonics have no BH; objdump prints one behind them",
    ),
    Excepted(
        Way.OURS,
        "lmw|lswi|lswx",
        "among the registers that are loaded",
        "Book I, 3.3.5 and 3.3.6: an invalid form, a loaded register is the address's",
    ),
    Excepted(
        Way.OBJDUMP,
        "lmw|lswi|lswx",
        r"'\.long|among the registers that are loaded",
        "the same: objdump prints invalid forms as data, but for a range that goes on at r0",
    ),
    Excepted(Way.AS, "mftb", "0x7c.*2a6", "Book II, 4.2.1: GNU as writes mftb as the mfspr that does the same"),
    Excepted(Way.OBJDUMP, "mftb", r"'\.long", "the same: objdump knows the mfspr only"),
    Excepted(
        Way.OURS,
        "mtocrf|mfocrf",
        "FXM does not name one field",
        "Book I, 3.3.15: defined for an FXM of one bit; GNU as insists on it",
    ),
    Excepted(Way.OBJDUMP, "mtocrf|mfocrf", r"'\.long", "the same: objdump prints the others as data"),
    Excepted(Way.OURS, "sync|dcbf", "this value of L is reserved", "Book II, 3.3.3 and 3.2.2: reserved values of L"),
    Excepted(Way.OBJDUMP, "sync|dcbf", r"'\.long", "the same: objdump prints reserved values of L as data"),
    Excepted(
        Way.AS,
        "dcbf|dcbflp",
        "unrecognized opcode: `dcbflp'",
        "GNU as knows this name for POWER9 and later only",
    ),
)
PPC970 = (
    Excepted(
        Way.AS,
        "hrfid|mtspr|dcb.*|yield|mdoio|mdoom",
        r"unrecognized opcode: `(hrfid|mtpmc5|dcbfl|dcbtt|dcbtstt|yield|mdoio|mdoom)'",
        "-mpower4 lacks names that Power ISA 2.02 to 2.06 added; both cores share our names for one encoding",
    ),
    Excepted(
        Way.AS,
        "mtfsfi?|mtfsf_all",
        "junk at end of line",
        "L and W came with Power ISA 2.05; -mpower4 cannot write them",
    ),
    Excepted(
        Way.OBJDUMP,
        "mtfsfi?|mtfsf_all|hrfid",
        r"'\.long|'mtfsf",
        "the same: objdump prints mtfsf without L and W, mtfsfi with W and hrfid as data",
    ),
)


def clean(text: str) -> str:
    """Objdump's text as assemblers read it.

    Without the name of the section behind a code address; absolute ones with 64 bits, not 32; without the hint that
    is in a numeric BO as well.
    """
    text = re.sub(r" <.*>$", "", text)
    text = re.sub(r"^(b\w*a[+-]? (?:.*,)?)0x([89a-f]\w{7})$", r"\g<1>0xffffffff\2", text)
    return re.sub(r"^(bc\w*)[+-] (\d)", r"\1 \2", text)


@pytest.mark.parametrize(
    ("core", "dialect", "exceptions"),
    [("power7", Dialect.POWER7, COMMON), ("ppc970", Dialect.PPC970, COMMON + PPC970)],
    ids=["power7", "ppc970"],
)
def test_every_form_and_alias_agrees_with_binutils(
    core: str, dialect: Dialect, exceptions: tuple[Excepted, ...]
) -> None:
    """Random and extreme fields of each form, both ways; each exception is needed."""
    outcome = compare(load_core(core), "PPC", dialect, clean, exceptions, seed=1)
    assert not outcome.unexplained, "\n".join(outcome.unexplained[:60])
    assert not outcome.stale
    assert not outcome.uncovered
    assert outcome.instances > 3000
