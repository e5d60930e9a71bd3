"""Forms of instructions in typed form: fields, operands, templates, aliases."""

from .base import Annotations, Item
from .code import Body


class NamesList(Item, frozen=True):
    """`spellings[value]` lists the texts for a value, the printed one first; an empty tuple: the value has no name."""

    name: str
    title: str
    width: int
    spellings: tuple[tuple[str, ...], ...]
    annotations: Annotations


class Piece(Item, frozen=True):
    """Bits of a field: `width` bits of the instruction from bit `word_low` hold the field's bits from `field_low`."""

    word_low: int
    field_low: int
    width: int


class Field(Item, frozen=True):
    """A field of a form: which bits of the instruction it is made of. `fixed` is its value where the form gives one."""

    name: str
    width: int
    pieces: tuple[Piece, ...]
    fixed: int = -1


class Comparison(Item, frozen=True):
    """`left` is a field; `right` a number or another field's name; `equal` False for !=."""

    left: str
    right: int | str
    equal: bool


class Codec(Item, frozen=True):
    """How a number of `width` bits is written.

    `kind`: names, signed, unsigned, sign_magnitude, set, coded, ambient. `names` is the names list (names, set,
    ambient). Text = field × scale + bias for numbers; a `relative` one adds the instruction's address, rounded down
    to a multiple of `align` after the bias was added; a `target` is a code address (a symbol is expected in text).
    `decode`/`encode` are functions (coded); `signed_text`: the coded number is printed as signed.
    `or_number`: what has no name among `names` is a number;
    of a signed one, that numbers may be as large as unsigned ones. `float_text`: it is the bits of a single-precision
    number, which is what stands in the text.
    """

    kind: str
    names: str = ""
    scale: int = 1
    bias: int = 0
    decode: str = ""
    encode: str = ""
    target: bool = False
    relative: bool = False
    align: int = 1
    signed_text: bool = False
    float_text: bool = False
    or_number: bool = False


class Literal(Item, frozen=True, tag=True):
    """Text to print and to expect. `word`: a quoted literal word; else punctuation."""

    text: str
    word: bool


class Operand(Item, frozen=True, tag=True):
    """An operand: the concatenation of `fields` (most significant first), written by `codec`; `width` in bits.

    `absent`: its bits where the text leaves it out; -1 where that cannot be. It is always printed.
    """

    name: str
    fields: tuple[str, ...]
    width: int
    codec: Codec
    absent: int = -1


class Optional(Item, frozen=True, tag=True):
    """A part that stands there exactly when `field` has `value`; without it, another flag or 0 decides the field."""

    parts: "tuple[Literal | Operand | Optional, ...]"
    field: str
    value: int


TemplatePart = Literal | Operand | Optional


class Template(Item, frozen=True):
    """A syntax: `mnemonic` parts are printed without spaces between, operands follow behind one space.

    `source` is the text in the description, `line` its place.
    """

    mnemonic: tuple[TemplatePart, ...]
    operands: tuple[TemplatePart, ...]
    source: str
    line: int


class Form(Item, frozen=True):
    """One encoding of an instruction: an instruction without case operands has one, else one for each choice of cases.

    `mask`/`match` are over `length` bits (16 or 32). A word is this form if `word & mask == match` and no alternative
    of `excludes` (each a conjunction) holds. `should_mask`/`should_be`: bits that are assembled so but not looked at.
    `fields` in order of significance. `body` runs with the fields as locals when `guard` (an expression's function of
    the fields, already folded into `body`) allows; `after` names a function to call after completion, or "".
    `requires` are the features without which a core does not have it.
    """

    name: str
    instruction: str
    title: str
    instruction_set: str
    length: int
    mask: int
    match: int
    should_mask: int
    should_be: int
    excludes: tuple[tuple[Comparison, ...], ...]
    fields: tuple[Field, ...]
    templates: tuple[Template, ...]
    body: Body
    after: str
    may_raise: bool
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    annotations: Annotations
    format: str
    line: int
    requires: tuple[str, ...] = ()


class AliasOperand(Item, frozen=True):
    """An alias's own operand: `decode` is a function of the instruction's fields (by name, in `fields`)."""

    name: str
    width: int
    codec: Codec
    decode: str
    fields: tuple[str, ...]


class AliasSetting(Item, frozen=True):
    """`field` = `function(arguments…)`; arguments are fields and alias operands by name."""

    field: str
    function: str
    arguments: tuple[str, ...]


class Alias(Item, frozen=True):
    """Another spelling of a form. To assemble: parse `templates`, then set `settings` in order.

    To print: decode `operands` from the fields, then every setting must give the field's value and `when`
    (a function of `when_arguments`, or "") must give 1. `input_only` aliases are never printed.
    """

    name: str
    instruction: str
    form: str
    templates: tuple[Template, ...]
    operands: tuple[AliasOperand, ...]
    settings: tuple[AliasSetting, ...]
    when: str
    when_arguments: tuple[str, ...]
    input_only: bool
    line: int
    annotations: Annotations


class SequenceOperand(Item, frozen=True):
    """An operand of a sequence: a number by `codec` of `width` bits, or, where `codec` is None, any expression."""

    name: str
    width: int
    codec: Codec | None


class SequenceValue(Item, frozen=True):
    """`name` = `function(arguments…)` of operands and of values before it, written by `codec`."""

    name: str
    width: int
    codec: Codec
    function: str
    arguments: tuple[str, ...]


class Step(Item, frozen=True):
    """A statement of a sequence, with `{name}` for operands and values; there if `when` (or "") gives 1."""

    text: str
    when: str
    when_arguments: tuple[str, ...]


class Sequence(Item, frozen=True):
    """A mnemonic that assemblers read as several statements, if `when` (or "") of its operands gives 1."""

    name: str
    title: str
    templates: tuple[Template, ...]
    operands: tuple[SequenceOperand, ...]
    values: tuple[SequenceValue, ...]
    steps: tuple[Step, ...]
    when: str
    when_arguments: tuple[str, ...]
    line: int


class InstructionSet(Item, frozen=True):
    """`long` is a function of the first unit (or ""): whether a second unit follows.

    `low_first`: the first unit has the low bits of the instruction's word, else the high ones.
    """

    name: str
    code: int
    unit: int
    long: str
    title: str
    low_first: bool = False

    def joined(self, first: int, second: int) -> int:
        """The word that two units make."""
        return second << self.unit | first if self.low_first else first << self.unit | second


class WordPattern(Item, frozen=True):
    """Words of which the bits of `mask` are those of `match`."""

    instruction_set: str
    length: int
    mask: int
    match: int


class WordClass(Item, frozen=True):
    """Words that no form has, or numbers of spaces where no register stands, and why.

    `is_architected`: the core has them and the description lacks them; else binary tools know them, and the core does
    not.
    """

    name: str
    title: str
    is_architected: bool
    because: str
    patterns: tuple[WordPattern, ...]
    line: int
    numbers: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Spaces, with the keys of a number."""
