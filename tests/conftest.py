"""What holds for every test: property tests draw the same examples in every run, a failure is named at once, and what
is to run natively does not run otherwise while that is built, and what ends leaves no work behind."""

import os

import pytest
from hypothesis import settings

from .instant_failures import install

os.environ.setdefault("TRAPLINE_BUILD", "wait")
os.environ.setdefault("TRAPLINE_LATER", "no")
settings.register_profile("trapline", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("trapline")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """See `instant_failures`."""
    install(config)
