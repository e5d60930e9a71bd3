"""KVM Book3S HV as a model: partitions on POWER7 and PPC970 cores without hypervisor code.

Linux 3.1 to 3.12, arch/powerpc/kvm/book3s_hv*. `kvm` is the host; `vm` a partition, whose memory is `regions`,
whose page table is `page_table` and whose real mode is `real_mode`; `vcore` is a virtual core, `vcpu` one of its
threads. What leaves a thread goes through the table `exit_table`: `faults` answers storage interrupts, `mmio` and
`devices` turn accesses outside memory into exits, `hcalls`, `vpa` and `tce` are the calls of the kernel's.
`registers` has KVM's views of a vcpu, `told` the events.
"""
