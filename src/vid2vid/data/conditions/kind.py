"""`ConditionKind`, the base class of the kinds of conditions, which reads, encodes, shows and extracts them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.config import VideoConfig
from vid2vid.data.augment import View
from vid2vid.data.conditions.colours import channels_picture
from vid2vid.data.conditions.extraction import Extraction
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError
from vid2vid.ops import Code, to_images
from vid2vid.video import Header, ReaderPool, Times, frame_times, stream_frames, stream_labels

Planes = NDArray[np.uint8]


class ConditionKind(ABC):
    """One kind of condition. The methods of the base class serve kinds whose files are pictures, one for each frame.

    Args:
        condition: A condition of this kind, with its settings.
    """

    points = 0
    """Number of keypoints of a person; 0: the files are pictures."""
    raw_channels = 3
    """Bytes per pixel of raw frames from a pipe: 3 for RGB, 1 for one channel."""

    detector = ""
    """The detector that `extract` uses; empty: none, or the one that the settings name."""
    extraction_settings: tuple[str, ...] = ()
    """The fields of `VideoConfig` on which its extraction depends."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition

    @abstractmethod
    def planes(self, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, indices: range) -> Planes:
        """Convert source frames to the form in a clip (`vid2vid.types.Clip.source`).

        Args:
            frames: ``(N, H, W, 3)`` RGB as read from the file; maps of one channel may also be ``(N, H, W)``.
            crop_resize: Part and size to use.
            path: The file, for messages.
            indices: Indices of the frames in the file, for messages.

        Returns:
            ``(N, S, H', W')`` uint8.

        Raises:
            DataError: A frame has a value that the condition does not allow.
        """

    def read(
        self, readers: ReaderPool, sequence: VideoSequence, frames: range, view: View, target: NDArray[np.uint8]
    ) -> Planes:
        """Return the conditions of some frames of a sequence, ``(T, S, H, W)`` uint8.

        Args:
            readers: Open readers of videos, of this process.
            sequence: The sequence.
            frames: Indices of the frames in its files.
            view: Part, size and random changes.
            target: ``(T, H, W, 3)`` uint8, the real frames.

        Raises:
            DataError: A file cannot be read, or has invalid values; the message names the file and the frame.
        """
        if sequence.source == sequence.target:
            pictures = target
        else:
            reader = readers.labels if self.condition.holds_ids else readers.get
            pictures = reader(sequence.source).read(frames)
        return self.planes(pictures, view.crop_resize, sequence.source, frames)

    def stream(self, source: Path, crop_resize: CropResize, appended: Path | None = None) -> Iterator[Planes]:
        """Yield the conditions of a video of any length frame by frame, ``(1, S, H, W)`` uint8.

        Args:
            source: A video, a folder of images, or keypoints.
            crop_resize: Part and size to use.
            appended: Video or folder of the pictures that are appended to drawn keypoints (`Condition.appended`).

        Raises:
            DataError: While iterating: a file is missing or cannot be read.
        """
        for t, frame in enumerate((stream_labels if self.condition.holds_ids else stream_frames)(source)):
            yield self.planes(frame[None], crop_resize, source, range(t, t + 1))

    def header(self, path: Path) -> Header:
        """Return the frame rate and the number of frames of a file or folder of conditions.

        Raises:
            DataError: It cannot be read.
        """
        return Header.read(path)

    def times(self, path: Path) -> Times:
        """Return when each frame of a file or folder of conditions is shown; None: at the constant rate of its header.

        Raises:
            DataError: It cannot be read.
        """
        return frame_times(path)

    def encode(self, source: Tensor, instance: Tensor | None = None) -> Tensor:
        """Encode conditions as input channels of the networks; runs on the device of ``source``.

        Args:
            source: ``(B, T, S, H, W)`` uint8 as in `vid2vid.types.Clip`.
            instance: ``(B, T, 1, H, W)`` object ids; needed if ``condition.needs_instances``.

        Returns:
            ``(B, T, C, H, W)`` float32 with C = ``condition.channels``: zeros and ones for labels, else [-1, 1].

        Raises:
            ValueError: The condition needs object ids, and none are given.
        """
        return to_images(source)

    def code(self, source: Tensor, instance: Tensor | None = None) -> Code:
        """Encode conditions as `encode` does, without materialising the one-hot channels of labels."""
        return self.encode(source, instance)

    def picture(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Show the condition of one frame, ``(S, H, W)`` uint8, as an RGB picture ``(H, W, 3)`` uint8."""
        return channels_picture(planes)

    @classmethod
    def looks_like(cls, colours: NDArray[np.uint8], ids: NDArray[np.uint8] | None, has_palette: bool) -> bool:
        """Whether pictures of a data set seem to be of this kind; False for kinds that are never guessed.

        Args:
            colours: ``(N, H, W, 3)`` uint8, some pictures.
            ids: ``(N, H, W)`` uint8, the same pictures as maps of ids; None if they are not maps of ids.
            has_palette: Whether the settings have a palette, so that colours can be labels.
        """
        return False

    @classmethod
    def extract(cls, target: Path, name: str, config: VideoConfig, root: Path) -> Extraction:
        """Extract the conditions of a video, with a progress bar.

        Args:
            target: The video, which must be exactly readable.
            name: Name of the files to write: ``root/source/NAME.npz`` (keypoints) or ``.mkv`` (pictures), and if needed
                ``root/foreground/NAME.mkv`` and ``root/background/NAME.mkv``.
            config: Settings of the extraction.
            root: Folder to write to.

        Raises:
            ConfigError: Conditions of this kind cannot be extracted.
            VideoError: A frame cannot be read, a file cannot be written, or nobody is found in the video.
            MissingExtraError: The detector is not installed.
        """
        raise ConfigError(f"data.condition={config.condition}: such conditions cannot be extracted from videos.")
