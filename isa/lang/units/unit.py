"""What is made of one item: functions, forms, aliases, a call, a device; and what it touches and asks for."""

from __future__ import annotations

import msgspec

from ...model import items as model
from ...model.code import Function
from ...model.digest import digest_of_meaning
from .touches import Touch, touches


class KeptTouch(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """See `Touch`."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    calls: tuple[str, ...]
    may_raise: bool

    @classmethod
    def of(cls, found: Touch) -> KeptTouch:
        """What was found, as it is kept."""
        return cls(tuple(sorted(found.reads)), tuple(sorted(found.writes)), tuple(sorted(found.calls)), found.may_raise)

    def touch(self) -> Touch:
        """What was kept, as it was found."""
        return Touch(set(self.reads), set(self.writes), set(self.calls), self.may_raise)


class KeptWanted(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An instance of a generic function that is asked for: its name, that of the function, and the call, as JSON."""

    name: str
    generic: str
    call: str


class Unit(msgspec.Struct, array_like=True, frozen=True):
    """All that one item comes to. `meanings` tell the functions, then the forms, then the aliases, apart by what they
    mean; `encodings` the forms by their words and texts."""

    functions: tuple[Function, ...] = ()
    wanted: tuple[KeptWanted, ...] = ()
    forms: tuple[model.Form, ...] = ()
    aliases: tuple[model.Alias, ...] = ()
    hypercall: model.Hypercall | None = None
    device: model.Device | None = None
    touched: tuple[KeptTouch, ...] = ()
    meanings: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()

    def complete(self) -> Unit:
        """With what follows from the rest."""
        bodies = [*(one.body for one in self.functions), *(one.body for one in self.forms)]
        touched = tuple(KeptTouch.of(touches(body)) for body in bodies)
        meanings = tuple(digest_of_meaning(one) for one in (*self.functions, *self.forms, *self.aliases))
        encodings = tuple(encoding_digest(one) for one in self.forms)
        return msgspec.structs.replace(self, touched=touched, meanings=meanings, encodings=encodings)


def encoding_digest(form: model.Form) -> str:
    """Tells forms apart by what decides whether their words and texts clash with others'."""
    templates = tuple((one.mnemonic, one.operands) for one in form.templates)
    return digest_of_meaning(
        (form.name, form.instruction, form.instruction_set, form.length, form.mask, form.match, form.should_mask,
         form.excludes, form.fields, templates, form.format)
    )  # fmt: skip
