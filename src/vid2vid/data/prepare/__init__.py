"""From raw videos to sequences: detection of cuts and extraction of conditions, once, with a record of each video."""

from vid2vid.data.prepare.preparation import left_out, list_videos, prepare_videos, resolve_auto
from vid2vid.data.prepare.record import Record
from vid2vid.data.prepare.video_splits import split_videos

__all__ = ["Record", "left_out", "list_videos", "prepare_videos", "resolve_auto", "split_videos"]
