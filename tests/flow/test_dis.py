"""DIS on a photograph that is moved by a known way."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import astronaut
from torch import Tensor

from vid2vid.flow.dis import DIS

HEIGHT, WIDTH, MARGIN = 128, 160, 16
Way = Callable[[NDArray[np.float32], NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]


def shift(x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Move by a part of a pixel, differently in x and y."""
    return np.full_like(x, 3.4), np.full_like(y, -1.7)


def zoom(x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Drive forward: what is shown was nearer to the middle."""
    return -0.03 * (x - WIDTH / 2), -0.03 * (y - HEIGHT / 2)


def turn(x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turn by 0.03, about 2 degrees."""
    return 0.03 * (y - HEIGHT / 2), -0.03 * (x - WIDTH / 2)


def moved_photograph(way: Way) -> tuple[Tensor, Tensor, Tensor]:
    """Return the earlier frame, the later one and the flow between them."""
    photograph = astronaut()[60:360, 60:440].copy()  # type: ignore[no-untyped-call]
    ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    u, v = way(xs, ys)
    frames = [
        # looked up in a larger picture, so that nothing is made up at the border
        cv2.remap(photograph, xs + dx + 80, ys + dy + 80, cv2.INTER_CUBIC)
        for dx, dy in ((np.float32(0), np.float32(0)), (u, v))
    ]
    previous, current = (torch.from_numpy(f).permute(2, 0, 1)[None].float() / 127.5 - 1 for f in frames)
    return previous, current, torch.from_numpy(np.stack([u, v]))[None]


@pytest.mark.parametrize("way", [shift, zoom, turn])
def test_a_known_motion_is_found_to_a_third_of_a_pixel(way: Way) -> None:
    previous, current, expected = moved_photograph(way)
    flow = DIS()(previous, current)
    assert flow.vectors.shape == (1, 2, HEIGHT, WIDTH)
    error = (flow.vectors - expected).norm(dim=1)[..., MARGIN:-MARGIN, MARGIN:-MARGIN]
    # what is asked of a flow estimator; a wrong sign or swapped axes would be off by 4 pixels and more
    assert error.mean() < 0.3
    assert flow.confidence[..., MARGIN:-MARGIN, MARGIN:-MARGIN].mean() > 0.9


def test_revealed_background_is_not_trusted() -> None:
    previous, _, _ = moved_photograph(shift)
    foreground = previous.flip(-1)[..., :48, :48]
    current = previous.clone()
    previous[..., 40:88, 40:88] = foreground
    # the square moves 8 pixels to the right and lets go of a strip at its left
    current[..., 40:88, 48:96] = foreground
    confidence = DIS()(previous, current).confidence[0, 0]
    revealed, background = confidence[44:84, 40:48], confidence[100:, 20:-20]
    assert revealed.mean() < 0.5
    assert background.mean() > 0.95


def test_each_pair_of_a_batch_has_its_own_flow() -> None:
    pairs = [moved_photograph(way) for way in (shift, zoom)]
    together = DIS()(torch.cat([p for p, _, _ in pairs]), torch.cat([c for _, c, _ in pairs]))
    for i, (previous, current, _) in enumerate(pairs):
        alone = DIS()(previous, current)
        assert torch.equal(together.vectors[i : i + 1], alone.vectors)
        assert torch.equal(together.confidence[i : i + 1], alone.confidence)


def test_the_flow_of_a_pair_does_not_depend_on_the_pairs_before() -> None:
    # OpenCV's object keeps something of the pair before that changes the flow of frames of this size
    frames = torch.nn.functional.interpolate(torch.rand(5, 3, 8, 10) * 2 - 1, (32, 40), mode="bicubic").clamp(-1, 1)
    together = DIS()(frames[:-1], frames[1:])
    for i in range(4):
        assert torch.equal(together.vectors[i : i + 1], DIS()(frames[i : i + 1], frames[i + 1 : i + 2]).vectors)


@pytest.mark.parametrize("size", [(12, 40), (8, 8), (40, 12)])
def test_frames_that_are_too_small_for_opencv_get_a_flow_all_the_same(size: tuple[int, int]) -> None:
    images = torch.rand(2, 3, *size) * 2 - 1
    flow = DIS()(images, images)
    assert flow.vectors.shape == (2, 2, *size)
    assert flow.vectors.abs().max() < 0.1
