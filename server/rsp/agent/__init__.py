"""GDB's agent expressions: bytecode that a client sends for conditions and commands, checked and made into functions.

Source: Debugging with GDB, appendix "The GDB Agent Expression Mechanism".
"""

from .errors import AgentError as AgentError
from .program import MemoryReader as MemoryReader
from .program import Program as Program
from .program import RegisterReader as RegisterReader
from .program import Surroundings as Surroundings
from .program import command as command
from .program import condition as condition
