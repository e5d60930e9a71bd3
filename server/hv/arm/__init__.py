"""KVM/Arm as a model: guests on Armv7-A cores with the Virtualization Extensions, without code in Hyp mode.

`kvm` opens the host, `vm` makes a guest, `vcpu` runs it, `psci` starts and stops vcpus. Rooms, from the ground: `facts`
(what the description says), `memory` (stage 2 tables, VMIDs), `registers` (one-reg), `interrupts` (the VGIC), `exits`
(what becomes of a trap), `switch` (into the guest and out of it); `guest` is what they see of a vcpu. Linux 3.9 to
3.12, arch/arm/kvm.
"""
