"""Where QEMU's Power cores and our description differ for a reason: undefined results, and what QEMU does not model."""

from .decimal_differences import bad_decimal_digits, not_finite, stray_summary, swapped_doublewords
from .power_differences import (
    DRN,
    FI,
    FPRF,
    FR,
    VXVC,
    C,
    bad_digits,
    beyond_single,
    decrements,
    directed_rounding,
    estimate,
    first_doubleword_only,
    flush_level,
    fpscr,
    implicit_fx,
    low_half,
    low_word,
    misaligned,
    no_quotient,
    non_ieee,
    not_single,
    of_process,
    performance_monitor,
    reciprocal_of_zero,
    refused,
    reserved_vscr,
    reserved_xer,
    second_element,
    several_fields,
    signal_return,
    signalled,
    signalled_class,
    signalling_addend,
    time_base,
    vrsave,
    word_select,
)
from .qemu_power import PowerState
from .semantics import Known
from .vector_differences import (
    behind_invalid,
    earlier_exceptions,
    elements,
    enabled_underflow,
    logarithm,
    overflow_beside_underflow,
    power_of_two,
    smallest_word,
    zero_divide,
)

_ARITHMETIC = r"f(add|sub|mul|div|sqrt|n?madd|n?msub|re|rsqrte)s?|frsp|fctiwu?z?|fctidu?z?|fcfidu?s?|fri[nzpm]|x[sv].*"

_DECIMAL = "d(add|sub|mul|div|qua|rrnd|rint|cffix|ct|rsp|rdpq|dedpd|enbcd|xex|iex|scli|scri).*"

KNOWN: tuple[Known[PowerState], ...] = (
    Known(
        rf"lf.*|f(?!cmp|t).*|mffs|{_DECIMAL}",
        low_half,
        "Book I, 7.2.1.1: doubleword 1 of a VSR is undefined after a write of its FPR; QEMU clears it",
    ),
    Known(f"{_ARITHMETIC}|{_DECIMAL}", fpscr(FR), "Book I, 4.2.2: QEMU does not keep FPSCR[FR]"),
    Known(
        r"f(add|sub|mul|div|sqrt|n?madd|n?msub|re|rsqrte)s",
        not_single,
        "Book I, 4.3.5.1: single-precision arithmetic is defined for operands that single format can hold",
    ),
    Known(
        f"{_ARITHMETIC}|{_DECIMAL}",
        signalled("cr"),
        "Book I, 4.4: QEMU signals an enabled exception before it sets CR1",
    ),
    Known(
        "xv.*",
        signalled("vsr"),
        "Book I, 7.4: a vector instruction with an enabled exception writes no result; QEMU writes it before it looks",
    ),
    Known(
        r"fn?m(add|sub)s?|x[sv]n?m(add|sub)[am][ds]p",
        signalling_addend,
        "Book I, 4.4.1.1: a signalling addend of infinity times zero is two exceptions; QEMU records the product's",
    ),
    Known(
        r"fnm(add|sub)s?|xsnm.*|xvnm.*",
        directed_rounding,
        "Book I, 4.6.6.2: rounded, then negated; QEMU negates first, which differs where rounding is directed",
    ),
    Known("fcti.*", fpscr(FPRF | FR), "Book I, 4.6.7: conversions to integer leave FPRF undefined"),
    Known("fcfid(u|s|us)", fpscr(FPRF | FR), "Book I, 4.6.7: QEMU does not set FPRF for these"),
    Known(
        "fcmp[uo]|xscmp.*",
        fpscr(FI | C),
        "Book I, 4.6.8: compares leave FI and C; QEMU clears FI, and may set C",
    ),
    Known(
        "mtfsb1",
        implicit_fx,
        "Book I, 4.2.2: an exception bit that becomes 1 sets FX; QEMU does so in arithmetic only",
    ),
    Known("mtfsb1", non_ieee, "Book I, 4.2.2: NI is optional; QEMU sets it by other instructions only"),
    Known(
        "fre|fres|frsqrtes?|x[sv]r(sqrt)?e[ds]p",
        estimate,
        "Book I, 4.6.6.1: an estimate leaves FR, FI undefined and XX alone; QEMU computes",
    ),
    Known("fres?", reciprocal_of_zero, "Book I, 4.6.6.1: of zero it is an infinity; QEMU gives one half"),
    Known("mtspr", reserved_xer, "Book I, 3.2.2: reserved bits of XER, which QEMU keeps"),
    Known(
        "mfspr",
        time_base,
        "Book II, 4.2: QEMU's time base counts its host's time, and can be read by the numbers for writing as well",
    ),
    Known("fctiwu?z?", low_word, "Book I, 4.6.7: the first word of the result is undefined"),
    Known(
        "fcfidu?s?",
        signalled("vsr"),
        "Book I, 4.4.5: an enabled inexact exception writes the result; QEMU does not",
    ),
    Known("fcfidu?s?", signalled_class, "Book I, 4.4.5: the same for FPRF"),
    Known("m[tf]spr", of_process, "QEMU's process has PVR, no AMR and no PPR32, and its CTRL and PPR start as 0"),
    Known("mtspr", vrsave, "Book I, 6.3.3: VRSAVE has 32 bits; QEMU keeps 64"),
    Known(
        "m[tf]spr",
        performance_monitor,
        "Book III-S, 4.4.4: QEMU lets a process write the counters' copies for reading",
    ),
    Known(
        "frsp|xscvdpsp",
        beyond_single,
        "Book I, A.1: an enabled overflow takes 192 from the exponent in double format; QEMU wraps it in single format",
    ),
    Known(
        f"{_DECIMAL}|dcmp[ou]q?",
        signalled(""),
        "Book I, 4.4, 5.5: an enabled exception is an interrupt, and may withhold the result; QEMU does neither in DFP",
    ),
    Known(_DECIMAL, fpscr(FR | FI), "Book I, 5.5.4: FR and FI tell of this rounding; QEMU's DFP never clears FI"),
    Known(
        "denbcdq?",
        bad_decimal_digits,
        "Book I, 5.6.6: a digit above 9 is an invalid conversion, and gives a NaN; QEMU takes 10, and writes nothing",
    ),
    Known(
        "drdpq",
        swapped_doublewords,
        "Book I, 5.6.5: the long result and 64 zeros; QEMU has them the other way round on a little-endian host",
    ),
    Known(
        "drdpq|drsp",
        not_finite,
        "Book I, 5.6.5: a NaN's payload loses its first digits; QEMU's loses all, and its signalling NaN is silent",
    ),
    Known(
        "dsc[lr]iq?|ddedpdq?",
        not_finite,
        "Book I, 5.6.6: digits of a NaN are shifted, its head is canonical; QEMU keeps the head where all digits go",
    ),
    Known(_DECIMAL, stray_summary, "Book I, 4.2.2: FEX sums up enabled exceptions; QEMU sets it beside VX anyway"),
    Known("div[wd]e?u?", no_quotient, "Book I, 3.3.8: an overflowing quotient is undefined"),
    Known(
        "lmw|lsw[ix]",
        refused,
        "Book I, 3.3.5: RA among the loaded registers is an invalid form; QEMU may fault first",
    ),
    Known("xv.*", fpscr(FR | FI), "Book I, 7.4: vector instructions do not change FR and FI; QEMU does"),
    Known(
        "xv.*",
        second_element,
        "Book I, 7.4: exceptions of all elements; QEMU looks for underflow where none overflows",
    ),
    Known(
        "mtfsf",
        fpscr(DRN),
        "Book I, 4.2.2: DRN, for decimal floating-point, which QEMU's mtfsf leaves as it is",
    ),
    Known(
        "fcmpo|dcmpoq?",
        fpscr(VXVC | C),
        "Book I, 4.6.8: VXVC beside VXSNAN only if VE is 0, and C stays; QEMU sets both",
    ),
    Known(
        "mtfsfi",
        signal_return,
        "Book I, 4.2.2: QEMU as a process restores 32 bits of FPSCR behind a signal's handler; DRN is above",
    ),
    Known("mtvscr", reserved_vscr, "Book I, 6.3.2: reserved bits of VSCR, which QEMU keeps"),
    Known(
        "xv.*",
        signalled("fpscr"),
        "Book I, 7.4: the exceptions of all elements are recorded; QEMU signals at the first enabled one",
    ),
    Known(
        "x[sv](max|min)[ds]p",
        enabled_underflow,
        "Book I, 7.6.1.4: a denormalised maximum is no underflow; QEMU takes it for one where UE is 1",
    ),
    Known(
        "x[sv]r(sqrt)?e[ds]p",
        zero_divide,
        "Book I, 7.6.1.2: the estimate of a zero is a zero divide exception, which QEMU does not look for in VSX",
    ),
    Known(
        "xvr(sqrt)?e[ds]p",
        overflow_beside_underflow,
        "Book I, 7.4: exceptions of all elements; QEMU looks for underflow where none overflows",
    ),
    Known(
        "xvcv[ds]p[su]x[dw]s",
        behind_invalid,
        "Book I, 7.6.1.5: elements are apart; QEMU takes an invalid operation for that of the elements behind it, too",
    ),
    Known(
        "vexptefp",
        elements(power_of_two),
        "Book I, 6.10.5: within 1/16 of the value; QEMU sums fifteen terms of a series, which says nothing far from 0",
    ),
    Known("vlogefp", elements(logarithm), "Book I, 6.10.5: within 1/32, and near 1 within 1/8 of the value"),
    Known(
        "vctsxs",
        smallest_word,
        "Book I, 6.10.3: a magnitude of 2^31 sets SAT, also that of -2^31, which QEMU does not count",
    ),
    Known("lxsdx", first_doubleword_only, "Book I, 7.6: doubleword 1 is undefined"),
    Known("dcbf", flush_level, "Book II, 3.2.2: QEMU's POWER7 has L = 0 and 1 only"),
    Known("m[tf]ocrf", several_fields, "Book I, 3.3.15: undefined unless FXM names one field"),
    Known(
        "l[wd]arx|st[wd]cx",
        misaligned,
        "Book II, 4.4.2: misaligned ones may be an alignment interrupt; QEMU does them",
    ),
    Known("cbcdtd", bad_digits, "Book I, 3.3.9: undefined unless each digit is 0 to 9"),
    Known("bcctr", decrements, "Book I, 2.4: bcctr that decrements is an invalid form; QEMU does something"),
)
KNOWN_970: tuple[Known[PowerState], ...] = (
    Known("mtfsfi?", word_select, "Book I of 2.02, 4.6.8: L and W are reserved bits, which QEMU looks at"),
)
KNOWN_IN_BLOCKS: tuple[Known[PowerState], ...] = (
    Known(
        "x[sv](max|min)[ds]p",
        earlier_exceptions,
        "Book I, 7.6.1.4: a maximum rounds nothing; QEMU's records again what an instruction before it has left",
    ),
    Known(
        "mtfsf|mtfsfi",
        signal_return,
        "Book I, 4.2.2: QEMU as a process restores 32 bits of FPSCR behind a signal's handler; DRN is above",
    ),
)
UNTESTED = {
    "sc": "the harness lets no system call through",
    "mftb": "the time base counts QEMU's host's time",
    "eciwx|ecowx": "external control: QEMU does not look at EAR.E",
    "icswx": "QEMU's POWER7 does not know it",
    "ba": "blocks do not stand where an absolute branch could reach",
    "bca": "blocks do not stand where an absolute branch could reach",
}
"""Forms that no instance is drawn of."""
PLAIN = "addi|or|and|mulld|add"
"""Forms that neither jump nor touch memory."""
