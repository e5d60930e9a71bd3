"""A machine as a tree: machine → partitions → vcores → vcpus, and beneath them cores → hardware threads.

`hardware` makes hardware threads, which share the state of their core; `levels` has what is stacked on them; `vcpu` is
what the leaves offer; `schedule` gives turns to the leaves of a whole machine. State has the scope of its level, which
the description declares (`scope thread | core | partition | machine`).
"""
