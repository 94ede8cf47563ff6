"""Styles are collected from the objects of a data set, and fitted."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from vid2vid import Condition, Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import CheckpointError, ConfigError, DataError
from vid2vid.ops import class_map, object_map, to_images
from vid2vid.synthesis.styles import StyleBook, collect_styles, fit_styles


def test_kinds_are_found_the_most_common_first(book: StyleBook) -> None:
    assert book.sizes[0].tolist() == [60, 40]
    torch.testing.assert_close(book.centres[0], torch.tensor([[0.6, -0.5], [-0.4, 0.3]]), atol=0.02, rtol=0)
    assert book.sizes[1].tolist() == [1, 0]
    assert book.objects.tolist() == [100, 1, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.usefixtures("scikit_learn")
def test_without_any_object_nothing_can_be_fitted(encoder_module: Vid2VidModule) -> None:
    with pytest.raises(DataError, match="there is no object whose style could be read"):
        fit_styles(encoder_module, [torch.zeros(0, 2)] * 9)


def test_each_object_of_each_frame_is_collected(
    encoder_module: Vid2VidModule, street_data: Callable[..., Vid2VidDataModule]
) -> None:
    data = street_data()
    found = collect_styles(encoder_module, data, frames=6, least_pixels=20)
    expected: list[list[Tensor]] = [[] for _ in found]
    for clip in data.training_frames(6):
        assert clip.instance is not None
        classes = class_map(encoder_module.condition, clip.source)
        with torch.no_grad():
            features = encoder_module.generator.require_encoder()(
                to_images(clip.real), classes, object_map(classes, clip.instance, 9)
            )
        for number in np.unique(clip.instance):
            for row in range(9):
                where = ((clip.instance == int(number)) & (classes == row))[0, 0, 0]
                if where.sum() >= 20:
                    expected[row].append(features[0, 0, :, where].mean(1))
    assert [len(own) for own in found] == [len(own) for own in expected]
    assert sum(map(len, found)) > 30
    for own, wanted in zip(found, expected, strict=True):
        for one in own:
            assert min(float((one - other).abs().max()) for other in wanted) < 1e-5


def test_styles_are_those_of_a_models_own_kind_of_data(
    small_module: Callable[..., Vid2VidModule],
    new_encoder: Callable[..., Vid2VidModule],
    street_data: Callable[..., Vid2VidDataModule],
) -> None:
    with pytest.raises(CheckpointError, match="differ from those of the data"):
        collect_styles(new_encoder(Condition(label_ids=[7, 11])), street_data())
    with pytest.raises(ConfigError, match="no encoder of styles"):
        collect_styles(small_module(), street_data())
