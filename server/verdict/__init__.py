"""How a guest's run ended, and what that means as a process's exit status (docs/guide/ci.md).

A guest that tests something says so on its console (`said`) or by an exit status, and switches its machine off. That
works the same on QEMU's boards, and needs no device that real machines lack.
"""

from .expect import Expectation, ExpectationError
from .outcome import Ending, Outcome, Verdict
from .said import ConsoleVerdict, Convention
from .subtests import SubTest, SubTestStatus

__all__ = [
    "ConsoleVerdict",
    "Convention",
    "Ending",
    "Expectation",
    "ExpectationError",
    "Outcome",
    "SubTest",
    "SubTestStatus",
    "Verdict",
]
