"""What a test does where a foreign tool is missing: skip on a person's machine, fail under CI.

Raises: `OracleError` where a tool is there but does not do as it should.
"""

import os
import re
import shutil
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

_SETUP_SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "setup" / "debian.sh"


class OracleError(RuntimeError):
    """A foreign tool failed in a way that says nothing about the claim under test."""


@cache
def debian_packages() -> dict[str, str]:
    """Return {command: Debian package}, as the set-up script lists them."""
    rows = re.findall(r"^(?:run|test|bench|linux) +(\S+) +(\S+)$", _SETUP_SCRIPT.read_text(), re.MULTILINE)
    return dict(rows)


def oracle(command: str) -> str:
    """Return the path of a foreign tool; without it, skip the test, or fail it when `CI=true`."""
    path = shutil.which(command)
    return path if path is not None else _missing(command, command)


def foreign_file(path: str) -> Path:
    """Return the path of a file of a Debian package; without it, skip the test, or fail it when `CI=true`."""
    return Path(path) if Path(path).exists() else Path(_missing(path, f"file:{path}"))


def _missing(what: str, probe: str) -> NoReturn:
    package = debian_packages().get(probe, f"the one that has {what}")
    message = f"{what} is missing: install the Debian package {package} (make test does, as root)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
