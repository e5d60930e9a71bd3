"""The decoder in native code, asked from Python: no form of the description has to be read for that."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ..shared import decoder_name

_DECODER: Final = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint32)


class NativeDecoder:
    """That of one description."""

    def __init__(self, symbols: Mapping[str, int], forms: Sequence[str]) -> None:
        """`symbols`: where the decoders are; `forms`: the names of all forms, in the description's order."""
        self._symbols = symbols
        self._forms = forms
        self._decoders: dict[tuple[str, int], Callable[[int], int] | None] = {}

    def form(self, set_name: str, word: int, length: int) -> str | None:
        """The form of a word of `length` bits of an instruction set, or None where no encoding matches."""
        key = set_name, length
        if key not in self._decoders:
            place = self._symbols.get(decoder_name(*key))
            self._decoders[key] = None if place is None else _DECODER(place)
        decoder = self._decoders[key]
        number = -1 if decoder is None else decoder(word)
        return None if number < 0 else self._forms[number]
