"""A frame is made from the same past each time."""

from collections.abc import Callable

import numpy as np

from vid2vid.studio.carrying import Layer
from vid2vid.studio.session import Session
from vid2vid.studio.timeline import KEPT_EVERY, pixels_of, png

Make = Callable[[Session, int], bytes]


def test_the_same_past_gives_the_same_frame(session: Session, make: Make) -> None:
    before = make(session, 9)
    size = session.opened.size
    values = np.full(size, 8, np.uint8)
    painted = np.zeros(size, bool)
    painted[18:28, 15:30] = True
    for first in (9, 5):
        session.paint(Layer(9, values, painted, np.full(size, 99, np.int32), "place", first, 9), 9)
        changed = make(session, 9)
        assert changed != before
        assert make(session, 9) == changed
    session.paint(None, 9)
    assert make(session, 9) == before


def test_few_states_are_kept(session: Session, make: Make) -> None:
    make(session, 11)
    (timeline,) = session.timelines
    assert sorted(timeline._states) == [0, KEPT_EVERY, 9, 10, 11, 12]
    assert sorted(timeline.frames) == list(range(12))
    assert timeline.start(7) == 0
    timeline.invalidate(10)
    assert sorted(timeline._states) == [0, KEPT_EVERY, 9, 10]
    assert sorted(timeline.frames) == list(range(10))


def test_a_frame_tells_what_it_is_made_of(session: Session, make: Make) -> None:
    make(session, 4)
    (timeline,) = session.timelines
    assert timeline.picture(3, "mask") is None
    mask = timeline.picture(4, "mask")
    assert mask is not None
    assert pixels_of(mask).shape == (*session.opened.size, 3)


def test_pictures_are_coded_without_loss() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(pixels_of(png(picture)), picture)
