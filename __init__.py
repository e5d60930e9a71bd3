"""Trapline: described CPU cores and hypervisor models behind a GDB server."""

__version__ = "0.1.0"
