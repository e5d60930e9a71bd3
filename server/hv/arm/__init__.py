"""KVM/Arm as a model: guests on Armv7-A cores with the Virtualization Extensions, without code in Hyp mode.

`vm` makes a guest, `vcpu` runs it, `stage2` keeps its translation tables, `traps` answers what HSR tells, `psci` starts
and stops vcpus. Linux 3.9 to 3.12, arch/arm/kvm.
"""
