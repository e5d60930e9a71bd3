"""Results that are kept in a file from call to call: a long run may be made in slices, and be interrupted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from ...isa.errors import TraplineError, reason_of
from .breakage import Breakage


class Kept(msgspec.Struct, frozen=True):
    """A line of the file. `how` is `caught`, `MISSED` or `NO RUN`; `key` tells breakage and number of tests."""

    key: str
    title: str
    how: str
    said: str


class KeptResults:
    """A file with a result a line; written as they come. Without a path nothing is kept."""

    def __init__(self, path: Path | None, judge: str) -> None:
        """`judge` says who judges: results of other judges are others. Raises TraplineError."""
        self._path, self._judge = path, judge
        self._known: dict[str, Kept] = {}
        if path is None or not path.exists():
            return
        try:
            lines = path.read_bytes().splitlines()
            self._known = {one.key: one for one in (msgspec.json.decode(line, type=Kept) for line in lines)}
        except OSError as error:
            raise TraplineError(f"cannot read {path}: {reason_of(error)}", "name another file") from error
        except msgspec.MsgspecError as error:
            raise TraplineError(f"{path} holds something else than results: {error}", "name another file") from error

    def find(self, breakage: Breakage) -> tuple[str, str] | None:
        """How it went and what was said, if it was judged before."""
        found = self._known.get(self._key(breakage))
        return None if found is None else (found.how, found.said)

    def keep(self, breakage: Breakage, how: str, said: str) -> None:
        """Writes a result.  Raises TraplineError."""
        if self._path is None:
            return
        line = msgspec.json.encode(Kept(self._key(breakage), breakage.title, how, said))
        try:
            with self._path.open("ab") as out:
                out.write(line + b"\n")
        except OSError as error:
            raise TraplineError(f"cannot write {self._path}: {reason_of(error)}", "name another file") from error

    def _key(self, breakage: Breakage) -> str:
        parts = (self._judge, breakage.file, breakage.guest, breakage.line, breakage.broken)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
