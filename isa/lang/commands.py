"""`trapline isa explain`, `diff`, `export` and `new`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..command_line import Argument, Option, echo

if TYPE_CHECKING:
    from ..model.items import Description

Core = Annotated[
    str | None, Option("--arch", "--core", help="The core: power7, ppc970, armv7ve, rv64, or one of --description.")
]
Entry = Annotated[Path | None, Option("--description", help="The entry file of a description of your own.")]
Changes = Annotated[list[Path] | None, Option("--isa", help="A file that changes the description; may be repeated.")]


def explain(
    what: Annotated[str, Argument(help="A word in hexadecimal (0x7C632214), or the name of anything described.")],
    arch: Core = None,
    description: Entry = None,
    isa: Changes = None,
) -> None:
    """Tell what a description says of a word or a name: bits, syntax, what it touches, and its own text."""
    from .load import ARCH
    from .products.explain import explain as told

    found = _load(arch, description, isa or [])
    echo(told(found, what, ARCH if description is None else description.parent))


def diff(
    old: Annotated[Path, Argument(help="The entry file of a description, or with --arch a file that changes it.")],
    new: Annotated[
        Path | None, Argument(help="The same of the other one; with --arch, OLD is compared with none.")
    ] = None,
    arch: Core = None,
) -> None:
    """Compare two descriptions in meaning: encodings, syntax, semantics, registers, calls. Ends with 1 if they differ.

    With --arch the shipped description is compared with what the files make of it.
    """
    from .products.compare import compare

    if arch is not None:
        before, after = (old, new) if new is not None else (None, old)
        sides = [_load(arch, None, [] if one is None else [one]) for one in (before, after)]
    elif new is None:
        from ..errors import TraplineError

        raise TraplineError("there is nothing to compare with", "name two entry files, or one change and --arch power7")
    else:
        sides = [_load(None, one, []) for one in (old, new)]
    lines = [*compare(*sides)]
    echo("\n".join(lines) if lines else "no difference in meaning")
    if lines:
        raise SystemExit(1)


def export(
    arch: Core = None,
    description: Entry = None,
    isa: Changes = None,
    schema: Annotated[bool, Option("--schema", help="Print the schema of the JSON instead.")] = False,
) -> None:
    """Print a description as JSON: all that a core has, but what its functions and instructions do."""
    import json

    from .products.export import export as exported
    from .products.export import schema as published

    data = published() if schema else exported(_load(arch, description, isa or []))
    echo(json.dumps(data, indent=None if not schema else 2, ensure_ascii=False))


def new(
    name: Annotated[str, Argument(help="What the architecture is called.")],
    output: Annotated[Path | None, Option("-o", "--output", help="Where to write; NAME.isa if left out.")] = None,
) -> None:
    """Write a description to begin with: a core with three instructions, a serial port, a board; it runs as it is."""
    from ..errors import TraplineError
    from .products.begin import begin

    path = output or Path(f"{name}.isa")
    if path.exists():
        raise TraplineError(f"{path} exists already", "give another name, or -o")
    path.write_text(begin(name), encoding="utf-8")
    echo(f"wrote {path}; now: trapline isa check {path}")


def fmt(
    files: Annotated[list[Path] | None, Argument(help="Files to format; - is standard input.")] = None,
    arch: Annotated[str | None, Option("--arch", help="All files of a description that comes with Trapline.")] = None,
    check: Annotated[bool, Option("--check", help="Change nothing; end with 1 if a file would be changed.")] = False,
) -> None:
    """Put descriptions into the house style: blanks and ends of lines alone change, comments stay where they are.

    A file that does not parse is left as it is, and told.
    """
    import sys

    from ..errors import TraplineError
    from .load import shipped_entry
    from .products.format import formatted
    from .text.parse import parse
    from .tree.diagnostics import render

    paths = [*(files or []), *(sorted(shipped_entry(arch).parent.rglob("*.isa")) if arch is not None else [])]
    if not paths:
        raise TraplineError("there is nothing to format", "name the files, or a description with --arch power")
    changed, wrong = [], 0
    for path in paths:
        piped = str(path) == "-"
        raw = sys.stdin.buffer.read() if piped else path.read_bytes()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise TraplineError(f"{path} is not UTF-8 text", "save it as UTF-8") from error
        mistakes = parse(text.replace("\r\n", "\n").replace("\r", "\n"), str(path))[1]
        for mistake in mistakes:
            echo(render(mistake, {str(path): text}), err=True)
        wrong += bool(mistakes)
        made = text if mistakes else formatted(text)
        if made != text:
            changed.append(path)
        if piped and not check:
            echo(made.removesuffix("\n"))
        elif made != text and not check:
            path.write_bytes(made.encode("utf-8"))
    verb = "would be changed" if check else "changed"
    if changed and not (len(paths) == 1 and str(paths[0]) == "-"):
        echo("\n".join(f"{path}: {verb}" for path in changed), err=True)
    if wrong or (check and changed):
        raise SystemExit(1)


def doc(
    output: Annotated[Path, Option("-o", "--output", help="The folder that the pages are written into.")],
    arch: Core = None,
    description: Entry = None,
    isa: Changes = None,
) -> None:
    """Write a core's pages in Markdown (MyST): each instruction with its encoding as a picture, fields, syntax, meaning
    and faults; registers, interrupts, hypervisor calls, return codes. `make docs` has them in the site."""
    from .load import ARCH
    from .products.pages import pages

    found = _load(arch, description, isa or [])
    made = pages(found, ARCH if description is None else description.parent)
    for name, text in made.items():
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    echo(f"{output}: {len(made)} pages")


def lsp() -> None:
    """Serve an editor: the language server for descriptions, over standard input and output.

    Needs the extra `lsp` (pygls). editors/vscode has the extension for VS Code; any client can run this command.
    """
    from ..errors import TraplineError

    try:
        from ..editor.server import serve_standard_streams
    except ModuleNotFoundError as error:
        raise TraplineError(f"the language server needs {error.name}", "pip install 'trapline[lsp]'") from error
    serve_standard_streams()


def _load(core: str | None, entry: Path | None, changes: list[Path]) -> Description:
    from ..errors import TraplineError
    from ..progress import shown_progress
    from .load import load_core

    if core is None and entry is None:
        raise TraplineError("nothing says which core this is about", "give --arch power7, say, or --description FILE")
    with shown_progress() as progress:
        return load_core(core or "", progress, changes, entry)
