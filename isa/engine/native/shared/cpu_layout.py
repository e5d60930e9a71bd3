"""What one vcpu's native code finds behind its `cpu` pointer: fields at fixed offsets, then the thread's registers.

All fields are 64 bits unless said otherwise. Addresses of guest code and counts are zero-extended.
"""

from __future__ import annotations

from typing import Final

CORE: Final = 0
PARTITION: Final = 8
MACHINE: Final = 16
CIA: Final = 24
NIA: Final = 32
LEFT: Final = 40
"""Instructions that the present call may still execute, the present one included."""
BASE: Final = 48
"""`instructions_retired` + LEFT: constant while nothing faults."""
ENTRY: Final = 56
"""The present instruction's entry (see `pages`)."""
PC: Final = 64
ATTENTION: Final = 72
"""Not 0: something waits behind the present instruction: for the loop (bit 0, or another thread's wish that native code
come back: bit 0 of byte COME_BACK_BYTE), or a poll or a timer (bit 1)."""
COME_BACK_BYTE: Final = 4
CONTEXT: Final = 80
"""Number of the present translation context << 4, or NOWHERE."""
RAISED: Final = 88
"""Number of the interrupt that was raised; its arguments stand at ARGUMENTS."""
EXIT: Final = 96
"""Number of the exit to take + 1, 0 for none; its arguments stand at EXIT_ARGUMENTS."""
CALLBACK: Final = 104
LOADS: Final = 112
STORES: Final = 120
FETCHES: Final = 128
SLOTS: Final = 136
SLOT_COUNT: Final = 144
CONTEXTS: Final = 152
LOG: Final = 160
"""Where the log of interrupts stands (see `interrupt_log`)."""
WALK_ADDRESS: Final = 168
WALK_KIND: Final = 176
WALKING: Final = 184
"""Not 0 while the translate hook runs natively, for the effective address and access kind that stand before."""
WATCHED: Final = 192
"""How many ranges are watched."""
PAGES: Final = 200
PHYSICAL: Final = 208
"""Where a refill that ended with DEVICE_STATUS found the access to lead."""
ASKED_BITS: Final = 224
"""It is asked if the interrupt's first argument has one of these."""
ASKED: Final = 232
"""Number of the interrupt that the engine is asked about before a translation raises it; NOBODY if there is none."""
REFETCH: Final = 240
"""Not 0: since it was cleared, something happened after which the next instruction's page must be looked up anew."""

ARGUMENTS: Final = 256
"""8 places of 16 bytes."""
EXIT_ARGUMENTS: Final = 384
SCRATCH: Final = 512
"""Arguments and results of a callback: 8 places of 16 bytes."""
PLACES: Final = 8
NO_ENTRY: Final = 640
"""An entry for when no instruction is executed: handler, word and length are 0."""
POLL_AT: Final = 656
"""The count of retired instructions from which on the poll hook is due; all ones: never."""
ASIDE: Final = 664
"""Instructions that the present call may execute beyond LEFT, once a timer has been looked after."""
POLLED: Final = 672
"""LEFT + ASIDE when the poll hook was called last in this call."""
NEXT_VCPU: Final = 680
"""The area of the next vcpu of the same machine, in a ring: who drops translations drops them there too."""
FILLED: Final = 688
"""How many entries were made in the tables of translations since these were empty."""
FILLED_PLACES: Final = 696
"""Where the first FILLED_KEPT of their numbers stand, 64 bits each, and one place for all others."""
WATCHED_RANGES: Final = 712
"""Where they stand: {the low 32 bits of the first page's address, its pages' bytes, those of the range's address, its
bytes, kinds of access}. Translations of these pages stand apart."""
WATCHED_RANGE: Final = 40
WATCH_BEFORE: Final = 720
"""Not 0: accesses are not made where one of their instruction is watched."""
PASSED: Final = 728
"""LEFT + ASIDE of the instruction that has made an access near a watched range, and may make all others."""
JUDGED: Final = 736
"""What is known of instructions (see `restart`), by their entries: {entry, word | bytes that their accesses extend to
before the first << 32, behind it << 44 | kinds << 56}; no kinds: each access stands for itself."""
JUDGED_BITS: Final = 8
STOP_COUNT: Final = 744
"""How many pages have breakpoints."""
STOP_PAGES: Final = 752
"""Where they stand: {address, mask}."""
MOST_STOP_PAGES: Final = 256
DROPPED: Final = 704
"""Not 0: native code has dropped translations; those that Python keeps may be stale."""
THREAD: Final = 768
"""The thread's block of registers, in the declared layout."""

NOWHERE: Final = 0xFF0
"""A context in which nothing is cached."""
NOBODY: Final = (1 << 64) - 1
CONTEXT_SHIFT: Final = 4
MAXIMUM_CONTEXTS: Final = 255

TLB_BITS: Final = 10
MOST_WATCHED: Final = 16
APART: Final = 1 << TLB_BITS
"""Entries of pages near what is watched stand behind the others, where only the slow path looks; and those for stores
to pages that code was decoded from."""
FILLED_KEPT: Final = 256
"""With more entries than this, dropping all of them means clearing the tables."""
LOAD_ENTRY: Final = 16
"""{page | context, address of the host's byte − guest's}; for a device {page | DEVICE_KEY, physical page | context},
which no access hits, since no context has number 0. An entry that was dropped has the key 0."""
DEVICE_KEY: Final = 1
STORE_ENTRY: Final = 32
"""The same, the address of the page's dirty byte, and where code was decoded from the page the address of its marks
(see `PAGE_WORDS`), else 0: with marks an entry stands apart."""
STORE_MARKS: Final = 24
FETCH_ENTRY: Final = 16
"""{page | context | instruction set's code, first entry of the decoded page}; odd sets' entries stand apart."""
CODE_ENTRY: Final = 16
"""{handler, instruction word (32 bits), length in bytes (15 bits), 1 if nobody wants to be told of arrivals (1 bit), a
counter of arrivals by jumps (16 bits)}."""
CODE_LENGTH: Final = 12
CODE_LENGTH_MASK: Final = 0x7FFF
CODE_COUNTER: Final = 14
JUMPS: Final = 2
"""Entries behind those of a page, which lead to the next one: that behind the last unit, and that behind an instruction
which ends there."""
PAGE_END: Final = 24
"""Behind all entries of a page: {address of the page's bytes, or 0 where
native code may not decode them; the first value of counters (16 bits); 1 if the bytes are big-endian (8 bits), and 5
bytes of nothing; the address of the page's marks}."""
PAGE_END_COUNTER: Final = 8
PAGE_END_ORDER: Final = 10
PAGE_END_MARKS: Final = 16
SLOT_ENTRY: Final = 56
"""{base, size, host's address − base, dirty map − first page number, code map − the same, 1 if read only, marks −
PAGE_WORDS * the same}. The code map has a byte for each page: not 0 where code was decoded from there."""
SLOT_MARKS: Final = 48
WORD_BITS: Final = 2
PAGE_WORDS: Final = 4096 >> WORD_BITS + 3
"""Bytes of a page's marks, one bit for each word (4 bytes): not 0 where code was decoded from it."""
MAXIMUM_SLOTS: Final = 64
CONTEXT_BITS: Final = 8
CONTEXT_ENTRY: Final = 16
"""{context tag, its number << 4 or 0}, at the tag's hash."""
HASH: Final = 0x9E37_79B9_7F4A_7C15
PAGE_MAP_BITS: Final = 12
PAGE_MAP_ENTRY: Final = 16
"""{physical page << 12 | big-endian << 5 | 1 << 4 | instruction set's code, first entry}, at the page number; for odd
sets with its highest bit turned: a page may have code of two instruction sets."""

LOOP_WAITS: Final = 1
POLL_WAITS: Final = 2

# What handlers return, and what functions that can fail return (0: no failure).
BUDGET: Final = 0
RAISED_STATUS: Final = 1
FAILED_STATUS: Final = 2
ATTENTION_STATUS: Final = 3
MISS_STATUS: Final = 4
UNDECODED_STATUS: Final = 5
STOP_STATUS: Final = 6
STEP_STATUS: Final = 7
UNFILLED_STATUS: Final = 8
"""Of functions that look a translation up: it is not to be cached natively; the engine has to see to it."""
DEVICE_STATUS: Final = 9
"""Of a refill: the access is permitted, and leads to no RAM."""
CODE_STATUS: Final = 10
"""Of a refill: the store is permitted, to a page that code was decoded from; its entry stands apart."""
HOT_STATUS: Final = 16
"""The next instruction's counter has come to 0."""
STALE_STATUS: Final = 17
"""The region at the next instruction was entered with other modes than its own too often."""
UNBUILT_STATUS: Final = 18
"""The next instruction's form has no native code in this process yet."""
SPLIT_STATUS: Final = 19
"""The next instruction goes on in another page, and one of the two has to be found."""
