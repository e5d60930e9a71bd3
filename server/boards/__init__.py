"""Machines that guests run on: `machine` is what all share, `registry` finds one by name.

Each board joins cores (or a hypervisor model) with RAM, devices, a device tree and what plays user space.
"""
