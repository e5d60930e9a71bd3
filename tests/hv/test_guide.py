"""The guide's pages on KVM do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "guide"


@pytest.mark.parametrize("name", ["kvm.md", "kvm-arm.md"])
def test_the_code_of_the_page_runs(name: str) -> None:
    """All of it, one block after the other, as a reader would type it."""
    page = FOLDER / name
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert len(blocks) >= 6
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)
