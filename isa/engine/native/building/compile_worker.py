"""A process that compiles one module: IR on its standard input, the object on its standard output.

Its argument says how much work is to be done.
"""

from __future__ import annotations

import sys

from ...errors import EngineError
from .compiler import Effort, compile_object

REJECTED = 3
"""Its exit status where LLVM rejects the module; the message stands on standard error."""


def main() -> int:
    """The exit status."""
    try:
        image = compile_object(sys.stdin.read(), Effort(sys.argv[1]))
    except EngineError as error:
        print(error.message, file=sys.stderr)
        return REJECTED
    sys.stdout.buffer.write(image)
    return 0


if __name__ == "__main__":
    sys.exit(main())
