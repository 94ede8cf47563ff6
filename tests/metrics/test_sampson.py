"""The Sampson error against closed forms and the true motion of a rendered camera."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.config import EvaluationConfig
from vid2vid.metrics.clip_metric import MetricSetup, ReferenceClip
from vid2vid.metrics.sampson import (
    LEAST_MATCHES,
    SampsonError,
    epipolar_distances,
    matched_keypoints,
    sampson_distances,
)
from vid2vid.street import Street
from vid2vid.street.camera import Camera

HEIGHT, WIDTH = 128, 256


def cameras() -> tuple[Camera, Camera]:
    one = Camera.looking(np.array([0.0, 0.0, 1.5]), 0.02, -0.01, 120.0, (63.5, 31.5))
    return one, Camera.looking(np.array([0.7, 0.1, 1.4]), -0.03, 0.02, 120.0, (63.5, 31.5))


def seen(count: int = 200) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of a scene in two cameras."""
    draw = np.random.default_rng(0)
    world = np.stack([draw.uniform(4, 40, count), draw.uniform(-6, 6, count), draw.uniform(0, 6, count)], axis=1)
    one, other = (np.stack(camera.project(camera.to_camera(world)), axis=1) for camera in cameras())
    return one, other


def test_of_a_rigid_scene_it_is_zero_and_of_what_is_moved_it_is_the_way_back() -> None:
    points, others = seen()
    one, other = cameras()
    matrix = one.fundamental(other)
    assert sampson_distances(points, others, matrix).max() < 1e-9
    # a point moved across its epipolar line; the other one can go half of the way where both lines are as steep
    lines = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    across = lines[:, :2] / np.linalg.norm(lines[:, :2], axis=1, keepdims=True)
    found = sampson_distances(points, others + 0.1 * across, matrix)
    assert found.max() <= 0.1
    assert np.median(found) == pytest.approx(0.1 / 2**0.5, rel=0.1)
    swapped = sampson_distances(others, points, matrix.T)
    np.testing.assert_allclose(swapped, sampson_distances(points, others, matrix), atol=1e-12)


def test_few_wrong_matches_do_not_matter_to_the_others() -> None:
    points, others = seen()
    others[:40] += np.random.default_rng(1).normal(size=(40, 2)) * 20
    found = epipolar_distances(points, others)
    assert found is not None
    assert np.median(found[40:]) < 1e-3
    assert np.median(found[:40]) > 1


def test_what_says_nothing_of_the_scene_has_no_error() -> None:
    points, others = seen()
    assert epipolar_distances(points[: LEAST_MATCHES - 1], others[: LEAST_MATCHES - 1]) is None
    assert epipolar_distances(points, points) is None
    flat = [np.full((32, 32), 90, np.uint8)] * 2
    (pair,) = matched_keypoints(flat)
    assert [each.shape for each in pair] == [(0, 2), (0, 2)]


def test_matches_of_a_lattice_that_no_matrix_fits_have_no_error() -> None:
    # of frames with checkerboards, on which OpenCV 5 fails an assertion of its own
    matches = (
        *((69, 36, 69, 35), (70, 31, 70, 31), (72, 26, 72, 26), (77, 44, 78, 44), (79, 48, 79, 49), (80, 27, 81, 26)),
        *((86, 37, 81, 26), (88, 60, 88, 60), (90, 23, 92, 23), (90, 15, 90, 15), (91, 4, 91, 4), (95, 46, 97, 48)),
        *((95, 46, 97, 48), (103, 43, 107, 46), (111, 16, 114, 13), (116, 58, 56, 35)),
    )
    points, others = np.hsplit(np.array(matches, np.float64), 2)
    found = epipolar_distances(points, others)
    assert found is None or np.isfinite(found).all()


@pytest.fixture(scope="module")
def drive() -> tuple[Street, NDArray[np.uint8]]:
    street = Street(1, HEIGHT, WIDTH)
    return street, np.stack([street.render(t).rgb for t in range(4)])


def test_streets_agree_with_the_true_motion_of_their_camera(drive: tuple[Street, NDArray[np.uint8]]) -> None:
    street, frames = drive
    pairs = matched_keypoints([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames])
    for t, (earlier, later) in enumerate(pairs):
        assert len(earlier) > 60
        true = sampson_distances(earlier, later, street.camera(t).fundamental(street.camera(t + 1)))
        fitted = epipolar_distances(earlier, later)
        assert fitted is not None
        assert np.median(true) < 0.15
        assert np.median(fitted) < 0.2
        # as if the camera had gone sideways, too
        aside = replace(street.camera(t + 1), position=street.camera(t + 1).position + np.array([0, 0.8, 0]))
        wrong = sampson_distances(earlier, later, street.camera(t).fundamental(aside))
        assert np.median(wrong) > 3 * np.median(true)


def as_video(frames: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(frames).permute(0, 3, 1, 2)[None].float() / 127.5 - 1


def wobbling(frames: NDArray[np.uint8], pixels: float) -> NDArray[np.uint8]:
    """Displace each frame smoothly, each otherwise."""
    draw = np.random.default_rng(0)
    y, x = np.indices(frames.shape[1:3], dtype=np.float32)
    spoilt = []
    for frame in frames:
        coarse = draw.normal(size=(4, 8, 2)).astype(np.float32)
        shift = pixels * cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        spoilt.append(cv2.remap(frame, x + shift[..., 0], y + shift[..., 1], cv2.INTER_LINEAR))
    return np.stack(spoilt)


def test_geometry_that_wobbles_is_seen(drive: tuple[Street, NDArray[np.uint8]]) -> None:
    reference = ReferenceClip(as_video(drive[1]))
    found = {}
    for pixels in (0.0, 0.5, 2.0):
        metric = SampsonError()
        metric.update(as_video(wobbling(drive[1], pixels)), reference)
        found[pixels] = metric.compute()
        assert found[pixels]["matched_pairs"] == 1
        assert not metric.notes
    for name in ("sampson_error", "sampson_mean"):
        values = [float(each[name]) for each in found.values()]
        assert values == sorted(values)
        assert values[-1] > 2 * values[0] > 0


def test_frames_with_too_few_matches_do_not_count(drive: tuple[Street, NDArray[np.uint8]]) -> None:
    frames = drive[1].copy()
    frames[2] = 128
    metric = SampsonError()
    metric.update(as_video(frames), ReferenceClip(as_video(drive[1])))
    values = metric.compute()
    assert values["matched_pairs"] == pytest.approx(1 / 3)
    alone = SampsonError()
    alone.update(as_video(drive[1][:2]), ReferenceClip(as_video(drive[1][:2])))
    assert values["sampson_error"] == alone.compute()["sampson_error"]
    assert "fewer than 16 matches" in metric.notes[0]
    still = SampsonError()
    still.update(as_video(drive[1][[0, 0, 0]]), ReferenceClip(as_video(drive[1][:3])))
    assert still.figure("sampson_error") is None
    figure = still.figure("matched_pairs")
    assert figure is not None
    assert figure.value == 0


def test_it_is_measured_when_it_is_asked_for() -> None:
    assert SampsonError.factory(MetricSetup()) is None
    assert SampsonError.factory(MetricSetup(EvaluationConfig(sampson=True))) is SampsonError
