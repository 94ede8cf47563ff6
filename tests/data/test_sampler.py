"""Which windows an epoch has."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
from torch.utils.data import DataLoader, Dataset

from vid2vid.data.clips import Window
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.sampler import Curriculum, WindowSampler

LENGTHS = (37, 8, 7, 100)


def sequences() -> list[VideoSequence]:
    """Return sequences of several lengths, one of them exactly and one not quite a window long."""
    return [VideoSequence(f"s{i}", "train", Path("x"), Path("y"), frames) for i, frames in enumerate(LENGTHS)]


def epoch_of(sampler: WindowSampler, epoch: int) -> list[Window]:
    """Return the windows of an epoch."""
    sampler.set_epoch(epoch)
    windows = list(sampler)
    assert len(windows) == len(sampler)
    return windows


def frames_of(windows: Iterable[Window]) -> Counter[tuple[int, int]]:
    """Count how often each frame of each sequence is seen."""
    return Counter((w.sequence, w.start + t) for w in windows for t in range(w.frames))


@pytest.mark.parametrize("epoch", range(5))
def test_no_frame_comes_twice_and_hardly_one_is_left_out(epoch: int) -> None:
    windows = epoch_of(WindowSampler(sequences(), curriculum=Curriculum(8), seed=1), epoch)
    seen = frames_of(windows)
    assert set(seen.values()) == {1}
    assert all(0 <= frame < LENGTHS[sequence] for sequence, frame in seen)
    # as many windows as fit: 4, 1, none and 12
    assert Counter(w.sequence for w in windows) == {0: 4, 1: 1, 3: 12}
    assert {w.frames for w in windows} == {8}


def test_every_frame_comes_in_some_epoch() -> None:
    sampler = WindowSampler(sequences(), curriculum=Curriculum(8), seed=1)
    seen = frames_of(window for epoch in range(60) for window in epoch_of(sampler, epoch))
    # 37 frames leave offsets 0..5; that one of 6 never comes in 60 epochs has a chance below 2e-5
    assert {frame for sequence, frame in seen if sequence == 0} == set(range(37))


def test_repeats_go_over_the_data_again() -> None:
    once = WindowSampler(sequences(), curriculum=Curriculum(8), seed=1)
    thrice = WindowSampler(sequences(), curriculum=Curriculum(8), seed=1, repeats=3)
    assert len(thrice) == 3 * len(once) == 51
    assert max(frames_of(epoch_of(thrice, 0)).values()) == 3


@pytest.mark.parametrize("world_size", [2, 3])
def test_processes_take_equally_many_windows_and_none_twice(world_size: int) -> None:
    samplers = [
        WindowSampler(sequences(), curriculum=Curriculum(8), seed=1, rank=rank, world_size=world_size)
        for rank in range(world_size)
    ]
    for epoch in range(3):
        shares = [epoch_of(sampler, epoch) for sampler in samplers]
        assert {len(share) for share in shares} == {17 // world_size}
        together = [window for share in shares for window in share]
        assert len(set(together)) == len(together)
        assert set(frames_of(together).values()) == {1}


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    one, same, other = (WindowSampler(sequences(), curriculum=Curriculum(8), seed=seed) for seed in (1, 1, 2))
    later = epoch_of(one, 3)
    assert epoch_of(same, 3) == later
    assert epoch_of(same, 3) == later, "reading it twice changes nothing"
    assert epoch_of(one, 4) != later
    assert epoch_of(other, 3) != later


def test_windows_are_shuffled_over_the_sequences() -> None:
    order = [window.sequence for window in epoch_of(WindowSampler(sequences(), curriculum=Curriculum(8), seed=1), 0)]
    assert order != sorted(order)


class Windows(Dataset[Window]):
    """Returns what it is asked for."""

    def __len__(self) -> int:
        return 0

    def __getitem__(self, window: Window) -> Window:
        return window


class Witness(pl.LightningModule):
    """Remembers the batches of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[int, list[Window]] = {}
        self.automatic_optimization = False

    def training_step(self, batch: list[Window], index: int) -> None:
        self.seen.setdefault(self.current_epoch, []).extend(batch)

    def configure_optimizers(self) -> None:
        """Learn nothing."""


def as_they_are(windows: list[Window]) -> list[Window]:
    """Make no tensors of a batch."""
    return windows


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore:.*LeafSpec:FutureWarning")
def test_lightning_keeps_the_sampler_and_tells_it_the_epoch(tmp_path: Path) -> None:
    loader: DataLoader[Any] = DataLoader(
        Windows(),
        batch_size=2,
        sampler=WindowSampler(sequences(), curriculum=Curriculum(8), seed=1),
        collate_fn=as_they_are,
    )
    witness = Witness()
    trainer = pl.Trainer(
        max_epochs=3,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(witness, loader)
    alone = WindowSampler(sequences(), curriculum=Curriculum(8), seed=1)
    assert witness.seen == {epoch: epoch_of(alone, epoch) for epoch in range(3)}


def test_clips_double_every_so_many_epochs_up_to_the_longest() -> None:
    sampler = WindowSampler(sequences(), Curriculum(4, double_every=2, max_frames=12), seed=1)
    lengths = [{window.frames for window in epoch_of(sampler, epoch)} for epoch in range(7)]
    assert lengths == [{4}, {4}, {8}, {8}, {12}, {12}, {12}]
    assert len(epoch_of(sampler, 0)) == 9 + 2 + 1 + 25
    assert len(epoch_of(sampler, 6)) == 3 + 0 + 0 + 8


def test_frames_may_lie_apart_as_far_as_the_sequence_allows() -> None:
    sampler = WindowSampler(sequences(), Curriculum(8, strides=(1, 2, 9)), seed=1)
    windows = [window for epoch in range(40) for window in epoch_of(sampler, epoch)]
    assert {(w.sequence, w.stride) for w in windows} == {(0, 1), (0, 2), (1, 1), (3, 1), (3, 2), (3, 9)}
    assert all(w.start + (w.frames - 1) * w.stride < LENGTHS[w.sequence] for w in windows)
    assert {w.start for w in windows if w.sequence == 3 and w.stride == 9} > {0, 36}
    assert epoch_of(sampler, 3) == epoch_of(sampler, 3)
    # none fits: as if there were no strides
    assert {w.stride for w in epoch_of(WindowSampler(sequences(), Curriculum(8, strides=(50,)), seed=1), 0)} == {1}


@pytest.mark.parametrize("world_size", [1, 2])
def test_each_process_goes_on_amid_an_epoch_with_the_windows_it_has_not_had(world_size: int) -> None:
    for rank in range(world_size):
        sampler = WindowSampler(sequences(), Curriculum(8), seed=1, rank=rank, world_size=world_size)
        whole = {epoch: epoch_of(sampler, epoch) for epoch in (2, 3)}
        sampler.resume(2, 5 * world_size, 5)
        # Lightning says it again when the loader has begun to read, and once before
        sampler.set_epoch(2)
        assert list(sampler) == whole[2][5:]
        assert len(sampler) == len(whole[2])
        assert sampler.windows_trained(6) == 6 * world_size
        assert epoch_of(sampler, 3) == whole[3]


@pytest.mark.parametrize("before", [1, 2, 3])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_an_epoch_that_goes_on_with_other_processes_has_each_window_once(before: int, after: int) -> None:
    def samplers(world_size: int) -> list[WindowSampler]:
        return [WindowSampler(sequences(), Curriculum(8), 1, rank=r, world_size=world_size) for r in range(world_size)]

    begun = [window for sampler in samplers(before) for window in epoch_of(sampler, 2)[:3]]
    going_on = samplers(after)
    for sampler in going_on:
        # three batches are done; larger ones now: they count more windows
        sampler.resume(2, 3 * before, 12)
        assert len(sampler) == 12 + len(list(sampler))
        assert sampler.windows_trained(12) == 3 * before
        assert sampler.windows_trained(14) == 3 * before + 2 * after
    rest = [window for sampler in going_on for window in sampler]
    assert len({*begun, *rest}) == len(begun) + len(rest)
    assert len(rest) == (17 - 3 * before) // after * after
