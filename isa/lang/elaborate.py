"""Items to a description: everything that one core has, in the order in which the parts need each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..model import items as model
from . import tree
from .checks.annotations import check_annotations
from .checks.clean import Clean
from .checks.effects import complete_form, complete_functions
from .checks.encodings import check_encodings
from .checks.syntax import check_templates
from .declarations.aliases import AliasReader
from .declarations.architecture import EXPRESSION_HOOKS, HOOKS, check_hook, read_architecture, read_instruction_sets
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
from .declarations.instructions import Drafts, InstructionReader
from .declarations.layouts import read_formats
from .declarations.operands import plain_meanings, read_operands
from .declarations.sequences import read_sequences
from .declarations.spaces import declare_names_of_spaces
from .declarations.word_classes import read_word_classes
from .lowering.function_bodies import lower_function
from .names.cores import CoreChoice, environment_for
from .names.environment import Mistake, Signature, annotations_of
from .names.types import Type
from .tree import Item, Span
from .tree.diagnostics import Problems
from .units.store import Store
from .units.unit import Unit
from .units.units import Units


class Elaboration:
    """Carries out the steps for one core; `description` is complete when no problem was found."""

    def __init__(
        self,
        items: Iterable[Item],
        core: CoreChoice,
        problems: Problems,
        on_instruction: Callable[[int, int], None] | None = None,
        store: Store | None = None,
    ) -> None:
        """`store`: where what was made of items is kept; whoever gives one saves it."""
        self.store = store or Store()
        self.on_instruction = on_instruction
        self.problems = problems
        self.core = core
        items = list(items)
        self.env = environment_for(items, core, problems)
        self.env.files = [*dict.fromkeys(item.span.file for item in items)]
        self.spans: dict[str, Span] = {}
        self.sets: dict[str, model.InstructionSet] = {}
        self.guards: dict[str, tree.Expression] = {}
        self.afters: dict[str, str] = {}
        self.hooks: dict[str, str] = {}
        self.sequences: dict[str, model.Sequence] = {}
        self.codec_spans: dict[str, Span] = {}
        """Where operands are declared."""
        self.clean = Clean("")
        """What the last check found in order."""
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
        self.sets = read_instruction_sets(env, self.guards, self.afters, self._expression)
        self._hooks()
        if self.problems.attempts > before:
            return None  # bodies would repeat what is wrong with the declarations
        everywhere = [item for kind in ("architecture", "instruction_set") for item in env.of(kind)]
        self.units = units = Units(env, everywhere, self.store)
        lower_functions(env, units)
        hypercalls = read_hypercalls(env, units)
        devices = read_devices(env, units)
        boards = read_boards(env, devices)
        forms, aliases, word_classes = self._instructions(units)
        lower_instances(env, units)
        self.spans.update({item.name: item.span for item in env.of("function")})
        closed = complete_functions(env, self.spans, units.touched)
        forms = {name: complete_form(form, closed, units.forms_touched.get(name)) for name, form in forms.items()}
        return self._description(forms, word_classes, aliases, hypercalls, devices, boards)

    def _expression(
        self, name: str, expression: tree.Expression, result: Type, parameters: tuple[tuple[str, Type], ...] = ()
    ) -> None:
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

    def _instructions(
        self, units: Units
    ) -> tuple[dict[str, model.Form], dict[str, model.Alias], dict[str, model.WordClass]]:
        env, before = self.env, self.problems.attempts
        formats = read_formats(env, self.sets)
        operands = read_operands(env)
        self.codec_spans = {name: one.span for name, one in operands.items()}
        if self.problems.attempts > before:
            return {}, {}, {}  # each instruction would tell it again
        reader = InstructionReader(
            env, formats, self.sets, operands, self.guards, self.afters, plain_meanings(operands)
        )
        drafts = Drafts(reader, env.items.get("instruction", {}))
        forms: dict[str, model.Form] = {}
        instructions = list(env.of("instruction"))
        for number, item in enumerate(instructions):
            if self.on_instruction is not None:
                self.on_instruction(number, len(instructions))
            self.spans[item.name] = item.span
            for form in units.of("instruction", item, partial(_forms, reader, drafts, item.name)).forms:
                forms[form.name] = form
        assert self.architecture is not None
        self.clean = clean = Clean(f"{self.architecture.span.file} {self.architecture.name} {self.core.name}")
        new = clean.new(units.digests.encodings, forms, env.names)
        told = self.problems.attempts
        check_encodings(forms, self.spans, self.problems, new)
        check_templates(forms, env.names, self.spans, self.problems, new)
        if self.problems.attempts == told:
            clean.note(units.digests.encodings, forms, env.names)
        aliases: dict[str, model.Alias] = {}
        alias_reader = AliasReader(env, drafts, operands)
        for item in env.of("alias"):
            made = units.of("alias", item, partial(_aliases, alias_reader, item))
            aliases.update((alias.name, alias) for alias in made.aliases)
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


def _forms(reader: InstructionReader, drafts: Drafts, name: str) -> Unit:
    forms = []
    for draft in drafts[name]:
        try:
            forms.append(reader.form(draft))
        except Mistake:
            continue
    return Unit(forms=tuple(forms))


def _aliases(reader: AliasReader, item: Item) -> Unit:
    return Unit(aliases=tuple(reader.aliases(item)))
