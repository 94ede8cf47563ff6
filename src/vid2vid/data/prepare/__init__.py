"""From raw videos to sequences: detection of cuts and extraction of conditions, once, with a record of each video."""

from vid2vid.data.prepare.preparation import list_videos, prepare_videos, resolve_auto, unused_files
from vid2vid.data.prepare.record import Record
from vid2vid.data.prepare.video_splits import leave_out, split_videos

__all__ = ["Record", "leave_out", "list_videos", "prepare_videos", "resolve_auto", "split_videos", "unused_files"]
