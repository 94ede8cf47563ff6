"""Temporally progressive training: clips that grow from epoch to epoch, and frames that lie apart."""

from dataclasses import dataclass

from vid2vid.config import LoaderConfig


@dataclass(frozen=True)
class Curriculum:
    """How long the training clips of an epoch are, and how far apart their frames may lie.

    Args:
        frames: Frames T of a clip in the first epoch.
        double_every: Epochs after which the clips are twice as long; 0: never.
        most: Frames that they grow to at most.
        strides: Distances of a clip's frames that are drawn from; those that a sequence is too short for are left out.
    """

    frames: int
    double_every: int = 0
    most: int = 0
    strides: tuple[int, ...] = (1,)

    @classmethod
    def of(cls, loader: LoaderConfig) -> "Curriculum":
        """Make the curriculum that the settings describe."""
        return cls(loader.clip_frames, loader.clip_double_every, loader.clip_frames_max, tuple(loader.frame_strides))

    @property
    def longest(self) -> int:
        """Frames of the longest clips that will come."""
        return max(self.frames, self.most) if self.double_every else self.frames

    def frames_in(self, epoch: int) -> int:
        """Return the frames T of the clips of an epoch, counted from 0."""
        if not self.double_every:
            return self.frames
        return min(self.longest, self.frames << (epoch // self.double_every))

    def strides_for(self, sequence_frames: int, clip_frames: int) -> list[int]:
        """Return the strides at which a clip fits into a sequence; 1 if it is too short for all of them."""
        return [k for k in self.strides if span(clip_frames, k) <= sequence_frames] or [1]


def span(frames: int, stride: int) -> int:
    """Return how many frames of video some frames at a stride cover."""
    return (frames - 1) * stride + 1
