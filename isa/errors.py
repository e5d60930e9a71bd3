"""The one base of every error that a person can cause and mend.

It stands on the ground floor because every floor above raises it. The command line prints such an
error as a single message and ends with status 2; anything else that escapes is a bug and keeps its
traceback.
"""


def reason_of(error: OSError) -> str:
    """Why something could not be done with a file or a socket; some errors have no text of the system's."""
    return error.strerror or ", ".join(str(argument) for argument in error.args) or type(error).__name__


class TraplineError(Exception):
    """A bad input, an unmet requirement, or a limit: something the user can do something about.

    `message` names the place and the reason; `hint`, where there is one, names the way out.
    Folders derive their own classes from this one and add the fields that they need.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"
