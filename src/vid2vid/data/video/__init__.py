"""Videos in and out: frames by index, frames in order, files that are written whole or not at all.

decord reads by index; PyAV writes, reads in order, and is the truth that decord is checked against (`exact_path`).
Nothing here needs torch.
"""

from vid2vid.data.video.checking import Inspection, inspect
from vid2vid.data.video.copying import exact_path, safe_copy
from vid2vid.data.video.folder import is_folder, list_images
from vid2vid.data.video.header import Header
from vid2vid.data.video.labels import as_ids, as_labels
from vid2vid.data.video.pool import ReaderPool
from vid2vid.data.video.reading import FrameReader, open_frames
from vid2vid.data.video.streaming import stream_frames
from vid2vid.data.video.writing import VideoWriter, write_frames, write_ids, write_labels, write_video

__all__ = [
    "FrameReader",
    "Header",
    "Inspection",
    "ReaderPool",
    "VideoWriter",
    "as_ids",
    "as_labels",
    "exact_path",
    "inspect",
    "is_folder",
    "list_images",
    "open_frames",
    "safe_copy",
    "stream_frames",
    "write_frames",
    "write_ids",
    "write_labels",
    "write_video",
]
