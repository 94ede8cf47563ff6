"""Settings of the studio."""

from pathlib import Path

import pytest

from vid2vid.config.studio import StudioConfig
from vid2vid.config.synthesis import SynthesisConfig
from vid2vid.errors import ConfigError


def test_only_this_machine_is_let_in_unless_asked() -> None:
    assert StudioConfig(Path("street")).host == "127.0.0.1"


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="visitors must be at least 1"):
        StudioConfig(visitors=0)
    with pytest.raises(ConfigError, match="port must be at least 0 and at most 65535"):
        StudioConfig(port=70000)


def test_what_a_synthesis_has_too_begins_alike() -> None:
    studio, synthesis = StudioConfig(Path("a")), SynthesisConfig()
    for name in ("seed", "height", "width", "fps", "device", "precision", "threads"):
        assert getattr(studio, name) == getattr(synthesis, name), name
