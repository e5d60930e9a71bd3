"""Native code of descriptions, kept in the user's cache directory.

An entry is made once for a description, emitter, LLVM and processor. It carries a checksum: a damaged one counts as
absent. Entries are put in place in one step, so two processes that build at once do not clash.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from ...cache_files import note_use, put_in_place, remove_old
from ...lang.load import cache_directory
from ...model.items import Description
from .compiler import LoadedObject, compile_object, host_has_fma, toolchain
from .decode_text import Assumptions, decoder_names
from .operations import Operation
from .special_handlers import SPECIAL_HANDLERS, Progress

_loaded: dict[str, NativeCode] = {}
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class NativeCode:
    """Code in this process: `run` begins execution, `handlers` gives each form's, `special` what is no form's,
    `calls` are functions that Python can call.

    In code that notes what runs, `lines` are the packed lines of its statements, in the order of their marks.
    """

    image: LoadedObject
    run: int
    special: dict[str, int]
    handlers: dict[str, int]
    variants: dict[str, tuple[tuple[Assumptions, int], ...]]
    """By form, the handlers of its variants, each with what it assumes; the first that fits is the best."""
    operations: tuple[Operation, ...]
    calls: dict[str, int]
    lines: tuple[int, ...]
    decoders: dict[str, int]
    """By symbol (see `decode_text`); each gives the number of an instruction's handler."""
    table: tuple[int, ...]
    """All handlers by number."""
    beside: int
    """See `beside_text`."""

    def covered(self) -> set[int]:
        """The packed lines of the statements that have run."""
        marks = self.image.bytes_at("covered", len(self.lines))
        return {line for line, mark in zip(self.lines, marks, strict=True) if mark}


@dataclass(frozen=True, slots=True)
class _Entry:
    image: bytes
    operations: tuple[Operation, ...]
    forms: tuple[str, ...]
    variants: tuple[tuple[str, Assumptions], ...]
    functions: tuple[str, ...]
    lines: tuple[int, ...]

    def packed(self) -> bytes:
        operations = [asdict(operation) for operation in self.operations]
        facts: dict[str, object] = {"operations": operations, "forms": self.forms, "variants": self.variants}
        facts |= {"functions": self.functions, "lines": self.lines}
        head = json.dumps(facts).encode()
        payload = len(head).to_bytes(4, "little") + head + self.image
        return hashlib.sha256(payload).digest() + payload

    @classmethod
    def unpacked(cls, data: bytes) -> _Entry | None:
        checksum, payload = data[:32], data[32:]
        if len(data) < 36 or hashlib.sha256(payload).digest() != checksum:
            return None
        end = 4 + int.from_bytes(payload[:4], "little")
        facts = json.loads(payload[4:end])
        operations = tuple(
            Operation(made["name"], tuple(made["constants"]), made["order"], tuple(made["widths"]))
            for made in facts["operations"]
        )
        variants = tuple((form, tuple((name, bits) for name, bits in assumed)) for form, assumed in facts["variants"])
        forms, functions, lines = (tuple(facts[name]) for name in ("forms", "functions", "lines"))
        return cls(payload[end:], operations, forms, variants, functions, lines)


def native_code(description: Description, progress: Progress | None = None, covering: bool = False) -> NativeCode:
    """The native code of a description: from this process, the cache, or made now, which takes seconds.

    `covering`: a slower variant that notes which statements ran. Raises EngineError without llvmlite, or where LLVM
    rejects the code.
    """
    kind = ".covering" if covering else ""
    key = _key(description) + kind
    if key not in _loaded:
        path = cache_directory() / f"{description.core or description.name}{kind}-{_key(description)}.native"
        entry = _read(path)
        if entry is None:
            entry = _build(description, progress, covering)
            _write(path, entry)
        else:
            note_use(path)
        _loaded[key] = _load(entry, key, description)
    return _loaded[key]


def _key(description: Description) -> str:
    digest = hashlib.sha256(f"{description.fingerprint} {toolchain()} ".encode())
    digest.update(_emitter().encode())
    return digest.hexdigest()[:24]


@functools.cache
def _emitter() -> str:
    digest = hashlib.sha256()
    own = Path(__file__).resolve().parent
    for path in [*sorted(own.glob("*.py")), own.parent / "layout.py"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _build(description: Description, progress: Progress | None, covering: bool) -> _Entry:
    # Only where something is built: the writer's many modules take a tenth of a second.
    from .module import emit_module

    emitted = emit_module(description, host_has_fma(), progress, covering)

    def step(what: str) -> None:
        if progress is not None:
            progress(what, 0, 1)

    image = compile_object(emitted.text, step)
    return _Entry(image, emitted.operations, emitted.forms, emitted.variants, emitted.functions, emitted.lines)


def _load(entry: _Entry, key: str, description: Description) -> NativeCode:
    names = decoder_names(description)
    symbols = ("handlers", "run", "calls", "covered", "beside", *names)
    image = LoadedObject(f"trapline-{key}-{next(_numbers)}", entry.image, symbols)
    first = len(SPECIAL_HANDLERS)
    second = first + len(entry.forms)
    pointers = image.pointers("handlers", second + len(entry.variants))
    special = dict(zip(SPECIAL_HANDLERS, pointers[:first], strict=True))
    handlers = dict(zip(entry.forms, pointers[first:second], strict=True))
    variants: dict[str, tuple[tuple[Assumptions, int], ...]] = {}
    for (form, assumed), pointer in zip(entry.variants, pointers[second:], strict=True):
        variants[form] = (*variants.get(form, ()), (assumed, pointer))
    calls = dict(zip(entry.functions, image.pointers("calls", len(entry.functions)), strict=True))
    decoders = {name: image.address(name) for name in names}
    return NativeCode(
        image,
        image.address("run"),
        special,
        handlers,
        variants,
        entry.operations,
        calls,
        entry.lines,
        decoders,
        pointers,
        image.address("beside"),
    )


def _read(path: Path) -> _Entry | None:
    try:
        return _Entry.unpacked(path.read_bytes())
    except OSError:
        return None


def _write(path: Path, entry: _Entry) -> None:
    """A cache that cannot be written is no error."""
    if put_in_place(path, entry.packed()):
        remove_old(path.parent, rf"{re.escape(path.name.rsplit('-', 1)[0])}-[0-9a-f]{{24}}\.native")
