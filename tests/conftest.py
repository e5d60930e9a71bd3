"""What holds for every test: property tests draw the same examples in every run, and a failure is named at once."""

import pytest
from hypothesis import settings

from .instant_failures import install

settings.register_profile("trapline", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("trapline")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """See `instant_failures`."""
    install(config)
