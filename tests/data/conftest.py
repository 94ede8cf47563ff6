"""A cache of its own for each test of data."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for what is computed once."""
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"
