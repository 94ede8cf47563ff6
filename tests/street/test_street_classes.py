"""Classes of rendered streets."""

from vid2vid.street import street_condition
from vid2vid.street.street_classes import CAR, instance_id


def test_the_condition_is_cityscapes() -> None:
    condition = street_condition()
    assert condition.label_ids == [7, 8, 11, 17, 21, 22, 23, 24, 26]
    assert condition.palette[condition.label_names.index("car")] == [0, 0, 142]
    assert condition.channels == 9


def test_instance_ids_hold_class_and_number() -> None:
    assert instance_id(CAR, 7) == 26007
    assert instance_id(CAR, -1) == instance_id(CAR, 1999) == 26999
