"""Claims: every Power form and alias is encoded, printed and read as GNU as and objdump have it (Power ISA 2.06)."""

import re

import pytest

from trapline.isa.lang.load import load_core
from trapline.tests.oracle.binutils import Dialect
from trapline.tests.oracle.encoding_claims import Excepted, compare
from trapline.tests.oracle.roundtrip import Way

pytestmark = pytest.mark.oracle

COMMON = (
    Excepted(
        Way.OBJDUMP,
        "bclr|bcctr",
        r",[123]' -> there is no instruction .* with such operands: ',[123]' is more",
        "Book I, 2.4: extended mnemonics have no BH; objdump prints one behind them",
    ),
    Excepted(Way.OURS, "mftb", "another encoding", "Book II, 4.2.1: we write it as the mfspr that is the same"),
    Excepted(Way.OBJDUMP, "mftb", r"'\.long", "the same: objdump knows the mfspr only"),
    Excepted(
        Way.AS,
        "dcbf|dcbflp",
        "unrecognized opcode: `dcbflp'",
        "GNU as knows this name for POWER9 and later only",
    ),
    Excepted(
        Way.AS,
        "m[tf]sr(in)?",
        "unrecognized opcode: `m[tf]sr(in)?'",
        "Book III-S, 5.9.3.2: the bridge from 32-bit systems; GNU as knows it for 32-bit processors only",
    ),
    Excepted(Way.OBJDUMP, "m[tf]sr(in)?", r"'\.long", "the same"),
)
POWER7 = (
    Excepted(
        Way.AS,
        "(l|st)fdpx?",
        "unrecognized opcode: `(l|st)fdpx?'",
        "Book I, 4.6.2, 4.6.3: phased out in Power ISA 2.06, where QEMU's POWER7 still has them; GNU as knows POWER6's",
    ),
    Excepted(Way.OBJDUMP, "(l|st)fdpx?", r"'\.long", "the same"),
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


def clean(text: str, address: int) -> str:
    """Objdump's text as assemblers read it.

    Without the name of the section behind a code address; absolute ones with 64 bits, not 32; others as distances from
    here, since a number alone is one to assemblers; without the hint that is in a numeric BO as well.
    """
    text = re.sub(r" <.*>$", "", text)
    relative = re.match(r"(b(?!\w*a[-+]? )\w*[-+]? (?:.*,)?)0x([0-9a-f]+)$", text)
    if relative:
        distance = int(relative[2], 16) - address
        text = f"{relative[1]}.{(distance + (1 << 63)) % (1 << 64) - (1 << 63):+}"
    text = re.sub(r"^(b\w*a[+-]? (?:.*,)?)0x([89a-f]\w{7})$", r"\g<1>0xffffffff\2", text)
    return re.sub(r"^(bc\w*)[+-] (\d)", r"\1 \2", text)


@pytest.mark.parametrize(
    ("core", "dialect", "exceptions"),
    [("power7", Dialect.POWER7, COMMON + POWER7), ("ppc970", Dialect.PPC970, COMMON + PPC970)],
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
