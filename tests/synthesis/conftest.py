"""What the tests of synthesis share."""

from pathlib import Path

import pytest

from vid2vid.data.manifest import Manifest, Sequence


@pytest.fixture
def street(street_root: Path) -> Sequence:
    """A held-out street."""
    return Manifest.load(street_root).split("val")[0]
