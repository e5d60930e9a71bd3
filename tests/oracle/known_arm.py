"""Where QEMU's Cortex-A15 and our description differ for a reason: UNPREDICTABLE results, what QEMU does not model."""

from .arm_machine import SIGBUS, SIGILL
from .blocks import Block, field_of
from .qemu_arm import ArmState
from .semantics import Difference, Known

ArmBlock = Block[ArmState]


def _misaligned(block: ArmBlock, found: Difference) -> bool:
    fault = block.left.result.fault
    return fault is not None and fault.signal == SIGBUS


def _emulated(block: ArmBlock, found: Difference) -> bool:
    return field_of(block.samples[0], "coproc") in (1, 2)


def _aligned_to_16(block: ArmBlock, found: Difference) -> bool:
    fault = block.left.result.fault
    return fault is not None and fault.signal == SIGBUS and fault.address % 16 == 0


def _undefined(block: ArmBlock, found: Difference) -> bool:
    fault = block.left.result.fault
    return fault is not None and fault.signal == SIGILL


def _itself(block: ArmBlock, found: Difference) -> bool:
    names = (("D_bit", "M_bit"), ("Vd_high", "Vm_high"), ("Vd_low", "Vm_low"))
    return all(field_of(block.samples[0], one) == field_of(block.samples[0], other) for one, other in names)


def _index_loaded(block: ArmBlock, found: Difference) -> bool:
    pair, index = (field_of(block.samples[0], name) for name in ("Rt_pair", "Rm"))
    return pair is not None and index in (2 * pair, 2 * pair + 1)


def _affinity(block: ArmBlock, found: Difference) -> bool:
    keys = ("coproc", "CRn", "opc1", "CRm", "opc2")
    return [field_of(block.samples[0], key) for key in keys] == [15, 0, 0, 0, 5]


def _half_precision(block: ArmBlock, found: Difference) -> bool:
    return field_of(block.samples[0], "coproc") == 9


def _breakpoint(block: ArmBlock, found: Difference) -> bool:
    return found.name == "signal" and block.samples[0].word in (0xE7F001F0, 0xDE01, 0xF7F0A000)


def _empty_list(block: ArmBlock, found: Difference) -> bool:
    return not any(field_of(block.samples[0], name) for name in ("low_list", "P", "M"))


KNOWN: tuple[Known[ArmState], ...] = (
    Known(r"(t32_)?mrc", _affinity, "B4.1.106: user mode has no MPIDR; QEMU's process has"),
    Known(
        r"(t32_)?strex[bhd]?(\.\w+)?",
        _misaligned,
        "A3.2.1: misaligned exclusives fault; QEMU only looks where there is a reservation",
    ),
    Known(r"(t32_)?ldc_stc\..*", _half_precision, "QEMU decodes coprocessor 9 as Armv8.2's half-precision loads"),
    Known(
        r"(t16_|t32_)?udf",
        _breakpoint,
        "A8.8.247: Linux, and so QEMU's process, has these for breakpoints of a debugger",
    ),
    Known("t16_(pop|push)", _empty_list, "A8.8.131 and A8.8.133: an empty list is UNPREDICTABLE"),
    Known(r"(t32_)?v_[124]_multiple\..*", _aligned_to_16, "A3.2.1: @256 asks for 32 bytes; QEMU looks at 16"),
    Known(r"(t32_)?v_\d_(multiple|element|all).*", _undefined, "A7.7: a list that goes beyond d31 is UNPREDICTABLE"),
    Known(r"(t32_)?v(trn|uzp|zip)", _itself, "A8.8.420 to A8.8.423: the result is UNKNOWN where both are one register"),
    Known(r"(t32_)?vtbl_first", _undefined, "A8.8.419: a table that goes beyond d31 is UNPREDICTABLE"),
    Known(r"ldrd\..*", _index_loaded, "A8.8.74: UNPREDICTABLE where the index register is loaded"),
    Known(
        r"(t32_)?((ldc_stc|ldc2_stc2)\..*|cdp.*|mcr.*|mrc.*|mrrc.*)",
        _emulated,
        "QEMU's process takes coprocessors 1 and 2 for the FPA",
    ),
)
PLAIN = {
    "A32": r"(and|orr|eor|add)\.register.*",
    "T32": "t16_(add|sub)_(register|immediate3)|t16_(and|orr|eor|mul)",
}
"""Forms that touch no memory, and jump only where a register of A32 is the pc: that is drawn anew."""
UNTESTED = {
    r"(t16_|t32_)?svc": "the harness lets no system call through",
    r"blx_immediate|t32_blx": "change the instruction set, and blocks end in the one that they began in",
    r"t32_tb[bh]": "seldom lead to code of the harness: test_interworking_arm",
    "t32_leavex|t32_enterx": "QEMU has no ThumbEE",
    r"(t16_|t32_)?(wfi|wfe|sev)": "leave the run; the machine decides what they mean",
}
"""Forms that no instance is drawn of."""
