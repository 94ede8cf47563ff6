"""What all tests share."""

import os
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference"


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder with recordings of the reference implementation; absent on a user's machine, required in CI."""
    if not REFERENCE.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{REFERENCE} is needed when CI=true")
        pytest.skip(f"the recordings of the reference implementation are not on this machine ({REFERENCE})")
    return REFERENCE
