"""How the commands say what they take, without loading the command line library.

`declared` has the marks that commands put on their parameters, `reading` makes values of a usual command line, `plain`
writes help for pipes and files. Where a terminal wants help, or something is wrong, Typer reads the same declarations
(`library`).
"""

from .declared import Argument, Command, Group, Option, OptionGroup, echo

__all__ = ["Argument", "Command", "Group", "Option", "OptionGroup", "echo"]
