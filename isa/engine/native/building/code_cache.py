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
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ....cache_files import note_use, old_files, put_in_place, remove_old
from ....lang.load import cache_directory
from ....model.items import Description
from ..shared import SPECIAL_HANDLERS, Assumptions, Operation, Progress, decoder_names
from .compiler import LoadedObject, host_has_fma, toolchain

_ROOMS = ("shared", "text", "floats", "bodies", "memory", "handlers", "building")
"""Where the emitter is."""
_BESIDE = ("layout.py", "purity.py", "python_helpers.py")
"""What it uses of the engines' folder."""
_FORMAT = b"trapline native code 2\n"
"""What an entry begins with; the number changes with what stands in it."""
_loaded: dict[str, NativeCode] = {}
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class NativeCode:
    """Code in this process: `run` begins execution, `handlers` gives each form's, `special` what is no form's,
    `calls` are functions that Python can call.

    In code that notes what runs, `lines` are the packed lines of its statements, in the order of their marks.
    """

    key: str
    """What it depends on."""
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
    objects: dict[str, bytes]
    """By the digests of their modules."""
    toolchain: str
    operations: tuple[Operation, ...]
    forms: tuple[str, ...]
    variants: tuple[tuple[str, Assumptions], ...]
    functions: tuple[str, ...]
    lines: tuple[int, ...]

    def packed(self) -> bytes:
        operations = [asdict(operation) for operation in self.operations]
        facts: dict[str, object] = {"operations": operations, "forms": self.forms, "variants": self.variants}
        facts |= {"functions": self.functions, "lines": self.lines, "toolchain": self.toolchain}
        facts["objects"] = [(digest, len(image)) for digest, image in self.objects.items()]
        head = json.dumps(facts).encode()
        payload = len(head).to_bytes(4, "little") + head + b"".join(self.objects.values())
        return _FORMAT + hashlib.sha256(payload).digest() + payload

    @classmethod
    def unpacked(cls, data: bytes) -> _Entry | None:
        start = len(_FORMAT)
        checksum, payload = data[start : start + 32], data[start + 32 :]
        if not data.startswith(_FORMAT) or hashlib.sha256(payload).digest() != checksum:
            return None
        end = 4 + int.from_bytes(payload[:4], "little")
        facts = json.loads(payload[4:end])
        operations = tuple(
            Operation(made["name"], tuple(made["constants"]), made["order"], tuple(made["widths"]))
            for made in facts["operations"]
        )
        variants = tuple((form, tuple((name, bits) for name, bits in assumed)) for form, assumed in facts["variants"])
        forms, functions, lines = (tuple(facts[name]) for name in ("forms", "functions", "lines"))
        objects = {}
        for digest, size in facts["objects"]:
            objects[digest] = payload[end : end + size]
            end += size
        return cls(objects, facts["toolchain"], operations, forms, variants, functions, lines)


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
            entry = _build(description, progress, covering, _known_objects(path))
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
    native = Path(__file__).resolve().parent.parent
    own = [path for room in _ROOMS for path in sorted((native / room).glob("*.py"))]
    for path in [*own, *(native.parent / name for name in _BESIDE)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _known_objects(path: Path) -> dict[str, bytes]:
    """What entries of other versions of a description have in common with this one, perhaps."""
    found: dict[str, bytes] = {}
    for other in old_files(path.parent, _versions(path)):
        entry = _read(other)
        if entry is not None and entry.toolchain == toolchain():
            found |= entry.objects
    return found


def _versions(path: Path) -> str:
    """A pattern for the names of a description's entries."""
    return rf"{re.escape(path.name.rsplit('-', 1)[0])}-[0-9a-f]{{24}}\.native"


def _build(
    description: Description, progress: Progress | None, covering: bool, known: Mapping[str, bytes]
) -> _Entry:
    # Only where something is built: the writer's many modules take a tenth of a second.
    from .compilers import Compilers
    from .module import emit_module

    with Compilers(known) as compilers:
        emitted = emit_module(description, host_has_fma(), compilers.submit, progress, covering)
        objects = compilers.objects(progress)
    return _Entry(
        objects,
        toolchain(),
        emitted.operations,
        emitted.forms,
        emitted.variants,
        emitted.functions,
        emitted.lines,
    )


def _load(entry: _Entry, key: str, description: Description) -> NativeCode:
    names = decoder_names(description)
    symbols = ("handlers", "run", "calls", "covered", "beside", *names)
    image = LoadedObject(f"trapline-{key}-{next(_numbers)}", [*entry.objects.values()], symbols)
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
        key,
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
        remove_old(path.parent, _versions(path))
