"""What is found in typed bodies before IR is written: effects, foldings, variants, and unusual ways."""

from __future__ import annotations

from ..text import number_of_binary, numbers_of_builtin
from .effects import CONTEXT_BUILTINS, FLUSH_BUILTINS, POLL_BUILTINS, EffectsOf, needed_accesses, needed_functions
from .lanes import with_lanes
from .restart import Restarts
from .set_changes import may_change_set
from .unit import Unit
from .variants import Variant, Variants

__all__ = [
    "CONTEXT_BUILTINS",
    "FLUSH_BUILTINS",
    "POLL_BUILTINS",
    "EffectsOf",
    "Restarts",
    "Unit",
    "Variant",
    "Variants",
    "may_change_set",
    "needed_accesses",
    "needed_functions",
    "number_of_binary",
    "numbers_of_builtin",
    "with_lanes",
]
