"""Entry into a guest and exit from it: Hyp mode's registers go from one world to the other.

Linux, arch/arm/kvm/interrupts.S. What is switched stands in the description (calls/hypervisor_model.isa); this is
when. Each trap is an exit and a new entry: VFP is the host's again, the monitor of exclusive accesses is open, the VMID
is one of the present generation, the guest's interrupt lines are as user space has set them.

Between two runs the core is left as the guest would see it, so that a debugger looks through the guest's eyes.
"""

from __future__ import annotations

from typing import Final

from ....machine import events
from ..guest import GuestVcpu

HOST: Final = "host"


class World:
    """One vcpu's core, and which world its Hyp mode's registers are of."""

    def __init__(self, vcpu: GuestVcpu) -> None:
        self._vcpu = vcpu
        self._loaded: tuple[int, ...] | None = None
        """What the guest was entered with; None in the host's world."""
        self.is_entered = False
        """Whether a run is under way."""
        self.has_vfp = False
        """Whether VFP has become the guest's since the entry."""
        self._lines_at, _ = vcpu.core.bits("HCR", "VF")
        self._given_at = 0
        self._vmid_at, _ = vcpu.core.bits("VTTBR", "VMID")

    @property
    def entry(self) -> tuple[int, ...]:
        """What the description's `world_enter` is given, now."""
        vcpu, vm = self._vcpu, self._vcpu.vm
        vttbr = vm.take_vmid() << self._vmid_at | vm.tables.base
        return vcpu.lines, vm.controls, vttbr, vcpu.identity, vcpu.affinity, vm.counter_offset

    def enter(self) -> None:
        """Everything is the guest's."""
        if not self.is_about_to_use_vfp():
            self.show()
        if not self.is_entered:
            self.is_entered = True
            self._tell(HOST, self._name())

    def show(self) -> None:
        """Everything is the guest's, for who looks: a debugger, or whoever asks what it waits for."""
        entry = self.entry
        if entry != self._loaded or self.has_vfp:
            self._vcpu.core.call("world_enter", *entry)
            self._loaded, self.has_vfp = entry, False

    def leave(self) -> None:
        """Everything is the host's: VMID 0, and nothing traps."""
        self._vcpu.core.call("world_leave")
        self._loaded, self.has_vfp = None, False
        self.left()

    def left(self) -> None:
        """The run is over. What a debugger sees is the guest's; the next entry switches all that it has to."""
        if self.is_entered:
            self.is_entered = False
            self._tell(self._name(), HOST)

    def give_vfp(self) -> None:
        """VFP and Advanced SIMD are the guest's from the next entry to the next exit."""
        self.enter()
        self._vcpu.core.call("world_give_vfp")
        self.has_vfp, self._given_at = True, self._vcpu.core.retired

    def is_about_to_use_vfp(self) -> bool:
        """Whether the instruction that asked for VFP has not been executed yet, as after a run of one instruction."""
        is_same = self._loaded is not None and self._loaded == self.entry
        return self.has_vfp and is_same and self._vcpu.core.retired == self._given_at

    def lines_changed(self) -> None:
        """A virtual interrupt line changed; a guest that runs sees it before its next instruction."""
        vcpu = self._vcpu
        if self._loaded is not None:
            core = vcpu.core
            value = core.read("HCR") & ~(3 << self._lines_at) | vcpu.lines << self._lines_at
            core.state.write("HCR", value)
            self._loaded = (vcpu.lines, *self._loaded[1:])
            core.engine.request_poll()
        vcpu.core.on_input()

    def forget(self) -> None:
        """The core was reset: nothing of the guest's is in it."""
        self._loaded, self.has_vfp, self.is_entered = None, False, False

    def restored(self, has_vfp: bool) -> None:
        """The core has the registers of a saved guest, which are another host's where Hyp mode is concerned."""
        self.forget()
        self.show()
        if has_vfp:
            self.give_vfp()
            self.left()

    def _name(self) -> str:
        return f"VMID {self._vcpu.vm.vmid}"

    def _tell(self, source: str, target: str) -> None:
        stream = self._vcpu.vm.kvm.events
        if events.WorldSwitch in stream.wanted:
            stream.publish(events.WorldSwitch(self._vcpu.vm.kvm.now(), self._vcpu.number, source, target))
