# A hypervisor for one partition on a PowerPC 970, in hypervisor state on a core of its own: KVM Book3S HV in small, as code.
#
# The partition is a program for `pseries` (linked in as `payload`), the same file that runs under the hypervisor model. What it leaves
# for is kept as a trace, so that both can be compared.
#
# The 970 gives no storage interrupt of a partition to its hypervisor, so that there are no devices in memory; all else is as on POWER7
# but for the registers of the partition (book3s/partition_ppc970.s).

        .equ    POWER7, 0
        .text
        .include "book3s/layout.s"
        .include "book3s/vectors.s"
        .include "book3s/switch.s"
        .include "book3s/partition_ppc970.s"
        .include "book3s/real_mode.s"
        .include "book3s/page_table.s"
        .include "book3s/trace.s"
        .include "book3s/host.s"
        .include "book3s/exits.s"
        .include "book3s/areas.s"
        .include "book3s/user_space.s"
        .include "book3s/console.s"
        .include "book3s/presentation.s"
