"""Machines without their cores: RAM, bus, console, time, events, device trees, program files.

Nothing here knows an instruction set; devices and register layouts come from descriptions.
"""
