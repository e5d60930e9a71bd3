"""What Python and native code share: the layout behind `cpu`, areas of memory, decoded pages, numbered requests."""

from __future__ import annotations

from . import cpu_layout
from .area import Area, cell_of, share_state
from .decoded_words import DecodedWords, words_of
from .decoders import Assumptions, decoder_name, decoder_names
from .endings import AHEAD, ends_code
from .footprints import LONGEST_REACH, Footprint
from .host import Host
from .operations import Operation, Operations
from .pages import CodePage, PageKey
from .special_handlers import SPECIAL_HANDLERS, STOPS, Progress

__all__ = [
    "AHEAD",
    "LONGEST_REACH",
    "SPECIAL_HANDLERS",
    "STOPS",
    "Area",
    "Assumptions",
    "CodePage",
    "DecodedWords",
    "Footprint",
    "Host",
    "Operation",
    "Operations",
    "PageKey",
    "Progress",
    "cell_of",
    "cpu_layout",
    "decoder_name",
    "decoder_names",
    "ends_code",
    "share_state",
    "words_of",
]
