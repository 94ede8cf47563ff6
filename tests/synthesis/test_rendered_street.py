"""A new street takes the place of a source."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vid2vid import Condition, Vid2VidModule
from vid2vid.config import StreetConfig, SynthesisConfig
from vid2vid.data.street_dataset import render_dataset
from vid2vid.errors import ConfigError
from vid2vid.street import street_condition
from vid2vid.synthesis import synthesize
from vid2vid.synthesis.inputs import InputSource
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.training.training_facts import TrainingFacts
from vid2vid.video import stream_frames, write_frames, write_ids, write_labels

Modules = Callable[..., Vid2VidModule]
MOVING = replace(street_condition(), instance_edges=True, object_motion=True)


def read(path: Path) -> np.ndarray[Any, Any]:
    return np.stack(list(stream_frames(path)))


def test_its_video_is_that_of_its_files(small_module: Modules, tmp_path: Path) -> None:
    module = small_module(MOVING)
    # the size of the training, which need not be given
    module.facts = TrainingFacts(height=32, width=64)
    count = synthesize(module, SynthesisConfig(output=tmp_path / "new", seed=5, frames=4))
    labels, ids, _ = zip(*RenderedStreet(5, 4, 32, 64).conditions(), strict=True)
    write_labels(tmp_path / "labels.mkv", labels, 10)
    write_ids(tmp_path / "ids.mkv", ids, 10)
    street = RenderedStreet(5, 4, 32, 64)
    write_frames(tmp_path / "first", street.first_frames(2))
    files = SynthesisConfig(
        source=tmp_path / "labels.mkv",
        instance=tmp_path / "ids.mkv",
        first=tmp_path / "first",
        output=tmp_path / "again",
    )
    synthesize(module, files)
    assert count == 4
    np.testing.assert_array_equal(read(tmp_path / "new"), read(tmp_path / "again"))
    np.testing.assert_array_equal(read(tmp_path / "new")[:2], street.first_frames(2))


def test_its_objects_have_the_colours_of_the_training_unless_f_is_to_choose(
    small_module: Modules, tmp_path: Path
) -> None:
    module = small_module(MOVING, generator={"object_memory": True})
    assert module.class_colours is not None
    module.class_colours.table[:, 0] = torch.tensor([1.0, -1.0, -1.0, 1.0])
    red: dict[Any, Any] = {name: [[255, 0, 0]] for name in MOVING.label_names}
    made = {}
    for name, colours in (("usual", None), ("given", red), ("own", {}), ("other", {"car": [[0, 0, 255]]})):
        config = SynthesisConfig(output=tmp_path / name, seed=5, frames=5, height=32, width=64, object_colours=colours)
        synthesize(module, config)
        made[name] = read(tmp_path / name)
    assert np.array_equal(made["usual"], made["given"])
    assert not np.array_equal(made["usual"], made["own"])
    assert not np.array_equal(made["other"], made["usual"])
    # classes without names have them, too
    nameless = small_module(replace(MOVING, label_names=[]), generator={"object_memory": True})
    nameless.load_state_dict(module.state_dict())
    config = SynthesisConfig(output=tmp_path / "nameless", seed=5, frames=5, height=32, width=64)
    synthesize(nameless, config)
    assert np.array_equal(read(tmp_path / "nameless"), made["usual"])


def test_no_data_set_has_it(tmp_path: Path) -> None:
    config = StreetConfig(str(tmp_path / "data"), 32, 64, train_sequences=1, val_sequences=1, frames=1)
    render_dataset(replace(config, render_workers=1))
    (label, _, _), *_ = RenderedStreet(0, 1, 32, 64).conditions()
    for path in (tmp_path / "data" / "source").iterdir():
        assert not np.array_equal(next(stream_frames(path))[..., 0], label)


def test_it_is_as_large_and_as_long_as_those_of_data_sets_unless_told(small_module: Modules) -> None:
    inputs = InputSource(SynthesisConfig(output="out.mp4", seed=2), small_module(MOVING).condition)
    assert inputs.source == RenderedStreet(2, 120, 128, 256, 10)
    assert (inputs.header().fps, inputs.header().frames) == (10, 120)
    one = next(iter(inputs))
    assert one.instance is not None
    assert one.source.shape == one.instance.shape == (1, 1, 128, 256)
    without = next(iter(InputSource(SynthesisConfig(output="out.mp4", seed=2), street_condition())))
    assert without.instance is None
    assert np.array_equal(without.source, one.source)


def test_the_number_of_frames_bounds_any_source(small_module: Modules, tmp_path: Path) -> None:
    labels = [label for label, _, _ in RenderedStreet(1, 3, 32, 64).conditions()]
    write_labels(tmp_path / "labels.mkv", labels, 10)
    for frames, made in ((2, 2), (9, 3)):
        config = SynthesisConfig(source=tmp_path / "labels.mkv", output=tmp_path / f"{frames}", frames=frames)
        inputs = InputSource(config, street_condition())
        assert inputs.header().frames == len(list(islice(inputs, 10))) == made
        assert synthesize(small_module(street_condition()), config) == made


@pytest.mark.parametrize(
    ("condition", "settings", "message"),
    [
        (Condition(label_ids=[7, 11]), {}, r"source is missing: give a video of conditions \(labels\)"),
        (Condition(kind="edges"), {}, r"source is missing: give a video of conditions \(edges\)"),
        (street_condition(), {"crop": [0, 0, 8, 8]}, "crop is for a source, but a new street is rendered"),
        (street_condition(), {"height": 8, "width": 24}, "street.height=8: must be at least 16"),
    ],
)
def test_what_cannot_be_rendered(condition: Condition, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        next(iter(InputSource(SynthesisConfig(output="out.mp4", **settings), condition)))
