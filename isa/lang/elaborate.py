"""Items to a description: everything that one core has, in the order in which the parts need each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..model import items as model
from . import tree
from .checks.annotations import check_annotations
from .checks.effects import complete_form, complete_functions
from .checks.encodings import check_encodings
from .checks.syntax import check_templates
from .declarations.aliases import AliasReader
from .declarations.architecture import EXPRESSION_HOOKS, HOOKS, check_hook, read_architecture
from .declarations.boards import read_boards
from .declarations.constants import declare_constants
from .declarations.declare import (
    declare_names,
    declare_registers,
    declare_signatures,
    declare_spaces,
    declare_types,
)
from .declarations.devices import read_devices
from .declarations.functions import lower_functions, lower_instances
from .declarations.hypercalls import declare_abis, declare_argument_classes, read_hypercalls
from .declarations.instructions import InstructionReader
from .declarations.layouts import read_formats
from .declarations.operands import plain_meanings, read_operands
from .declarations.sequences import read_sequences
from .declarations.spaces import declare_names_of_spaces
from .declarations.word_classes import read_word_classes
from .names.cores import CoreChoice, environment_for
from .names.environment import Mistake, Signature, annotations_of
from .names.types import Type
from .tree import Item, Span
from .tree.diagnostics import Problems


class Elaboration:
    """Carries out the steps for one core; `description` is complete when no problem was found."""

    def __init__(
        self,
        items: Iterable[Item],
        core: CoreChoice,
        problems: Problems,
        on_instruction: Callable[[int, int], None] | None = None,
    ) -> None:
        self.on_instruction = on_instruction
        self.problems = problems
        self.core = core
        self.env = environment_for(items, core, problems)
        self.spans: dict[str, Span] = {}
        self.sets: dict[str, model.InstructionSet] = {}
        self.guards: dict[str, tree.Expression] = {}
        self.afters: dict[str, str] = {}
        self.hooks: dict[str, str] = {}
        self.sequences: dict[str, model.Sequence] = {}
        self.codec_spans: dict[str, Span] = {}
        """Where operands are declared."""
        self.architecture: Item | None = next(iter(self.env.of("architecture")), None)

    def run(self) -> model.Description | None:
        """All steps; None if there is no architecture block (a problem is then recorded)."""
        if not read_architecture(self.env, self.architecture):
            return None
        env, before = self.env, self.problems.attempts
        check_annotations(env)
        declare_types(env)
        declare_constants(env)
        declare_names(env)
        declare_argument_classes(env)
        declare_registers(env)
        declare_spaces(env)
        declare_names_of_spaces(env)
        declare_abis(env)
        declare_signatures(env)
        for name in env.spaces:
            self._space_signature(name)
        self._check_settings()
        self._instruction_sets()
        self._hooks()
        if self.problems.attempts > before:
            return None  # bodies would repeat what is wrong with the declarations
        lower_functions(env)
        hypercalls = read_hypercalls(env)
        devices = read_devices(env)
        boards = read_boards(env, devices)
        forms, aliases, word_classes = self._instructions()
        lower_instances(env)
        self.spans.update({item.name: item.span for item in env.of("function")})
        closed = complete_functions(env, self.spans)
        forms = {name: complete_form(form, closed) for name, form in forms.items()}
        return self._description(forms, word_classes, aliases, hypercalls, devices, boards)

    def _instruction_sets(self) -> None:
        for item in self.env.of("instruction_set"):
            parts: dict[str, Any] = item.parts
            unit = parts.get("unit", [32])[0]
            if unit not in (16, 32):
                self.problems.add("instruction_set", f"a unit has 16 or 32 bits, not {unit}", item.span)
            long = ""
            if "long" in parts:
                long = f"set.{item.name}.long"
                self._expression(long, parts["long"][0], Type(1), (("unit_bits", Type(unit)),))
            first = parts.get("first", [None])[0]
            if first is not None and first.name not in ("low", "high"):
                self.problems.add(
                    "instruction_set",
                    f"the first unit has the `low` or the `high` bits, not '{first.name}'",
                    first.span,
                )
            for guard in parts.get("guard", ()):
                self.guards[item.name] = guard
            for after in parts.get("after", ()):
                called = (
                    after.function.name
                    if isinstance(after, tree.CallOf) and isinstance(after.function, tree.Name)
                    else ""
                )
                if called not in self.env.signatures:
                    self.problems.add("unknown-name", "`after` calls a function without arguments", after.span)
                else:
                    self.afters[item.name] = called
            self.sets[item.name] = model.InstructionSet(
                item.name, parts["code"], unit, long, item.modifiers.title, first is not None and first.name == "low"
            )

    def _expression(
        self, name: str, expression: tree.Expression, result: Type, parameters: tuple[tuple[str, Type], ...] = ()
    ) -> None:
        from .lowering.function_bodies import lower_function

        self.env.signatures[name] = Signature(parameters, (result,))
        body = tree.Block(expression.span, (tree.ExpressionStatement(expression.span, expression),))
        lower_function(self.env, name, "", expression.span, body)

    def _hooks(self) -> None:
        assert self.architecture is not None
        parts: dict[str, Any] = self.architecture.parts
        for hook in parts.get("hook", ()):
            if hook.name not in HOOKS:
                self.env.unknown("hook", hook.name, hook.span, HOOKS)
                continue
            if hook.name in EXPRESSION_HOOKS:
                self.hooks[hook.name] = f"hook.{hook.name}"
                self._expression(f"hook.{hook.name}", hook.value, Type(1))
            elif isinstance(hook.value, tree.Name) and hook.value.name in self.env.signatures:
                check_hook(self.env, hook.name, hook.value)
                self.hooks[hook.name] = hook.value.name
            else:
                self.env.unknown("function", getattr(hook.value, "name", "this"), hook.value.span, self.env.signatures)
        if "set_state" in parts:
            self._expression("hook.set_state", parts["set_state"][0], Type(1))

    def _space_signature(self, name: str) -> None:
        space = self.env.spaces[name]
        keys = tuple((key.name, Type(key.width, key.type_name)) for key in space.keys)
        self.env.signatures[f"{name}.read"] = Signature(keys, (Type(space.width),))
        self.env.signatures[f"{name}.write"] = Signature((*keys, ("value", Type(space.width))), ())

    def _check_settings(self) -> None:
        for name, setting in self.env.settings.items():
            parameter = name in self.env.constants and self.env.constants[name].kind == "parameter"
            if not parameter and name not in self.env.registers:
                known = [
                    *self.env.registers,
                    *(own.name for own in self.env.constants.values() if own.kind == "parameter"),
                ]
                self.env.unknown("register or parameter", name, setting.span, known)

    # Instructions

    def _instructions(self) -> tuple[dict[str, model.Form], dict[str, model.Alias], dict[str, model.WordClass]]:
        env, before = self.env, self.problems.attempts
        formats = read_formats(env, self.sets)
        operands = read_operands(env)
        self.codec_spans = {name: one.span for name, one in operands.items()}
        if self.problems.attempts > before:
            return {}, {}, {}  # each instruction would tell it again
        reader = InstructionReader(
            env, formats, self.sets, operands, self.guards, self.afters, plain_meanings(operands)
        )
        drafts = {}
        forms: dict[str, model.Form] = {}
        instructions = list(env.of("instruction"))
        for number, item in enumerate(instructions):
            if self.on_instruction is not None:
                self.on_instruction(number, len(instructions))
            drafts[item.name] = reader.drafts(item)
            self.spans[item.name] = item.span
            for draft in drafts[item.name]:
                try:
                    forms[draft.name] = reader.form(draft)
                except Mistake:
                    continue
        check_encodings(forms, self.spans, self.problems)
        check_templates(forms, env.names, self.spans, self.problems)
        aliases: dict[str, model.Alias] = {}
        alias_reader = AliasReader(env, drafts, operands)
        for item in env.of("alias"):
            for alias in alias_reader.aliases(item):
                aliases[alias.name] = alias
        self.sequences = read_sequences(env, operands)
        return forms, aliases, read_word_classes(env, reader, forms)

    def _description(
        self,
        forms: dict[str, model.Form],
        word_classes: dict[str, model.WordClass],
        aliases: dict[str, model.Alias],
        hypercalls: dict[str, model.Hypercall],
        devices: dict[str, model.Device],
        boards: dict[str, model.Board],
    ) -> model.Description:
        env = self.env
        assert self.architecture is not None
        interrupts: dict[str, model.Interrupt] = {}
        for item in env.of("interrupt"):
            if item.name in env.interrupts:
                parameters = tuple(
                    model.Parameter(name, type_.width, type_.name) for name, type_ in env.interrupts[item.name]
                )
                vector: int = item.parts["vector"]
                interrupts[item.name] = model.Interrupt(
                    item.name,
                    item.modifiers.title,
                    vector,
                    parameters,
                    f"interrupt.{item.name}",
                    item.modifiers.completes,
                    annotations_of(item),
                    env.line(item.span),
                )
        exits = {
            item.name: model.Exit(
                item.name,
                item.modifiers.title,
                tuple(model.Parameter(name, type_.width, type_.name) for name, type_ in env.exits[item.name]),
                env.line(item.span),
            )
            for item in env.of("exit")
            if item.name in env.exits
        }
        core_title = self.core.item.modifiers.title if self.core.item is not None else ""
        return model.Description(
            self.architecture.name,
            self.architecture.modifiers.title,
            self.core.name,
            core_title,
            env.numbering,
            env.byte_order,
            env.address.width,
            env.cia,
            env.nia,
            "hook.set_state" if "hook.set_state" in env.functions else "",
            annotations_of(self.architecture),
            tuple(env.files),
            tuple(sorted(self.core.features)),
            self.sets,
            env.registers,
            env.spaces,
            env.enums,
            env.bitfields,
            env.constants,
            env.names,
            env.functions,
            forms,
            word_classes,
            aliases,
            self.sequences,
            interrupts,
            exits,
            env.abis,
            hypercalls,
            env.argument_classes,
            devices,
            boards,
            self.hooks,
        )
