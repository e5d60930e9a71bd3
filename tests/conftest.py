"""What holds for every test: property tests draw the same examples in every run, a failure is named at once, and what
is to run natively does not run otherwise while that is built, and what ends leaves no work behind."""

import os

import pytest
from hypothesis import settings

from . import instant_failures, slow_tests

os.environ.setdefault("TRAPLINE_BUILD", "wait")
os.environ.setdefault("TRAPLINE_LATER", "no")
settings.register_profile("trapline", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("trapline")


def pytest_addoption(parser: pytest.Parser) -> None:
    """See `slow_tests`."""
    parser.addini("slow_after", "seconds after which it is told where a test is", default=slow_tests.AFTER)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """See `instant_failures` and `slow_tests`."""
    instant_failures.install(config)
    slow_tests.install(config)
