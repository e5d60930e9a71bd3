"""The block tier: hot code as native regions, each a small graph of guest blocks with registers in SSA values.

`specialize` writes one guest instruction with its fields as constants, `blocks` a run of them, `region` the function
around the blocks of a region; `compile` makes native code of a batch; `tier` decides what is compiled and what is dropped.
"""
