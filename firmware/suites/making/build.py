"""Builds a suite: cases from its generator, expectations from the reference engine, files into a folder."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from .... import __version__
from ....isa.errors import TraplineError, reason_of
from ..catalogue import generator_of
from ..definition import Suite
from .assembling import Linked
from .case import Case, Expected, LeftOut
from .context import Context
from .guests import library_for
from .manifest import FORMAT, GENERATOR_VERSION, CaseManifest, Entry, StepManifest, SuiteManifest, schema
from .oracle import Oracle, expected_of
from .patching import with_expectations
from .source import source_of

MANIFEST: Final = "suite.json"
_CHUNK: Final = 16
_RUNNER: Final = Path(__file__).resolve().parents[1] / "standalone" / "run.py"

Told = Callable[[int, int], None]
"""Called with how many tests are made, and how many there are to be."""


@dataclass(frozen=True)
class Wanted:
    """What is to be generated. `changes` are .isa files that change the description."""

    suite: Suite
    seed: int
    full: bool = False
    weights: tuple[tuple[str, float], ...] = ()
    changes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    """Names of cases; empty: all."""

    def context(self) -> Context:
        """For the generator."""
        return Context(self.suite, self.seed, self.full, dict(self.weights), self.changes, self.only)


@dataclass(frozen=True)
class MadeTest:
    """A test's files."""

    case: Case
    elf: bytes
    source: str
    expected: list[list[Expected]]


class Maker:
    """Makes tests out of cases, in this process."""

    def __init__(self, wanted: Wanted) -> None:
        self._context = wanted.context()
        self._library = library_for(self._context.description.name)
        self._linked = Linked(self._context.target, self._library)
        self._linked.prepare()
        self._oracle = Oracle(wanted.suite.machine, self._library, wanted.changes)
        suite = wanted.suite
        self._header = (
            f"Generated for suite {suite.name}, seed {wanted.seed}, by generator version {GENERATOR_VERSION};",
            f"core {self._context.description.core}, description {self._context.description.fingerprint[:16]}.",
            f"Linked with {self._library.name} at {self._library.base:#x}.",
        )

    def assembled(self, name: str, text: str) -> bytes:
        """The ELF file of a test's source.  Raises AssemblyErrors."""
        return self._linked.image(name, text).elf

    def make(self, case: Case) -> MadeTest | LeftOut:
        """The test, or why there is none.  Raises TraplineError for a case whose assembly is wrong."""
        try:
            image = self._linked.image(case.name, source_of(case, self._library, self._header))
        except TraplineError as error:
            if case.is_drawn:
                return LeftOut(case.name, case.title, f"it cannot be assembled: {error.message}")
            raise TraplineError(f"test {case.name} cannot be assembled: {error.message}", error.hint) from error
        blocks = self._oracle.blocks(image, len(case.steps))
        if isinstance(blocks, str):
            return LeftOut(case.name, case.title, blocks)
        expected = expected_of(case, blocks, self._library)
        text = source_of(case, self._library, self._header, expected)
        return MadeTest(case, with_expectations(image, expected, self._library), text, expected)


def cases_of(wanted: Wanted) -> list[Case | LeftOut]:
    """All that the generator yields.  Raises TraplineError for two of one name, or none."""
    found = list(generator_of(wanted.suite)(wanted.context()))
    names: set[str] = set()
    for one in found:
        if one.name in names:
            raise TraplineError(f"suite {wanted.suite.name}: two tests are called '{one.name}'", "see its generator")
        names.add(one.name)
    if not any(isinstance(one, Case) for one in found):
        raise TraplineError(f"suite {wanted.suite.name}: its generator yields no test", f"see {wanted.suite.generator}")
    if wanted.only:
        found = [one for one in found if one.name in wanted.only]
    return found


def made_tests(wanted: Wanted, jobs: int = 1, told: Told | None = None) -> Iterator[MadeTest | LeftOut]:
    """Each test in the generator's order."""
    cases = cases_of(wanted)
    total = len(cases)
    for done, one in enumerate(_made(wanted, cases, jobs), 1):
        if told is not None:
            told(done, total)
        yield one


def _made(wanted: Wanted, cases: Sequence[Case | LeftOut], jobs: int) -> Iterator[MadeTest | LeftOut]:
    if jobs < 2 or len(cases) < 2 * _CHUNK:
        maker = Maker(wanted)
        for one in cases:
            yield maker.make(one) if isinstance(one, Case) else one
        return
    chunks = [cases[at : at + _CHUNK] for at in range(0, len(cases), _CHUNK)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (wanted,)) as pool:
        for made in pool.map(_make_chunk, chunks):
            yield from made


_maker: Maker | None = None


def _begin(wanted: Wanted) -> None:
    global _maker
    _maker = Maker(wanted)


def _make_chunk(cases: Sequence[Case | LeftOut]) -> list[MadeTest | LeftOut]:
    assert _maker is not None
    return [_maker.make(one) if isinstance(one, Case) else one for one in cases]


def build_suite(wanted: Wanted, folder: Path, jobs: int = 1, told: Told | None = None) -> SuiteManifest:
    """Writes the whole suite into a folder, which appears only when it is whole.

    Raises TraplineError for a folder that holds something else, and for what cannot be written or made.
    """
    if folder.exists() and not (folder / MANIFEST).exists() and any(folder.iterdir()):
        raise TraplineError(f"{folder} holds something else than a suite", "name a new folder with -o")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise TraplineError(f"cannot write {folder}: {reason_of(error)}", "name another folder with -o") from error
    try:
        manifest = _write(wanted, part, jobs, told)
        part.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except OSError as error:
        raise TraplineError(f"cannot write {folder}: {reason_of(error)}", "name another folder with -o") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return manifest


def _write(wanted: Wanted, folder: Path, jobs: int, told: Told | None) -> SuiteManifest:
    context, suite = wanted.context(), wanted.suite
    description = context.description
    (folder / "tests").mkdir()
    (folder / "lib").mkdir()
    for file in library_for(description.name).files:
        shutil.copyfile(file, folder / "lib" / file.name)
    shutil.copyfile(_RUNNER, folder / "run.py")
    (folder / "manifest.schema.json").write_text(json.dumps(schema(), indent=2) + "\n")
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    for one in made_tests(wanted, jobs, told):
        if isinstance(one, LeftOut):
            left_out.append(one)
            continue
        case = one.case
        entry = Entry(
            case.name,
            case.title,
            case.tags,
            len(case.steps),
            tuple(dict.fromkeys(what for step in case.steps for what in step.covers)),
            f"tests/{case.name}.elf",
            f"tests/{case.name}.s",
            f"tests/{case.name}.json",
        )
        entries.append(entry)
        (folder / entry.elf).write_bytes(one.elf)
        (folder / entry.source).write_text(one.source)
        manifest = CaseManifest(
            FORMAT,
            suite.name,
            case.name,
            case.title,
            case.tags,
            wanted.seed,
            suite.generator,
            GENERATOR_VERSION,
            __version__,
            description.core,
            description.fingerprint,
            suite.machine,
            suite.limits,
            entry.elf,
            entry.source,
            steps_of(one),
        )
        (folder / entry.manifest).write_bytes(msgspec.json.encode(manifest))
    whole = SuiteManifest(
        FORMAT,
        suite.name,
        suite.title,
        wanted.seed,
        wanted.full,
        suite.generator,
        GENERATOR_VERSION,
        __version__,
        description.core,
        description.fingerprint,
        suite.machine,
        suite.limits,
        suite.groups,
        tuple(one.in_numbers(description) for one in suite.expected_failures),
        tuple(entries),
        tuple(left_out),
        suite.oracles,
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1))
    return whole


def steps_of(made: MadeTest) -> tuple[StepManifest, ...]:
    """A test's steps as the manifest has them."""
    return tuple(
        StepManifest(
            step.title,
            step.rule,
            tuple(
                {"word": one.word, "mask": hex(one.mask), "value": hex(one.value)}
                | ({"note": one.note} if one.note else {})
                for one in checks
                if one.mask
            ),
            {one.name: hex(one.value) for one in step.allowed},
            step.covers,
        )
        for step, checks in zip(made.case.steps, made.expected, strict=True)
    )


def pack(folder: Path, archive: Path) -> None:
    """The built suite as one compressed tar file, the same bytes for the same suite."""

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
        if any(one in info.name for one in ("results", "failures", "reach.json")):
            return None
        info.mtime = 0
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        return info

    with tarfile.open(archive, "w:xz") as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                out.add(path, f"{folder.name}/{path.relative_to(folder)}", filter=plain)


def key_of(wanted: Wanted) -> str:
    """Tells apart what would be built differently: definition, description, library, generators, and the model."""
    context = wanted.context()
    digest = hashlib.sha256()
    digest.update(msgspec.json.encode(wanted.suite))
    digest.update(repr((wanted.seed, wanted.full, wanted.weights, GENERATOR_VERSION, __version__)).encode())
    digest.update(context.description.fingerprint.encode())
    for file in library_for(context.description.name).files:
        digest.update(file.read_bytes())
    top = Path(__file__).resolve().parents[3]
    made_with = [*(top / "firmware" / "suites").rglob("*.py"), *(top / "server").rglob("*.py")]
    if ".py:" in wanted.suite.generator:
        made_with.append(Path(wanted.suite.folder) / wanted.suite.generator.rpartition(":")[0])
    for path in sorted(made_with):
        found = path.stat()
        digest.update(f"{path}:{found.st_size}:{found.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
