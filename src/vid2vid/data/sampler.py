"""`WindowSampler`: draws the windows of an epoch, whose length a `Curriculum` sets."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch.utils.data import DistributedSampler

from vid2vid.config import LoaderConfig
from vid2vid.data.clips import Window
from vid2vid.data.manifest import VideoSequence


@dataclass(frozen=True)
class Curriculum:
    """The length of the training clips in each epoch, and the strides of their frames.

    Clips that grow from epoch to epoch are the paper's temporally progressive training.

    Args:
        frames: Frames T of a clip in the first epoch.
        double_every: Epochs after which the clip length doubles; 0: never.
        max_frames: Largest clip length.
        strides: The strides to draw from; those for which a sequence is too short are left out.
    """

    frames: int
    double_every: int = 0
    max_frames: int = 0
    strides: tuple[int, ...] = (1,)

    @classmethod
    def of(cls, loader: LoaderConfig) -> "Curriculum":
        """Return the curriculum of the settings."""
        return cls(loader.clip_frames, loader.clip_double_every, loader.clip_frames_max, tuple(loader.frame_strides))

    @property
    def longest(self) -> int:
        """Frames of the longest clips of the training."""
        return max(self.frames, self.max_frames) if self.double_every else self.frames

    def frames_in(self, epoch: int) -> int:
        """Return the frames T of the clips of an epoch, counted from 0."""
        if not self.double_every:
            return self.frames
        return min(self.longest, self.frames << (epoch // self.double_every))

    def strides_for(self, sequence_frames: int, clip_frames: int) -> list[int]:
        """Return the strides at which a clip fits into a sequence; 1 if the sequence is too short for all of them."""
        return [k for k in self.strides if span(clip_frames, k) <= sequence_frames] or [1]


def span(frames: int, stride: int) -> int:
    """Return the number of video frames from the first to the last of frames at a stride."""
    return (frames - 1) * stride + 1


@dataclass(frozen=True)
class _Done:
    """The part of an epoch that was done before a training resumed in it; see `WindowSampler.resume`."""

    epoch: int = -1
    windows: int = 0
    counted: int = 0


class WindowSampler(DistributedSampler[Window]):
    """Draws the windows of an epoch: tiles of each sequence, at a random offset and in random order.

    Each frame is seen about once per epoch. Windows with strides above 1 are drawn from the whole sequence. The windows
    and their order depend on seed and epoch only; of n processes, each takes every n-th window.

    The sampler sets the clip length, because it lives in the main process, whereas loader workers do not see changes of
    the data set's attributes. It is a `DistributedSampler`, so that Lightning keeps it and tells it the epoch.

    Args:
        sequences: The sequences.
        curriculum: Length of the windows in each epoch, and the strides of their frames.
        seed: Seed of offsets and order.
        repeats: Passes over the data per epoch.
        rank: Index of this process.
        world_size: Number of processes.
    """

    def __init__(
        self,
        sequences: list[VideoSequence],
        curriculum: Curriculum,
        seed: int,
        repeats: int = 1,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__([], num_replicas=world_size, rank=rank, seed=seed)  # type: ignore[arg-type]
        self.sequences = sequences
        self.curriculum = curriculum
        self.repeats = repeats
        self._done = _Done()

    @property
    def frames(self) -> int:
        """Length T of the windows of the current epoch."""
        return self.curriculum.frames_in(self.epoch)

    def resume(self, epoch: int, windows: int, counted: int) -> None:
        """Continue an epoch after its first windows, for any number of processes; later epochs are complete.

        Args:
            epoch: The epoch, counted from 0.
            windows: How many of its windows have been trained on, by all processes together.
            counted: How many windows of this process they stand for in its length, since Lightning counts the batches
                of an epoch from its beginning.
        """
        self.set_epoch(epoch)
        self._done = _Done(epoch, windows, counted)

    def windows_trained(self, counted: int) -> int:
        """Return how many windows of the current epoch all processes have done, if this one has counted ``counted``."""
        done = self._done_before
        return done.windows + (counted - done.counted) * self.num_replicas

    @property
    def epoch_windows(self) -> int:
        """Windows of the current epoch, for all processes together."""
        return self.repeats * sum(sequence.frames // self.frames for sequence in self.sequences)

    def __len__(self) -> int:
        """Return how many windows this process takes in the current epoch, including those before a resume."""
        done = self._done_before
        return done.counted + (self.epoch_windows - done.windows) // self.num_replicas

    @property
    def _done_before(self) -> "_Done":
        return self._done if self._done.epoch == self.epoch else _Done()

    def __iter__(self) -> Iterator[Window]:
        """Yield the windows of this process in the current epoch."""
        random = np.random.default_rng((self.seed, self.epoch))
        windows = [window for _ in range(self.repeats) for window in self._tile(random)]
        order = random.permutation(len(windows))
        begin = self._done_before.windows
        left = (len(windows) - begin) // self.num_replicas * self.num_replicas
        mine = order[begin + self.rank : begin + left : self.num_replicas]
        return (windows[i]._replace(draw=(self.epoch, int(i))) for i in mine)

    def _tile(self, random: np.random.Generator) -> Iterator[Window]:
        """Yield windows that together cover each sequence once."""
        frames = self.frames
        for i, sequence in enumerate(self.sequences):
            strides = self.curriculum.strides_for(sequence.frames, frames)
            offset = int(random.integers(sequence.frames % frames + 1))
            for tile in range(sequence.frames // frames):
                stride = strides[int(random.integers(len(strides)))] if strides != [1] else 1
                if stride == 1:
                    yield Window(i, offset + tile * frames, frames)
                else:
                    room = sequence.frames - span(frames, stride)
                    yield Window(i, int(random.integers(room + 1)), frames, stride)
