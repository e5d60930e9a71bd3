"""The public Python API (docs/guide/python.md): machines that programs make, run, look into and reset.

What is here is what `import trapline` offers; the rest of the package may change from version to version.
"""

from .machine import Machine
from .runs import run
from .snapshots import Snapshot, SnapshotMismatchError
from .views import Memory, Registers, Vcpu

__all__ = ["Machine", "Memory", "Registers", "Snapshot", "SnapshotMismatchError", "Vcpu", "run"]
