"""What an editor asks about a place in a text: what is meant, where it is declared and named, what may follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from ..lang.names.builtins import ALL_BUILTINS
from ..lang.products.diagram import diagram_text
from ..lang.text.parse import ITEM_WORDS
from ..lang.text.tokens import Token, names
from ..model import items as model
from .declared import LOCAL, Declared
from .project import Project

_WORDS: Final = (
    "let", "var", "if", "else", "match", "for", "in", "return", "raise", "leave", "requires", "except", "syntax",
    "value", "case", "when", "reset", "scope", "banked", "bank", "read", "write", "at", "on", "each", "signed",
    "unsigned", "target", "coded", "scale", "bias", "align", "true", "mem", "phys", "feature",
)  # fmt: skip
KEYWORDS: Final = frozenset({*ITEM_WORDS, *_WORDS, "features", "numbering", "byte_order", "address", "hook", "unit",
                            "program_counter", "next", "number", "arguments", "results", "returns", "return_codes",
                            "body", "real_mode", "kernel", "user", "size", "ram", "entry", "state", "stream", "input",
                            "signal", "because", "completes", "unguarded", "input_only", "as", "of",
                            "undefined"})  # fmt: skip


class Place(NamedTuple):
    """Where a name stands; line and columns from 0."""

    path: Path
    line: int
    column: int
    end: int


def name_at(text: str, line: int, column: int) -> Token | None:
    """The name under a place, or right before it."""
    found = None
    for token in names(text):
        if token.line > line:
            break
        if token.line == line and token.column <= column <= token.column + len(token.text):
            found = token
    return found


def meant(project: Project, path: Path, token: Token) -> list[tuple[Path, Declared]]:
    """The declarations that a name at a place stands for: a local one, else all that count everywhere."""
    file = project.file(path)
    _, item = file.item_at(token.line + 1) if file is not None else ("", "")
    found = project.declarations(token.text)
    local = [
        (other, one) for other, one in found
        if one.kind in LOCAL and one.within == item and other == path
    ]  # fmt: skip
    before = [one for one in local if one[1].span.line <= token.line + 1]
    if local and not _is_part(project.text(path), token):
        return (before or local)[-1:]
    everywhere = [(other, one) for other, one in found if one.kind not in LOCAL]
    parts = [(other, one) for other, one in everywhere if one.kind in ("part", "member")]
    if _is_part(project.text(path), token):
        return parts or everywhere
    return [one for one in everywhere if one not in parts] or parts


def _is_part(text: str, token: Token) -> bool:
    return token.start > 0 and text[token.start - 1] == "." and text[token.start - 2 : token.start - 1] != "."


def references(project: Project, path: Path, token: Token) -> list[Place]:
    """Everywhere that the name is used, with its declarations; a local name within its item."""
    found = meant(project, path, token)
    if found and found[0][1].kind in LOCAL:
        file = project.file(path)
        assert file is not None
        _, item = file.item_at(token.line + 1)
        return [
            _place(path, one) for one in names(project.text(path))
            if one.text == token.text and file.item_at(one.line + 1)[1] == item
            and not _is_part(project.text(path), one)
        ]  # fmt: skip
    as_part = bool(found) and all(one.kind in ("part", "member") for _, one in found)
    places = []
    for other in project.files:
        text = project.text(other)
        if token.text not in text:
            continue
        file = project.file(other)
        hidden = {
            one.within for where, one in project.declarations(token.text) if where == other and one.kind in LOCAL
        }  # fmt: skip
        for one in names(text):
            if one.text != token.text:
                continue
            if not as_part and (_is_part(text, one) or (file and file.item_at(one.line + 1)[1] in hidden)):
                continue
            places.append(_place(other, one))
    return places


def _place(path: Path, token: Token) -> Place:
    return Place(path, token.line, token.column, token.column + len(token.text))


def completions(project: Project, path: Path, line: int, column: int) -> Iterator[tuple[str, str, str]]:
    """(name, kind, detail) of what may stand at a place."""
    text = project.text(path).split("\n")[line : line + 1]
    before = text[0][:column] if text else ""
    word = before[len(before.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")) :]
    rest = before[: len(before) - len(word)]
    known = project.names()
    if rest.endswith("."):
        owner = name_at(project.text(path), line, len(rest) - 1)
        wanted = "" if owner is None else owner.text
        types = [one.detail.removeprefix(" : ") for _, one in known.get(wanted, [])]
        for name, found in known.items():
            for _, one in found:
                if one.kind in ("part", "member") and one.detail in (wanted, *types):
                    yield name, one.kind, one.title or one.detail
        return
    if not rest.strip() and column - len(word) == 0:
        yield from ((one, "keyword", "item") for one in ITEM_WORDS)
        return
    if rest.lstrip().startswith("syntax"):
        yield from _of_kinds(project, ("operand",))
        return
    file = project.file(path)
    _, item = file.item_at(line + 1) if file is not None else ("", "")
    for name, found in known.items():
        for other, one in found:
            if one.kind in LOCAL and one.within == item and other == path:
                yield name, one.kind, one.detail
    yield from _of_kinds(project, None)
    yield from ((one, "function", "built-in") for one in ALL_BUILTINS)
    yield from ((one, "keyword", "") for one in _WORDS)


def _of_kinds(project: Project, kinds: Sequence[str] | None) -> Iterator[tuple[str, str, str]]:
    for name, found in project.names().items():
        for _, one in found:
            if one.kind not in (*LOCAL, "part", "cell", "column") and (kinds is None or one.kind in kinds):
                yield name, one.kind, one.title or one.detail.strip()
                break


def hover(project: Project, path: Path, token: Token) -> str:
    """What a name stands for, in Markdown: its kind, type and width, its encoding, what the book calls it."""
    parts = [_described(project, where, one) for where, one in meant(project, path, token)[:3]]
    parts = [*dict.fromkeys(filter(None, parts))]
    if not parts and token.text in ALL_BUILTINS:
        parts = [f"**{token.text}**: built-in function"]
    return "\n\n---\n\n".join(parts)


def _described(project: Project, path: Path, one: Declared) -> str:
    if one.kind in LOCAL:
        type_ = project.type_of(path, one)
        return f"**{one.name}**{f' : {type_}' if type_ else one.detail}: {one.kind} of {one.within}"
    kind = "in a row of a family" if one.kind == "cell" else one.kind
    head = f"**{one.name}**{one.detail}: {kind}" + (f" · {one.title}" if one.title else "")
    if one.kind in ("part", "member", "field"):
        head = f"**{one.name}**: {one.kind} of {one.detail}" + (f" · {one.title}" if one.title else "")
    for description in project.descriptions:
        more = _of_description(description, one)
        if more:
            return f"{head}\n\n{more}"
    return head


def _of_description(found: model.Description, one: Declared) -> str:
    name = one.name
    if one.kind in ("instruction", "cell"):
        forms = [form for form in found.forms.values() if form.instruction == name]
        return "\n\n".join(_form(form, found.numbering) for form in forms[:3])
    if one.kind in ("register", "view") and name in found.registers:
        register = found.registers[name]
        lines = [f"{register.width} bits" + (f", {register.count} of them" if register.count else "")
                 + f", of each {register.scope}"]  # fmt: skip
        lines += [f"{access.space}({', '.join(map(str, access.keys))}), read {access.read or 'never'}, "
                  f"write {access.write or 'never'}" for access in register.accesses]  # fmt: skip
        rows = [f"{field.book:>7}  {field.name}  {field.title}".rstrip() for field in register.fields]
        return "\n\n".join([*lines, *(["```\n" + "\n".join(rows) + "\n```"] if rows else [])])
    if one.kind in ("const", "parameter", "choice") and name in found.constants:
        value = found.constants[name].value
        return f"{value} = {value:#x}"
    if one.kind == "enum" and name in found.enums:
        return "\n".join(f"- {member} = {value}" for member, value in found.enums[name].members.items())
    if one.kind == "bitfield" and name in found.bitfields:
        return "```\n" + "\n".join(f"{field.book:>7}  {field.name}" for field in found.bitfields[name].fields) + "\n```"
    if one.kind == "function" and name in found.functions:
        function = found.functions[name]
        touched = [f"{verb} {', '.join(own[:8])}{' …' if len(own) > 8 else ''}"
                   for verb, own in (("reads", function.reads), ("writes", function.writes)) if own]  # fmt: skip
        return "; ".join([*touched, "may raise an interrupt" if function.may_raise else "raises nothing"])
    if one.kind == "hypercall" and name in found.hypercalls:
        call = found.hypercalls[name]
        return f"{call.abi} {call.number:#x}, {call.level}"
    return ""


def _form(form: model.Form, numbering: str) -> str:
    touched = [f"{verb} {', '.join(own[:8])}{' …' if len(own) > 8 else ''}"
               for verb, own in (("reads", form.reads), ("writes", form.writes)) if own]  # fmt: skip
    syntax = form.templates[0].source.strip() if form.templates else ""
    return "\n".join(["```", diagram_text(form, numbering), syntax, "```", "; ".join(
        [f"{form.length} bits, format {form.format}", *touched, *(["may raise an interrupt"] if form.may_raise else [])]
    )])  # fmt: skip
