"""Repro capsules: one file with everything that is needed to see a failure again. The format has a version.

A capsule is a zip file: `capsule.json` (what ran on what, what came), the test's ELF file, source and manifest, and the
guest library's sources.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import msgspec

from .... import __version__
from ....isa.errors import TraplineError, reason_of
from ..making.manifest import CaseManifest, Entry, foreign_manifest
from ..oracles.rule import OracleRule
from ..running.loading import Loading
from ..running.results import Result
from ..running.runner import BuiltSuite

FORMAT: Final = 1
SUFFIX: Final = ".capsule"
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
_MOST: Final = 64 << 20


class CapsuleHead(msgspec.Struct, frozen=True):
    """`capsule.json`. `target` is as `--target` had it, `changes` are the names of .isa files in the capsule."""

    format: int
    trapline: str
    suite: str
    test: str
    target: str
    result: Result
    shrunk_from: str = ""
    """The test that this one was made smaller from."""
    load: Loading | None = None
    """Of a foreign test: how it is loaded. Its files are those of the capsule, by the same names."""
    oracles: dict[str, OracleRule] = {}
    """What the suite says of oracles."""


class Capsule(msgspec.Struct, frozen=True):
    """A capsule in memory."""

    head: CapsuleHead
    manifest: CaseManifest
    elf: bytes
    source: str
    library: dict[str, str]
    files: dict[str, bytes] = {}
    """Of a foreign test: whatever else is loaded, by the paths that `load` has."""


def capsule_of(suite: BuiltSuite, result: Result, target: str) -> Capsule:
    """Of a test of a built suite."""
    entry = next(one for one in suite.manifest.tests if one.name == result.test)
    folder = suite.folder
    if entry.load is not None:
        return _foreign(suite, entry, entry.load, result, target)
    return Capsule(
        CapsuleHead(
            FORMAT, __version__, suite.manifest.suite, result.test, target, result, oracles=suite.manifest.oracles
        ),
        msgspec.json.decode((folder / entry.manifest).read_bytes(), type=CaseManifest),
        (folder / entry.elf).read_bytes(),
        (folder / entry.source).read_text(),
        {path.name: path.read_text() for path in sorted((folder / "lib").glob("*.s"))},
    )


def _foreign(suite: BuiltSuite, entry: Entry, load: Loading, result: Result, target: str) -> Capsule:
    head = CapsuleHead(FORMAT, __version__, suite.manifest.suite, result.test, target, result, "", load)
    paths = [one.partition("@")[0] for one in (load.initrd, load.dtb, load.bios, *load.load) if one]
    elf = Path(entry.elf).read_bytes() if entry.elf else b""
    files = {one: Path(one).read_bytes() for one in paths}
    return Capsule(head, foreign_manifest(suite.manifest, entry), elf, "", {}, files)


def write_capsule(capsule: Capsule, path: Path) -> None:
    """The same bytes for the same capsule.  Raises TraplineError where it cannot be written."""
    head = msgspec.json.format(msgspec.json.encode(capsule.head), indent=2)
    files: dict[str, bytes] = {
        "capsule.json": head,
        "test.json": msgspec.json.encode(capsule.manifest),
        "test.elf": capsule.elf,
        "test.s": capsule.source.encode(),
        **{f"lib/{name}": text.encode() for name, text in capsule.library.items()},
        **{f"files/{name.lstrip('/')}": data for name, data in capsule.files.items()},
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, _STAMP), data, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise TraplineError(
            f"cannot write {path}: {reason_of(error)}", "name another folder with --failures"
        ) from error


def read_capsule(path: Path) -> Capsule:
    """Raises TraplineError for a file that is none, or of another version."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MOST:
                raise TraplineError(f"{path} is too large for a capsule", "see the file")
            head = msgspec.json.decode(archive.read("capsule.json"), type=CapsuleHead)
            if head.format != FORMAT:
                raise TraplineError(
                    f"{path}: capsules of format {head.format} are not known here",
                    f"it was written by trapline {head.trapline}",
                )
            library = {
                name.removeprefix("lib/"): archive.read(name).decode()
                for name in archive.namelist()
                if name.startswith("lib/")
            }
            files = {
                "/" + name.removeprefix("files/"): archive.read(name)
                for name in archive.namelist()
                if name.startswith("files/")
            }
            return Capsule(
                head,
                msgspec.json.decode(archive.read("test.json"), type=CaseManifest),
                archive.read("test.elf"),
                archive.read("test.s").decode(),
                library,
                files,
            )
    except OSError as error:
        raise TraplineError(f"{path}: {reason_of(error)}", "check the path") from error
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise TraplineError(f"{path} is no repro capsule: {error}", "`trapline suite run` writes them") from error
