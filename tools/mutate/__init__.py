"""`trapline mutate`: breaks one line of the hypervisor model or its description at a time, and has the guests find out.

`breakages` lists them, `model_lines` and `description_lines` have the lines; `run` makes a copy of the package with
one broken, and runs a guest in it. A breakage that no guest notices is a hole in the guests.
"""
