"""The interrupt controller in the kernel."""
