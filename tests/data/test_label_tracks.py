"""Objects of label maps keep their ids: while they move, behind a pole, through a gap, told apart frame by frame."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Vid2VidDataModule
from vid2vid.config import SynthesisConfig
from vid2vid.data.clips import Window
from vid2vid.data.label_tracks import FIRST_NUMBER, GAP, LabelTracks
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import write_labels, write_video

CAR, PERSON = 2, 3


def street(*cars: int, person: int | None = None, length: int = 8) -> NDArray[np.uint8]:
    labels = np.zeros((16, 80), np.uint8)
    if person is not None:
        labels[4:12, person : person + 2] = PERSON
    for car in cars:
        labels[8:12, max(car, 0) : max(car + length, 0)] = CAR
    return labels


def id_at(ids: NDArray[np.int32], column: int) -> int:
    return int(ids[9, column])


def test_objects_keep_their_ids_while_they_move() -> None:
    tracks = LabelTracks([CAR, PERSON])
    for step in range(8):
        labels = street(4 + 5 * step, person=70 - step)
        ids = tracks(labels)
        assert {id_at(ids, 6 + 5 * step), id_at(ids, 70 - step)} == {FIRST_NUMBER, FIRST_NUMBER + 1}
        assert (ids[labels == 0] == 0).all()
        assert len(np.unique(ids)) == 3


def test_a_car_is_one_behind_a_pole_and_returns_from_a_gap() -> None:
    tracks = LabelTracks([CAR])
    for step in range(4):
        first = id_at(tracks(street(2 * step)), 2 * step + 3)
    # a pole in the middle of it
    behind = street(8)
    behind[:, 12] = 5
    ids = tracks(behind)
    assert set(ids[behind == CAR]) == {first}
    # out of sight for 12 frames in which it goes on, and another car stands elsewhere
    for _ in range(12):
        other = id_at(tracks(street(70)), 72)
    assert other != first
    ids = tracks(street(34, 70))
    assert (id_at(ids, 38), id_at(ids, 72)) == (first, other)


def test_what_is_gone_is_forgotten() -> None:
    tracks = LabelTracks([CAR])
    first = id_at(tracks(street(20)), 22)
    for _ in range(GAP + 1):
        tracks(street())
    assert not tracks._tracks
    assert id_at(tracks(street(20)), 22) != first


def test_two_cars_that_meet_part_with_their_ids() -> None:
    tracks = LabelTracks([CAR])
    for step in range(6):
        ids = tracks(street(2 + 3 * step, 64 - 3 * step))
    left, right = id_at(ids, 20), id_at(ids, 52)
    assert left != right
    for step in range(6, 16):
        ids = tracks(street(2 + 3 * step, 64 - 3 * step))
    assert (id_at(ids, 2 + 3 * 15 + 7), id_at(ids, 64 - 3 * 15)) == (left, right)


def test_objects_that_are_told_apart_in_each_frame_are_joined() -> None:
    """Two cars that touch, whose ids change places in each frame."""
    labels = np.stack([street(4 + 2 * t, 12 + 2 * t) for t in range(6)])
    told = np.zeros(labels.shape, np.int32)
    for t in range(6):
        told[t, :, 4 + 2 * t : 12 + 2 * t], told[t, :, 12 + 2 * t : 20 + 2 * t] = 1 + t % 2, 2 - t % 2
    ids = LabelTracks([CAR]).follow(labels, told)
    assert {id_at(ids[t], 6 + 2 * t) for t in range(6)} != {id_at(ids[t], 14 + 2 * t) for t in range(6)}
    assert all(len({id_at(ids[t], place + 2 * t) for t in range(6)}) == 1 for place in (6, 14))
    together = LabelTracks([CAR]).follow(labels)
    assert id_at(together[0], 6) == id_at(together[0], 14)


@pytest.mark.parametrize("size", [(64, 48)])
def test_ids_stay_small_however_long_it_runs(size: tuple[int, int]) -> None:
    tracks, random = LabelTracks(), np.random.default_rng(0)
    tracks._last = 2**16 - FIRST_NUMBER - 100
    for _ in range(4):
        ids = tracks(random.integers(0, 9, size, np.uint8))
        assert FIRST_NUMBER <= ids.min() <= ids.max() < 2**16


def test_a_training_and_a_stream_follow_the_same_objects(tmp_path: Path) -> None:
    labels = np.stack([street(4 + 3 * t, person=70 - t) for t in range(8)])
    write_labels(tmp_path / "source" / "a.mkv", labels, 10)
    write_video(tmp_path / "target" / "a.mp4", np.repeat(labels[..., None] * 50, 3, -1), 10)
    loader = {"clip_frames": 2, "num_workers": 0, "batch_size": 1, "tracks": ["2", "3"], "instance_edges": True}
    data = Vid2VidDataModule.folder(tmp_path, {**loader, "flow_cache": False}, label_ids=[0, 2, 3])
    assert data.condition.tracks == [2, 3]
    sequence, *_ = data.prepare_manifest().sequences
    whole = [replace(sequence, name=name, split=name, start=0, frames=8) for name in ("train", "val")]
    data = Vid2VidDataModule(Manifest(data.condition, whole), {**loader, "flow_cache": False})
    data.setup("fit")
    clip = data.val_set[Window(0, 0, 8)]
    assert clip.instance is not None
    ids = clip.instance[0, :, 0].numpy()
    np.testing.assert_array_equal(ids, LabelTracks([1, 2]).follow(clip.source[0, :, 0].numpy()))
    assert {id_at(ids[t], 6 + 3 * t) for t in range(8)} == {id_at(ids[0], 6)}
    stream = InputSource(SynthesisConfig(source=tmp_path / "source" / "a.mkv"), data.condition)
    streamed = torch.stack([frame.instance[0, 0] for frame in stream if frame.instance is not None])
    np.testing.assert_array_equal(streamed.numpy(), ids)
    with pytest.raises(ConfigError, match=r"data\.tracks='4' is unknown"):
        _ = Vid2VidDataModule.folder(tmp_path, {"tracks": ["4"]}, label_ids=[0, 2, 3]).condition
