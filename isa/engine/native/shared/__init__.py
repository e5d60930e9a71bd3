"""What Python and native code share: the layout behind `cpu`, areas of memory, decoded pages, numbered requests."""

from __future__ import annotations

from . import cpu_layout
from .apart import give_way, idle_only, settle
from .area import Area, cell_of, share_state
from .decoded_words import DecodedWords, words_of
from .decoders import PICKS, Assumptions, decoder_name
from .endings import AHEAD, ends_code
from .footprints import LONGEST_REACH, Footprint
from .host import Host
from .operations import Operation, Operations
from .pages import CodePage, MadeOf, PageKey
from .special_handlers import OF_DECODER, SPECIAL_HANDLERS, STOPS, Progress
from .symbols import (
    BESIDE,
    ENTRIES,
    LOADS,
    MISSES,
    REGION,
    STORES,
    block_symbol,
    call_symbol,
    handler_symbol,
    own_symbol,
    pick_symbol,
    plain,
    special_symbol,
    symbol,
    variant_symbol,
    with_declarations,
)

__all__ = [
    "AHEAD",
    "BESIDE",
    "ENTRIES",
    "LOADS",
    "LONGEST_REACH",
    "MISSES",
    "OF_DECODER",
    "PICKS",
    "REGION",
    "SPECIAL_HANDLERS",
    "STOPS",
    "STORES",
    "Area",
    "Assumptions",
    "CodePage",
    "DecodedWords",
    "Footprint",
    "Host",
    "MadeOf",
    "Operation",
    "Operations",
    "PageKey",
    "Progress",
    "block_symbol",
    "call_symbol",
    "cell_of",
    "cpu_layout",
    "decoder_name",
    "ends_code",
    "give_way",
    "handler_symbol",
    "idle_only",
    "own_symbol",
    "pick_symbol",
    "plain",
    "settle",
    "share_state",
    "special_symbol",
    "symbol",
    "variant_symbol",
    "with_declarations",
    "words_of",
]
