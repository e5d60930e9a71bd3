"""What `trapline suite new` writes."""

from __future__ import annotations

GENERATOR = '''"""Yields the cases of this suite; what a case is made of: docs/reference/suites.md."""

from collections.abc import Iterator

from trapline.firmware.suites.making.case import Case, Check, Step
from trapline.firmware.suites.making.context import Context


def generate(context: Context) -> Iterator[Case]:
    """One test for each of a few numbers, which a seeded source draws."""
    rng = context.source("adding")
    for number in range(1, 4):
        left, right = rng.getrandbits(32), rng.getrandbits(32)
        step = Step(
            title=f"add {left:#x} and {right:#x}",
            code=(f"load64  r14, {left:#x}", f"load64  r15, {right:#x}", "add     r16, r14, r15"),
            # What is expected comes from the reference engine; here is said what is looked at.
            checks=(Check("r16", note="the sum"), Check("r14"), Check("r15"), Check("trap")),
            rule="Power ISA 2.06 Book I, section 3.3.8",
            covers=("instruction add",),
        )
        yield Case(f"add-{number}", f"add two numbers, {number}", (step,), tags=("first",))
'''


def definition(name: str) -> str:
    """The TOML file of a suite."""
    return f"""# A suite: what it is called, what makes its tests, what they run on, how long they may take.
[suite]
name = "{name}"
title = "My first suite"
generator = "generator.py:generate"
seed = 1

[machine]
name = "pseries"
core = "power7"
memory = 256                # MiB

[limits]                    # of one test
instructions = 200_000
seconds = 20

[groups.quick]
tests = ["add-1"]

# Tests that are known to fail somewhere, and why:
# [[expected_failure]]
# tests = "add-3"
# target = "qemu"
# differs = ["r3 H_PARAMETER H_SUCCESS"]       # WORD EXPECTED CAME: in this way alone; it may pass
# reason = "…"
"""
