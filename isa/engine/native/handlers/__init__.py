"""Handlers in IR: bodies as threaded code, the way from one instruction to the next, and decoding."""

from __future__ import annotations

from .call_text import call_text
from .decode_text import decode_texts
from .entry_text import (
    CONVENTION,
    HANDLER,
    arrive_text,
    enter_texts,
    jump_texts,
    run_text,
    stop,
    stopping_text,
    tell_hot,
)
from .expressions import is_simple
from .fill_text import fill_texts
from .form_texts import handler_texts
from .handlers import function_text
from .log_text import illegal_text, log_texts
from .poll_text import poll_texts
from .quick_handlers import QuickBody
from .statements import assigned_once

__all__ = [
    "CONVENTION",
    "HANDLER",
    "QuickBody",
    "arrive_text",
    "assigned_once",
    "call_text",
    "decode_texts",
    "enter_texts",
    "fill_texts",
    "function_text",
    "handler_texts",
    "illegal_text",
    "is_simple",
    "jump_texts",
    "log_texts",
    "poll_texts",
    "run_text",
    "stop",
    "stopping_text",
    "tell_hot",
]
