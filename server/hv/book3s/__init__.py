"""KVM Book3S HV as a model: partitions on POWER7 and PPC970 cores without hypervisor code.

`vm` makes a partition, `vcpu` runs it, `faults` answers storage interrupts, `mmio` turns accesses outside memory into
exits, `hcalls` and `vpa` are the calls that the kernel handles. Linux 3.1 to 3.12, arch/powerpc/kvm/book3s_hv*.
"""
