"""Errors of keypoints: by hand, with what is hidden and what was not found."""

import pytest
import torch

from vid2vid.metrics import KeypointError, body_size, keypoint_distance


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


def test_error_and_pck_over_what_is_to_be_seen() -> None:
    real = torch.tensor([[0.0, 0], [30, 0], [0, 40], [7, 7]]).expand(1, 2, 4, 2)
    visible = torch.tensor([[1, 1, 1, 0], [0, 0, 0, 1]])[None]
    fake = real.clone()
    fake[0, 0, 1, 0] += 5  # just near enough
    fake[0, 0, 2, 1] += 10
    fake[0, :, 3] = float("nan")  # hidden, and in a frame without a size
    metric = KeypointError(alpha=0.1)
    metric.update(fake, real, visible)
    assert metric.compute() == pytest.approx({"distance": 0.3 / 3, "pck": 2 / 3, "missed": 0})
    # once more, with a reference of one's own, and two points that no one found
    metric.update(fake, real, visible, reference=100.0, found=torch.tensor([[1, 1, 0, 1], [1, 1, 1, 0]])[None])
    assert metric.compute() == pytest.approx({"distance": (0.3 + 0.05) / 5, "pck": 4 / 7, "missed": 2 / 7})


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_the_farther_the_points_are_the_worse(alpha: float) -> None:
    real = torch.rand(4, 5, 17, 2) * 100
    results = []
    for noise in (1.0, 5.0, 20.0):
        metric = KeypointError(alpha)
        metric.update(real + noise * torch.randn(real.shape), real, torch.ones(4, 5, 17))
        results.append(metric.compute())
    distances, shares = [r["distance"] for r in results], [r["pck"] for r in results]
    assert distances == sorted(distances)
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[2]


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_without_keypoints_there_is_no_error() -> None:
    with pytest.raises(ValueError, match="no keypoint was to be seen"):
        KeypointError().compute()
