"""Generators of suites for Power: partitions under a hypervisor, and the cores' instructions."""
