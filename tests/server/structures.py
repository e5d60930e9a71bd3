"""Page table entries and SLB entries of Power by the description's names, as tests hand them to guests."""

from functools import cache

from trapline.asmgen import BitLayout, Catalog, target_for
from trapline.isa.lang.load import load_core


@cache
def layout(name: str) -> BitLayout:
    """A structure of POWER7."""
    return Catalog(target_for(load_core("power7"))).layout(name)


def hpte(vsid: int, ea: int, real: int, **fields: int) -> tuple[int, int]:
    """Both doublewords of a valid entry for the 4 KB page at `ea` of a 256 MB segment; it lies at `real`."""
    entry = layout("hpte").compose(V=1, AVA=vsid << 5 | ea >> 23 & 0x1F, RPN=real >> 12, **fields)
    return entry[:64].uint, entry[64:].uint


def slbmte(vsid: int, ea: int, index: int = 0) -> tuple[int, int]:
    """RS and RB of slbmte for a 256 MB segment with 4 KB pages."""
    return layout("slb_vsid").compose(VSID=vsid).uint, layout("slb_esid").compose(ESID=ea >> 28, V=1, INDEX=index).uint
