"""Kinds of conditions: a class for each, which reads its files, encodes it for the networks and shows it.

A new kind needs its class, an entry in `KIND_CLASSES` below and its facts in `vid2vid.condition.KINDS`.
"""

from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.conditions.keypoint_kinds import FaceSketches, Skeletons
from vid2vid.data.conditions.kind import ConditionKind
from vid2vid.data.conditions.label_maps import LabelMaps
from vid2vid.data.conditions.picture_kinds import CannyEdges, ColourPictures, GreyPictures, grey_planes
from vid2vid.ops import Code

KIND_CLASSES: dict[str, type[ConditionKind]] = {
    "labels": LabelMaps,
    "edges": CannyEdges,
    "grey": GreyPictures,
    "image": ColourPictures,
    "face": FaceSketches,
    "pose": Skeletons,
}
"""The class of each kind of `vid2vid.condition.KINDS`."""

__all__ = ["KIND_CLASSES", "ConditionKind", "encode", "encode_compactly", "grey_planes", "kind_of"]


def kind_of(condition: Condition) -> ConditionKind:
    """Return what reads, encodes and shows a condition."""
    return KIND_CLASSES[condition.kind](condition)


def encode(condition: Condition, source: Tensor, instance: Tensor | None = None) -> Tensor:
    """Encode conditions as input channels of the networks (`ConditionKind.encode`)."""
    return kind_of(condition).encode(source, instance)


def encode_compactly(condition: Condition, source: Tensor, instance: Tensor | None = None) -> Code:
    """Encode conditions without writing the one-hot channels of labels out (`ConditionKind.code`)."""
    return kind_of(condition).code(source, instance)
