"""Boards with Power cores: a partition under KVM Book3S HV, a bare processor; how both boot."""
