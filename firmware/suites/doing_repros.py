"""What `suite repro` does: a capsule's test again, in a debugger, smaller, or taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ...isa.command_line import echo
from ...isa.errors import TraplineError, reason_of
from .doing_runs import shrink as make_smaller
from .failures.capsule import read_capsule
from .failures.explain import explained, following_command
from .running.specs import parse_target


def do_repro(
    file: Path,
    gdb: bool,
    target: str | None,
    extract: Path | None,
    shrink: Path | None,
    seconds: float,
    isa: Sequence[Path],
) -> None:
    """See the command."""
    from .failures.repro import debug, run_again

    capsule = read_capsule(file)
    changes = tuple(str(one) for one in isa)
    if shrink is not None:
        if capsule.head.load is not None:
            raise TraplineError(
                f"{file} is a foreign test: its source is not there", "make it smaller where it is made"
            )
        manifest = capsule.manifest
        where = target or capsule.head.target
        spec = parse_target(where, manifest.machine, manifest.limits, changes, oracles=capsule.head.oracles)
        make_smaller(file, spec, seconds, shrink)
        return
    if extract is not None:
        _extract(file, extract)
        return
    if gdb:
        raise SystemExit(debug(capsule))
    run, same = run_again(capsule, target, changes)
    result = msgspec.structs.replace(capsule.head.result, run=run)
    if run.passed:
        echo(f"{capsule.manifest.suite}/{capsule.manifest.name} passes here: {run.reason}")
    else:
        echo("\n".join(explained(result, capsule.manifest, following_command(file))))
        echo("it fails as it did" if same else "it fails, but not as it did")
    if not same:
        raise SystemExit(1)


def _extract(file: Path, folder: Path) -> None:
    capsule = read_capsule(file)
    name = capsule.manifest.name
    files = {
        f"{name}.elf": capsule.elf,
        f"{name}.s": capsule.source.encode(),
        f"{name}.json": msgspec.json.format(msgspec.json.encode(capsule.manifest), indent=2),
        **{one: text.encode() for one, text in capsule.library.items()},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one, data in files.items():
            (folder / one).write_bytes(data)
    except OSError as error:
        raise TraplineError(f"cannot write {folder}: {reason_of(error)}", "name another folder") from error
    echo(f"{folder}: {', '.join(files)}")
