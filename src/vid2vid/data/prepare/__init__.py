"""From raw videos to sequences: cuts found, conditions extracted, once, with a record of each video."""

from vid2vid.data.prepare.one import resolve_auto
from vid2vid.data.prepare.record import Record
from vid2vid.data.prepare.several import list_videos, prepare_videos
from vid2vid.data.prepare.split import split_videos

__all__ = ["Record", "list_videos", "prepare_videos", "resolve_auto", "split_videos"]
