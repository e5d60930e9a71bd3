"""Engines: what runs guests from a typed description.

`interface` is the seam, `create.create_engine` makes an engine, `state.State` holds the registers.
The reference engine, from below: `execution` (timers, exits), `physical` (RAM and bus), `access` (soft TLB,
alignment, watchpoints), `fetch` (decoded code), `probe` (the debugger's accesses), `reference` (the loop).
The Python that it runs is written by `python_source` and kept by `python_cache`.
`devices` runs described devices, `pure` functions for the assembler.
"""
