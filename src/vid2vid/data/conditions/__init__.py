"""Kinds of conditions: a class for each, which reads its files, encodes it for the networks and shows it.

A new kind needs its class, an entry in `KIND_CLASSES` below and its facts in `vid2vid.condition.KINDS`.
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
    """Return what reads, encodes and shows a condition."""
    return KIND_CLASSES[condition.kind](condition)


def encode(
    condition: Condition, source: Tensor, instance: Tensor | None = None, planes: Tensor | None = None
) -> Tensor:
    """Encode conditions as input channels of the networks (`ConditionKind.encode`), those of its planes the last.

    Args:
        condition: The condition.
        source: ``(B, T, S, H, W)`` uint8 as in `vid2vid.types.Clip`.
        instance: ``(B, T, 1, H, W)`` object ids, if they are a part of the condition.
        planes: ``(B, T, P, H, W)``, its planes in their units, if it has any; NaN where an optional one is not known.
            None: there are none, or they are optional and not known.

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
    """Encode as `encode` does, without writing the one-hot channels of labels out (`ConditionKind.code`)."""
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
