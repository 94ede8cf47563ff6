"""Adapters of the models: what they synthesise is what the models do."""

from collections.abc import Callable

import pytest
import torch

from vid2vid import Clip, Condition, ImageModule, Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.evaluation.model_adapters import ImageAdapter, VideoAdapter, model_adapter
from vid2vid.ops import to_images
from vid2vid.prediction.prediction_module import PredictionModule

Modules = Callable[..., Vid2VidModule]
Images = Callable[..., ImageModule]
GIVEN = 2


@pytest.fixture
def data(street_data: Callable[..., Vid2VidDataModule]) -> Vid2VidDataModule:
    data = street_data(val_frames=5)
    data.setup("fit")
    return data


@pytest.fixture
def clip(data: Vid2VidDataModule) -> Clip:
    (clip,) = data.val_dataloader()
    found: Clip = clip
    return found


@torch.no_grad()
def test_f_goes_on_from_the_given_frames(small_module: Modules, data: Vid2VidDataModule, clip: Clip) -> None:
    module = small_module()
    adapter = model_adapter(module, data)
    assert isinstance(adapter, VideoAdapter)
    assert (adapter.name, adapter.first_frames) == ("vid2vid", GIVEN)
    made = adapter(clip)
    real = to_images(clip.real)
    assert torch.equal(made.real, real)
    assert torch.equal(made.video[:, :GIVEN], real[:, :GIVEN])
    assert torch.allclose(made.video[:, GIVEN:], module(clip.source, real[:, :GIVEN]).fake, atol=1e-5)
    assert torch.equal(made.flow.vectors, clip.flows[1].vectors)
    assert made.made == 3
    assert [len(rows["synthesised"]) for rows in made.rows] == [3, 3]


@torch.no_grad()
def test_an_image_generator_makes_its_first_frames_or_all(
    small_module: Modules, small_image: Images, data: Vid2VidDataModule, clip: Clip
) -> None:
    image = small_image()
    frames = image.eval()(clip.source)
    made = model_adapter(small_module(), data, image)(clip)
    assert torch.allclose(made.video[:, :GIVEN], frames[:, :GIVEN], atol=1e-5)
    assert [len(rows["synthesised"]) for rows in made.rows] == [5, 5]
    alone = model_adapter(image, data)
    assert isinstance(alone, ImageAdapter)
    assert torch.allclose(alone(clip).video, frames, atol=1e-5)
    assert (alone.name, alone.first_frames, alone(clip).made) == ("pix2pixHD", GIVEN, 5)


def test_what_cannot_be_adapted_is_refused(small_module: Modules, small_image: Images, data: Vid2VidDataModule) -> None:
    with pytest.raises(ConfigError, match="this model is an image generator, which takes no first frames"):
        model_adapter(small_image(), data, "empty")
    with pytest.raises(CheckpointError, match="evaluate_predictions"):
        model_adapter(PredictionModule(Condition("labels", label_ids=[7, 26])), data)
    with pytest.raises(CheckpointError, match="was trained on conditions"):
        model_adapter(small_module(), data, small_image(Condition("edges")))
