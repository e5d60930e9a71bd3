"""Floating point by the host's instructions, with exact results and flags; the rest by integers.

See `float_arithmetic` and `float_conversions` for what each built-in does, and when that is exact, and `soft_float` for
the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..text import FunctionText
from .float_arithmetic import ARITHMETIC
from .float_conversions import CONVERSIONS
from .quick import FORMATS, Quick, Way, flags_of, is_subnormal, is_zero, only_if
from .soft_operations import soft_name, soft_texts

_WAYS: dict[Quick, Way] = {**ARITHMETIC, **CONVERSIONS}
_SUMS = ("fp_add", "fp_sub", "fp_fma")
_NEAREST, _PLUS, _MINUS, _AWAY = 0, 2, 3, 4
QUICKS = tuple(_WAYS)
"""All built-ins that are native."""


def quick_of(name: str, widths: tuple[int, ...], extra: tuple[int, ...]) -> Quick | None:
    """The native way of a built-in with operands of these widths and these constants, if it has one."""
    to = extra[0] if extra else 2 if name == "fp_compare" else widths[0] if widths else 0
    found = Quick(name, widths[0], to) if widths else None
    return found if found in _WAYS else None


def quick_texts(has_fma: bool) -> list[str]:
    """All quick functions, and what they call. `has_fma`: see `Unit`."""
    texts = soft_texts(QUICKS)
    for quick in QUICKS:
        texts += [_quick(quick), _general(quick)] if has_fma else [_soft(quick)]
    return texts


def _quick(quick: Quick) -> str:
    """What is usual, in place of the call; the rest is `_general`'s."""
    text, operands = FunctionText(), _operands(quick)
    _return(text, quick, *usual_text(text, quick, operands, "%rounding", "slow"))
    text.block("slow")
    call = f"call fastcc {quick.type} {quick.symbol}.general({_parameters(quick)})"
    text.end(f"ret {quick.type} {text.value(call)}")
    return text.text(_head(quick, quick.symbol) + " alwaysinline")


def usual_text(
    text: FunctionText, quick: Quick, operands: Sequence[str], rounding: str, slow: str
) -> tuple[str, str]:
    """Result and flags of what is usual, in place; branches to the label `slow` elsewhere."""
    way = _WAYS[quick]
    if way.adjusts and not way.mostly_exact:
        only_if(text, text.value(f"icmp eq i3 {rounding}, {_NEAREST}"), slow)
    result = emit_quick(text, quick, operands, rounding, slow)
    if way.mostly_exact:
        exact = text.value(f"xor i1 {way.told(text, operands, result)[0]}, true")
        nearest = text.value(f"icmp eq i3 {rounding}, {_NEAREST}")
        only_if(text, text.value(f"or i1 {nearest}, {exact}"), slow)
    return result, flags_text(text, quick, operands, result)


def _general(quick: Quick) -> str:
    text, operands = FunctionText(), _operands(quick)
    if adjusts(quick):
        nearest = emit_quick(text, quick, operands, "%rounding", "slow")
        _return(text, quick, *directed(text, quick, operands, nearest, "%rounding", "slow"))
        text.block("slow")
    _by_integers(text, quick)
    return text.text(_head(quick, quick.symbol + ".general") + " noinline cold")


def _soft(quick: Quick) -> str:
    text = FunctionText()
    _by_integers(text, quick)
    return text.text(_head(quick, quick.symbol))


def _by_integers(text: FunctionText, quick: Quick) -> None:
    """Whatever is asked for, but roundings that there are not: those are the engine's, which has a message for them."""
    pair = f"{{i{quick.to}, i16}}"
    known = text.value(f"icmp ule i3 %rounding, {_AWAY}") if quick.rounds else "1"
    found = text.value(f"call fastcc {pair} {soft_name(quick)}({_parameters(quick)})")
    result, flags = (text.value(f"extractvalue {pair} {found}, {at}") for at in (0, 1))
    _return(text, quick, result, flags, known)


def _operands(quick: Quick) -> list[str]:
    return [f"%b{at}" for at in range(_WAYS[quick].operands)]


def _parameters(quick: Quick) -> str:
    parameters = [f"i{quick.width} {operand}" for operand in _operands(quick)]
    return ", ".join([*parameters, "i3 %rounding"] if quick.rounds else parameters)


def _head(quick: Quick, name: str) -> str:
    return f"define internal fastcc {quick.type} {name}({_parameters(quick)})"


def _return(text: FunctionText, quick: Quick, result: str, flags: str, applies: str = "1") -> None:
    whole = text.value(f"insertvalue {quick.type} poison, i1 {applies}, 0")
    whole = text.value(f"insertvalue {quick.type} {whole}, i{quick.to} {result}, 1")
    text.end(f"ret {quick.type} {text.value(f'insertvalue {quick.type} {whole}, i16 {flags}, 2')}")


def adjusts(quick: Quick) -> bool:
    """Whether the result that `emit_quick` gives is to go through `directed`, unless rounding is to nearest even."""
    return _WAYS[quick].adjusts


def emit_quick(text: FunctionText, quick: Quick, operands: Sequence[str], rounding: str, slow: str) -> str:
    """The result, in place; branches to the label `slow` where the quick way does not apply."""
    return _WAYS[quick].emit(text, operands, rounding, slow)


def flags_text(text: FunctionText, quick: Quick, operands: Sequence[str], result: str) -> str:
    """The flags of a result of `emit_quick`, i16."""
    inexact, up = _WAYS[quick].told(text, operands, result)
    return flags_of(text, inexact, up, _subnormal(text, quick, operands))


def _subnormal(text: FunctionText, quick: Quick, operands: Sequence[str]) -> str:
    found = "0"
    if quick.takes_floats:
        for operand in operands:
            found = text.value(f"or i1 {found}, {is_subnormal(text, FORMATS[quick.width], operand)}")
    return found


def directed(
    text: FunctionText, quick: Quick, operands: Sequence[str], nearest: str, rounding: str, slow: str
) -> tuple[str, str]:
    """Result and flags with any rounding but "nearest away", from the result that was rounded to nearest.

    Toward zero, up or down it is that or the next number on the other side of the exact one; the error says on which.
    """
    only_if(text, text.value(f"icmp ult i3 {rounding}, {_AWAY}"), slow)
    type_ = f"i{quick.to}"
    inexact, above = _WAYS[quick].told(text, operands, nearest)
    negative = text.value(f"icmp slt {type_} {nearest}, 0")
    up, down = (text.value(f"icmp eq i3 {rounding}, {mode}") for mode in (_PLUS, _MINUS))
    away = text.value(f"select i1 {negative}, i1 {down}, i1 {up}")
    below = text.value(f"xor i1 {above}, {inexact}")
    grows = text.value(f"and i1 {away}, {below}")
    nearest_even = text.value(f"icmp eq i3 {rounding}, {_NEAREST}")
    keeps = text.value(f"or i1 {away}, {nearest_even}")
    shrinks = text.value(f"and i1 {text.value(f'xor i1 {keeps}, 1')}, {above}")
    more, less = (text.value(f"zext i1 {one} to {type_}") for one in (grows, shrinks))
    result = text.value(f"sub {type_} {text.value(f'add {type_} {nearest}, {more}')}, {less}")
    if quick.name in _SUMS:
        result = _zero_sum(text, quick, operands, result, down)
    outward = text.value(f"and i1 {away}, {inexact}")
    up = text.value(f"select i1 {nearest_even}, i1 {above}, i1 {outward}")
    return result, flags_of(text, inexact, up, _subnormal(text, quick, operands))


def _zero_sum(text: FunctionText, quick: Quick, operands: Sequence[str], result: str, down: str) -> str:
    """Toward minus infinity a sum that is zero is minus zero, unless both terms are plus zero."""
    type_ = f"i{quick.width}"
    first, second = operands[0], operands[-1]
    if quick.name == "fp_sub":
        second = text.value(f"xor {type_} {second}, {1 << quick.width - 1}")
    if quick.name == "fp_fma":
        first = text.value(f"xor {type_} {first}, {operands[1]}")
    signs = text.value(f"and {type_} {text.value(f'or {type_} {first}, {second}')}, {1 << quick.width - 1}")
    zero = text.value(f"and i1 {down}, {is_zero(text, FORMATS[quick.width], result)}")
    return text.value(f"or {type_} {result}, {text.value(f'select i1 {zero}, {type_} {signs}, {type_} 0')}")
