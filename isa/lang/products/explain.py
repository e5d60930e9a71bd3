"""What the description says of a word or a name: place, bits, syntax, and the text itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from ...errors import TraplineError
from ...model import items as model
from ...model.decoder import Decoder
from ..tree.diagnostics import did_you_mean

_MOST_LINES: Final = 60
"""Of a text that is shown."""
_KINDS: Final = {
    "registers": "register", "interrupts": "interrupt", "exits": "exit", "hypercalls": "hypervisor call",
    "constants": "constant", "enums": "enum", "bitfields": "bit field", "functions": "function", "devices": "device",
    "boards": "board", "spaces": "numbered space", "names": "names list", "aliases": "alias",
}  # fmt: skip


def explain(description: model.Description, what: str, folder: Path) -> str:
    """A word in hexadecimal (`0x7C632214`), or the name of anything. `folder`: where the files' names begin.

    Raises TraplineError where nothing is called so, with the closest names.
    """
    forms = [form for form in description.forms.values() if what in (form.name, form.instruction)]
    parts: list[str] = []
    if forms:
        parts += [_form(form, None) for form in forms]
        parts += _text(description, forms[0].line, folder)
    elif what[:1].isdigit():
        parts += _word(description, _number(what), folder)
    for kind in _KINDS:
        items: Mapping[str, model.Item] = getattr(description, kind)
        if what in items:
            parts += [_item(kind, what, items[what]), *_text(description, getattr(items[what], "line", -1), folder)]
    if not parts:
        known = {form.instruction for form in description.forms.values()}
        known |= {name for kind in _KINDS for name in getattr(description, kind)}
        raise TraplineError(
            f"the description of {description.core} has nothing that is called '{what}'",
            did_you_mean(what, known) or "give a name of it, or a word such as 0x7C632214",
        )
    return "\n".join(parts)


def explain_instruction(description: model.Description, form: model.Form, word: int, folder: Path) -> str:
    """What the description says of a word that has a form: a diagram of its bits besides."""
    return "\n".join([*diagram(description, form, word), _form(form, word), *_text(description, form.line, folder)])


def diagram(description: model.Description, form: model.Form, word: int) -> list[str]:
    """The word's fields in their places, with their values; bits have the numbers of the architecture's book."""
    pieces = sorted(
        ((piece.word_low, piece.width, field.name) for field in form.fields for piece in field.pieces), reverse=True
    )
    rows = ["", "", ""]
    above = form.length
    for low, width, name in [*pieces, (0, 0, "")]:
        if low + width < above:
            # Bits that the form has fixed, without a name.
            _column(rows, description.numbering, form.length, low + width, above - low - width, "", word)
        if width:
            _column(rows, description.numbering, form.length, low, width, name, word)
        above = low
    return [f"  {rows[0].rstrip()}", f"  {rows[1]}|", f"  {rows[2]}|"]


def _column(rows: list[str], numbering: str, length: int, low: int, width: int, name: str, word: int) -> None:
    """Adds one to the rows of a diagram: bit numbers, names, values."""
    high = low + width - 1
    first, last = (length - 1 - high, length - 1 - low) if numbering == "left" else (high, low)
    value = f"{word >> low & (1 << width) - 1:0{width}b}"
    numbers = [str(first)] if width == 1 else [str(first), str(last)]
    room = max(len(" ".join(numbers)), len(name), len(value))
    place = numbers[0] if width == 1 else f"{first}{' ' * (room - len(numbers[0]) - len(numbers[1]))}{last}"
    rows[0] += f" {place:<{room}}"
    rows[1] += f"|{name:^{room}}"
    rows[2] += f"|{value:^{room}}"


def _number(what: str) -> int:
    try:
        return int(what, 16)
    except ValueError as error:
        raise TraplineError(f"'{what}' is no word", "write it in hexadecimal: 0x7C632214") from error


def _word(description: model.Description, word: int, folder: Path) -> Iterator[str]:
    for name in description.instruction_sets:
        sizes = sorted({form.length for form in description.forms.values() if form.instruction_set == name})
        for length in sizes:
            if word >> length:
                continue
            form = Decoder(description, name).decode(word, length)
            if form is None:
                yield f"{word:#0{2 + length // 4}x} is no instruction of {length} bits of {name}"
            else:
                yield _form(form, word)
                yield from _text(description, form.line, folder)


def _form(form: model.Form, word: int | None) -> str:
    lines = [
        f"{form.name}: {form.title or form.instruction}, format {form.format}, {form.length} bits of "
        f"{form.instruction_set}"
    ]
    rows = [("bits", "field", "value")]
    for field in form.fields:
        value = field.fixed
        if word is not None:
            value = sum((word >> piece.word_low & (1 << piece.width) - 1) << piece.field_low for piece in field.pieces)
        bits = " ".join(_range(piece) for piece in field.pieces)
        rows.append((bits, field.name, "" if value < 0 else f"{value} ({value:#x})"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines += [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines += [f"  syntax  {template.source.strip()}" for template in form.templates[:1]]
    touched = [
        f"reads {', '.join(form.reads)}" if form.reads else "",
        f"writes {', '.join(form.writes)}" if form.writes else "",
    ]
    said = [*filter(None, touched), "may raise an interrupt" if form.may_raise else "raises nothing"]
    lines.append(f"  {'; '.join(said)}")
    if form.requires:
        lines.append(f"  requires {', '.join(form.requires)}")
    return "\n".join(lines)


def _range(piece: model.Piece) -> str:
    """Bit numbers from the right, as `word >> n` has them."""
    high = piece.word_low + piece.width - 1
    return f"{high}:{piece.word_low}" if piece.width > 1 else str(high)


def _item(kind: str, name: str, item: model.Item) -> str:
    title = getattr(item, "title", "")
    said = f"{name}: {_KINDS[kind]}" + (f", {title}" if title else "")
    if isinstance(item, model.Register):
        said += f"; u{item.width}" + (f", {item.count} elements" if item.count else "") + f", of each {item.scope}"
        for access in item.accesses:
            keys = ", ".join(map(str, access.keys))
            said += f"\n  {access.space}({keys}) read {access.read or 'never'} write {access.write or 'never'}"
        said += "".join(f"\n  {one.book:>7}  {one.name}  {one.title}".rstrip() for one in item.fields)
    return said


def _text(description: model.Description, line: int, folder: Path) -> Iterable[str]:
    """The item's own text, from its line to the end of its block."""
    if line < 0:
        return ()
    name, first = description.files[line >> 20], line & 0xFFFFF
    path = Path(name) if Path(name).is_absolute() or Path(name).exists() else folder / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return (f"{name}:{first}",)
    shown, depth = [], 0
    for text in lines[first - 1 : first - 1 + _MOST_LINES]:
        shown.append(text)
        depth += text.count("{") - text.count("}")
        if depth <= 0:
            break
    return (f"{name}:{first}", *(f"  {text}" for text in shown))
