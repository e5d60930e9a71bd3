"""What may be chosen when a partition is made."""

from __future__ import annotations

import msgspec

from .page_table import USUAL_ORDER


class Book3sOptions(msgspec.Struct, frozen=True):
    """`hpt_order` is log2 of the page table's bytes, unless `allocate_htab` says another. `lpid` None: the first free.
    `prod_tests_caller` brings back a defect of the time: H_PROD woke its target only if the *caller* had ceded.
    """

    hpt_order: int = USUAL_ORDER
    lpid: int | None = None
    prod_tests_caller: bool = False
