"""Reading conditions: from what stands in the files to the integer planes that travel in a clip."""

from vid2vid.data.conditions.drawing import drawn_planes
from vid2vid.data.conditions.planes import grey_planes, to_planes
from vid2vid.data.conditions.source import SourceReader, source_header, stream_planes

__all__ = [
    "SourceReader",
    "drawn_planes",
    "grey_planes",
    "source_header",
    "stream_planes",
    "to_planes",
]
