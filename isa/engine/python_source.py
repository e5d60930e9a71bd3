"""A description as a readable Python module: one function for each form and each described function.

Functions that need state begin with the parameters `cpu` (the engine: memory, next address, built-ins) and `reg`
(the thread's registers); `cpu.core`, `cpu.partition` and `cpu.machine` hold the registers of the wider scopes. The
module's `FUNCTIONS` and `FORMS` are what the engine finds them by. Comments name places in the `.isa` files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from ..model.code import Function, Local
from ..model.items import Description, Device, Form
from .layout import BlockLayout, Slot, layout_of
from .purity import functions_with_state, reachable, touches_state, walk
from .python_helpers import HELPERS
from .python_names import Identifiers
from .python_statements import RESERVED, Body, Places


@lru_cache(maxsize=8)
def _places(files: tuple[str, ...]) -> Places:
    """Writers of single functions come by the hundred, for the same files."""
    return Places(files)


class ModuleWriter:
    """Writes functions of one description (`register_place` says where generated code finds a register)."""

    def __init__(
        self,
        register_place: Callable[[str], tuple[str, Slot]],
        with_state: frozenset[str],
        files: Iterable[str],
        coverage: bool = False,
    ) -> None:
        self._register_place = register_place
        self._with_state = with_state
        self._places = _places(tuple(files))
        self._coverage = coverage
        self._functions = Identifiers("f_", RESERVED)
        self._forms = Identifiers("do_", RESERVED)
        self.tables: dict[str, str] = {}

    def identifier(self, function: str) -> str:
        """The Python name of a described function."""
        return self._functions[function]

    def function(self, function: Function) -> str:
        """The source of a described function."""
        body = self._body()
        parameters = [body.locals[parameter.name] for parameter in function.parameters]
        lines = body.lines(function.body)
        state = ["cpu", "reg"] if function.name in self._with_state else []
        title = function.title or function.name
        return self._definition(self._functions[function.name], [*state, *parameters], title, function.line, lines)

    def form(self, form: Form) -> tuple[str, tuple[str, ...]]:
        """The source of a form's body, and the fields that it takes, in their order."""
        body = self._body()
        used = {node.name for node in walk(form.body) if isinstance(node, Local)}
        fields = tuple(field.name for field in form.fields if field.name in used)
        parameters = ["cpu", "reg", *(body.locals[name] for name in fields)]
        lines = body.lines(form.body)
        return self._definition(self._forms[form.name], parameters, form.title or form.name, form.line, lines), fields

    def form_identifier(self, form: str) -> str:
        """The Python name of a form's function."""
        return self._forms[form]

    def _body(self) -> Body:
        return Body(self._register_place, self._functions, self._with_state, self._places, self.tables, self._coverage)

    def _definition(self, name: str, parameters: list[str], title: str, line: int, lines: list[str]) -> str:
        place = self._places(line)
        head = [f"def {name}({', '.join(parameters)}):"]
        head.append(f"    # {title}" + (f" ({place})" if place else ""))
        return "\n".join([*head, *lines])


def places_of(description: Description) -> Callable[[str], tuple[str, Slot]]:
    """Where generated code for a vcpu finds a register: the object that holds it, and its slot."""
    layout = layout_of(description)

    def place(name: str) -> tuple[str, Slot]:
        scope = layout.scope_of[name]
        return ("reg" if scope == "thread" else f"cpu.{scope}"), layout.blocks[scope].slots[name]

    return place


def module_source(description: Description, coverage: bool = False) -> str:
    """The whole module for one description. With `coverage`, each statement first reports its packed line."""
    writer = ModuleWriter(
        places_of(description), functions_with_state(description.functions), description.files, coverage
    )
    texts = [writer.function(function) for function in description.functions.values()]
    functions = {name: writer.identifier(name) for name in description.functions}
    forms: dict[str, tuple[str, tuple[str, ...]]] = {}
    for form in description.forms.values():
        text, fields = writer.form(form)
        texts.append(text)
        forms[form.name] = (writer.form_identifier(form.name), fields)
    entries = [f"    {name!r}: ({identifier}, {fields!r})," for name, (identifier, fields) in forms.items()]
    return _assemble(
        f"{description.name} as core {description.core}", writer, texts, functions, ["FORMS = {", *entries, "}"]
    )


def device_source(device: Device, layout: BlockLayout, description: Description, coverage: bool = False) -> str:
    """The module of a described device's functions and of the functions that they call."""
    functions = {**description.functions, **device.functions}
    usable = reachable(functions, device.functions)
    with_state = functions_with_state({name: functions[name] for name in usable})
    writer = ModuleWriter(lambda name: ("reg", layout.slots[name]), with_state, description.files, coverage)
    texts = [writer.function(functions[name]) for name in usable]
    return _assemble(f"device {device.name}", writer, texts, {name: writer.identifier(name) for name in usable}, [])


def functions_source(functions: Iterable[Function], files: Iterable[str]) -> str:
    """The module of some pure functions. Raises ValueError naming one that is not."""

    def no_registers(name: str) -> tuple[str, Slot]:
        raise ValueError(f"a pure function reads register {name}")

    chosen = list(functions)
    for function in chosen:
        if touches_state(function.body):
            raise ValueError(function.name)
    writer = ModuleWriter(no_registers, frozenset(), files)
    texts = [writer.function(function) for function in chosen]
    return _assemble(
        "pure functions", writer, texts, {function.name: writer.identifier(function.name) for function in chosen}, []
    )


def _assemble(title: str, writer: ModuleWriter, texts: list[str], functions: dict[str, str], tail: list[str]) -> str:
    header = [
        f'"""Generated from a description: {title}. Do not edit.',
        "",
        f"Names that it uses without defining them: {', '.join(HELPERS)}.",
        '"""',
    ]
    tables = [f"{name} = {text}" for name, text in writer.tables.items()]
    entries = [f"    {name!r}: {identifier}," for name, identifier in functions.items()]
    return "\n".join(
        ["\n".join([*header, *tables]), "", "", "\n\n\n".join(texts), "", "", "FUNCTIONS = {", *entries, "}", *tail, ""]
    )
