"""Settings of a synthesis."""

from pathlib import Path

import pytest

from vid2vid.config import StyleOptions, StylesConfig, SynthesisConfig
from vid2vid.errors import ConfigError


def test_contradictions_are_refused() -> None:
    with pytest.raises(ConfigError, match="segment must be at least 1, but is 0"):
        SynthesisConfig(segment=0)
    with pytest.raises(ConfigError, match="first and image_checkpoint both give the first frames"):
        SynthesisConfig(first=Path("a.mp4"), image_checkpoint=Path("b.ckpt"))
    with pytest.raises(ConfigError, match="kinds must be at least 1, but is 0"):
        StylesConfig(kinds=0)


def test_classes_are_named_by_texts() -> None:
    assert StyleOptions(style_classes={7: 1, "car": "random"}).style_classes == {"7": 1, "car": "random"}
    assert StyleOptions().style_classes == SynthesisConfig().style_classes == {}
    with pytest.raises(ConfigError, match="style_classes=road: give classes with their styles"):
        StyleOptions(style_classes="road")


@pytest.mark.parametrize("given", ["depth", ["depth"], {"depth": 3}, {"depth": None}])
def test_planes_have_paths(given: object) -> None:
    assert SynthesisConfig(planes={"depth": "depth/x"}).planes == {"depth": Path("depth/x")}
    with pytest.raises(ConfigError, match=r"planes=.*: give the path of each plane"):
        SynthesisConfig(planes=given)


@pytest.mark.parametrize(
    "given",
    [
        [200, 30, 40],
        {0: [1, 2, 3]},
        {17: [1, 2]},
        {17: [1, 2, 256]},
        {17: "red"},
        {17: 5},
        {"car": [1, 2, 3]},
        {"car": []},
    ],
)
def test_colours_of_objects_are_three_bytes_each(given: object) -> None:
    colours = {17: [200, 30, 40], "car": [[1, 2, 3], [4, 5, 6]]}
    assert SynthesisConfig(object_colours=colours).object_colours == colours
    with pytest.raises(ConfigError, match=r"map the ids of objects \(1 or more\) to red, green and blue"):
        SynthesisConfig(object_colours=given)
