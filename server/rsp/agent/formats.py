"""What the opcode `printf` prints: a format of C, as it stands in a source, with values from the stack.

Source: Debugging with GDB, "Bytecode Descriptions" (printf), "Formatted Output".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from .arithmetic import double_of, signed
from .errors import AgentError

_ESCAPE: Final = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_NAMED: Final = {"n": "\n", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "r": "\r", "e": "\x1b", "v": "\v"}
_PIECE: Final = re.compile(
    r"%(?P<flags>[-+ #0']*)(?P<width>\d{0,4})(?P<precision>\.\d{0,4})?"
    r"(?P<size>hh|h|ll|l|j|z|t)?(?P<kind>[diouxXcspfeEgGaA%])"
)
_BITS: Final = {"hh": 8, "h": 16, "ll": 64, "j": 64}
_MOST_TEXT: Final = 4096
"""Characters of a string of the guest's."""


def unescaped(text: str) -> str:
    """A string's characters, of its letters in a source."""

    def one(found: re.Match[str]) -> str:
        octal, digits, letter = found.groups()
        if letter is not None:
            return _NAMED.get(letter, letter)
        return chr(int(octal, 8) & 0xFF if octal is not None else int(digits, 16))

    return _ESCAPE.sub(one, text)


class Format:
    """A format string, checked once."""

    def __init__(self, text: str, arguments: int) -> None:
        """Raises AgentError where it does not fit that many arguments."""
        self._pieces: list[str | re.Match[str]] = []
        text, at = unescaped(text), 0
        while True:
            percent = text.find("%", at)
            if percent < 0:
                self._pieces.append(text[at:])
                break
            found = _PIECE.match(text, percent)
            if found is None:
                raise AgentError(f"the format has {text[percent : percent + 8]!r}, which no value fits")
            self._pieces.append(text[at:percent])
            self._pieces.append("%" if found["kind"] == "%" else found)
            at = found.end()
        wanted = sum(not isinstance(piece, str) for piece in self._pieces)
        if wanted != arguments:
            raise AgentError(f"the format {text[:40]!r} takes {wanted} values, and there are {arguments}")

    def __call__(self, values: Sequence[int], long_bits: int, read_string: Callable[[int, int], str]) -> str:
        """The text. `long_bits` are those of the guest's `long`; `read_string(address, characters)` reads memory."""
        left = iter(values)
        return "".join(
            piece if isinstance(piece, str) else _shown(piece, next(left), long_bits, read_string)
            for piece in self._pieces
        )


def _shown(piece: re.Match[str], value: int, long_bits: int, read_string: Callable[[int, int], str]) -> str:
    kind, flags, precision = piece["kind"], piece["flags"].replace("'", ""), piece["precision"] or ""
    width = piece["width"]
    if kind == "s":
        cut = int(precision[1:] or 0) if precision else _MOST_TEXT
        return f"%{flags.replace('0', '')}{width}s" % read_string(value, min(cut, _MOST_TEXT))
    if kind == "c":
        return f"%{flags.replace('0', '')}{width}s" % chr(value & 0xFF)
    if kind == "p":
        return f"%{flags.replace('0', '')}{width}s" % f"{value & (1 << long_bits) - 1:#x}"
    if kind in "feEgG":
        return f"%{flags}{width}{precision}{kind}" % double_of(value)
    if kind in "aA":
        return f"%{flags.replace('0', '')}{width}s" % double_of(value).hex()
    bits = _BITS.get(piece["size"] or "", 32 if not piece["size"] else long_bits)
    number = signed(value, bits) if kind in "di" else value & (1 << bits) - 1
    text = f"%{flags}{width}{precision}{'d' if kind in 'diu' else kind}" % number
    # Python's octal numbers begin with 0o, C's with a zero.
    return text.replace("0o", "0", 1) if kind == "o" and "#" in flags else text
