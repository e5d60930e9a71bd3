"""What becomes of the exits of a thread: interrupts, storage faults, accesses to devices, hypervisor calls."""
