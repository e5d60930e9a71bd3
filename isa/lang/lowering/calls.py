"""Calls to typed code: described functions, built-ins, width changes."""

from __future__ import annotations

from collections.abc import Sequence

from ...model import code
from .. import tree
from ..names import fold
from ..names.builtins import ADDRESS, ALL_BUILTINS, BUILTINS, CONSTANT_LAST, Shape
from ..names.types import BOOL, MAX_WIDTH, Type, bits
from ..tree import Span
from .base import Value
from .expressions import ExpressionLowering

_PORTS = {"send": "stream", "receive": "input", "available": "input", "set_signal": "signal"}


class CallLowering(ExpressionLowering):
    """Lowers what is written `name(…)`."""

    def lower_call(self, call: tree.CallOf, expected: Type | None) -> Value:
        if isinstance(call.function, tree.Index):
            return self._described(self.instance(call.function), call)
        if not isinstance(call.function, tree.Name):
            raise self.env.error("type", "only a function can be called", call.span)
        name = call.function.name
        if name in self.env.generics:
            parameters: list[tree.Name] = self.env.generics[name].parts["compile_time"]
            wanted = ", ".join(parameter.name for parameter in parameters)
            raise self.env.error(
                "type",
                f"{name} has compile-time parameters, and none are given",
                call.function.span,
                f"{name}[{wanted}](…)",
            )
        if bits(name):
            return self._widen(name, call, Type(bits(name)))
        if name in ("zero_extend", "sign_extend", "truncate"):
            return self._resize(name, call, expected)
        if name in self.env.signatures and name not in ALL_BUILTINS:
            return self._described(name, call)
        if name in _PORTS:
            return self._port(name, call)
        if name in BUILTINS:
            return self._builtin(name, BUILTINS[name], call)
        return self._special(name, call)

    def _special(self, name: str, call: tree.CallOf) -> Value:
        if name == "instruction_word":
            self.count(call, 0)
            return Value((code.Special("word", 32),), (Type(32),))
        if name == "instruction_length":
            self.count(call, 0)
            return Value((code.Special("length", 8),), (Type(8),))
        if name == "feature":
            self.count(call, 1)
            feature = self._plain_name(call.arguments[0], "a feature")
            self.env.check_features([feature])
            return Value((code.Const(int(feature.name in self.env.features), 1),), (BOOL,))
        if name == "hypercall":
            self.count(call, 2)
            abi = self._plain_name(call.arguments[0], "an ABI")
            level = self._plain_name(call.arguments[1], "a level")
            if abi.name not in self.env.abis:
                raise self.env.unknown("hypercall_abi", abi.name, abi.span, self.env.abis)
            if level.name not in ("real_mode", "kernel", "user"):
                raise self.env.unknown("level", level.name, level.span, ("real_mode", "kernel", "user"))
            return Value((code.Call(f"{abi.name}.{level.name}", (), 1),), (BOOL,))
        if name == "switch_bank":
            return self._switch_bank(call)
        raise self.env.unknown("function", name, call.function.span, [*self.env.signatures, *ALL_BUILTINS])

    def count(self, call: tree.CallOf, wanted: int) -> None:
        """Checks the number of arguments."""
        if len(call.arguments) != wanted:
            name = call.function.name if isinstance(call.function, tree.Name) else "this"
            raise self.env.error(
                "type",
                f"{name} takes {wanted} argument{'s' if wanted != 1 else ''}, not {len(call.arguments)}",
                call.span,
            )

    def arguments(
        self, written: Sequence[tree.Expression], types: Sequence[Type | None], what: str
    ) -> tuple[code.Expression, ...]:
        """Arguments in order, each of its type."""
        values: list[code.Expression] = []
        for number, (argument, type_) in enumerate(zip(written, types, strict=True), 1):
            mark = len(self.out)
            if type_ is None:
                values.append(self.any_width(argument))
            else:
                values.append(self.expr(argument, type_, f"argument {number} of {what}"))
            self.keep_order(values, mark, len(values) - 1)
        return tuple(values)

    def _plain_name(self, expression: tree.Expression, what: str) -> tree.Name:
        if not isinstance(expression, tree.Name):
            raise self.env.error("type", f"{what} is named here", expression.span)
        return expression

    def _widen(self, name: str, call: tree.CallOf, type_: Type) -> Value:
        self.count(call, 1)
        value = self.lower(call.arguments[0])
        if value.literal is not None:
            return Value((self.scalar(value, type_, call.span),), (type_,))
        operand = self.scalar(value, None, call.arguments[0].span)
        if operand.width > type_.width:
            raise self.env.error(
                "width",
                f"{name}(…) widens, and this has {operand.width} bits already",
                call.span,
                "use truncate or a slice",
            )
        return Value((fold.extend(operand, False, type_.width),), (type_,))

    def _resize(self, name: str, call: tree.CallOf, expected: Type | None) -> Value:
        if len(call.arguments) not in (1, 2):
            raise self.env.error(
                "type", f"{name} takes a value and, where its place does not say it, a width", call.span
            )
        if len(call.arguments) == 2:
            width = self.number(call.arguments[1], "a width")
            if not 1 <= width <= MAX_WIDTH:
                raise self.env.error("width", f"{width} is not a width: 1 to {MAX_WIDTH} are", call.arguments[1].span)
        elif expected is not None:
            width = expected.width
        else:
            raise self.env.error(
                "width-unknown",
                f"nothing here says how wide {name}(…) shall be",
                call.span,
                f"write {name}(x, 64), say",
            )
        value = self.lower(call.arguments[0])
        if value.literal is not None:
            return Value((self.scalar(value, Type(width), call.span),), (Type(width),))
        operand = self.scalar(value, None, call.arguments[0].span)
        if name == "truncate":
            if operand.width < width:
                raise self.env.error(
                    "width",
                    f"truncate narrows, and this has {operand.width} bits where {width} are needed",
                    call.span,
                    "use zero_extend or sign_extend",
                )
            return Value((fold.slice_of(operand, 0, width),), (Type(width),))
        if operand.width > width:
            raise self.env.error(
                "width",
                f"{name} widens, and this has {operand.width} bits where {width} are needed",
                call.span,
                "use truncate or a slice",
            )
        return Value((fold.extend(operand, name == "sign_extend", width),), (Type(width),))

    def _described(self, name: str, call: tree.CallOf) -> Value:
        signature = self.env.signatures[name]
        self.count(call, len(signature.parameters))
        arguments = self.arguments(call.arguments, [type_ for _, type_ in signature.parameters], name)
        return self.call_value(name, arguments, signature.results)

    def call_value(self, name: str, arguments: tuple[code.Expression, ...], results: tuple[Type, ...]) -> Value:
        """The value of a call: inline with one result, else a statement that is put out now."""
        if len(results) == 1:
            return Value((code.Call(name, arguments, results[0].width),), results)
        if not results:
            self.emit(code.Do(self.line, code.Call(name, arguments, 0)))
            return Value()
        names = tuple(self.unique("t") for _ in results)
        self.emit(code.CallInto(self.line, names, tuple(type_.width for type_ in results), name, arguments))
        return Value(
            tuple(code.Local(local, type_.width) for local, type_ in zip(names, results, strict=True)), results
        )

    def _builtin(self, name: str, shape: Shape, call: tree.CallOf) -> Value:
        self.count(call, len(shape.widths) + shape.constants)
        written = list(call.arguments)
        constants: tuple[int, ...] = ()
        if shape.constants:
            place = len(written) - 1 if name in CONSTANT_LAST else 1
            constants = (self.number(written.pop(place), f"the constant of {name}"),)
            if name == "translated":
                constants = (constants[0],)
            elif not 1 <= constants[0] <= MAX_WIDTH:
                raise self.env.error("width", f"{constants[0]} is not a width: 1 to {MAX_WIDTH} are", call.span)
        same = next(
            (
                type_
                for type_ in (
                    self.guess(argument)
                    for argument, width in zip(written, shape.widths, strict=True)
                    if width == -1 or (shape.widths[0] == 0 and width == 0)
                )
                if type_
            ),
            None,
        )
        types: list[Type | None] = []
        for position, width in enumerate(shape.widths):
            if width == ADDRESS:
                types.append(self.env.address)
            elif width > 0:
                types.append(Type(width))
            elif width == -1 or (position == 0 and -1 in shape.widths):
                types.append(Type(same.width) if same else None)
            else:
                types.append(None)
        arguments = self.arguments(written, types, name)
        first = arguments[0].width if arguments else 0
        self._check_widths(name, shape, arguments, call.span)
        results = tuple(Type(width) for width in shape.results(first, constants))
        if results and results[0].width > MAX_WIDTH:
            raise self.env.error(
                "width", f"{name} gives {results[0].width} bits here; {MAX_WIDTH} are the most", call.span
            )
        return self._builtin_value(name, arguments, constants, results)

    def _check_widths(self, name: str, shape: Shape, arguments: tuple[code.Expression, ...], span: Span) -> None:
        for position, width in enumerate(shape.widths):
            if width == -1 and arguments[position].width != arguments[0].width:
                raise self.env.error(
                    "width",
                    f"{name} takes values of one width; these have {arguments[0].width} "
                    f"and {arguments[position].width} bits",
                    span,
                )
        if shape.float_width and arguments[0].width not in (32, 64):
            raise self.env.error(
                "width", f"{name} takes a binary32 or binary64 value, and this has {arguments[0].width} bits", span
            )

    def _builtin_value(
        self, name: str, arguments: tuple[code.Expression, ...], extra: tuple[int, ...], results: tuple[Type, ...]
    ) -> Value:
        if len(results) == 1:
            return Value((code.Builtin(name, arguments, extra, results[0].width),), results)
        if not results:
            self.emit(code.Do(self.line, code.Builtin(name, arguments, extra, 0)))
            return Value()
        names = tuple(self.unique("t") for _ in results)
        self.emit(code.BuiltinInto(self.line, names, tuple(type_.width for type_ in results), name, arguments, extra))
        return Value(
            tuple(code.Local(local, type_.width) for local, type_ in zip(names, results, strict=True)), results
        )

    def _port(self, name: str, call: tree.CallOf) -> Value:
        kind = _PORTS[name]
        if not call.arguments:
            raise self.env.error("type", f"{name} names a {kind}", call.span)
        written = call.arguments[0]
        index: code.Expression = code.Const(0, 8)
        if isinstance(written, tree.Index) and len(written.arguments) == 1:
            index = self.any_width(written.arguments[0])
            written = written.object
        port_name = self._plain_name(written, f"a {kind}")
        port = self.ports.get(port_name.name)
        if port is None or port.kind != kind:
            raise self.env.unknown(
                kind,
                port_name.name,
                port_name.span,
                [known.name for known in self.ports.values() if known.kind == kind],
            )
        extra = (list(self.ports).index(port.name),)
        if name in ("receive", "available"):
            self.count(call, 1)
            width = port.width if name == "receive" else 1
            return Value((code.Builtin(name, (), extra, width),), (Type(width),))
        self.count(call, 2)
        value = self.expr(call.arguments[1], Type(port.width), "what is sent")
        arguments = (value,) if name == "send" else (index, value)
        return self._builtin_value(name, arguments, extra, ())

    def _switch_bank(self, call: tree.CallOf) -> Value:
        self.count(call, 3)
        register = self._plain_name(call.arguments[0], "a banked register")
        if register.name not in self.env.banks:
            raise self.env.unknown("banked register", register.name, register.span, self.env.banks)
        enum = self.env.enums[f"{register.name}_bank"]
        arguments = self.arguments(call.arguments[1:], [Type(enum.width, enum.name)] * 2, "switch_bank")
        return self.call_value(f"{register.name}.switch", arguments, ())
