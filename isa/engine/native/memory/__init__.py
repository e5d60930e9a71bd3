"""Memory in IR: the soft TLB, translation, physical memory, flushes, and what watches or holds code."""

from __future__ import annotations

from .access_text import fetch_index, host_of, ordered, tlb_index
from .beside_text import BESIDE_CONVENTION, beside_text, find_beside, mark_decoded, words_of
from .flush_text import emit_flush, flush_texts
from .memory_text import memory_functions, tlb_entry
from .physical_text import find_slot_text, holds_code_text
from .walk_text import refetch_text, refill_text, settle_text, translated_text
from .watch_text import watch_texts

__all__ = [
    "BESIDE_CONVENTION",
    "beside_text",
    "emit_flush",
    "fetch_index",
    "find_beside",
    "find_slot_text",
    "flush_texts",
    "holds_code_text",
    "host_of",
    "mark_decoded",
    "memory_functions",
    "ordered",
    "refetch_text",
    "refill_text",
    "settle_text",
    "tlb_entry",
    "tlb_index",
    "translated_text",
    "watch_texts",
    "words_of",
]
