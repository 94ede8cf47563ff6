"""Errors of keypoints: by hand, with what is hidden and what was not found, and of a real talking head."""

import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.evaluation.evaluator import keypoint_detector
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.keypoint_error import NEAR, KeypointError, body_size, keypoint_distance
from vid2vid.ops import to_images
from vid2vid.video import stream_frames


def test_distances_are_in_units_of_the_reference() -> None:
    real = torch.zeros(1, 2, 3, 2)
    fake = real + torch.tensor([3.0, 4.0])
    assert keypoint_distance(fake, real).tolist() == [[[5.0] * 3] * 2]
    reference = torch.tensor([10.0, 20.0]).view(1, 2, 1)
    assert keypoint_distance(fake, real, reference)[0, :, 0].tolist() == [0.5, 0.25]
    with pytest.raises(ValueError, match="one shape"):
        keypoint_distance(fake, real[:, :1])


def test_the_size_of_a_body_is_the_diagonal_of_its_visible_points() -> None:
    points = torch.tensor([[0.0, 0], [3, 0], [0, 4], [900, 900]]).expand(1, 3, 4, 2)
    visible = torch.tensor([[1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]])[None]
    size = body_size(points, visible)[0, :, 0]
    assert size[0] == 5
    assert size[1:].isnan().all()


class Pixels:
    """Detects keypoints by reading them from the pixels of the first row: x, y and whether they are visible."""

    made = 0

    def __init__(self) -> None:
        Pixels.made += 1

    def __call__(self, frame: Tensor) -> NDArray[np.float32]:
        keypoints: NDArray[np.float32] = ((frame[:, 0] + 1) * 127.5).mT.numpy()
        return keypoints


def shown(*frames: list[tuple[float, float, float]]) -> Tensor:
    """Return a video ``(1, T, 3, 1, N)`` whose pixels are keypoints."""
    return torch.tensor(frames).movedim(-1, 1)[None, :, :, None] / 127.5 - 1


REAL = shown([(0, 0, 9), (30, 0, 9), (0, 40, 9), (7, 7, 0)], [(0, 0, 0), (30, 0, 0), (0, 40, 0), (7, 7, 9)])


def test_error_and_share_that_is_right_over_what_is_to_be_seen() -> None:
    # just near enough, too far, hidden; the other frame has no size
    fake = shown([(0, 0, 9), (35, 0, 9), (0, 50, 9), (99, 0, 9)], [(50, 0, 9)] * 4)
    metric = KeypointError(Pixels, near=0.1)
    metric.update(fake, ReferenceClip(REAL))
    found = metric.compute()
    assert isinstance(found, dict)
    assert found["keypoint_error"].item() == pytest.approx((0 + 5 + 10) / 50 / 3)
    assert found["keypoints_right"].item() == pytest.approx(2 / 3)
    # once more, with a keypoint that is not detected: it is not right, and has no distance
    fake[0, 0, 2, 0, 1] = -1
    metric.update(fake, ReferenceClip(REAL))
    assert metric.clip_values("keypoint_error")[1].item() == pytest.approx((0 + 10) / 50 / 2)
    assert metric.clip_values("keypoints_right")[1].item() == pytest.approx(1 / 3)


@pytest.mark.parametrize("near", [0.05, 0.2])
def test_the_farther_the_points_are_the_worse(near: float) -> None:
    real = torch.randint(50, 150, (1, 5, 3, 1, 17)).float()
    results = []
    for noise in (1.0, 5.0, 20.0):
        fake = real.clone()
        fake[:, :, :2] += noise * torch.randn(fake[:, :, :2].shape)
        metric = KeypointError(Pixels, near)
        metric.update(fake / 127.5 - 1, ReferenceClip(real / 127.5 - 1))
        results.append(metric.compute())
    distances, shares = ([float(r[name]) for r in results] for name in ("keypoint_error", "keypoints_right"))
    assert distances == sorted(distances)
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[2]


def test_each_video_of_a_clip_has_a_detector_of_its_own_in_all_its_parts() -> None:
    Pixels.made = 0
    first, second = KeypointError(Pixels), KeypointError(Pixels)
    for clip in range(1, 3):
        for times, part in ReferenceClip(REAL).parts(1):
            for metric in (first, second):
                metric.update(REAL[:, times], part)
        # one for each of the two candidates, and one for the real video that they share
        assert Pixels.made == 3 * clip


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_without_keypoints_there_is_no_error() -> None:
    with pytest.raises(ValueError, match="KeypointError: nothing was added that counts"):
        KeypointError(Pixels).compute()


@pytest.fixture(scope="module")
def head(samples: Path, absent: Callable[[str], NoReturn]) -> Tensor:
    """Two frames of a talking head, ``(1, 2, 3, 240, 320)``."""
    for module in ("dlib", "face_recognition_models"):
        if importlib.util.find_spec(module) is None:
            absent(f"{module} is not installed")
    (folder,) = (samples / "face/images").iterdir()
    frames = np.stack(list(stream_frames(folder))[:2])[:, ::2, ::2]
    return to_images(torch.from_numpy(frames.copy()).permute(0, 3, 1, 2))[None]


def test_a_head_that_moves_is_off_by_as_much_and_one_that_is_gone_is_not_right(head: Tensor) -> None:
    moved = {f"by {shift}": head.roll(shift, dims=-1) for shift in (0, 8, 16)}
    error: dict[str, float | None] = {}
    right: dict[str, float | None] = {}
    reference = ReferenceClip(head, given=1)
    for name, video in {**moved, "gone": torch.full_like(head, -1)}.items():
        metric = KeypointError(partial(keypoint_detector, "dlib"))
        metric.update(video, reference)
        figures = [metric.figure(measure) for measure in metric.measures]
        error[name], right[name] = (None if figure is None else figure.value for figure in figures)
    assert (error["by 0"], right["by 0"]) == (0, 1)
    near, far = error["by 8"], error["by 16"]
    assert near is not None
    assert NEAR < near < 0.2
    assert far == pytest.approx(2 * near, rel=0.1)
    assert (right["by 16"], right["gone"], error["gone"]) == (0, 0, None)
