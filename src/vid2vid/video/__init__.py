"""Video input and output: frames by index, frames in order, and atomic writing of files.

decord reads by index. PyAV writes, reads in order, and is the reference against which decord is checked before it may
read a file (`exact_path`). Nothing here needs torch.
"""

from vid2vid.video.canny_edges import canny
from vid2vid.video.copying import exact_path, safe_copy
from vid2vid.video.decoding import Header, open_container, stream_frames
from vid2vid.video.doubts import doubts
from vid2vid.video.file_cache import file_key
from vid2vid.video.id_maps import as_ids, as_labels, open_ids, open_labels, stream_ids, stream_labels
from vid2vid.video.images import is_folder, list_images
from vid2vid.video.inspection import Inspection, cached_inspection, inspect, is_system_error
from vid2vid.video.joining import has_sound, join_videos
from vid2vid.video.opening import open_frames
from vid2vid.video.pool import ReaderPool
from vid2vid.video.raw import RawVideo
from vid2vid.video.reading import FrameReader
from vid2vid.video.scene_cuts import find_cuts, scenes
from vid2vid.video.timing import Times, frame_times
from vid2vid.video.writing import (
    VideoWriter,
    write_colours,
    write_frames,
    write_ids,
    write_labels,
    write_numbers,
    write_png,
    write_video,
)

__all__ = [
    "FrameReader",
    "Header",
    "Inspection",
    "RawVideo",
    "ReaderPool",
    "Times",
    "VideoWriter",
    "as_ids",
    "as_labels",
    "cached_inspection",
    "canny",
    "doubts",
    "exact_path",
    "file_key",
    "find_cuts",
    "frame_times",
    "has_sound",
    "inspect",
    "is_folder",
    "is_system_error",
    "join_videos",
    "list_images",
    "open_container",
    "open_frames",
    "open_ids",
    "open_labels",
    "safe_copy",
    "scenes",
    "stream_frames",
    "stream_ids",
    "stream_labels",
    "write_colours",
    "write_frames",
    "write_ids",
    "write_labels",
    "write_numbers",
    "write_png",
    "write_video",
]
