"""Data: from video files and renderers to clips."""

from vid2vid.data.clips import ClipDataset, Window
from vid2vid.data.manifest import Manifest, Sequence
from vid2vid.data.module import Vid2VidDataModule
from vid2vid.data.origins import ManifestOrigin, Origin, StreetOrigin, VideoOrigin

__all__ = [
    "ClipDataset",
    "Manifest",
    "ManifestOrigin",
    "Origin",
    "Sequence",
    "StreetOrigin",
    "Vid2VidDataModule",
    "VideoOrigin",
    "Window",
]
