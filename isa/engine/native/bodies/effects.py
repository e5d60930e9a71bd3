"""What executing a body can do, as far as the code around it must know: found once, through all calls."""

from __future__ import annotations

from dataclasses import dataclass

from ....model import code
from ....model.items import Description, Form
from ...purity import calls, is_pure_builtin, reachable, walk
from ..floats import Assigned, Roundings, assigned_values

FLUSH_BUILTINS = frozenset({"tlb_flush", "tlb_flush_page", "tlb_flush_context"})
POLL_BUILTINS = frozenset({"request_poll", "set_timer", "cancel_timer"})
CONTEXT_BUILTINS = frozenset({"context_changed", "code_changed", *FLUSH_BUILTINS})
"""Built-ins after which the next instruction's page has to be looked up anew."""
_MEMORY = (code.ReadMemory, code.SetMemory, code.ReadPhysical, code.SetPhysical)


@dataclass(frozen=True, slots=True)
class Effects:
    """`fails`: may raise, or need the engine, which may fail. `next`: reads or sets the next address.

    `attends`: the loop may have to look up behind it. `context`: what was looked up for fetching may be stale.
    `observes`: needs the fields of the vcpu (CIA, ENTRY, LEFT) to be current. `floats`: has floating point.
    """

    fails: bool = False
    next: bool = False
    attends: bool = False
    context: bool = False
    observes: bool = False
    floats: bool = False

    def __or__(self, other: Effects) -> Effects:
        return Effects(
            self.fails or other.fails,
            self.next or other.next,
            self.attends or other.attends,
            self.context or other.context,
            self.observes or other.observes,
            self.floats or other.floats,
        )


def _own(body: code.Body, roundings: Roundings) -> Effects:
    found = Effects()
    assigned: Assigned | None = None
    for node in walk(body):
        if isinstance(node, code.Raise):
            found |= Effects(fails=True, observes=True)
        elif isinstance(node, _MEMORY):
            found |= Effects(fails=True, attends=True, observes=True)
        elif isinstance(node, code.Leave):
            found |= Effects(attends=True, observes=True)
        elif isinstance(node, code.SetNext):
            found |= Effects(next=True)
        elif isinstance(node, code.Special):
            found |= Effects(next=node.name == "nia", observes=node.name != "nia")
        elif isinstance(node, (code.Builtin, code.BuiltinInto)):
            if node.name == "context_changed" or node.name in FLUSH_BUILTINS:
                found |= Effects(context=True)
            elif node.name in POLL_BUILTINS:
                found |= Effects(attends=True)
            elif node.name == "instructions_retired":
                found |= Effects(observes=True)
            elif node.name.startswith("fp_"):
                assigned = assigned_values(body) if assigned is None else assigned
                asks = not roundings.never_asks(node.name, node.arguments, node.extra, assigned)
                found |= Effects(fails=asks, attends=asks, observes=asks, floats=True)
            elif not is_pure_builtin(node.name):
                found |= Effects(fails=True, attends=True, observes=True, context=node.name in CONTEXT_BUILTINS)
    return found


class EffectsOf:
    """Effects of the functions and forms of a description."""

    def __init__(self, description: Description) -> None:
        self._functions = description.functions
        self.roundings = Roundings(description.functions)
        self._own: dict[str, Effects] = {}
        self._known: dict[str, Effects] = {}

    def function(self, name: str) -> Effects:
        """A described function's."""
        if name not in self._known:
            found = Effects()
            for called in reachable(self._functions, [name]):
                found |= self._alone(called)
            self._known[name] = found
        return self._known[name]

    def _alone(self, name: str) -> Effects:
        if name not in self._own:
            self._own[name] = _own(self._functions[name].body, self.roundings)
        return self._own[name]

    def body(self, body: code.Body) -> Effects:
        """A body's."""
        found = _own(body, self.roundings)
        for called in calls(body):
            found |= self.function(called)
        return found

    def form(self, form: Form) -> Effects:
        """A form's, with what follows it."""
        found = self.body(form.body)
        return found | self.function(form.after) if form.after else found


def needed_functions(description: Description) -> list[str]:
    """The functions of native code: reachable from forms, interrupts, hooks, registers; in their order."""
    roots = [found for form in description.forms.values() for found in calls(form.body)]
    roots += [form.after for form in description.forms.values() if form.after]
    roots += [interrupt.function for interrupt in description.interrupts.values()]
    roots += [name for name in description.hooks.values() if name]
    for register in description.registers.values():
        roots += [name for name in (register.read_function, register.write_function) if name]
    roots += [description.set_state] if description.set_state else []
    roots += [instruction_set.long for instruction_set in description.instruction_sets.values() if instruction_set.long]
    found = set(reachable(description.functions, roots))
    return [name for name in description.functions if name in found]


def needed_accesses(description: Description) -> list[tuple[str, int, int | str]]:
    """All kinds of accesses to memory that native code makes: (load, store, physical.load or physical.store; size;
    kind or byte order)."""
    bodies = [description.functions[name].body for name in needed_functions(description)]
    bodies += [form.body for form in description.forms.values()]
    needed: set[tuple[str, int, int | str]] = set()
    for node in walk(tuple(bodies)):
        if isinstance(node, code.ReadMemory):
            needed.add(("load", node.size, node.kind))
        elif isinstance(node, code.SetMemory):
            needed.add(("store", node.size, node.kind))
        elif isinstance(node, code.ReadPhysical):
            needed.add(("physical.load", node.size, node.order))
        elif isinstance(node, code.SetPhysical):
            needed.add(("physical.store", node.size, node.order))
    return sorted(needed, key=str)
