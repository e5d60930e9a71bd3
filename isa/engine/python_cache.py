"""Generated modules in the user's cache directory: the readable source, and its compiled code.

An entry is keyed by the description's fingerprint, by everything that generates (the files beside this one and the
typed form) and by the Python version. The code carries a checksum: a damaged or stale entry is made again. Files are
put in place in one step, so that several processes can fill the cache at once.
"""

from __future__ import annotations

import functools
import hashlib
import marshal
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

from ..cache_files import cache_directory, digest_of, files_in, put_in_place, put_whole, remove_old, whole
from ..model import code as typed_code
from .python_helpers import HELPERS


@functools.cache
def generator_version() -> str:
    """Changes whenever what generates, or what generated code rests on, changes."""
    folder = Path(__file__).resolve().parent
    writers = [path for path in files_in(folder, ".py") if Path(path).name.startswith("python_")]
    own: list[Path | str] = [folder / "layout.py", folder / "purity.py", *writers, typed_code.__file__]
    return f"{sys.version} {digest_of('generator', own)}"


def load_generated(
    name: str, fingerprint: str, write: Callable[[], str], extra: dict[str, object]
) -> dict[str, object]:
    """The namespace of a generated module. `name` tells modules of one description apart; `write` makes its source.

    `extra` is put into the namespace beside the helpers. Without a fingerprint nothing is cached.
    """
    namespace: dict[str, object] = {"__name__": f"generated.{name}", **HELPERS, **extra}
    exec(_code(name, fingerprint, write), namespace)
    return namespace


def _code(name: str, fingerprint: str, write: Callable[[], str]) -> CodeType:
    if not fingerprint:
        return compile(write(), f"<generated {name}>", "exec")
    key = hashlib.sha256(f"{fingerprint} {generator_version()}".encode()).hexdigest()[:24]
    source_path = cache_directory() / f"{name}-{key}.engine.py"
    code_path = source_path.with_suffix(".code")
    cached = _read(code_path)
    if cached is not None:
        return cached
    source = write()
    compiled = compile(source, str(source_path), "exec")
    if put_in_place(source_path, source.encode()) and put_whole(code_path, marshal.dumps(compiled)):
        for suffix in ("py", "code"):
            remove_old(cache_directory(), rf"{re.escape(name)}-[0-9a-f]{{24}}\.engine\.{suffix}")
    return compiled


def _read(path: Path) -> CodeType | None:
    """The compiled code, or None where there is none that is whole."""
    content = whole(path)
    if content is None:
        return None
    loaded = marshal.loads(content)
    return loaded if isinstance(loaded, CodeType) else None
