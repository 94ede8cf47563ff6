"""Settings of live synthesis."""

from pathlib import Path
from typing import Any

import pytest

from vid2vid.config.live import LiveConfig
from vid2vid.config.synthesis import SynthesisConfig
from vid2vid.errors import ConfigError

MODEL = Path("model")


def live(**given: Any) -> LiveConfig:  # noqa: ANN401 - settings of any type
    return LiveConfig(checkpoint=MODEL, **given)


def test_one_output_or_several() -> None:
    assert live(source="0").output == ["page"]
    given = live(source=0, output=["page", "-", "a.mp4"])
    assert (given.source, given.recorded) == ("0", [Path("a.mp4")])
    for wrong in ([], ["a.mp4", "a.mp4"]):
        with pytest.raises(ConfigError, match=r"give page, - \(standard output\), a video file to record or a device"):
            live(source="0", output=wrong)


def test_raw_frames_need_their_size() -> None:
    with pytest.raises(ConfigError, match="raw frames do not say their size"):
        live(source="-", height=32)
    assert live(source="-", height=32, raw_width=64).synthesis().raw_width == 64


def test_what_cannot_work_is_refused() -> None:
    with pytest.raises(ConfigError, match="reconnect must be at least 0"):
        live(source="0", reconnect=-1)
    with pytest.raises(ConfigError, match="first and image_checkpoint both give the first frames"):
        live(source="0", first=Path("a"), image_checkpoint=Path("b"))


def test_what_a_synthesis_has_too_begins_alike() -> None:
    assert live().synthesis() == SynthesisConfig(checkpoint=MODEL, output="-")
