"""A small built suite, made once: some calls of papr-hcalls, a call from problem state, a sequence."""

from __future__ import annotations

import pytest

from trapline.firmware.suites.catalogue import find_suite
from trapline.firmware.suites.making.build import Wanted, build_suite
from trapline.firmware.suites.running.runner import BuiltSuite

NAMES = (
    *(f"H_READ-00{number}" for number in range(1, 5)),
    *(f"H_PROTECT-00{number}" for number in range(1, 4)),
    *(f"H_REGISTER_VPA-00{number}" for number in range(1, 3)),
    "H_CEDE-001",
    "H_PUT_TERM_CHAR-002",
    "H_READ-problem-state",
    "sequence-001",
)


@pytest.fixture(scope="session")
def wanted() -> Wanted:
    """What the small suite is made of."""
    return Wanted(find_suite("papr-hcalls"), seed=1, only=NAMES)


@pytest.fixture(scope="session")
def built(wanted: Wanted, tmp_path_factory: pytest.TempPathFactory) -> BuiltSuite:
    """The small suite; whoever runs it keeps results elsewhere."""
    folder = tmp_path_factory.mktemp("suites") / "small"
    build_suite(wanted, folder)
    return BuiltSuite.read(folder)
