"""What a condition is, and what it refuses to be."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from vid2vid.condition import KINDS, PLANES, Condition, planes_of
from vid2vid.config import build
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "channels"),
    [
        ({"label_ids": [3, 7, 9]}, 3),
        ({"label_ids": [3, 7, 9], "instance_edges": True}, 4),
        ({"label_ids": list(range(256))}, 256),
        ({"kind": "edges"}, 1),
        ({"kind": "image"}, 3),
        # edges between instances belong to label maps
        ({"kind": "image", "instance_edges": True}, 3),
    ],
)
def test_channels_are_those_of_the_encoded_condition(given: dict[str, Any], channels: int) -> None:
    assert Condition(**given).channels == channels


def test_only_the_motion_of_objects_looks_back() -> None:
    assert Condition(label_ids=[1], object_motion=True).lookback == 1
    assert Condition(label_ids=[1], instance_edges=True).lookback == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "label"}, r"condition\.kind='label' is unknown\. Did you mean 'labels'\?"),
        ({}, r"label_ids must list each id once, but is \[\]"),
        ({"label_ids": [1, 2, 1]}, r"label_ids must list each id once, but is \[1, 2, 1\]"),
        ({"label_ids": [0, 256]}, r"label_ids must lie in 0\.\.255"),
        ({"label_ids": [-1, 0]}, r"label_ids must lie in 0\.\.255"),
        ({"label_ids": [0, 1], "label_names": ["road"]}, r"label_names has 1 entries for 2 label_ids"),
        ({"label_ids": [0, 1], "palette": [[0, 0, 0]] * 3}, r"palette has 3 entries for 2 label_ids"),
        ({"kind": "edges", "edge_thresholds": [60]}, r"edge_thresholds must be \[lower, upper\], but is \[60\]"),
        ({"kind": "edges", "edge_thresholds": [150, 60]}, r"edge_thresholds must be \[lower, upper\]"),
        (
            {"kind": "edges", "limb_maps": True},
            r"condition\.limb_maps is for conditions of the kind 'pose'",
        ),
        ({"kind": "pose", "background_edges": True}, r"background_edges is for conditions of the kind 'face'"),
        (
            {"label_ids": [0], "densepose": True},
            r"densepose is for .* 'pose', but this is 'labels'",
        ),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Condition(**given)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"labels"}))
def test_other_kinds_need_no_ids(kind: str) -> None:
    assert Condition(kind=kind).label_ids == []


def test_two_conditions_share_no_list() -> None:
    one, other = Condition(kind="edges"), Condition(kind="edges")
    one.edge_thresholds[0] = 1
    assert other.edge_thresholds == [60, 150]


LABELS: dict[str, Any] = {"label_ids": [7, 8]}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (LABELS, {"label_ids": [7, 8], "label_names": ["road", "car"]}, True),
        (LABELS, {"label_ids": [8, 7]}, False),
        (LABELS, {"label_ids": [7, 8], "instance_edges": True}, False),
        (LABELS, {"kind": "edges"}, False),
        ({"kind": "edges"}, {"kind": "edges", "edge_thresholds": [1, 2]}, True),
        ({"kind": "edges"}, {"kind": "image"}, False),
        ({"kind": "edges"}, LABELS, False),
    ],
)
def test_conditions_are_encoded_alike_or_not(one: dict[str, Any], other: dict[str, Any], alike: bool) -> None:
    assert Condition(**one).encodes_like(Condition(**other)) == alike
    assert Condition(**other).encodes_like(Condition(**one)) == alike


@pytest.mark.parametrize(
    ("given", "planes", "true"),
    [
        (LABELS, 1, {"has_labels", "holds_ids"}),
        ({**LABELS, "palette": [[0, 0, 0], [9, 9, 9]], "colour_coded": True}, 1, {"has_labels"}),
        ({"kind": "edges"}, 1, {"from_frames"}),
        ({"kind": "image"}, 3, set()),
        ({"kind": "face", "distance_maps": True, "background_edges": True}, 10, {"from_keypoints"}),
        ({"kind": "pose", "limb_maps": True, "densepose": True}, 30, {"from_keypoints"}),
    ],
)
def test_each_kind_says_what_it_is(given: dict[str, Any], planes: int, true: set[str]) -> None:
    condition = Condition(**given)
    assert condition.source_channels == planes
    flags = ("has_labels", "holds_ids", "from_keypoints", "from_frames")
    assert {name for name in flags if getattr(condition, name)} == true


def test_planes_are_named_changed_or_described() -> None:
    depth, own = planes_of(["depth", {"name": "heat", "unit": "K", "high": 400.0}])
    assert (depth.unit, depth.scaling, str(depth)) == ("m", "inverse", "depth (0.01..1000 m)")
    assert (own.channels, own.range) == (1, "0..400 K")
    assert planes_of([{"name": "depth", "half": 20.0}])[0].half == 20
    condition = Condition(label_ids=[3], planes=[depth, PLANES["normals"]])
    assert (condition.channels, condition.source_channels, condition.plane_channels) == (5, 1, 4)
    again = build(Condition, asdict(condition), "condition")
    assert again == condition
    assert again.encodes_like(condition)
    assert again.encodes_like(replace(condition, planes=[replace(depth, step=0.01), PLANES["normals"]]))
    assert not again.encodes_like(replace(condition, planes=[replace(depth, half=20.0), PLANES["normals"]]))
    assert not again.encodes_like(replace(condition, planes=planes_of(["normals", "depth"])))


def test_optional_planes_may_be_missing() -> None:
    none = Condition(label_ids=[3])
    needed, optional = (replace(none, planes=planes_of([{"name": "depth", "optional": share}])) for share in (0.0, 0.5))
    assert [one.takes(other) for one, other in ((none, needed), (needed, optional), (optional, none))] == [True] * 3
    assert not needed.takes(none)
    assert not optional.takes(replace(none, label_ids=[7]))
    assert [one.extends(none) for one in (none, optional, needed)] == [True, True, False]
    assert not none.extends(optional)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["deep"], r"data\.planes='deep' is unknown\."),
        (["depth", "depth"], r"data\.planes must have each name once, but has depth, depth"),
        ([{"name": "depth", "hafl": 3}], r"the field='hafl' is unknown\. Did you mean 'half'"),
        ([{"channels": 2}], r"data\.planes: \{'channels': 2\} needs a name that is a text"),
        ([{"name": ["a"]}], r"data\.planes: \{'name': \['a'\]\} needs a name that is a text"),
        ([{"name": "a", "low": "b"}], r"data\.planes: \{'name': 'a', 'low': 'b'\} has a value of the wrong type"),
        ([{"name": "a", "factor": ["b"]}], r"'a': factor=\['b'\] must be one number for all channels"),
        ([{"name": "a/b"}], r"'a/b' must be a name of letters, digits and underscores"),
        ([{"name": "a", "low": 1.0}], r"'a': low=1 must be below high=1"),
        ([{"name": "a", "mirrored": [1]}], r"'a': mirrored=\[1\] must list channels in 0..0"),
        ([{"name": "a", "scaling": "log"}], r"scaling='log' is unknown"),
        ([{"name": "a", "optional": 1.0}], r"'a': optional=1 must be at least 0 and below 1"),
    ],
)
def test_wrong_planes_are_refused(given: list[Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        planes_of(given)
