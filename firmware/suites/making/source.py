"""A case as assembly text: commented, with its checks as a table; the same lines with and without expected values."""

from __future__ import annotations

from collections.abc import Sequence

from .case import Case, Expected, Step
from .guests import GuestLibrary


def source_of(
    case: Case, library: GuestLibrary, header: Sequence[str], expected: Sequence[Sequence[Expected]] | None = None
) -> str:
    """The test's source. `expected` has a list for each step; without it the values are 0, for the generator's run."""
    remark = library.comment
    lines = [f"{remark} {one}".rstrip() for one in (case.title, "", *header)]
    lines += [
        "",
        f'        .include "{library.macros}"',
        "",
        "        .global suite_steps",
        f"        .equ    suite_steps, {len(case.steps)}",
        "        .text",
    ]
    lines += ["        .global suite_main", "        .type   suite_main, %function", "suite_main:"]
    for number, step in enumerate(case.steps, 1):
        lines += _code(number, step, remark)
    lines += ["        b       suite_end", "        .size   suite_main, . - suite_main"]
    lines += [*case.data] and ["", *case.data]
    lines += ["", '        .section .rodata, "a"', f"        .balign {library.word_bytes}"]
    for number, step in enumerate(case.steps, 1):
        lines += _table(number, step, library, None if expected is None else expected[number - 1])
    for number, step in enumerate(case.steps, 1):
        lines += [f'title_{number}: .asciz "{_quoted(step.title)}"', f'rule_{number}: .asciz "{_quoted(step.rule)}"']
    size = len(case.steps) * len(library.words) * library.word_bytes
    lines += [
        "",
        "        .bss",
        "        .balign 16",
        "        .global suite_blocks",
        "suite_blocks:",
        f"        .skip   {size}",
    ]
    return "\n".join(lines) + "\n"


def _code(number: int, step: Step, remark: str) -> list[str]:
    lines = ["", f"        {remark} Step {number}: {step.title}"]
    lines += [f"        {remark} {one}" for one in step.comments]
    lines += [f"        .global step_{number}", f"step_{number}:", f"        step    {number}"]
    code = [one if one.endswith(":") else f"        {one}" for one in step.code]
    # Where a debugger wants to stop: before the step's last instruction, which the checks are about.
    lines += [*code[:-1], f"        .global step_{number}_last", f"step_{number}_last:", *code[-1:]]
    lines += [f"        {one}" for one in step.after]
    return [*lines, f"        record  {number}"]


def _table(number: int, step: Step, library: GuestLibrary, expected: Sequence[Expected] | None) -> list[str]:
    quad, remark = library.quad, library.comment
    allowed = f"allowed_{number}" if step.allowed else "0"
    lines = [f"checks_{number}:"]
    lines += [f"        {quad}   {number}, title_{number}, rule_{number}, {allowed}, {len(step.checks)}"]
    most = (1 << 8 * library.word_bytes) - 1
    for at, check in enumerate(step.checks):
        one = None if expected is None else expected[at]
        mask, value, note = (0, 0, "") if one is None else (one.mask, one.value, one.note)
        shown = f"{remark} {check.word}" + (f": {note}" if note else "")
        lines.append(f"        {quad}   {library.index(check.word)}, {mask:#x}, {value:#x}  {shown}")
    if step.allowed:
        lines += [f"allowed_{number}:", f"        {quad}   {len(step.allowed)}"]
        lines += [f"        {quad}   {one.value & most:#x}  {remark} {one.name}" for one in step.allowed]
    return lines


def _quoted(text: str) -> str:
    """For a string of the assembler's, inside single quotes of YAML's."""
    plain = "".join(one if " " <= one <= "~" else "?" for one in text.replace("→", "->").replace("'", "`"))
    return plain.replace("\\", "\\\\").replace('"', "`")
