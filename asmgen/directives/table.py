"""The table of directives.  What expansion takes (`.macro`, `.if` …) is in `expansion`."""

from __future__ import annotations

from collections.abc import Callable

from ..layout.assembly import Assembly
from ..layout.symbol import Binding
from ..text.source import Statement
from . import (
    data,
    floats,
    frames,
    gaps,
    identification,
    lines,
    notes,
    options,
    power_abi,
    relocations,
    sections,
    symbols,
    unwinding,
)

_NUMBERS = {
    ".byte": 1, ".2byte": 2, ".short": 2, ".hword": 2, ".half": 2, ".4byte": 4, ".long": 4, ".int": 4,
    ".8byte": 8, ".quad": 8, ".llong": 8, ".dword": 8, ".xword": 8, ".octa": 16, ".dc": 2, ".dc.b": 1, ".dc.w": 2,
    ".dc.l": 4, ".1byte": 1,
}  # fmt: skip
_RULES = {
    "def_cfa": "rn", "def_cfa_register": "r", "def_cfa_offset": "n", "adjust_cfa_offset": "n",
    "offset": "rn", "rel_offset": "rn", "val_offset": "rn", "register": "rr", "restore": "r",
    "undefined": "r", "same_value": "r", "remember_state": "", "restore_state": "",
}  # fmt: skip
_BLOCKS = {"": 2, ".b": 1, ".w": 2, ".l": 4}
_RESERVED = {"": 2, ".b": 1, ".w": 2, ".l": 4, ".s": 4, ".d": 8, ".p": 12, ".x": 12}
_IGNORED = (
    ".fpu", ".arch_extension", ".eabi_attribute", ".attribute",
    ".func", ".endfunc", ".line", ".ln",
    ".appline", ".title", ".sbttl", ".psize", ".eject", ".list", ".nolist", ".symver",
    ".vtable_inherit", ".vtable_entry", ".loc_mark_labels", ".bundle_align_mode", ".lflags",
)  # fmt: skip

DIRECTIVES: dict[str, Callable[[Assembly, Statement], None]] = {
    **{name: data.numbers(width) for name, width in _NUMBERS.items()},
    ".word": data.word,
    ".insn": data.numbered_instruction,
    **{f".inst{suffix}": data.instruction(suffix) for suffix in ("", ".n", ".w")},
    **dict.fromkeys((".float", ".single", ".dc.s"), floats.floats("f")),
    **dict.fromkeys((".double", ".dc.d"), floats.floats("d")),
    ".dcb.s": floats.repeated("f"),
    ".dcb.d": floats.repeated("d"),
    ".dc.a": data.addresses,
    ".uleb128": data.leb128(signed=False),
    ".sleb128": data.leb128(signed=True),
    ".ascii": data.text(b""),
    **dict.fromkeys((".asciz", ".string", ".string8"), data.text(b"\0")),
    **{f".string{8 * width}": data.wide_text(width) for width in (2, 4, 8)},
    **dict.fromkeys((".skip", ".space", ".zero"), gaps.skip),
    ".fill": gaps.fill,
    **{f".dcb{suffix}": gaps.blocks(width) for suffix, width in _BLOCKS.items()},
    **{f".ds{suffix}": gaps.reserve(width) for suffix, width in _RESERVED.items()},
    # On both architectures GNU as takes .align as a power of two.
    ".align": gaps.align(is_power=True, has_default=True),
    **{f".p2align{suffix}": gaps.align(True, unit) for suffix, unit in (("", 1), ("w", 2), ("l", 4))},
    **{f".balign{suffix}": gaps.align(False, unit) for suffix, unit in (("", 1), ("w", 2), ("l", 4))},
    ".even": gaps.even,
    ".org": gaps.origin,
    ".incbin": data.include_bytes,
    **dict.fromkeys((".set", ".equ", "="), symbols.assign(once=False)),
    **dict.fromkeys((".equiv", "=="), symbols.assign(once=True)),
    ".eqv": symbols.assign(once=False, is_lazy=True),
    ".thumb_set": symbols.thumb_set,
    ".comm": symbols.common(is_local=False),
    ".common": symbols.common(is_local=False),
    ".lcomm": symbols.common(is_local=True),
    **{f".{kind}": symbols.visibility(kind) for kind in ("hidden", "protected", "internal")},
    **dict.fromkeys((".extern", ".extrn"), symbols.external),
    **dict.fromkeys((".global", ".globl"), symbols.bind(Binding.GLOBAL)),
    ".local": symbols.bind(Binding.LOCAL),
    ".weak": symbols.bind(Binding.WEAK),
    ".file": identification.file,
    ".gnu_attribute": identification.gnu_attribute,
    ".ident": identification.ident,
    ".version": identification.version,
    **dict.fromkeys((".machine", ".arch", ".cpu"), power_abi.machine),
    ".object_arch": power_abi.object_machine,
    ".tc": power_abi.toc_entry,
    ".localentry": power_abi.local_entry,
    ".abiversion": power_abi.abi_version,
    ".reloc": relocations.reloc,
    ".type": symbols.kind,
    ".size": symbols.size,
    ".thumb_func": symbols.next_is_function,
    ".code": symbols.code_width,
    ".syntax": symbols.syntax,
    ".option": options.option,
    **dict.fromkeys((".error", ".err", ".abort"), notes.error),
    **dict.fromkeys((".warning", ".print"), notes.warning),
    ".force_thumb": symbols.force_thumb,
    ".subsection": sections.subsection,
    ".loc": lines.loc,
    **unwinding.DIRECTIVES,
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
    ".cfi_escape": frames.escape,
    ".cfi_return_column": frames.return_column,
    ".cfi_signal_frame": frames.signal_frame,
    ".cfi_personality": frames.pointer("personality"),
    ".cfi_lsda": frames.pointer("data"),
    ".cfi_sections": frames.sections,
    **dict.fromkeys(_IGNORED, notes.ignored),
}


def widths_of_numbers(word_size: int, address_bits: int) -> dict[str, int]:
    """The directives that put numbers into a section, and the bytes that each number takes."""
    return {**_NUMBERS, ".word": word_size, ".dc.a": address_bits // 8}
