"""Breakages of the Power description: hypercalls, page table, interrupts, time."""

from __future__ import annotations

from typing import Final

from .breakage import of_file

_HPT: Final = "isa/arch/power/hypervisor/hcalls_hpt.isa"
_CALLS: Final = "isa/arch/power/hypervisor/hcalls.isa"
_MODEL: Final = "isa/arch/power/hypervisor/hypervisor_model.isa"
_TABLE: Final = "isa/arch/power/storage_control/hash_table.isa"
_FAULTS: Final = "isa/arch/power/storage_control/storage_faults.isa"
_ENTRY: Final = "isa/arch/power/interrupts/interrupts.isa"
_POLL: Final = "isa/arch/power/interrupts/poll.isa"
_MMU: Final = "isa/arch/power/storage_control/mmu.isa"
_TIME: Final = "isa/arch/power/processors/time.isa"


DESCRIPTION: Final = (
    of_file(
        _HPT,
        "power_table",
        ("((flags & H_AVPN) == 0 || (first & ~0x7F) == avpn)", "((flags & H_AVPN) == 0 || (first & ~0xFF) == avpn)"),
        ("((flags & H_ANDCOND) == 0 || (first & avpn) == 0)", "((flags & H_ANDCOND) == 0 || (first & avpn) != 0)"),
        ("let candidate = index & ~7 | zero_extend(slot)", "let candidate = index & ~3 | zero_extend(slot)"),
        ("if entry_is_free(candidate) == 1 { return (1, candidate) }", "return (1, candidate)"),
        ("if size == 0 || index >= hpt_entries() { return H_PARAMETER }", "if size == 0 { return H_PARAMETER }"),
        ("if is_free == 0 { return H_PTEG_FULL }", "if is_free == 0 { return H_PARAMETER }"),
        ("return H_SUCCESS(slot)", "return H_SUCCESS(index)"),
        ("{ (code | zero_extend(request[6:7])) ++ request[8:63] }", "{ code ++ request[8:63] }"),
        ("|| request[6:7] == 3 || index >= hpt_entries()", "|| index >= hpt_entries()"),
        ("{ 1 => H_ANDCOND, 2 => H_AVPN, _ => 0 }", "{ 2 => H_ANDCOND, 1 => H_AVPN, _ => 0 }"),
        ("if entry_matches(flags, first, operand2) == 0 { return bulk_reply(0x90, request) }", ""),
        (
            "bulk_reply(0x80, request) | referenced_changed << 51",
            "bulk_reply(0x80, request) | referenced_changed << 50",
        ),
        ("if GPR[r][0:3] == 0xA {", "if GPR[r][0:3] == 0x9 {"),
        ("let r : u5 = 4 + (pair << 1)", "let r : u5 = 4 + pair"),
        ("let other = index & ~3 | zero_extend(n)", "let other = index | zero_extend(n)"),
        ("let at_index = if (flags & H_READ_4) != 0 { index & ~3 } else { index }", "let at_index = index"),
        (
            "GPR[5 + (n << 1)] = shown_second(other, other_first)",
            "GPR[5 + (n << 1)] = shown_second(index, other_first)",
        ),
        ("(flags << 55) & 0x8000000000000000", "(flags << 54) & 0x8000000000000000"),
        ("(flags << 48) & 0x3000000000000000", "(flags << 47) & 0x3000000000000000"),
        ("const PROTECTION_BITS : u64 = 0xB000000000000E07", "const PROTECTION_BITS : u64 = 0xB000000000000F87"),
        ("if entry_matches(flags & ~H_ANDCOND, first, avpn) == 0 { return H_NOT_FOUND }", ""),
        ("phys_be[kept, 8] = phys_be[kept, 8] & ~PROTECTION_BITS | bits", "phys_be[kept, 8] = phys_be[kept, 8] | bits"),
        (
            "|| to_place != 1 || (destination & 0xFFF) != 0 { return H_PARAMETER }",
            "|| to_place != 1 { return H_PARAMETER }",
        ),
        ("if from_place != 1 || (origin & 0xFFF) != 0 { return H_PARAMETER }", ""),
        ("for n : u10 in 0 .. 511 { phys_be[to + (zero_extend(n) << 3), 8] = 0 }", "phys_be[to, 8] = 0"),
    )
    + of_file(
        _HPT,
        "power_hcalls",
        ("phys_be[guest_second_address(slot), 8] = second", "phys_be[guest_second_address(slot), 8] = host"),
        ("return H_SUCCESS(shown_first(first), second)", "return H_SUCCESS(shown_first(first), first)"),
    )
    + of_file(
        _HPT,
        "power_mmio",
        ("first & ~(HPTE_ABSENT | HPTE_HVLOCK) | HPTE_VALID }", "first & ~(HPTE_ABSENT | HPTE_HVLOCK) }"),
        ("phys_be[hpte_address(slot), 8] = plain | HPTE_ABSENT", "phys_be[hpte_address(slot), 8] = plain | HPTE_VALID"),
    )
    + of_file(
        _HPT,
        "power_pages",
        ("| second & (HPTE_REFERENCED | HPTE_CHANGED) }\n}", "}\n}"),
    )
    + of_file(
        _MODEL,
        "power_pages",
        ("else if (second & 0xF000) == 0x1000 { 0x10000 }", "else if (second & 0xF000) == 0x2000 { 0x10000 }"),
    )
    + of_file(
        _CALLS,
        "power_table",
        ("        }\n        return H_TOO_HARD", "        }\n        return H_SUCCESS"),
    )
    + of_file(
        _TABLE,
        "power_mmio",
        (
            "(entry - HPT_BASE) >> 4), 8], size) == 1 { return (1, entry) }",
            "(entry - HPT_BASE) >> 4), 8], size) == 1 { return (0, 0) }",
        ),
        (
            "let compared : u64 = HPTE_AVPN & ~avpn_without(size) | 6 | HPTE_ABSENT",
            "let compared : u64 = HPTE_AVPN & ~avpn_without(size) | 6 | HPTE_ABSENT | HPTE_BOLTED",
        ),
    )
    + of_file(
        _FAULTS,
        "power_mmio",
        (
            "let status = if kind == access.store { reason | IS_STORE } else { reason }",
            "let status = if kind == access.load { reason | IS_STORE } else { reason }",
        ),
        ("if found == 1 { (2, absent) } else { (0, 0) }", "if found == 1 { (1, absent) } else { (0, 0) }"),
    )
    + of_file(
        _ENTRY,
        "power_threads",
        ("interrupt partition_external = 0x500", "interrupt partition_external = 0x700"),
        ("        GPR[3] = number\n", "        GPR[3] = 0\n"),
    )
    + of_file(
        _CALLS,
        "power_threads",
        ("        if MSR.EE == 0 { set_msr(MSR | MSR_ENABLES) }\n", ""),
        ("            PRODDED = 0\n", ""),
        ("        if PRODDED == 1 {", "        if PRODDED != PRODDED {"),
    )
    + of_file(
        _ENTRY,
        "power_exits",
        ("{ u64(0x100000) >> u3(reason) }", "{ u64(0x200000) >> u3(reason) }"),
        ("    else if MSR.PR == 1 { enter_supervisor(vector, NIA, 0) }\n", ""),
        ("if lev[6] == 0 { enter_supervisor(vector, NIA, 0) }", "if lev[6] == 0 { enter_supervisor(vector, CIA, 0) }"),
        (
            "enter_keeping_hypervisor_state(0x700, CIA, program_flags(program_reason.illegal))",
            "enter_keeping_hypervisor_state(0x700, NIA, program_flags(program_reason.illegal))",
        ),
        (
            'Floating-Point Unavailable" () {\n    enter_supervisor(vector, CIA, 0)',
            'Floating-Point Unavailable" () {\n    enter_supervisor(vector, NIA, 0)',
        ),
    )
    + of_file(
        _POLL,
        "power_threads",
        ("if LPCR.MER == 1 && MSR.EE == 1 && below_hypervisor() == 1 { raise mediated_external() }", ""),
    )
    + of_file(
        _CALLS,
        "power_tce",
        ("if ioba >= TCE_WINDOW[i] { return H_PARAMETER }", "if ioba > TCE_WINDOW[i] { return H_PARAMETER }"),
        ("if TCE_WINDOW[i] != 0 && TCE_LIOBN[i] == liobn {", "if TCE_WINDOW[i] != 0 && TCE_LIOBN[i] != liobn {"),
    )
    + of_file(
        _HPT,
        "power_rma",
        ("(feature(PPC970) || ABSENT_OUTSIDE_MEMORY == 0)", "(ABSENT_OUTSIDE_MEMORY == 0)"),
    )
    + of_file(
        _MMU,
        "power_rma",
        (
            "if (ea & 0x0FFFFFFFFFFFFFFF) >= real_mode_limit()",
            "if (ea & 0x0FFFFFFFFFFFFFFF) > real_mode_limit()",
        ),
        ("{ RMOR } else { zero_extend(HID4.RMOR) << 26 }", "{ RMOR } else { zero_extend(HID4.RMOR) << 25 }"),
    )
    + of_file(
        _MMU,
        "power7_rma",
        ("if feature(ISA206) { RMOR } else", "if feature(ISA206) { RMOR | 0x1000 } else"),
        ("        4 => u64(1) << 28,\n", "        4 => u64(1) << 29,\n"),
    )
    + of_file(
        "isa/arch/power/interrupts/interrupt_entry.isa",
        "power_modes",
        ("{ LPCR.ILE & ~MSR.HV }", "{ LPCR.ILE & MSR.HV }"),
    )
    + of_file(
        _ENTRY,
        "power_table",
        ("    SRR0 = NIA\n    SRR1 = interrupted_msr(0)\n", ""),
    )
    + of_file(
        _TIME,
        "power_areas",
        ("read { truncate(DEC_ZERO - ticks()) }", "read { truncate(DEC_ZERO - ticks() + 1000) }"),
    )
)
