"""Breakages judged by the shipped suites: tests that were built from the intact package run in the broken one.

Of each suite some tests are built once, spread over all of it; a process for each breakage runs those of its
architecture on the reference engine until one of them fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from .breakage import Breakage
from .run import SECONDS, BreakageError, copied

TESTS: Final = 16
"""Of each suite, unless somebody says otherwise."""
_ARM: Final = ("isa/arch/arm", "server/hv/arm")
_STUBS: Final = "firmware/hoststubs"
_JUDGE: Final = """
import sys
from trapline.tools.mutate.suites import first_failure
print(first_failure(sys.argv[1:]))
"""
_NOTHING: Final = "nothing fails"


def is_stub(breakage: Breakage) -> bool:
    """Whether it breaks a host stub: suites run their tests under the models, so that guests judge it alone."""
    return breakage.file.startswith(_STUBS)


def build_slices(tests: int = TESTS) -> dict[str, list[Path]]:
    """Some tests of each suite, by architecture (`power`, `arm`): folders of built suites, kept in the cache."""
    from ...firmware.suites.catalogue import shipped_suites
    from ...firmware.suites.places import Asked, spread_over
    from ...isa.lang.load import load_core

    found: dict[str, list[Path]] = {"power": [], "arm": []}
    for suite in shipped_suites():
        built = spread_over(Asked(suite.name), tests)
        found[load_core(suite.machine.core).name].append(built.folder)
    return found


def suites_say(breakage: Breakage | None, slices: dict[str, list[Path]]) -> tuple[bool, str]:
    """Whether all tests pass, and which one does not.  Raises BreakageError where none can run."""
    if breakage is None:
        folders = [one for some in slices.values() for one in some]
    else:
        folders = slices["arm" if breakage.file.startswith(_ARM) else "power"]
    with copied(breakage) as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-c", _JUDGE, *map(str, folders)],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(folder)},
                capture_output=True,
                text=True,
                timeout=4 * SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BreakageError(f"the suites have no end within {4 * SECONDS} s", "break another line") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-4:]
        raise BreakageError("no suite comes to run:\n" + "\n".join(said), "break the line otherwise")
    last = done.stdout.strip().splitlines()[-1]
    return last == _NOTHING, last


def first_failure(folders: list[str]) -> str:
    """In the broken package: the first test that fails on the reference engine, suites by turns."""
    from ...firmware.suites.running.runner import BuiltSuite
    from ...firmware.suites.running.specs import parse_target
    from ...firmware.suites.running.targets import Target, open_target

    suites = [BuiltSuite.read(Path(one)) for one in folders]
    targets: list[Target] = []
    for suite in suites:
        targets.append(open_target(parse_target("trapline:reference", suite.manifest.machine, suite.manifest.limits)))
    for number in range(max(len(one.manifest.tests) for one in suites)):
        for suite, target in zip(suites, targets, strict=True):
            if number < len(suite.manifest.tests):
                test = suite.manifest.tests[number]
                ran = target.run(suite.folder / test.elf)
                if not ran.passed:
                    return f"{suite.manifest.suite}/{test.name}: {ran.reason.splitlines()[0]}"
    return _NOTHING
