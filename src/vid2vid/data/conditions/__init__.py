"""Reading conditions: from what stands in the files to the integer planes that travel in a clip."""

from vid2vid.data.conditions.drawing import drawn_planes
from vid2vid.data.conditions.planes import canny, grey_planes, holds_ids, to_planes
from vid2vid.data.conditions.source import SourceReader, source_header, stream_planes

__all__ = [
    "SourceReader",
    "canny",
    "drawn_planes",
    "grey_planes",
    "holds_ids",
    "source_header",
    "stream_planes",
    "to_planes",
]
