"""Objects of label maps that bring no ids."""

import numpy as np

from vid2vid.live.label_objects import LabelObjects


def street(car: int, person: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    labels = np.zeros((16, 40), np.uint8)
    labels[8:12, car : car + 6] = 2
    labels[4:12, person : person + 2] = 3
    return labels


def test_areas_keep_their_ids_while_they_move() -> None:
    objects = LabelObjects()
    first = objects(street(4, 30))
    assert len(np.unique(first)) == 3
    assert first.min() == 1
    for step in range(1, 5):
        labels = street(4 + 2 * step, 30 - step)
        ids = objects(labels)
        for label, place in ((0, (0, 0)), (2, (9, 5)), (3, (5, 30))):
            assert set(ids[labels == label]) == {first[place]}


def test_what_is_new_gets_a_new_id_and_two_of_a_label_are_two_objects() -> None:
    objects = LabelObjects()
    before = objects(street(4, 30))
    labels = street(4, 30)
    labels[1:4, 20:24] = 2
    ids = objects(labels)
    assert ids[2, 21] not in before
    assert ids[9, 5] == before[9, 5]


def test_ids_stay_small_however_long_it_runs() -> None:
    objects, random = LabelObjects(), np.random.default_rng(0)
    for _ in range(30):
        ids = objects(random.integers(0, 9, (128, 64), np.uint8))
        assert 1 <= ids.min() <= ids.max() < 2**16
