"""Our own modules in one file of the cache directory, as a start loads two hundred of them.

Python looks for each module on its own: in its folder, for its source's time, then for the file with its code. Here
the code comes from one file that is mapped, with the time and size that the source had. If it has others now, if the
code is damaged, or if there is no file, Python does what it always does: nothing depends on whether it was there.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import marshal
import mmap
import os
import sys
from binascii import crc32
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final, NamedTuple

from .cache_place import cache_directory
from .errors import TraplineError

_MAGIC: Final = b"trapline modules 1\n"
_HEAD: Final = len(_MAGIC) + 8
"""Bytes before the index: its size and checksum behind the magic."""
_MOST_MISSED: Final = 8
"""Modules that a run may have found otherwise until the file is written anew."""
_KEPT: Final = 4
"""Files, of other places and versions."""


class _Known(NamedTuple):
    """Where a module's code is, with its checksum, and the source that it was made from."""

    is_package: bool
    changed: int
    size: int
    start: int
    length: int
    checksum: int


class _Loader(importlib.machinery.SourceFileLoader):
    """Python's own, but for where the code comes from."""

    def __init__(self, name: str, path: str, code: memoryview) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType | None:
        """See `InspectLoader`."""
        made: CodeType = marshal.loads(self._code)
        return made


class KeptModules:
    """A finder for a package's modules (see `importlib.abc.MetaPathFinder`)."""

    def __init__(self, package: str, root: Path, file: Path) -> None:
        """`root` is the package's folder; what was kept is read from `file`, if that is whole."""
        self._package = package
        self._root = str(root)
        self._file = file
        self._index: dict[str, _Known] = {}
        self._content = memoryview(b"")
        self.missed = 0
        """Modules that Python had to find."""
        with contextlib.suppress(OSError, ValueError, TypeError, EOFError):
            self._read()

    def _read(self) -> None:
        with self._file.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        size, checksum = (int.from_bytes(content[at : at + 4], "little") for at in (len(_MAGIC), len(_MAGIC) + 4))
        index = content[_HEAD : _HEAD + size]
        if bytes(content[: len(_MAGIC)]) != _MAGIC or len(index) != size or crc32(index) != checksum:
            return
        self._index = {name: _Known(*known) for name, *known in marshal.loads(index)}
        self._content = content[_HEAD + size :]

    def find_spec(
        self, name: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module, if its source is what it was."""
        if not name.startswith(f"{self._package}."):
            return None
        known = self._index.get(name)
        place = None if known is None else self._source(name, known)
        if known is None or place is None:
            self.missed += 1
            return None
        code = self._content[known.start : known.start + known.length]
        if crc32(code) != known.checksum:
            self.missed += 1
            return None
        folders = [os.path.dirname(place)] if known.is_package else None  # noqa: PTH120 - of hundreds of modules
        loader = _Loader(name, place, code)
        return importlib.util.spec_from_file_location(name, place, loader=loader, submodule_search_locations=folders)

    def _source(self, name: str, known: _Known) -> str | None:
        """Where a module's source is, if nothing was written to it."""
        ending = "/__init__.py" if known.is_package else ".py"
        place = self._root + name[len(self._package) :].replace(".", "/") + ending
        try:
            found = os.stat(place)  # noqa: PTH116 - the same
        except OSError:
            return None
        return place if (found.st_mtime_ns, found.st_size) == (known.changed, known.size) else None

    def keep(self) -> None:
        """Writes the file anew, where this process had to find much otherwise. A cache that cannot be written is no
        error."""
        if self.missed < _MOST_MISSED:
            return
        found = {name: (known, self._content[known.start : known.start + known.length])
                 for name, known in self._index.items() if self._source(name, known)}  # fmt: skip
        for name, module in list(sys.modules.items()):
            if name.startswith(f"{self._package}."):
                made = _made(module)
                if made is not None:
                    found[name] = made
        index, content = [], bytearray()
        for name, (known, code) in found.items():
            index.append((name, *known._replace(start=len(content))))
            content += code
        packed = marshal.dumps(index)
        head = len(packed).to_bytes(4, "little") + crc32(packed).to_bytes(4, "little")
        self._put(_MAGIC + head + packed + content)

    def _put(self, content: bytes) -> None:
        part = self._file.with_name(f".{os.getpid()}-modules.part")
        with contextlib.suppress(OSError):
            part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                part.write_bytes(content)
                part.replace(self._file)
            finally:
                # On a full disk what there is of it goes again.
                part.unlink(missing_ok=True)
            others = sorted(self._file.parent.glob("*.modules"), key=lambda path: path.stat().st_mtime)
            for path in others[:-_KEPT]:
                path.unlink(missing_ok=True)


def _made(module: ModuleType) -> tuple[_Known, memoryview] | None:
    """A module's code, as Python has kept it beside its source; else made once more."""
    spec = module.__spec__
    if spec is None or spec.origin is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
        return None
    try:
        found = Path(spec.origin).stat()
        code = _beside(spec, found) or memoryview(marshal.dumps(spec.loader.get_code(spec.name)))
    except (OSError, SyntaxError, ValueError):
        return None
    is_package = spec.submodule_search_locations is not None
    return _Known(is_package, found.st_mtime_ns, found.st_size, 0, len(code), crc32(code)), code


def _beside(spec: importlib.machinery.ModuleSpec, source: os.stat_result) -> memoryview | None:
    """What Python has kept of a source as it is now, if it has: behind version, no flags, time and size (PEP 552)."""
    try:
        made = Path(spec.cached or "").read_bytes()
    except OSError:
        return None
    seen = b"".join((int(number) & 0xFFFF_FFFF).to_bytes(4, "little") for number in (source.st_mtime, source.st_size))
    head = importlib.util.MAGIC_NUMBER + bytes(4) + seen
    return memoryview(made)[len(head) :] if made.startswith(head) else None


def use_kept_modules() -> KeptModules | None:
    """Has this process look there first; None where the cache directory is not to be trusted."""
    root = Path(__file__).parent.parent
    what = f"{root} {sys.implementation.cache_tag} {sys.flags.optimize} {importlib.util.MAGIC_NUMBER.hex()}"
    try:
        file = cache_directory() / f"{crc32(what.encode()):08x}.modules"
    except TraplineError:
        # The command that needs the directory says so.
        return None
    modules = KeptModules(__name__.partition(".")[0], root, file)
    sys.meta_path.insert(0, modules)
    return modules
