"""Maths on tensors, without parameters: warping, blending, encoding of conditions, padding."""

from vid2vid.ops.blend import blend
from vid2vid.ops.encode import encode, instance_edges, one_hot, to_images
from vid2vid.ops.pad import crop, pad_to_multiple
from vid2vid.ops.pyramid import halve
from vid2vid.ops.warp import warp

__all__ = ["blend", "crop", "encode", "halve", "instance_edges", "one_hot", "pad_to_multiple", "to_images", "warp"]
