"""Quads, boxes and ellipsoids."""

import numpy as np

from vid2vid.street.geometry import EMPTY, NO_SWING, Geometry, GeometryBuilder, Material, Paint, rectangle
from vid2vid.street.street_classes import BUILDING, CAR


def test_the_faces_of_a_box_look_outwards() -> None:
    builder = GeometryBuilder()
    builder.box((1, -1, 0), (3, 2, 4), Paint(BUILDING, (1, 1, 1)))
    corners = builder.finish().quads["corners"]
    assert corners.shape == (5, 4, 3)  # there is no bottom
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
    outwards = corners.mean(axis=1) - (2, 0.5, 2)
    assert ((normal * outwards).sum(-1) > 0).all()


def test_rows_hold_the_paint_and_the_velocity() -> None:
    builder = GeometryBuilder(velocity=0.5)
    paint = Paint(CAR, (0.1, 0.2, 0.3), Material.WHEEL, 26004, (0.4, 0.5, 0.6), (7.0, 8.0))
    builder.ellipsoid((1, 2, 3), (4, 5, 6), paint)
    builder.shadow((0, 0), (2, 1), 0.1, 0.3, 0.7)
    built = builder.finish()
    (row,), (shadow,) = built.ellipsoids, built.shadows
    assert (row["centre"].tolist(), row["radii"].tolist(), tuple(row["swing"])) == ([1, 2, 3], [4, 5, 6], NO_SWING)
    found = row["paint"]
    assert (found["material"], found["label"], found["instance"], found["velocity"]) == (11, CAR, 26004, 0.5)
    np.testing.assert_allclose(found["params"], [7, 8, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(shadow["paint"]["params"][:4], [2, 1, 0.3, 0.7])
    assert Paint(CAR, (0, 0, 0)).row(0.0)[2] == CAR


def test_joined_geometries_keep_all_rows_in_order() -> None:
    parts = []
    for height in (0.0, 1.0, 2.0):
        builder = GeometryBuilder()
        builder.quad(rectangle((0, 0), (1, 1), height), Paint(BUILDING, (1, 1, 1)))
        parts.append(builder.finish())
    joined = Geometry.join(parts)
    np.testing.assert_array_equal(joined.quads["corners"][:, 0, 2], [0, 1, 2])
    assert len(joined.ellipsoids) == len(Geometry.join([]).quads) == len(EMPTY.shadows) == 0
