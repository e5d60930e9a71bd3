"""The `trapline` command line: it only puts together the commands that each folder offers.

Every folder has a `cli` module whose `register(app)` adds its commands. Those modules import what is
heavy (Lark, LLVM) inside the commands, so that `trapline --help` answers at once.
"""

import errno
import os
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from . import __version__
from .asmgen import cli as asmgen_cli
from .firmware import cli as firmware_cli
from .isa.errors import TraplineError
from .isa.lang import cli as isa_cli
from .server import cli as server_cli
from .tools import cli as tools_cli

EXIT_BUG = 1
EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


_FOLDERS = (isa_cli, asmgen_cli, server_cli, firmware_cli, tools_cli)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trapline {__version__}")
        raise typer.Exit


def build_app() -> typer.Typer:
    """Return the application with the commands of all folders in it."""
    app = typer.Typer(
        name="trapline",
        help="A GDB server in front of described CPU cores and hypervisor models.",
        no_args_is_help=True,
        # `main` decides what a person sees of an error, in one place.
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def options(
        version: Annotated[
            bool,
            typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
        ] = False,
    ) -> None:
        """A GDB server in front of described CPU cores and hypervisor models."""

    for folder in _FOLDERS:
        folder.register(app)
    return app


def report_user_error(error: TraplineError) -> None:
    """Print one clear message, and the way out where the error knows one, to standard error."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text("error: ", style="bold red").append(error.message, style="default"))
    if error.hint is not None:
        console.print(Text("hint: ", style="bold cyan").append(error.hint, style="default"))


def report_bug() -> None:
    """Print the traceback of the exception in flight and ask for a report."""
    traceback.print_exc()
    print(
        f"\nThis is a bug in trapline {__version__}, not in what you asked for. Please report it with the\n"
        "traceback above and the command that you ran.",
        file=sys.stderr,
    )


def main() -> None:
    """Run the command line and leave the process with its exit status.

    Status 0 is success, 1 a bug or a command's own "no", 2 a mistake that the user can mend (`TraplineError`, wrong
    usage, a file that cannot be opened), 130 an interrupt from the keyboard.
    """
    try:
        build_app()()
    except TraplineError as error:
        report_user_error(error)
        sys.exit(EXIT_USER_ERROR)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except OSError as error:
        if error.errno == errno.EPIPE:
            _leave_broken_pipe()
        if error.filename is None:
            report_bug()
            sys.exit(EXIT_BUG)
        report_user_error(TraplineError(f"{os.fsdecode(error.filename)}: {error.strerror}", hint="check the path"))
        sys.exit(EXIT_USER_ERROR)
    except Exception:
        report_bug()
        sys.exit(EXIT_BUG)


def _leave_broken_pipe() -> NoReturn:
    """End quietly when the reader of our output is gone, as in `trapline ... | head`."""
    # The interpreter flushes stdout once more on its way out; give it a place where that succeeds.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(EXIT_BUG)


if __name__ == "__main__":
    main()
