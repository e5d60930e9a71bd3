"""KVM Book3S HV as a model: partitions on POWER7 and PPC970 cores without hypervisor code.

Linux 3.1 to 3.12, arch/powerpc/kvm/book3s_hv*. The levels of a machine, from the top: `kvm` is the host, which has the
hardware threads (`tree.hardware`); `vm` a partition; `vcore` a virtual core of it; `vcpu` a thread of that. Each knows
those beneath it alone; of what is above, it says what it asks (a protocol). Rooms: `partition` and `thread` are what
these levels are made of, `exits` is what becomes of what leaves a thread: storage interrupts, accesses to devices,
hypervisor calls. `saved` writes a partition to a file.
"""
