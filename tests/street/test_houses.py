"""Houses along the street."""

import numpy as np

from vid2vid.street.geometry import GeometryBuilder
from vid2vid.street.houses import add_houses
from vid2vid.street.look import Look
from vid2vid.street.street_classes import BUILDING


def test_houses_stand_behind_their_fronts_on_both_sides() -> None:
    for seed in range(6):
        look, builder = Look(seed, 10.0), GeometryBuilder()
        add_houses(builder, look, 2, 96.0, 144.0)
        houses = builder.finish().quads
        across, along = houses["corners"][..., 1], houses["corners"][..., 0]
        for side in look.sides:
            here = side.sign * across > 0
            assert here.any()
            # cornices and roofs reach over the front
            assert (side.sign * across[here]).min() > side.front - 0.5
        assert along.min() >= 96
        assert along.max() <= 144
        assert set(houses["paint"]["instance"] // 1000) == {BUILDING}


def test_gaps_leave_out_houses() -> None:
    look, counts = Look(0, 10.0), []
    for gap in (0.0, 1.0):
        builder, look.gap = GeometryBuilder(), gap
        add_houses(builder, look, 0, 0.0, 48.0)
        counts.append(len(np.unique(builder.finish().quads["paint"]["instance"])))
    # the higher houses behind the row are always there
    assert counts[1] == 2
    assert counts[0] >= 2 + 2 * 48 // 14
