"""Settings of a prediction."""

from pathlib import Path
from typing import Any

import pytest

from vid2vid.config import PredictionConfig
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"frames": 0}, "frames must be at least 1, but is 0"),
        ({"height": 32}, "give both height and width, or neither"),
        ({"first": Path("a"), "image_checkpoint": Path("b")}, "first and image_checkpoint both give the first frames"),
        ({"first": Path("a")}, "first has an effect on a video model only: give its checkpoint as synthesizer="),
    ],
)
def test_contradictions_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PredictionConfig(**given)


def test_first_frames_go_with_a_synthesizer() -> None:
    settings = PredictionConfig(first=Path("a"), synthesizer=Path("b.ckpt"))
    assert (settings.given, settings.frames) == (0, 10)
