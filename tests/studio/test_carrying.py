"""Layers are carried by flows that are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.studio.carrying import NOWHERE, CarriedLayer, Layer

SIZE = (24, 40)
Shape = NDArray[np.bool_]


def layer(carry: str, painted: Shape, frame: int = 3) -> Layer:
    values = np.where(painted, 5, 0).astype(np.uint8)
    return Layer(frame, values, painted, np.where(painted, 77, 0).astype(np.int32), carry, 0, 9)


def box(top: int, left: int, bottom: int, right: int) -> Shape:
    shape = np.zeros(SIZE, bool)
    shape[top:bottom, left:right] = True
    return shape


def moving_right(frame: int, other: int) -> tuple[NDArray[np.float32], Shape]:
    """Everything moves 2 pixels to the right and 1 down in each frame."""
    vectors = np.empty((2, *SIZE), np.float32)
    vectors[0], vectors[1] = 2 * (other - frame), other - frame
    return vectors, np.ones(SIZE, bool)


@pytest.mark.parametrize("carry", ["piece", "pixels"])
def test_a_layer_moves_with_the_flow_in_both_directions(carry: str) -> None:
    carried = CarriedLayer(layer(carry, box(8, 10, 14, 20)), moving_right)
    for frame in (3, 4, 6, 5, 2, 0, 7):
        places = carried.places(frame)
        by = frame - 3
        np.testing.assert_array_equal(places != NOWHERE, box(8 + by, 10 + 2 * by, 14 + by, 20 + 2 * by))
        assert places[8 + by, 10 + 2 * by] == 8 * SIZE[1] + 10


def test_a_layer_stays_at_its_place() -> None:
    carried = CarriedLayer(layer("place", box(8, 10, 14, 20)), moving_right)
    np.testing.assert_array_equal(carried.places(9) != NOWHERE, box(8, 10, 14, 20))


def test_pixels_that_were_hidden_or_outside_are_not_painted() -> None:
    def flow(frame: int, other: int) -> tuple[NDArray[np.float32], Shape]:
        vectors, seen = moving_right(frame, other)
        seen[:, 15:] = False
        return vectors, seen

    carried = CarriedLayer(layer("pixels", np.ones(SIZE, bool)), flow)
    np.testing.assert_array_equal(carried.places(4) != NOWHERE, box(1, 2, SIZE[0], 15))


def test_a_piece_follows_its_foot_and_grows() -> None:
    """The ground comes nearer, 1.1 times as large about the top left corner; the sky stands still."""

    def flow(frame: int, other: int) -> tuple[NDArray[np.float32], Shape]:
        grid = np.indices(SIZE, dtype=np.float32)[::-1]
        vectors = grid * (1 / 1.1 - 1) if other < frame else grid * (1.1 - 1)
        vectors[:, :8] = 0
        return vectors.astype(np.float32), np.ones(SIZE, bool)

    painted = box(4, 10, 14, 16)
    piece, pixels = (CarriedLayer(layer(carry, painted), flow).places(5) != NOWHERE for carry in ("piece", "pixels"))
    rows, columns = np.nonzero(piece)
    # as one, 1.21 times as large about the corner
    assert np.abs(np.array([rows.min(), rows.max() + 1]) - 1.21 * np.array([4, 14])).max() <= 1.5
    assert np.abs(np.array([columns.min(), columns.max() + 1]) - 1.21 * np.array([10, 16])).max() <= 1.5
    assert piece.sum() == pytest.approx(1.21**2 * painted.sum(), rel=0.15)
    # each pixel on its own: what lies on the sky stays behind
    assert pixels[5, 11]
    assert not piece[4, 10]


def test_a_piece_whose_foot_is_not_seen_goes_on_as_before() -> None:
    def flow(frame: int, other: int) -> tuple[NDArray[np.float32], Shape]:
        vectors, seen = moving_right(frame, other)
        return (vectors, seen) if frame < 5 else (vectors * 0, ~seen)

    carried = CarriedLayer(layer("piece", box(8, 10, 14, 20)), flow)
    np.testing.assert_array_equal(carried.places(6) != NOWHERE, box(11, 16, 17, 26))
