"""Kinds of conditions: each has a class that reads its files, encodes it for the networks and shows it.

A new kind needs a class, an entry in `KIND_CLASSES` below and its facts in `vid2vid.condition.KINDS`.
"""

from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.conditions.keypoint_kinds import FaceSketches, Skeletons
from vid2vid.data.conditions.kind import ConditionKind
from vid2vid.data.conditions.label_maps import LabelMaps
from vid2vid.data.conditions.picture_kinds import CannyEdges, ColourPictures, GreyPictures, grey_planes
from vid2vid.data.planes import encode_planes, or_unknown
from vid2vid.ops import Code, append_channels, dense

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
    """Return the object that reads, encodes and shows a condition."""
    return KIND_CLASSES[condition.kind](condition)


def encode(
    condition: Condition, source: Tensor, instance: Tensor | None = None, planes: Tensor | None = None
) -> Tensor:
    """Encode conditions as input channels of the networks (`ConditionKind.encode`), followed by those of the planes.

    Args:
        condition: The condition.
        source: ``(B, T, S, H, W)`` uint8 as in `vid2vid.types.Clip`.
        instance: ``(B, T, 1, H, W)`` object ids, if the condition needs them.
        planes: ``(B, T, P, H, W)``, the planes in their units, NaN where an optional one is unknown; None: the
            condition has no planes, or all are optional and unknown.

    Returns:
        ``(B, T, C, H, W)`` float32 with C = ``condition.channels``.

    Raises:
        ValueError: A part of the condition is missing.
    """
    planes = or_unknown(condition, planes, source)
    return dense(_with_planes(condition, kind_of(condition).encode(source, instance), planes))


def encode_compactly(
    condition: Condition, source: Tensor, instance: Tensor | None = None, planes: Tensor | None = None
) -> Code:
    """Encode as `encode` does, without materialising the one-hot channels of labels (`ConditionKind.code`)."""
    planes = or_unknown(condition, planes, source)
    return _with_planes(condition, kind_of(condition).code(source, instance), planes)


def _with_planes(condition: Condition, code: Code, planes: Tensor | None) -> Code:
    if not condition.planes:
        return code
    if planes is None or planes.shape[-3] != condition.plane_channels:
        raise ValueError(
            f"this condition has the planes {', '.join(plane.name for plane in condition.planes)} with "
            f"{condition.plane_channels} channels in all, but "
            + ("none are given" if planes is None else f"{planes.shape[-3]} are given")
        )
    return append_channels(code, encode_planes(condition.planes, planes))
