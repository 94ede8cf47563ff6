"""Ground, lamps and plants."""

import numpy as np
import pytest

from vid2vid.street.geometry import GeometryBuilder, Rows
from vid2vid.street.look import Look
from vid2vid.street.roadside import KERB_HEIGHT, add_ground, add_lamps, add_plants
from vid2vid.street.street_classes import POLE, ROAD, SIDEWALK, TERRAIN, VEGETATION


@pytest.fixture
def look() -> Look:
    return Look(5, 10.0)


def of_class(rows: Rows, label: int) -> Rows:
    chosen: Rows = rows[rows["paint"]["label"] == label]
    return chosen


def test_the_ground_has_no_gap_between_road_sidewalk_and_lawn(look: Look) -> None:
    builder = GeometryBuilder()
    add_ground(builder, look, 0, 0.0, 48.0)
    quads = builder.finish().quads
    road = of_class(quads, ROAD)["corners"]
    assert (road[..., 1].min(), road[..., 1].max()) == (-look.right.kerb, look.left.kerb)
    for side in look.sides:
        walk, lawn = (side.sign * of_class(quads, label)["corners"][..., 1] for label in (SIDEWALK, TERRAIN))
        walk, lawn = walk[walk > 0], lawn[lawn > 0]
        np.testing.assert_allclose([walk.min(), walk.max()], [side.kerb, side.lawn])
        np.testing.assert_allclose(lawn.min(), side.lawn)
    assert (of_class(quads, TERRAIN)["corners"][..., 2] == KERB_HEIGHT).all()


def test_lamps_alternate_at_their_distance_across_pieces(look: Look) -> None:
    whole, pieces = GeometryBuilder(), GeometryBuilder()
    add_lamps(whole, look, 0.0, 200.0)
    for start in (0.0, 100.0):
        add_lamps(pieces, look, start, start + 100)
    rows = whole.finish().quads
    np.testing.assert_array_equal(rows, pieces.finish().quads)
    assert (rows["paint"]["label"] == POLE).all()
    # eleven faces on two posts, an arm and a light
    per_lamp = len(rows) // int(np.ceil(200 / look.lamps))
    feet = rows["corners"][::per_lamp]
    np.testing.assert_allclose(np.diff(feet[..., 0].mean(axis=1)), look.lamps)
    signs = np.sign(feet[..., 1].mean(axis=1))
    assert (signs[1:] == -signs[:-1]).all()


def test_trees_stand_between_kerb_and_lawn_with_ids_of_their_own(look: Look) -> None:
    builder, look.trees = GeometryBuilder(), 1.0
    add_plants(builder, look, 3, 144.0, 192.0)
    plants = builder.finish()
    trunks = plants.quads["corners"][..., 1].mean(axis=1)
    inside = [(abs(y) > side.kerb) and (abs(y) < side.lawn) for y in trunks for side in look.sides if side.sign * y > 0]
    assert inside
    assert all(inside)
    instances = np.unique(plants.quads["paint"]["instance"])
    assert len(instances) == 12  # one each 8 m on both sides
    assert (instances // 1000 == VEGETATION).all()
    # each tree has a shadow
    assert len(plants.shadows) == 12
