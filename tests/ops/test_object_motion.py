import numpy as np
import pytest
import torch
from torch import Tensor

from vid2vid.ops import MOTION_UNIT, object_motion
from vid2vid.street import Street


def frames(*boxes: tuple[int, int, int, int] | None, number: int = 26001, hidden: slice | None = None) -> Tensor:
    """Frames of 40 x 60 with one object, given as (left, top, right, bottom); None: it is away."""
    ids = torch.full((1, len(boxes), 1, 40, 60), 7)
    for t, box in enumerate(boxes):
        if box is not None:
            left, top, right, bottom = box
            ids[0, t, 0, max(top, 0) : bottom, max(left, 0) : right] = number
    if hidden is not None:
        ids[:, -1, :, :, hidden] = 11
    return ids


def vectors(ids: Tensor) -> tuple[Tensor, Tensor]:
    """The vectors in pixels and where they are known, of the last frame."""
    motion = object_motion(ids)[0, -1]
    return motion[:2] * MOTION_UNIT, motion[2] > 0


def test_an_object_that_moves() -> None:
    vector, known = vectors(frames((10, 12, 20, 22), (13, 10, 23, 20)))
    assert torch.equal(known, frames((13, 10, 23, 20))[0, 0, 0] == 26001)
    assert (vector[0][known] == -3).all()
    assert (vector[1][known] == 2).all()
    assert (vector[:, ~known] == 0).all()


def test_an_object_that_comes_nearer() -> None:
    vector, known = vectors(frames((20, 10, 30, 20), (15, 5, 35, 25)))
    # the pixel centres of the box's first and last column lie half a pixel inside of it
    assert vector[0, 10, 15] == pytest.approx(20 + 0.25 - 15.5)
    assert vector[0, 10, 34] == pytest.approx(30 - 0.25 - 34.5)
    assert vector[1, 5, 20] == pytest.approx(10 + 0.25 - 5.5)
    assert known.sum() == 20 * 20


def test_the_side_that_is_seen_decides_at_the_border() -> None:
    """The object is scaled by its height, and moved by its right side: its left one is out of sight."""
    vector, known = vectors(frames((0, 10, 20, 20), (0, 10, 16, 20)))
    assert known.sum() == 160
    assert (vector[0][known] == 4).all()
    assert (vector[1][known] == 0).all()


@pytest.mark.parametrize(
    "ids",
    [
        frames((10, 10, 20, 20)),
        frames((10, 10, 20, 20), (10, 10, 20, 20)),
        frames(None, (10, 10, 20, 20)),
        frames((10, 10, 13, 13), (12, 10, 15, 13)),
        frames((10, 10, 30, 20), (12, 10, 32, 20), hidden=slice(0, 22)),
        frames((0, 0, 60, 30), (0, 0, 60, 32)),
    ],
    ids=["the first frame", "equal frames", "it appears", "too small", "hidden in part", "it fills the picture"],
)
def test_what_is_not_known(ids: Tensor) -> None:
    assert not object_motion(ids)[:, -1].any()


def test_videos_and_frames_do_not_mix() -> None:
    first, second = frames((10, 12, 20, 22), (13, 10, 23, 20), None), frames((30, 5, 45, 15), None, (20, 5, 35, 15))
    both = object_motion(torch.cat([first, second]))
    assert torch.equal(both, torch.cat([object_motion(first), object_motion(second)]))
    # it was away in the frame between
    assert not both[1].any()


def test_any_numbers_are_good_ids() -> None:
    """Numbers above 65,535 stand for their remainder, so they need tables of bounded size."""
    known = object_motion(frames((10, 12, 20, 22), (13, 10, 23, 20)))
    assert torch.equal(object_motion(frames((10, 12, 20, 22), (13, 10, 23, 20), number=10_000_003).int()), known)


def test_cars_and_people_of_a_street_move_so() -> None:
    """Two of five pixels of cars and people are known, most of them to a quarter of the way that they go."""
    street = Street(50_003, 128, 256)
    ids = np.stack([street.render(t).instance for t in range(8)])
    motion = object_motion(torch.from_numpy(ids)[None, :, None])[0]
    errors, lengths, known, all_pixels = [], [], 0, 0
    for t in range(1, 8):
        flow, visible = street.flow(t)
        movers = np.isin(ids[t] // 1000, (24, 26)) & visible
        found = movers & (motion[t, 2].numpy() > 0)
        known, all_pixels = known + int(found.sum()), all_pixels + int(movers.sum())
        errors.append(np.linalg.norm(motion[t, :2].numpy() * MOTION_UNIT - flow, axis=0)[found])
        lengths.append(np.linalg.norm(flow, axis=0)[found])
    assert known > 0.4 * all_pixels
    assert np.median(np.concatenate(errors)) < 0.25 * np.median(np.concatenate(lengths))
