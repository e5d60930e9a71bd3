"""The table of directives.  What expansion takes (`.macro`, `.if` …) is in `expansion`."""

from __future__ import annotations

from collections.abc import Callable

from ..layout.assembly import Assembly
from ..layout.symbol import Binding
from ..text.source import Statement
from . import data, floats, frames, identification, linkage, sections, symbols

_NUMBERS = {
    ".byte": 1, ".2byte": 2, ".short": 2, ".hword": 2, ".half": 2, ".4byte": 4, ".long": 4, ".int": 4,
    ".8byte": 8, ".quad": 8, ".llong": 8, ".dword": 8,
}  # fmt: skip
_RULES = {
    "def_cfa": "rn", "def_cfa_register": "r", "def_cfa_offset": "n", "adjust_cfa_offset": "n",
    "offset": "rn", "rel_offset": "rn", "val_offset": "rn", "register": "rr", "restore": "r",
    "undefined": "r", "same_value": "r", "remember_state": "", "restore_state": "",
}  # fmt: skip
_IGNORED = (
    ".cpu", ".arch", ".fpu", ".machine", ".arch_extension", ".eabi_attribute",
    ".fnstart", ".fnend", ".cantunwind", ".loc", ".object_arch",
)  # fmt: skip

DIRECTIVES: dict[str, Callable[[Assembly, Statement], None]] = {
    **{name: data.numbers(width) for name, width in _NUMBERS.items()},
    ".word": data.word,
    **{f".inst{suffix}": data.instruction(suffix) for suffix in ("", ".n", ".w")},
    **dict.fromkeys((".float", ".single"), floats.floats("f")),
    ".double": floats.floats("d"),
    ".ascii": data.text(b""),
    ".asciz": data.text(b"\0"),
    ".string": data.text(b"\0"),
    **dict.fromkeys((".skip", ".space", ".zero"), data.skip),
    ".fill": data.fill,
    # On both architectures GNU as takes .align as a power of two.
    ".align": data.align(is_power=True),
    ".p2align": data.align(is_power=True),
    ".balign": data.align(is_power=False),
    ".org": data.origin,
    ".incbin": data.include_bytes,
    **dict.fromkeys((".set", ".equ", "="), symbols.assign(once=False)),
    ".equiv": symbols.assign(once=True),
    **dict.fromkeys((".global", ".globl"), symbols.bind(Binding.GLOBAL)),
    ".local": symbols.bind(Binding.LOCAL),
    ".weak": symbols.bind(Binding.WEAK),
    ".file": identification.file,
    ".ident": identification.ident,
    ".tc": linkage.toc_entry,
    ".comm": linkage.common,
    ".lcomm": linkage.local_common,
    **{f".{name}": linkage.visibility(name) for name in ("hidden", "protected", "internal")},
    ".localentry": linkage.local_entry,
    ".abiversion": linkage.abi_version,
    ".type": symbols.kind,
    ".size": symbols.size,
    ".thumb_func": symbols.next_is_function,
    ".code": symbols.code_width,
    ".syntax": symbols.syntax,
    ".error": symbols.message,
    ".err": symbols.message,
    **{name: sections.standard(name) for name in (".text", ".data", ".bss", ".rodata")},
    ".section": sections.section,
    ".pushsection": sections.push_section,
    ".popsection": sections.pop_section,
    ".previous": sections.previous,
    ".place": sections.place,
    ".memory": sections.memory,
    **dict.fromkeys((".ltorg", ".pool"), sections.literal_pool),
    ".cfi_startproc": frames.start,
    ".cfi_endproc": frames.end,
    **{f".cfi_{name}": frames.rule(name, signature) for name, signature in _RULES.items()},
    ".cfi_return_column": frames.return_column,
    ".cfi_signal_frame": frames.signal_frame,
    ".cfi_sections": frames.sections,
    **dict.fromkeys(_IGNORED, symbols.ignored),
}
