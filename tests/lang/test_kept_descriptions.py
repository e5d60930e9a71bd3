"""Claims about descriptions in the cache: what costs nothing the second time, and what is never taken from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.isa import cache_files, cache_place
from trapline.isa.cache_files import cache_directory, digest_of
from trapline.isa.errors import TraplineError
from trapline.isa.lang import load
from trapline.isa.lang.load import load_core, load_files
from trapline.isa.lang.text import sources
from trapline.isa.lang.tree.diagnostics import Problems
from trapline.isa.model.stored import decode, encode

SPARE = 'function spare(x: u8) -> u8 "Nothing" { return x + 1 }\n'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache directory."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TRAPLINE_CACHE", str(folder))
    return folder


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read as text."""
    found: list[str] = []
    original = sources.read_sources

    def reading(
        files: list[Path], problems: Problems, relative_to: Path | None = None, _: object = None
    ) -> sources.Sources:
        return original(files, problems, relative_to, found.append)

    monkeypatch.setattr(sources, "read_sources", reading)
    return found


@pytest.mark.parametrize("core", ["power7", "armv7ve"])
def test_a_description_comes_back_as_it_was(core: str) -> None:
    """Each item of it, numbers of 128 bits included."""
    description = load_core(core)
    assert decode(encode(description)) == description


def test_no_pickle_is_read(cache: Path, read: list[str]) -> None:
    """Neither the loader nor what it loads knows pickles."""
    for module in (load, cache_files, decode.__globals__):
        names = module if isinstance(module, dict) else vars(module)
        assert "pickle" not in names


def test_the_users_own_files_are_kept_too(cache: Path, read: list[str], tmp_path: Path) -> None:
    """`--isa FILE` is read once, together with what it uses; an edited one is read again, and so is what it uses."""
    own, used = tmp_path / "own.isa", tmp_path / "used.isa"
    own.write_text('use "used.isa"\n')
    used.write_text(SPARE)
    first = load_core("power7", None, [own])
    assert read
    read.clear()
    assert load_core("power7", None, [own]) == first
    assert read == []
    used.write_text(SPARE.replace("+ 1", "+ 2"))
    second = load_core("power7", None, [own])
    assert str(used) in read
    assert second.functions["spare"] != first.functions["spare"]
    assert second.fingerprint != first.fingerprint


def test_a_comment_changes_no_meaning(tmp_path: Path) -> None:
    """What is made of a description has the same key with other comments, and another edition."""
    entry, changed = load.ENTRIES["power"], tmp_path / "own.isa"
    made = []
    for text in ("", "\n\n// A comment.\n"):
        changed.write_text(text + SPARE)
        made.append(load_files([entry, changed], "power7", load.ARCH))
    assert made[0].fingerprint == made[1].fingerprint
    assert made[0].edition != made[1].edition
    assert made[0].functions["spare"].line != made[1].functions["spare"].line


def test_a_damaged_entry_is_made_again(cache: Path, read: list[str]) -> None:
    """Truncated, empty, altered, of another shape, as another version could leave it: it counts as absent."""
    first = load_core("ppc970")
    (entry,) = cache.glob("ppc970-*.description")
    raw = entry.read_bytes()
    for damaged in (raw[:-1], b"", raw[:40] + b"x" + raw[41:]):
        entry.write_bytes(damaged)
        assert load._read_entry(entry) is None
    for content in (b"{}\n", b"no line", b'{"name": 3}\n'):
        assert cache_files.put_whole(entry, content)
        assert load._read_entry(entry) is None
    read.clear()
    load._in_process.clear()
    assert load_core("ppc970") == first
    assert read
    assert entry.read_bytes() == raw


def test_a_directory_that_others_can_write_to_is_refused(cache: Path) -> None:
    """What is read from it is executed; the message says how to make it safe."""
    cache.mkdir()
    cache.chmod(0o777)
    cache_place._refuse_shared.cache_clear()
    with pytest.raises(TraplineError, match="others can write to it") as caught:
        cache_directory()
    assert "chmod go-w" in (caught.value.hint or "")
    cache.chmod(0o700)
    cache_place._refuse_shared.cache_clear()
    assert cache_directory() == cache


def test_a_new_cache_directory_is_the_users_alone(cache: Path) -> None:
    """Whatever the umask says."""
    assert cache_files.put_in_place(cache / "x", b"1")
    assert cache.stat().st_mode & 0o077 == 0


def test_a_digest_follows_the_contents(cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files that have not been written to since are not read; an edit of the same length is seen."""
    file = tmp_path / "a.isa"
    file.write_text("one")
    monkeypatch.setattr(cache_files, "_SETTLED", -1.0)
    first = digest_of("test", [file])
    reads: list[Path] = []
    original = Path.read_bytes

    def reading(path: Path) -> bytes:
        reads.append(path)
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", reading)
    assert digest_of("test", [file]) == first
    assert file not in reads
    file.write_text("two")
    assert digest_of("test", [file]) != first


def test_a_file_that_was_just_written_is_read_again(cache: Path, tmp_path: Path) -> None:
    """Its time could be the same after the next edit."""
    file = tmp_path / "a.isa"
    file.write_text("one")
    digest_of("test", [file])
    assert not (cache / "test.stamp").exists()


def test_the_users_folder_is_what_platformdirs_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With and without XDG_CACHE_HOME."""
    import platformdirs

    for value in (str(tmp_path), "", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache_place._users_folder() == Path(platformdirs.user_cache_dir("trapline"))
