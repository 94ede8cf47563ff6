"""Videos in and out: frames by index, frames in order, files that are written whole or not at all.

decord reads by index; PyAV writes, reads in order, and is the truth that decord is checked against (`exact_path`).
Nothing here needs torch.
"""

from vid2vid.video.canny_edges import canny
from vid2vid.video.checking import Inspection, inspect, system_failed
from vid2vid.video.copying import exact_path, safe_copy
from vid2vid.video.cuts import find_cuts, scenes
from vid2vid.video.decoding import opening
from vid2vid.video.folder import is_folder, list_images
from vid2vid.video.header import Header
from vid2vid.video.joining import has_sound, join_videos
from vid2vid.video.labels import as_ids, as_labels
from vid2vid.video.maps import MapReader, open_ids, open_labels, stream_ids, stream_labels
from vid2vid.video.pool import ReaderPool
from vid2vid.video.raw import RawVideo
from vid2vid.video.reading import FrameReader, open_frames
from vid2vid.video.streaming import stream_frames
from vid2vid.video.verdicts import judge
from vid2vid.video.writing import VideoWriter, write_frames, write_ids, write_labels, write_png, write_video

__all__ = [
    "FrameReader",
    "Header",
    "Inspection",
    "MapReader",
    "RawVideo",
    "ReaderPool",
    "VideoWriter",
    "as_ids",
    "as_labels",
    "canny",
    "exact_path",
    "find_cuts",
    "has_sound",
    "inspect",
    "is_folder",
    "join_videos",
    "judge",
    "list_images",
    "open_frames",
    "open_ids",
    "open_labels",
    "opening",
    "safe_copy",
    "scenes",
    "stream_frames",
    "stream_ids",
    "stream_labels",
    "system_failed",
    "write_frames",
    "write_ids",
    "write_labels",
    "write_png",
    "write_video",
]
