"""A machine as a target of the GDB server: `server/rsp`'s Protocols over `server/boards`' machines, a file an ability.

A partition is process 1, its vcpus are threads from 1 on.
"""

from .machine_target import MachineTarget as MachineTarget
