"""Settings from mappings, values that are not allowed, and explanations from docstrings."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from omegaconf import OmegaConf

from vid2vid.condition import Condition
from vid2vid.config import DiscriminatorsConfig, FlowEstimatorConfig, GeneratorConfig, OptimizerConfig, VideoConfig
from vid2vid.config.networks import PatchDiscriminatorConfig
from vid2vid.config.settings import Allowed, Settings, build, explanations, setting
from vid2vid.config.synthesis import SynthesisConfig
from vid2vid.errors import ConfigError


def test_nothing_given_means_the_defaults() -> None:
    assert build(GeneratorConfig, None, "generator") == GeneratorConfig()
    assert build(GeneratorConfig, {}, "generator") == GeneratorConfig()


def test_an_instance_passes_through() -> None:
    config = GeneratorConfig(blocks=5)
    assert build(GeneratorConfig, config, "generator") is config


def test_a_mapping_changes_what_it_names() -> None:
    built = build(GeneratorConfig, {"blocks": 5, "norm": "batch"}, "generator")
    assert built == GeneratorConfig(blocks=5, norm="batch")


def test_a_part_inside_is_a_mapping_or_an_instance() -> None:
    expected = DiscriminatorsConfig(image=PatchDiscriminatorConfig(scales=3), discriminator_frames=4)
    inside: tuple[Any, ...] = ({"scales": 3}, PatchDiscriminatorConfig(scales=3))
    for image in inside:
        built = build(DiscriminatorsConfig, {"image": image, "discriminator_frames": 4}, "discriminators")
        assert built == expected
        assert isinstance(built.image, PatchDiscriminatorConfig)


@pytest.mark.parametrize("given", [{"label_ids": [4, 2], "palette": [[0, 1, 2], [3, 4, 5]]}, {"kind": "edges"}])
def test_what_was_built_survives_a_checkpoint(given: dict[str, Any]) -> None:
    built = build(Condition, given, "condition")
    again = build(Condition, asdict(built), "condition")
    assert again == built
    # plain lists: others cannot be loaded weights-only
    assert all(type(value) in (str, bool, list) for value in vars(again).values())


def test_the_configuration_of_the_command_line_is_understood() -> None:
    given = OmegaConf.create({"betas": [0.0, 0.9], "lr": "1e-3"})
    built = build(OptimizerConfig, given, "optimizer")
    assert built == OptimizerConfig(lr=1e-3, betas=[0.0, 0.9])
    assert type(built.betas) is list


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (GeneratorConfig, {"past_frame": 3}, r"^part\.past_frame is not a setting\. Did you mean part\.past_frames\?"),
        (
            DiscriminatorsConfig,
            {"image": {"scale": 2}},
            r"part\.image\.scale is not a setting\. .* part\.image\.scales\?",
        ),
        (FlowEstimatorConfig, {"zzz": 1}, r"part\.zzz is not a setting\. Known: kind, weights"),
        (GeneratorConfig, {"past_frames": "two"}, r"part\.past_frames: must be a whole number .*'two'.* Integer"),
        (GeneratorConfig, {"past_frames": 2.5}, r"part\.past_frames: .*2\.5"),
        (GeneratorConfig, {"past_frames": None}, r"part\.past_frames: .*None"),
        (GeneratorConfig, {"use_flow": "maybe"}, r"part\.use_flow: must be true or false .*'maybe'.* bool"),
        (DiscriminatorsConfig, {"video": {"layers": "x"}}, r"part\.video\.layers: "),
        (DiscriminatorsConfig, {"temporal_strides": [[1]]}, r"^part: has a value of a wrong type .*'list'"),
        (DiscriminatorsConfig, {"temporal_strides": [1, "x"]}, r"part\.temporal_strides\[1\]: "),
        (VideoConfig, None, r"part\.path: .*missing"),
        (GeneratorConfig, 3, r"part must be a mapping of settings, but is 3"),
        (GeneratorConfig, ["blocks"], r"part must be a mapping of settings"),
    ],
)
def test_mistakes_are_named_with_their_key(cls: type[Any], given: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")


@dataclass
class Base(Settings):
    """A base.

    Attributes:
        name: Which name.
        share: A share: of
            the whole.
    """

    key: ClassVar[str] = "part"
    name: str = setting("one", ("one", "two"))
    share: float = setting(0.5, ge=0, lt=1)


@dataclass
class Derived(Base):
    """A derived class.

    Attributes:
        sizes: Some sizes.
        share: Another share.
    """

    sizes: list[int] = setting([1, 2], gt=0, le=8)
    free: int = -1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "tow"}, r"part\.name='tow' is unknown\. Did you mean 'two'\? Choose one of: one, two\."),
        ({"share": 1.0}, r"^part\.share must be at least 0 and below 1, but is 1\.0\.$"),
        ({"share": float("nan")}, r"^part\.share must be a finite number, but is nan\.$"),
        ({"share": float("inf")}, r"part\.share must be a finite number"),
        ({"share": -0.5}, r"part\.share must be at least 0"),
        ({"sizes": [3, 0]}, r"^part\.sizes must be above 0 and at most 8, but is 0\.$"),
        ({"sizes": [9]}, r"part\.sizes must be above 0 and at most 8, but is 9"),
    ],
)
def test_values_that_are_not_allowed_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Derived(**given)
    with pytest.raises(ConfigError, match=message):
        build(Derived, given, "part")


def test_what_is_allowed_is_kept_and_lists_are_not_shared() -> None:
    made = Derived(name="two", share=0.0, sizes=[8], free=-5)
    assert (made.name, made.share, made.sizes, made.free) == ("two", 0.0, [8], -5)
    Derived().sizes.append(3)
    assert Derived().sizes == [1, 2]


def test_what_is_allowed_is_told_in_words() -> None:
    assert str(Allowed(("a", "b"))) == "a, b"
    assert str(Allowed(ge=1, lt=2.5)) == "at least 1 and below 2.5"
    assert str(Allowed(gt=0, le=8)) == "above 0 and at most 8"
    assert str(Allowed()) == ""


def test_explanations_come_from_the_docstrings_of_a_class_and_its_bases() -> None:
    assert explanations(Base) == {"name": "Which name.", "share": "A share: of the whole."}
    assert explanations(Derived) == {"name": "Which name.", "share": "Another share.", "sizes": "Some sizes."}


def test_a_path_that_is_given_empty_is_none() -> None:
    given = {"checkpoint": "model.ckpt", "source": "a.mp4", "output": "b.mp4", "first": "", "sound": "."}
    found = build(SynthesisConfig, given, "")
    assert (found.first, found.sound) == (None, Path())
    for name in ("checkpoint", "output"):
        with pytest.raises(ConfigError, match=f"missing mandatory value: {name}"):
            build(SynthesisConfig, {**given, name: ""}, "")
