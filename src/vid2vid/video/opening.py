"""Frames by index, from video files and folders of images."""

from pathlib import Path

import numpy as np

from vid2vid.files import cache_folder
from vid2vid.video.copying import exact_path
from vid2vid.video.images import ImageFolder, is_folder, read_image
from vid2vid.video.reading import DecordFrames, FrameReader


def open_frames(path: Path) -> FrameReader[np.uint8]:
    """Open a video file or a folder of images.

    A file is inspected when it is opened for the first time (`cached_inspection`). Damaged files are refused. Files
    that decord misreads or may not read are read from a lossless copy (`exact_path`). Inspections and copies are kept
    in `cache_folder`. Maps of ids have their own readers, `open_labels` and `open_ids`.

    Args:
        path: Video file, or folder of images of one kind and size (png, jpg, ...).

    Raises:
        VideoError: The file is missing, damaged, not a video, or has no frames.
    """
    return ImageFolder(path, read_image) if is_folder(path) else open_file(path)


def open_file(path: Path) -> DecordFrames:
    """Open a video file; see `open_frames`."""
    return DecordFrames(exact_path(path, cache_folder()), path)
