"""The `trapline` command line: it only puts together the commands that each folder offers.

Every folder has a `cli` module whose `COMMANDS` are its commands. Those modules import what is heavy (Lark, LLVM)
inside the commands, and a usual command line is read without Typer, so that a command begins at once.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from . import __version__
from .isa.command_line import Command, Group, echo
from .isa.command_line.streams import mend_standard_streams
from .isa.errors import TraplineError, reason_of

if TYPE_CHECKING:
    import typer

EXIT_BUG = 1
EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
SUMMARY = "A GDB server in front of described CPU cores and hypervisor models."


class Folder(Protocol):
    """The `cli` module of a folder."""

    COMMANDS: Sequence[Command | Group]

    def register(self, app: typer.Typer) -> None:
        """Adds the folder's commands to a Typer application."""


class _Folders:
    """The folders' modules in the order in which help lists them, each imported when it is come to."""

    def __iter__(self) -> Iterator[Folder]:
        for name in ("isa.lang", "asmgen", "server", "firmware", "tools"):
            folder: Folder = import_module(f".{name}.cli", __package__)
            yield folder


_FOLDERS = _Folders()


def build_app() -> typer.Typer:
    """Return the application with the commands of all folders in it."""
    import typer

    def show_version(wanted: bool) -> None:
        if wanted:
            echo(f"trapline {__version__}")
            raise typer.Exit

    shown = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Show the version.")

    def options(version: bool = shown) -> None:
        pass

    app = typer.Typer(
        name="trapline",
        help=SUMMARY,
        no_args_is_help=True,
        # `main` decides what a person sees of an error, in one place.
        pretty_exceptions_enable=False,
    )
    app.callback(help=SUMMARY)(options)
    for folder in _FOLDERS:
        folder.register(app)
    return app


def run_plainly(words: Sequence[str]) -> bool:
    """Does what a usual command line says, or returns False: then the library is to look at it.

    That is: the version, help for a pipe or a file, and a command with what it takes. See `isa.command_line`.
    """
    if "_TRAPLINE_COMPLETE" in os.environ:  # a shell asks for completions
        return False
    if [*words] == ["--version"]:
        echo(f"trapline {__version__}")
        return True
    path, summary = ["trapline"], SUMMARY
    entries: Iterable[Command | Group] = (entry for folder in _FOLDERS for entry in folder.COMMANDS)
    for at, word in enumerate(words):
        if word == "--help" and not sys.stdout.isatty():
            from .isa.command_line.plain import help_of_commands, row

            own = row("--version", "Show the version.") if len(path) == 1 else ""
            echo(help_of_commands(" ".join(path), summary, list(entries), own))
            return True
        found = next((entry for entry in entries if entry.name == word), None)
        if found is None:
            return False
        path.append(word)
        if isinstance(found, Command):
            return _run_command(" ".join(path), found, words[at + 1 :])
        entries, summary = found.commands, found.summary
    return False


def _run_command(path: str, command: Command, words: Sequence[str]) -> bool:
    if "--help" in words:
        if sys.stdout.isatty() or words[0] != "--help":
            return False
        from .isa.command_line.plain import help_of_command

        echo(help_of_command(path, command))
        return True
    from .isa.command_line.reading import read

    values = read(command.function, words)
    if values is None:
        return False
    _load_structs()
    command.function(**values)
    return True


def _load_structs() -> None:
    """Loads msgspec without `typing_extensions`, which it can do without, and which takes as long as thirty modules of
    ours: it takes from there what `typing` has, too."""
    modules = cast(dict[str, object], sys.modules)
    if "msgspec" in modules or "typing_extensions" in modules:
        return
    modules["typing_extensions"] = None
    try:
        import_module("msgspec")
    finally:
        del modules["typing_extensions"]


def report_user_error(error: TraplineError) -> None:
    """Print one clear message, and the way out where the error knows one, to standard error."""
    lines = [("error: ", "bold red", error.message)]
    if error.hint is not None:
        lines.append(("hint: ", "bold cyan", error.hint))
    if not sys.stderr.isatty():
        for label, _, text in lines:
            echo(label + text, err=True)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for label, style, text in lines:
        console.print(Text(label, style=style).append(text, style="default"))


def report_bug() -> None:
    """Print the traceback of the exception in flight and ask for a report."""
    import traceback

    traceback.print_exc()
    print(
        f"\nThis is a bug in trapline {__version__}, not in what you asked for. Please report it with the\n"
        "traceback above and the command that you ran.",
        file=sys.stderr,
    )


def main() -> NoReturn:
    """Run the command line and leave the process with its exit status.

    Status 0 is success, 1 a bug or a command's own "no", 2 a mistake that the user can mend (`TraplineError`, wrong
    usage, a file that cannot be opened), 130 an interrupt from the keyboard.
    """
    mend_standard_streams()
    try:
        if not run_plainly(sys.argv[1:]):
            build_app()()
        # What cannot be written is told here, not by the interpreter on its way out.
        sys.stdout.flush()
        sys.exit(0)
    except TraplineError as error:
        report_user_error(error)
        sys.exit(EXIT_USER_ERROR)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except OSError as error:
        if error.errno == errno.EPIPE:
            _leave_broken_pipe()
        user_error = _system_error(error)
        if user_error is None:
            report_bug()
            sys.exit(EXIT_BUG)
        report_user_error(user_error)
        sys.exit(EXIT_USER_ERROR)
    except MemoryError:
        report_user_error(TraplineError("there is not enough memory for that", "ask for less, say with --memory"))
        sys.exit(EXIT_USER_ERROR)
    except Exception:
        report_bug()
        sys.exit(EXIT_BUG)


_FULL = {
    errno.ENOSPC: "make room, or write elsewhere",
    errno.EDQUOT: "make room, or write elsewhere",
    errno.EFBIG: "write elsewhere, or raise the limit (ulimit -f)",
    errno.EMFILE: "raise the limit (ulimit -n)",
    errno.ENFILE: "close what holds files open",
    errno.ENOMEM: "ask for less, say with --memory",
    errno.EIO: "look at the disk or the terminal",
}
"""What a machine may run out of, and the way out."""


def _system_error(error: OSError) -> TraplineError | None:
    """The message for what the user can mend: a path, or something that is full. None: it is a bug."""
    if error.errno in _FULL:
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        if error.filename is None and error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            where = "cannot write the output: "
            _drop_output()
        return TraplineError(where + reason_of(error), _FULL[error.errno])
    if error.filename is None:
        return None
    return TraplineError(f"{os.fsdecode(error.filename)}: {reason_of(error)}", hint="check the path")


def _leave_broken_pipe() -> NoReturn:
    """End quietly when the reader of our output is gone, as in `trapline ... | head`."""
    _drop_output()
    sys.exit(EXIT_BUG)


def _drop_output() -> None:
    """The interpreter flushes stdout once more on its way out; give it a place where that succeeds."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def entry() -> NoReturn:
    """What the `trapline` script calls: `main`, and then out of the process without taking it apart first.

    Python would free one object after the other, and wait for native code that is still being compiled. What was
    registered to be done at exit is done, and output is written.
    """
    from .isa.kept_modules import use_kept_modules

    modules = use_kept_modules()
    # The collector would look through all that is loaded at a start, many times, and find nothing.
    gc.set_threshold(50_000, 10, 10)
    try:
        main()
    except SystemExit as leaving:
        # Who profiles or traces the process wants to see its end.
        if sys.gettrace() is not None or sys.getprofile() is not None or not isinstance(leaving.code, int):
            raise
        atexit._run_exitfuncs()
        try:
            sys.stdout.flush()
            sys.stderr.flush()
            if modules is not None:
                modules.keep()
        finally:
            os._exit(leaving.code)
    raise AssertionError("main always raises")


if __name__ == "__main__":
    entry()
