"""Native code of descriptions: loaded part by part when it is asked for, and built where it is not kept.

A part is made once for all that it depends on (see `parts`). It carries a checksum: a damaged one counts as absent.
Parts are put in place in one step, so processes that build at once do not clash.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import itertools
import os
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ....cache_files import digest_of, files_in
from ....model.items import Description
from ...errors import EngineError
from ..shared import (
    OF_DECODER,
    PICKS,
    SPECIAL_HANDLERS,
    Operation,
    Progress,
    call_symbol,
    own_symbol,
    pick_symbol,
    plain,
    variant_symbol,
)
from .compiler import LoadedObject, toolchain
from .image import LoadedImage
from .native_decoder import NativeDecoder
from .part_files import PartFile
from .plans import CORE, DECODER, Plan
from .store import Store, read_plan, write_plan

if TYPE_CHECKING:
    from .builders import Builders
    from .make import Maker

_ROOMS = ("shared", "text", "floats", "bodies", "memory", "handlers", "building")
"""Where the emitter is."""
_BESIDE = ("interrupt_log.py", "layout.py", "purity.py", "python_helpers.py")
"""What it uses of the engines' folder."""
_FEW = 60
"""Forms of a description that is built in this process, sooner than another has begun."""
_WAIT = "wait"
_PICK = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint32)
_loaded: dict[str, NativeCode] = {}
_numbers = itertools.count()


class NativeCode:
    """Code in this process: core and decoder from the beginning, the rest as it is asked for."""

    def __init__(self, description: Description, key: str, plan: Plan, covering: bool) -> None:
        """`key`: what it depends on."""
        self.key = key
        self.waits = True
        """Whether who asks for code that is not there waits until it is built; else it is built beside."""
        self.operations: dict[int, Operation] = {}
        """What the code that is loaded asks for, by number."""
        self.special: dict[str, int] = {}
        """Handlers that are no form's, once the core is there."""
        self._description = description
        self._plan = plan
        self._covering = covering
        self._store = Store(_name(description, covering), plan)
        self._images: dict[int, LoadedImage | LoadedObject] = {}
        self._lines: dict[int, tuple[int, ...]] = {}
        self.variant_of: dict[int, tuple[str, int]] = {}
        """By handler, the form and the number of the variant, -1 for the form's own; of what is loaded."""
        self._own: dict[str, int] = {}
        self._picks: dict[str, Callable[[int], int]] = {}

    def begin(self, progress: Progress | None = None) -> None:
        """Loads core and decoder, or has them built. Raises EngineError where they cannot be had."""
        if self.waits and not self.special:
            self._ready((CORE, DECODER), progress)
        self.has_core()

    def has_core(self) -> bool:
        """Whether core and decoder are there: then guests can run. Raises EngineError where they cannot be built."""
        if self.special:
            return True
        # Both are asked for before one is waited for.
        found = [self._has(number) for number in (CORE, DECODER)]
        if not all(found):
            return False
        core, decoder = self._images[CORE], self._images[DECODER]
        self.run = core.address("run")
        """Begins execution."""
        self.beside = core.address("beside")
        """See `beside_text`."""
        self.special = {
            name: (decoder if name in OF_DECODER else core).address(name)
            for name in SPECIAL_HANDLERS
        }
        return True

    # Forms

    @property
    def handlers(self) -> Mapping[str, int]:
        """Forms' own handlers, as far as they are loaded."""
        return self._own

    def form(self, set_name: str, word: int, length: int) -> str | None:
        """The form of a word of `length` bits, or None where no encoding matches: what `Decoder.decode` finds."""
        return self._decoder.form(set_name, word, length)

    def handler(self, form: str, word: int) -> int:
        """The handler of the best variant for a word of a form; `unbuilt` where there is none yet.

        Raises EngineError where it cannot be built.
        """
        pick = self._picks.get(form)
        if pick is None:
            if not self.has(form):
                return self.special["unbuilt"]
            pick = self._picks[form]
        return pick(word)

    def has(self, form: str) -> bool:
        """Whether a form's handlers are there; they are built if not. Raises EngineError where they cannot be."""
        return form in self._own or self._has(self._part_of_form[form])

    def address(self, form: str, symbol: str) -> int:
        """Where a symbol of the part of a form is that has been loaded."""
        return self._images[self._part_of_form[form]].address(plain(symbol))

    # Functions

    def call(self, function: str) -> int | None:
        """The function by which Python calls a described one; None where there is none, or none yet."""
        number = self._part_of_function.get(function)
        if number is None or not self._has(number):
            return None
        return self._images[number].address(plain(call_symbol(function)))

    @property
    def callable(self) -> Set[str]:
        """The functions that Python can call."""
        return self._part_of_function.keys()

    # Parts

    def complete(self, progress: Progress | None = None) -> None:
        """Builds and loads all that there is. Raises EngineError where something cannot be built."""
        self._ready(range(len(self._plan)), progress)

    def built(self) -> int:
        """How many parts are loaded."""
        return len(self._images)

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """In code that notes what runs, the packed lines of its statements, once it is complete."""
        return tuple(sorted({line for lines in self._lines.values() for line in lines}))

    def covered(self) -> set[int]:
        """The packed lines of the statements that have run."""
        found = set()
        for number, lines in self._lines.items():
            if lines:
                marks = self._images[number].bytes_at("covered", len(lines))
                found |= {line for line, mark in zip(lines, marks, strict=True) if mark}
        return found

    @cached_property
    def _part_of_form(self) -> dict[str, int]:
        return {form: number for number, part in enumerate(self._plan) for form in part.forms}

    @cached_property
    def _part_of_function(self) -> dict[str, int]:
        return {function: number for number, part in enumerate(self._plan) for function in part.functions}

    def _has(self, number: int) -> bool:
        if number in self._images:
            return True
        if self.waits:
            self._ready((number,), None)
            return True
        from .builders import ABSENT, READY

        if self._builders.state(number) in (ABSENT, READY):
            # What is loaded refers to what comes before all else.
            loads = all(needed in self._images for needed in (CORE, DECODER) if needed < number)
            found = self._store.read(number) if loads else None
            if found is not None:
                self._load(number, found)
                return True
            self._builders.makes_all = True
            self._builders.want((number,))
        return False

    def _ready(self, numbers: Sequence[int], progress: Progress | None) -> None:
        """Loads parts, and builds those that are missing."""
        found = {number: self._store.read(number) for number in numbers if number not in self._images}
        absent = [number for number, part in found.items() if part is None]
        if absent:
            if len(self._description.forms) <= _FEW:
                self._build_here(absent, progress)
            else:
                self._builders.makes_all = not self.waits
                self._builders.wait(absent, progress)
            self._store.bound()
        for number, part in found.items():
            part = part or self._store.read(number)
            if part is None:
                raise EngineError("native code was built, and is not there", hint="--engine reference")
            self._load(number, part)

    def _build_here(self, numbers: Sequence[int], progress: Progress | None) -> None:
        for done, number in enumerate(numbers):
            if progress is not None:
                progress("building native code", done, len(numbers))
            self._maker.make(number)

    @cached_property
    def _maker(self) -> Maker:
        # Only where something is built: the writer's many modules take a tenth of a second.
        from .make import Maker

        return Maker(self._description, self._plan, self._store.paths, self._covering)

    @cached_property
    def _builders(self) -> Builders:
        from .builders import Builders

        def make(number: int) -> None:
            self._maker.make(number)

        return Builders(make, self._store.paths)

    def _load(self, number: int, part: PartFile) -> None:
        outside = ChainMap(*(self._images[needed].symbols for needed in (CORE, DECODER) if needed < number))
        if part.image is not None:
            image: LoadedImage | LoadedObject = LoadedImage(part.image, outside)
        else:
            name = f"trapline-{self.key}-{next(_numbers)}"
            image = LoadedObject(name, part.objects, part.symbols, outside=outside)
        self._images[number] = image
        self._lines[number] = part.lines
        self.operations |= part.operations
        forms = self._plan[number].forms
        if forms:
            self._enter(forms, image)

    def _enter(self, forms: Sequence[str], image: LoadedImage | LoadedObject) -> None:
        """Has the decoder find forms' handlers."""
        table = self._images[DECODER].address(PICKS)
        for form in forms:
            self._own[form] = own = image.address(plain(own_symbol(form)))
            self.variant_of[own] = form, -1
            pick = image.address(plain(pick_symbol(form)))
            self._picks[form] = _PICK(pick)
            ctypes.c_uint64.from_address(table + 8 * self._numbers_of_forms[form]).value = pick
            for number in itertools.count():
                handler = image.symbols.get(plain(variant_symbol(form, number)))
                if handler is None:
                    break
                self.variant_of[handler] = form, number

    @cached_property
    def _decoder(self) -> NativeDecoder:
        return NativeDecoder(self._images[DECODER].symbols, list(self._description.forms))

    @cached_property
    def _numbers_of_forms(self) -> dict[str, int]:
        return {form: number for number, form in enumerate(self._description.forms)}


def native_code(
    description: Description, progress: Progress | None = None, covering: bool = False, waits: bool = True
) -> NativeCode:
    """The native code of a description, from this process, the cache, or made now: its core is there afterwards.

    `covering`: a slower variant that notes which statements ran. `waits` False: what is not there is built beside the
    guest; with TRAPLINE_BUILD=wait in the environment it is waited for all the same. Raises EngineError without
    llvmlite, or where LLVM rejects the code.
    """
    key = _key(description, covering)
    waits = waits or os.environ.get("TRAPLINE_BUILD") == _WAIT
    found = _loaded.get(key)
    if found is None:
        name = _name(description, covering)
        plan = read_plan(name, key)
        if plan is None:
            from .parts import Planner

            plan = Planner(description, f"{toolchain()} {_emitter()} {_kind(description, covering)}").plan()
            write_plan(name, key, plan)
        found = _loaded[key] = NativeCode(description, key, plan, covering)
    found.waits = waits
    try:
        found.begin(progress)
    except EngineError:
        del _loaded[key]
        raise
    return found


def _name(description: Description, covering: bool) -> str:
    return f"{description.core or description.name}{'.covering' if covering else ''}"


def _kind(description: Description, covering: bool) -> str:
    # Code that notes what runs knows in which line that stands.
    return f"covering {description.edition}" if covering else ""


def _key(description: Description, covering: bool) -> str:
    of = _kind(description, covering) or description.fingerprint
    return hashlib.sha256(f"{of} {toolchain()} {_emitter()}".encode()).hexdigest()[:24]


@functools.cache
def _emitter() -> str:
    native = Path(__file__).resolve().parents[1]
    own = [path for room in _ROOMS for path in files_in(native / room, ".py")]
    return digest_of("emitter", [*own, *(str(native.parent / name) for name in _BESIDE)])
