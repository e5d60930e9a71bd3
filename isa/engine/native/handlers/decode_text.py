"""The decoder in IR: a tree of switches for each instruction set and length, made from the trees that Python uses.

It gives the number of the form of an instruction, or -1 where no encoding matches. Forms' own functions, which stand
with their handlers, give the handler of the best variant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....model.decoder import Decoder, Leaf, Node
from ....model.items import Comparison, Description, Field, Form
from ..shared import PICKS, Assumptions, decoder_name, own_symbol, pick_symbol, variant_symbol
from ..text import FunctionText, symbol


def decode_texts(description: Description) -> list[str]:
    """Definitions of the decoders, and of the table of functions that give handlers: at first that of `unbuilt`."""
    numbers = {name: number for number, name in enumerate(description.forms)}
    texts = [_form_text(form, numbers[form.name]) for form in description.forms.values()]
    for set_name in description.instruction_sets:
        texts += [
            _tree_text(decoder_name(set_name, length), root)
            for length, root in Decoder(description, set_name).roots.items()
        ]
    texts.append("define internal ptr @pick.unbuilt(i32 %word) {\n  ret ptr @unbuilt\n}")
    texts.append(f"@{PICKS} = global [{len(numbers)} x ptr] [{', '.join(['ptr @pick.unbuilt'] * len(numbers))}]")
    return texts


def pick_text(form: Form, variants: Sequence[Assumptions]) -> str:
    """The function that gives the handler for a word of a form: that of the first variant which fits, or its own."""
    text = FunctionText()
    fields = {field.name: field for field in form.fields}
    values = {
        name: field_text(text, fields[name])
        for name in dict.fromkeys(name for assumed in variants for name, _ in assumed)
    }
    for number, assumed in enumerate(variants):
        fits = "true"
        for name, bits in assumed:
            bit = text.value(f"and i32 {text.value(f'lshr i32 {bits}, {values[name]}')}, 1")
            fits = text.value(f"and i1 {fits}, {text.value(f'icmp ne i32 {bit}, 0')}")
        found, on = text.name(), text.name()
        text.branch(fits, found, on)
        text.block(found)
        text.end(f"ret ptr {variant_symbol(form.name, number)}")
        text.block(on)
    text.end(f"ret ptr {own_symbol(form.name)}")
    return text.text(f"define internal ptr {pick_symbol(form.name)}(i32 %word)")


def _form_text(form: Form, number: int) -> str:
    """A function that gives the number of a form if a word is of it, else -1."""
    text = FunctionText()
    fields = {field.name: field for field in form.fields}
    masked = text.value(f"and i32 %word, {form.mask}")
    text.branch(text.value(f"icmp eq i32 {masked}, {form.match}"), "matches", "other")
    text.block("matches")
    values: dict[str, str] = {}
    # Looked at here, so that all blocks behind can use them.
    for comparison in (comparison for alternative in form.excludes for comparison in alternative):
        for name in (comparison.left, comparison.right):
            if isinstance(name, str) and name not in values:
                values[name] = field_text(text, fields[name])
    for alternative in form.excludes:
        holds = "true"
        for comparison in alternative:
            holds = text.value(f"and i1 {holds}, {_holds(text, comparison, values)}")
        on = text.name()
        text.branch(holds, "other", on)
        text.block(on)
    text.end(f"ret i32 {number}")
    text.block("other")
    text.end("ret i32 -1")
    return text.text(f"define internal fastcc i32 {_match_name(form)}(i32 %word) {'noinline' if form.excludes else ''}")


def _match_name(form: Form) -> str:
    return symbol("match", form.name)


def field_text(text: FunctionText, field: Field) -> str:
    """A field's value in %word, as 32 bits."""
    value = "0"
    for piece in field.pieces:
        bits = text.value(f"lshr i32 %word, {piece.word_low}")
        bits = text.value(f"and i32 {bits}, {(1 << piece.width) - 1}")
        bits = text.value(f"shl i32 {bits}, {piece.field_low}")
        value = bits if value == "0" else text.value(f"or i32 {value}, {bits}")
    return value


def _holds(text: FunctionText, comparison: Comparison, values: Mapping[str, str]) -> str:
    right = comparison.right if isinstance(comparison.right, int) else values[comparison.right]
    word = "eq" if comparison.equal else "ne"
    return text.value(f"icmp {word} i32 {values[comparison.left]}, {right}")


def _tree_text(name: str, root: Node | Leaf) -> str:
    text = FunctionText()
    waiting: list[tuple[str, Node | Leaf]] = [("root", root)]
    while waiting:
        label, node = waiting.pop()
        text.block(label)
        if isinstance(node, Leaf):
            for _, _, form in node.forms:
                found = text.value(f"call fastcc i32 {_match_name(form)}(i32 %word)")
                yes, on = text.name(), text.name()
                text.branch(text.value(f"icmp sge i32 {found}, 0"), yes, on)
                text.block(yes)
                text.end(f"ret i32 {found}")
                text.block(on)
            text.end("br label %none")
            continue
        subject = text.value(f"and i32 %word, {node.mask}")
        arms = []
        for number, child in node.children.items():
            below = text.name()
            arms.append(f"i32 {number}, label %{below}")
            waiting.append((below, child))
        text.end(f"switch i32 {subject}, label %none [ {' '.join(arms)} ]")
    text.block("none")
    text.end("ret i32 -1")
    return text.text(f'define i32 @"{name}"(i32 %word)')
