"""Operations on tensors, without parameters: warping, blending, encoding, pooling, padding."""

from vid2vid.ops.blend import blend
from vid2vid.ops.encode import (
    Code,
    LabelCode,
    append_channels,
    concatenate,
    dense,
    foreground_mask,
    instance_edges,
    one_hot,
    to_images,
    to_uint8,
)
from vid2vid.ops.object_motion import MOTION_UNIT, object_motion
from vid2vid.ops.regions import average_instances, class_map, class_sums, object_map
from vid2vid.ops.sizes import crop, halve, pad_to_multiple, pyramid, require_size
from vid2vid.ops.warp import warp

__all__ = [
    "MOTION_UNIT",
    "Code",
    "LabelCode",
    "append_channels",
    "average_instances",
    "blend",
    "class_map",
    "class_sums",
    "concatenate",
    "crop",
    "dense",
    "foreground_mask",
    "halve",
    "instance_edges",
    "object_map",
    "object_motion",
    "one_hot",
    "pad_to_multiple",
    "pyramid",
    "require_size",
    "to_images",
    "to_uint8",
    "warp",
]
