"""Which windows of which sequences make up an epoch."""

from collections.abc import Iterator

import numpy as np
from torch.utils.data import DistributedSampler

from vid2vid.data.clips import Window
from vid2vid.data.curriculum import Curriculum, span
from vid2vid.data.manifest import VideoSequence


class WindowSampler(DistributedSampler[Window]):
    """Tiles every sequence with windows, at a random offset and in random order, anew each epoch.

    So each frame is seen about once an epoch; windows whose frames lie apart lie anywhere. The order is a pure function
    of seed and epoch; processes take every n-th window, none twice. It lives in the main process, which is where the
    clip length can change between epochs (loader workers never see a change of the data set's attributes). It is a
    `DistributedSampler` so that Lightning neither replaces it nor forgets to tell it the epoch.

    Args:
        sequences: The sequences.
        curriculum: Length of the windows in each epoch, and the distances of their frames.
        seed: Seed of offsets and order.
        repeats: How often an epoch goes over the data.
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
        self._skip = 0

    @property
    def frames(self) -> int:
        """Length T of the windows of the current epoch."""
        return self.curriculum.frames_in(self.epoch)

    def go_on(self, epoch: int, windows: int) -> None:
        """Begin amid an epoch, but for the windows that this process has had of it; the next epochs are whole."""
        self.set_epoch(epoch)
        self._skip = windows

    def __len__(self) -> int:
        """Return how many windows this process takes in an epoch."""
        windows = self.repeats * sum(sequence.frames // self.frames for sequence in self.sequences)
        return windows // self.num_replicas

    def __iter__(self) -> Iterator[Window]:
        """Yield the windows of this process in the current epoch."""
        random = np.random.default_rng((self.seed, self.epoch))
        windows = [window for _ in range(self.repeats) for window in self._tiles(random)]
        order = random.permutation(len(windows))
        mine = order[self.rank : len(self) * self.num_replicas : self.num_replicas]
        begin, self._skip = self._skip, 0
        return (windows[i]._replace(draw=(self.epoch, int(i))) for i in mine[begin:])

    def _tiles(self, random: np.random.Generator) -> Iterator[Window]:
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
