"""Native code of descriptions, kept in the user's cache directory.

An entry is made once for a description, emitter, LLVM and processor. It carries a checksum: a damaged one counts as
absent. Entries are put in place in one step, so two processes that build at once do not clash.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from ....cache_files import cache_directory, digest_of, note_use, old_files, remove_old
from ....model.items import Description
from ..shared import SPECIAL_HANDLERS, Assumptions, Operation, Progress, decoder_names
from . import entries
from .compiler import LoadedObject, host_has_fma, toolchain
from .entries import Entry, Facts
from .image import LoadedImage
from .linking import CannotLinkError, link

_ROOMS = ("shared", "text", "floats", "bodies", "memory", "handlers", "building")
"""Where the emitter is."""
_BESIDE = ("interrupt_log.py", "layout.py", "purity.py", "python_helpers.py")
"""What it uses of the engines' folder."""
_SYMBOLS = ("handlers", "run", "calls", "covered", "beside")
_loaded: dict[str, NativeCode] = {}
_numbers = itertools.count()


class NativeCode:
    """Code in this process."""

    def __init__(self, key: str, image: LoadedImage | LoadedObject, facts: Facts) -> None:
        """`key`: what it depends on."""
        self.key = key
        self.image = image
        self._facts = facts
        self.run = image.address("run")
        """Begins execution."""
        self.operations: tuple[Operation, ...] = facts.operations
        self.lines = facts.lines
        """In code that notes what runs, the packed lines of its statements, in the order of their marks."""
        self.beside = image.address("beside")
        """See `beside_text`."""
        self.table: tuple[int, ...] = image.pointers(
            "handlers", len(SPECIAL_HANDLERS) + len(facts.forms) + len(facts.variants)
        )
        """All handlers by number."""
        self.special = dict(zip(SPECIAL_HANDLERS, self.table, strict=False))
        """Handlers that are no form's."""
        self.decoders = {name: image.address(name) for name in facts.decoders}
        """By symbol (see `decode_text`); each gives the number of an instruction's handler."""

    @cached_property
    def calls(self) -> dict[str, int]:
        """Functions that Python can call."""
        functions = self._facts.functions
        return dict(zip(functions, self.image.pointers("calls", len(functions)), strict=True))

    @cached_property
    def handlers(self) -> dict[str, int]:
        """Each form's."""
        return dict(zip(self._facts.forms, self.table[len(SPECIAL_HANDLERS) :], strict=False))

    @cached_property
    def variants(self) -> dict[str, tuple[tuple[Assumptions, int], ...]]:
        """By form, the handlers of its variants, each with what it assumes; the first that fits is the best."""
        found: dict[str, tuple[tuple[Assumptions, int], ...]] = {}
        behind = self.table[len(SPECIAL_HANDLERS) + len(self._facts.forms) :]
        for (form, assumed), pointer in zip(self._facts.variants, behind, strict=True):
            found[form] = (*found.get(form, ()), (assumed, pointer))
        return found

    @cached_property
    def variant_of(self) -> dict[int, tuple[str, int]]:
        """By handler, the form and the number of the variant; -1 for a form's own."""
        own = {handler: (form, -1) for form, handler in self.handlers.items()}
        return own | {
            handler: (form, number)
            for form, variants in self.variants.items()
            for number, (_, handler) in enumerate(variants)
        }

    def covered(self) -> set[int]:
        """The packed lines of the statements that have run."""
        marks = self.image.bytes_at("covered", len(self.lines))
        return {line for line, mark in zip(self.lines, marks, strict=True) if mark}


def native_code(description: Description, progress: Progress | None = None, covering: bool = False) -> NativeCode:
    """The native code of a description: from this process, the cache, or made now, which takes seconds.

    `covering`: a slower variant that notes which statements ran. Raises EngineError without llvmlite, or where LLVM
    rejects the code.
    """
    kind = ".covering" if covering else ""
    key = _key(description, covering)
    if key not in _loaded:
        path = cache_directory() / f"{description.core or description.name}{kind}-{key}.native"
        entry = _read(path)
        if entry is None:
            entry = _build(description, progress, covering, _known_objects(path))
            _write(path, entry)
        else:
            note_use(path)
        _loaded[key] = _load(entry, key)
    return _loaded[key]


def _key(description: Description, covering: bool) -> str:
    # Code that notes what runs knows in which line that stands.
    of = f"covering {description.edition}" if covering else description.fingerprint
    return hashlib.sha256(f"{of} {toolchain()} {_emitter()}".encode()).hexdigest()[:24]


@functools.cache
def _emitter() -> str:
    native = Path(__file__).resolve().parents[1]
    own = [path for room in _ROOMS for path in (native / room).glob("*.py")]
    return digest_of("emitter", [*own, *(native.parent / name for name in _BESIDE)])


def _known_objects(path: Path) -> dict[str, bytes]:
    """What entries of other versions of a description have in common with this one, perhaps."""
    found: dict[str, bytes] = {}
    for other in old_files(path.parent, _versions(path)):
        found |= entries.objects_of(other, toolchain())
    return found


def _versions(path: Path) -> str:
    """A pattern for the names of a description's entries."""
    return rf"{re.escape(path.name.rsplit('-', 1)[0])}-[0-9a-f]{{24}}\.native"


def _build(
    description: Description, progress: Progress | None, covering: bool, known: Mapping[str, bytes]
) -> Entry:
    # Only where something is built: the writer's many modules take a tenth of a second.
    from .compilers import Compilers
    from .module import emit_module

    with Compilers(known) as compilers:
        emitted = emit_module(description, host_has_fma(), compilers.submit, progress, covering)
        objects = compilers.objects(progress)
    facts = Facts(
        emitted.operations,
        emitted.forms,
        emitted.variants,
        emitted.functions,
        emitted.lines,
        tuple(decoder_names(description)),
    )
    try:
        image = link(objects.values(), (*_SYMBOLS, *facts.decoders))
    except CannotLinkError:
        image = None  # another processor: LLVM links at each start
    return Entry(facts, toolchain(), image, objects)


def _load(entry: Entry, key: str) -> NativeCode:
    if entry.image is not None:
        return NativeCode(key, LoadedImage(entry.image), entry.facts)
    symbols = (*_SYMBOLS, *entry.facts.decoders)
    name = f"trapline-{key}-{next(_numbers)}"
    return NativeCode(key, LoadedObject(name, [*entry.objects.values()], symbols), entry.facts)


def _read(path: Path) -> Entry | None:
    return entries.read(path)


def _write(path: Path, entry: Entry) -> None:
    """A cache that cannot be written is no error."""
    if entries.write(path, entry):
        versions = _versions(path)
        remove_old(path.parent, versions)
        remove_old(path.parent, versions.replace("native", "objects"))
