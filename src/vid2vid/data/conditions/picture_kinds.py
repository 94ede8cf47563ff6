"""Kinds of conditions that are pictures: grey pictures, RGB pictures, and edges of the real frames."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.config import VideoConfig
from vid2vid.data.conditions.colours import is_grey
from vid2vid.data.conditions.extraction import Extraction
from vid2vid.data.conditions.kind import ConditionKind, Planes
from vid2vid.data.crop_resize import CropResize
from vid2vid.video import Header, canny, frame_times, open_frames, write_labels
from vid2vid.video.progress import watched_frames


class ColourPictures(ConditionKind):
    """RGB pictures, three channels."""

    def planes(self, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, indices: range) -> Planes:
        """Move the channels to the front, ``(N, 3, H', W')``."""
        return np.ascontiguousarray(crop_resize.images(frames).transpose(0, 3, 1, 2))

    @classmethod
    def looks_like(cls, colours: NDArray[np.uint8], ids: NDArray[np.uint8] | None, has_palette: bool) -> bool:
        """Whether pictures are not maps of ids."""
        return ids is None


class GreyPictures(ConditionKind):
    """Grey pictures, one channel, such as learned edges (HED)."""

    raw_channels = 1
    detector = "hed"

    def planes(self, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, indices: range) -> Planes:
        """Keep one channel, ``(N, 1, H', W')``."""
        return grey_planes(frames, crop_resize)

    @classmethod
    def looks_like(cls, colours: NDArray[np.uint8], ids: NDArray[np.uint8] | None, has_palette: bool) -> bool:
        """Whether pictures are grey, even if they could be maps of ids."""
        return ids is not None or is_grey(colours)

    @classmethod
    def extract(cls, target: Path, name: str, config: VideoConfig, root: Path) -> Extraction:
        """Write learned edges as a lossless video."""
        # imports torch and the weights of HED
        from vid2vid.keypoints.detectors.learned_edges import LearnedEdges

        source = root / "source" / f"{name}.mkv"
        edges, fps = map(LearnedEdges(), watched_frames(target)), Header.read(target).fps
        return Extraction(source, write_labels(source, edges, fps, frame_times(target)))


class CannyEdges(ConditionKind):
    """Canny's edges of the real frames, one channel of 0 and 255, computed when the frames are read."""

    def planes(self, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, indices: range) -> Planes:
        """Detect the edges ``(N, 1, H', W')`` after resizing, so that they are one pixel wide."""
        low, high = self.condition.edge_thresholds
        return np.stack([canny(frame, low, high) for frame in crop_resize.images(frames)])[:, None]

    @classmethod
    def extract(cls, target: Path, name: str, config: VideoConfig, root: Path) -> Extraction:
        """Write nothing, since the video itself is the source."""
        return Extraction(target, len(open_frames(target)))


def grey_planes(frames: NDArray[np.uint8], crop_resize: CropResize) -> Planes:
    """Turn frames of a grey video, ``(N, H, W, 3)`` or ``(N, H, W)``, into planes ``(N, 1, H', W')``."""
    pictures = frames if frames.ndim == 4 else frames[..., None]
    # a copy, because raw frames from a pipe are read-only
    return crop_resize.images(pictures)[:, None, :, :, 0].copy()
