"""A description as pages for people, in Markdown (MyST): instructions, registers, interrupts, calls and return codes.

There is a page for each file of the description, with a section for each of its instructions: the encoding as a
picture, its fields, how it is written, what it does in the description's own words, what it touches and may raise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path, PurePosixPath
from typing import Final

from ...engine.purity import walk
from ...model import code
from ...model import items as model
from .diagram import book_bit, diagram_svg

_MOST_LINES: Final = 80
"""Of an item's own text."""
_MOST_FORMS: Final = 6
"""Of an instruction, whose diagrams are shown."""


def pages(description: model.Description, folder: Path) -> dict[str, str]:
    """The pages of a core by their paths; `folder` is where the names of the description's files begin."""
    texts = _Texts(description, folder)
    groups: dict[str, list[list[model.Form]]] = {}
    for forms in _by_instruction(description).values():
        groups.setdefault(_stem(description, forms[0].line), []).append(forms)
    made: dict[str, str] = {}
    for stem, instructions in groups.items():
        made[f"instructions/{stem}.md"] = _instructions(description, stem, instructions, texts)
    made["registers.md"] = _registers(description, texts)
    made["interrupts.md"] = _interrupts(description, texts)
    if description.hypercalls:
        made["hypercalls.md"] = _hypercalls(description, texts)
    if any(abi.return_codes for abi in description.abis.values()):
        made["return-codes.md"] = _codes(description)
    made["index.md"] = _index(description, made, groups)
    return made


class _Texts:
    """The description's own words."""

    def __init__(self, description: model.Description, folder: Path) -> None:
        self._files = description.files
        self._folder = folder
        self._lines: dict[int, list[str]] = {}

    def of(self, line: int) -> str:
        """An item's text, from its line to the end of its block; a family's member has its family's."""
        number, first = line >> 20, (line & 0xFFFFF) - 1
        lines = self._of_file(number)
        if not 0 <= first < len(lines):
            return ""
        if lines[first].lstrip().startswith("|"):
            first = next((at for at in range(first, -1, -1) if lines[at].lstrip().startswith("family")), first)
        shown, depth = [], 0
        for at, text in enumerate(lines[first : first + _MOST_LINES], first):
            shown.append(text)
            plain = re.sub(r"//.*|\"[^\"]*\"", "", text)
            depth += plain.count("{") - plain.count("}")
            follows = lines[at + 1].strip() if at + 1 < len(lines) else ""
            if depth <= 0 and not follows.startswith(("each", "{", "except", "@")) and "{" in "".join(shown):
                break
            if depth <= 0 and not follows:
                break
        return "\n".join(shown)

    def _of_file(self, number: int) -> list[str]:
        if number not in self._lines:
            name = Path(self._files[number])
            path = name if name.is_absolute() or name.exists() else self._folder / name
            try:
                self._lines[number] = path.read_text(encoding="utf-8").splitlines()
            except OSError:
                self._lines[number] = []
        return self._lines[number]


def _by_instruction(description: model.Description) -> Mapping[str, list[model.Form]]:
    found: dict[str, list[model.Form]] = {}
    for form in description.forms.values():
        found.setdefault(form.instruction, []).append(form)
    return found


def _stem(description: model.Description, line: int) -> str:
    parts = PurePosixPath(description.files[line >> 20]).with_suffix("").parts
    return "-".join(parts[-2:])


def _index(description: model.Description, made: Iterable[str], groups: Mapping[str, list[list[model.Form]]]) -> str:
    count = sum(map(len, groups.values()))
    lines = [
        f"# {description.core or description.name}: {description.core_title or description.title}", "",
        f"{count} instructions, {len(description.registers)} registers and views, {len(description.interrupts)} "
        f"interrupts, {len(description.hypercalls)} hypervisor calls. Made from the description.", "",
        "```{toctree}", ":maxdepth: 1", "", *sorted(name.removesuffix(".md") for name in made), "```",
    ]  # fmt: skip
    return "\n".join([*lines, ""])


def _instructions(
    description: model.Description, stem: str, instructions: list[list[model.Form]], texts: _Texts
) -> str:
    lines = [f"# {stem.replace('-', ': ').replace('_', ' ')}", ""]
    for forms in instructions:
        lines += _instruction(description, forms, texts)
    return "\n".join(lines)


def _instruction(description: model.Description, forms: list[model.Form], texts: _Texts) -> Iterator[str]:
    first = forms[0]
    title = f": {first.title}" if first.title else ""
    yield from (f"({anchor(description, first.instruction)})=", f"## {first.instruction}{title}", "")
    for form in forms[:_MOST_FORMS]:
        named = f" ({form.name})" if len(forms) > 1 else ""
        yield from (f"{form.instruction_set}, {form.length} bits, format `{form.format}`{named}", "")
        yield from (diagram_svg(form, description.numbering), "")
    if len(forms) > _MOST_FORMS:
        yield from (f"and {len(forms) - _MOST_FORMS} forms more.", "")
    if first.templates:
        written = dict.fromkeys(template.source.strip() for form in forms for template in form.templates)
        yield from ("```text", *written, "```", "")
    rows = [("bits", "field", "value")]
    for field in first.fields:
        places = [
            ":".join(dict.fromkeys(str(book_bit(bit, first.length, description.numbering))
                                   for bit in (piece.word_low + piece.width - 1, piece.word_low)))
            for piece in field.pieces
        ]  # fmt: skip
        rows.append((" ".join(places), f"`{field.name}`", "" if field.fixed < 0 else f"{field.fixed}"))
    yield from _table(rows)
    yield from (f"- {line}" for line in _facts(description, first))
    yield ""
    text = texts.of(first.line)
    if text:
        yield from ("```isa", text, "```", "")


def _facts(description: model.Description, form: model.Form) -> Iterator[str]:
    if form.requires:
        yield f"Needs: {', '.join(f'`{name}`' for name in form.requires)}"
    if form.reads:
        yield f"Reads: {', '.join(f'`{name}`' for name in form.reads)}"
    if form.writes:
        yield f"Writes: {', '.join(f'`{name}`' for name in form.writes)}"
    raised = sorted(raises(description, form.body))
    if raised:
        yield f"May raise: {', '.join(f'`{name}`' for name in raised)}"
    elif form.may_raise:
        yield "May raise what its accesses to memory raise"
    else:
        yield "Raises nothing"
    checked = sorted(name for name in raises_by(description, form.body) if "priv" in name or "supervisor" in name)
    if checked:
        yield f"Privilege: checked by {', '.join(f'`{name}`' for name in checked)}"


def raises(description: model.Description, body: object) -> set[str]:
    """The interrupts that a body raises, by itself or by what it calls."""
    return _walked(description, body)[0]


def raises_by(description: model.Description, body: object) -> set[str]:
    """The functions that it calls, directly or not."""
    return _walked(description, body)[1]


def _walked(description: model.Description, body: object) -> tuple[set[str], set[str]]:
    raised: set[str] = set()
    called: set[str] = set()
    waiting = [body]
    while waiting:
        for node in walk(waiting.pop()):
            if isinstance(node, code.Raise):
                raised.add(node.interrupt)
            elif isinstance(node, code.Call | code.CallInto) and node.function not in called:
                called.add(node.function)
                function = description.functions.get(node.function)
                if function is not None and not node.function.endswith((".read", ".write")):
                    waiting.append(function.body)
    return raised, called


def _registers(description: model.Description, texts: _Texts) -> str:
    lines = ["# Registers", ""]
    for register in description.registers.values():
        if register.bank_of or "." in register.name:
            continue
        count = f", {register.count} of them" if register.count else ""
        kind = "view" if register.kind == "view" else f"of each {register.scope}"
        title = f": {register.title}" if register.title else ""
        lines += [f"({anchor(description, register.name, 'register')})=", f"## {register.name}{title}", "",
                  f"{register.width} bits{count}, {kind}", ""]  # fmt: skip
        for access in register.accesses:
            keys = ", ".join(map(str, access.keys))
            lines.append(f"- `{access.space}({keys})`: read by `{access.read or 'nobody'}`, "
                         f"written by `{access.write or 'nobody'}`")  # fmt: skip
        lines.append("")
        if register.fields:
            lines += _table([("bits", "part", "what it is"),
                             *((one.book, f"`{one.name}`", one.title) for one in register.fields)])  # fmt: skip
    return "\n".join(lines)


def _interrupts(description: model.Description, texts: _Texts) -> str:
    lines = ["# Interrupts", ""]
    for one in description.interrupts.values():
        vector = f", vector {one.vector:#x}" if one.vector >= 0 else ""
        title = f": {one.title}" if one.title else ""
        own = ", ".join(f"{parameter.name} : u{parameter.width}" for parameter in one.parameters)
        lines += [f"({anchor(description, one.name, 'interrupt')})=", f"## {one.name}{title}", "",
                  f"`{one.name}({own})`{vector}", "", "```isa", texts.of(one.line), "```", ""]  # fmt: skip
    return "\n".join(lines)


def _hypercalls(description: model.Description, texts: _Texts) -> str:
    lines = ["# Hypervisor calls", ""]
    for call in description.hypercalls.values():
        title = f": {call.title}" if call.title else ""
        lines += [f"({anchor(description, call.name, 'call')})=", f"## {call.name}{title}", "",
                  f"`{call.abi}` number {call.number:#x}, handled at level `{call.level}`", ""]  # fmt: skip
        rows = [("argument", "class")]
        rows += [(f"`{one.name}`", f"`{one.type_name or f'u{one.width}'}`") for one in call.arguments]
        lines += _table(rows) if len(rows) > 1 else []
        returned = [f"`{one.code}`" + (f" ({', '.join(value.name for value in one.values)})" if one.values else "")
                    for one in call.returns]  # fmt: skip
        lines += [f"Returns {', '.join(returned)}", ""] if returned else []
        lines += ["```isa", texts.of(call.line), "```", ""]
    return "\n".join(lines)


def _codes(description: model.Description) -> str:
    lines = ["# Return codes", ""]
    for abi in description.abis.values():
        if abi.return_codes:
            lines += [f"## {abi.name}", ""]
            codes = ((f"`{one.name}`", str(one.value), one.title) for one in abi.return_codes.values())
            lines += _table([("code", "value", "what it says"), *codes])
    return "\n".join(lines)


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    if len(cells) < 2:
        return []
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return [lines[0], f"|{'---|' * len(cells[0])}", *lines[1:], ""]


def anchor(description: model.Description, name: str, kind: str = "instruction") -> str:
    """What a section is called in links."""
    return escape(f"{description.core or description.name}-{kind}-{name}".lower())
