"""What is typed into gdb for each bundled guest, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A command for gdb; `why` is said before it."""

    why: str
    command: str


POWER_HCALLS = (
    Step("stop at the guest's first hypercall: H_ENTER, with its arguments in r4 to r7", "break enter"),
    Step("", "continue"),
    Step("", "x/i $pc"),
    Step("", "info registers r3 r4 r5 r6 r7"),
    Step("step over `sc 1`: handled in real mode; the next instruction is the one behind it", "stepi"),
    Step("r3 is the return code, 0 for H_SUCCESS, r4 the index of the entry", "info registers r3 r4 pc"),
    Step("the page table: the first entry is ours, the others map the partition's real mode", "monitor hpt all"),
    Step("H_REMOVE takes it out again", "break remove"),
    Step("", "continue"),
    Step("", "stepi"),
    Step("r4 and r5 are what stood there: the partition's own real page, not the host's", "info registers r3 r4 r5"),
    Step("the guest checks all of this itself, and says what it found", "continue"),
)

POWER_MMIO = (
    Step(
        "first a load from a page that has no entry at all: the partition's own data storage interrupt", "break missing"
    ),
    Step("", "continue"),
    Step("DSISR 0x40000000: no entry; DAR: the address", "info registers dsisr dar srr0 pc"),
    Step("now the page is entered, but it lies outside every memory slot; stop at the load", "break load"),
    Step("", "continue"),
    Step("", "x/i $pc"),
    Step("its entry: not valid for the core, but absent, and its real page is a device's", "monitor hpt 0xD0000005"),
    Step("what the core would do with this access", "monitor translate 0xD0000005 load"),
    Step("step over it: the core traps, the hypervisor finds the absent entry, a device answers", "stepi"),
    Step(
        "HDSISR and HDAR are what the trap left; r27 is what the serial port answered (0x60: empty)",
        "info registers hdsisr hdar r27 pc",
    ),
    Step("the guest goes on as if nothing had happened", "continue"),
)

ARM_HYP = (
    Step("the host, in SVC mode, calls its own Hyp code: r0 is the function, r1 its argument", "break call_hyp"),
    Step("", "continue"),
    Step("", "x/i $pc"),
    Step("", "info symbol $r0"),
    Step("", "info symbol $r1"),
    Step("VMID 0 in VTTBR: the host's own world", "print/x $vttbr.fields"),
    Step("step over it: the core enters Hyp mode at the host's vector", "stepi"),
    Step("", "monitor registers CPSR"),
    Step("the world switch loads the guest's registers and leaves with eret", "break enter_guest"),
    Step("", "continue"),
    Step("", "stepi"),
    Step("", "monitor registers CPSR"),
    Step("no more stops at later calls", "delete"),
    Step("the guest runs in SVC mode under a host that owns Hyp mode; stop at its hvc", "break guest_hvc"),
    Step("", "continue"),
    Step("", "x/i $pc"),
    Step("VMID 1 in VTTBR: this is the guest's world", "print/x $vttbr.fields"),
    Step("step: the core enters Hyp mode at the host's vector", "stepi"),
    Step("", "x/i $pc"),
    Step("HSR: exception class 0x12 is HVC, the syndrome holds its number", "print/x $hsr.fields"),
    Step("ELR_hyp: where the guest goes on", "info symbol $elr_hyp"),
    Step("next: the guest loads from an address that stage 2 does not map", "break guest_load"),
    Step("", "continue"),
    Step("", "x/i $pc"),
    Step("", "monitor translate 0x0a000008 load"),
    Step("step over it: a stage 2 abort", "stepi"),
    Step("", "x/i $pc"),
    Step("class 0x24: a data abort from below; the syndrome describes a word load", "print/x $hsr.fields"),
    Step(
        "HDFAR: the virtual address; HPFAR: the page of the intermediate physical address", "info registers hdfar hpfar"
    ),
    Step("the host emulates the load and the guest goes on; at its end both have seen what they expected", "continue"),
)

SESSIONS = {"power_hcalls": POWER_HCALLS, "power_mmio": POWER_MMIO, "arm_hyp": ARM_HYP}
