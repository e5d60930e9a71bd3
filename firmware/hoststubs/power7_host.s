# A hypervisor for one partition on a POWER7, in hypervisor state on a core of its own: KVM Book3S HV in small, as code.
#
# The partition is a program for `pseries` (linked in as `payload`), the same file that runs under the hypervisor model. What it leaves
# for is kept as a trace, so that both can be compared.
#
# First reading: book3s/switch.s (the world switch), book3s/real_mode.s (what is decided behind the vector), book3s/host.s.
# Books: Power ISA 2.06 Book III-S; PAPR 2.x, chapter 14; Linux, arch/powerpc/kvm/book3s_hv*.

        .equ    POWER7, 1
        .text
        .include "book3s/layout.s"
        .include "book3s/vectors.s"
        .include "book3s/switch.s"
        .include "book3s/partition_power7.s"
        .include "book3s/vcore.s"
        .include "book3s/secondary.s"
        .include "book3s/cede.s"
        .include "book3s/real_mode.s"
        .include "book3s/page_table.s"
        .include "book3s/faults.s"
        .include "book3s/trace.s"
        .include "book3s/host.s"
        .include "book3s/exits.s"
        .include "book3s/areas.s"
        .include "book3s/user_space.s"
        .include "book3s/console.s"
        .include "book3s/presentation.s"
        .include "book3s/mmio.s"
