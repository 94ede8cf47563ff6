"""The trivial baselines: on clips whose result is known."""

from collections.abc import Callable

import torch

from vid2vid import Clip, Vid2VidDataModule
from vid2vid.baselines.trivial import LabelMean, Nearest, frozen
from vid2vid.data.clips import Window
from vid2vid.ops import to_images

DataModules = Callable[..., Vid2VidDataModule]


def test_the_last_given_frame_stands_still() -> None:
    real = torch.rand(2, 5, 3, 4, 4)
    still = frozen(real, 2)
    assert torch.equal(still[:, :2], real[:, :2])
    assert torch.equal(still[:, 2:], real[:, 1:2].expand(-1, 3, -1, -1, -1))


def test_each_label_has_its_mean_colour_and_an_unseen_one_is_black() -> None:
    source = torch.tensor([[0, 0, 1, 1]], dtype=torch.uint8).view(1, 1, 1, 1, 4)
    real = torch.tensor([[10, 30, 200, 100]] * 3, dtype=torch.uint8).view(1, 1, 3, 1, 4)
    paint = LabelMean([Clip(source, real)], classes=3)
    asked = Clip(torch.tensor([1, 0, 2, 0], dtype=torch.uint8).view(1, 1, 1, 1, 4), real)
    assert torch.allclose(paint(asked)[0, 0, 0, 0], torch.tensor([150.0, 20, 0, 20]) / 127.5 - 1)


def test_the_nearest_baseline_knows_what_it_has_seen(street_data: DataModules) -> None:
    data = street_data(clip_frames=12)
    data.setup("fit")
    nearest = Nearest(data.training_frames(most=36), data.condition)
    window = Window(1, 3, 4)
    clip = data.train_set[window]
    assert torch.equal(nearest(clip), to_images(clip.real))
    # a frame of its own for each, and few of them seen: the one beside it
    few = Nearest(data.training_frames(most=9), data.condition)
    assert len(few.frames) == 9
    assert torch.equal(few(clip)[0, 3], to_images(data.train_set[Window(1, 8, 1)].real)[0, 0])
