"""Cached flows: each key has a folder of its own, and what is there is not computed again."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vid2vid.flow.dis import DIS
from vid2vid.flow.flow_cache import CHUNK, cached_flow_store, compute_flows
from vid2vid.flow.store import FlowStore
from vid2vid.types import Flow

FRAMES = CHUNK + 4


class Numbered:
    """A flow estimator whose vectors are the values of the two frames."""

    name = "numbered"

    def __init__(self) -> None:
        self.pairs = 0

    def __call__(self, previous: torch.Tensor, current: torch.Tensor) -> Flow:
        self.pairs += len(previous)
        values = torch.cat([previous[:, :1], current[:, :1]], dim=1)
        return Flow(((values + 1) * 127.5).round(), torch.ones_like(previous[:, :1]))


def read(frames: range) -> NDArray[np.uint8]:
    """Frame t of 16 x 16 has the value t everywhere."""
    values = np.array(frames, np.uint8)
    return np.broadcast_to(values[:, None, None, None], (len(values), 16, 16, 3)).copy()


def test_each_entry_is_the_flow_of_its_pair_of_frames(tmp_path: Path) -> None:
    store, estimator = FlowStore(tmp_path), Numbered()
    compute_flows(store, read, FRAMES, estimator, [1, 3, FRAMES], "s")
    for stride in (1, 3):
        vectors, confidence = store.read(stride, 0, FRAMES - stride)
        np.testing.assert_array_equal(vectors[:, 0, 0, 0], np.arange(FRAMES - stride))
        np.testing.assert_array_equal(vectors[:, 1, 0, 0], np.arange(stride, FRAMES))
        assert (confidence == 1).all()
    assert not store.has(FRAMES)
    assert estimator.pairs == FRAMES - 1 + FRAMES - 3


def test_the_estimator_computes_on_the_device_of_the_training(tmp_path: Path) -> None:
    places: set[str] = set()

    class Placed(Numbered):
        def __call__(self, previous: torch.Tensor, current: torch.Tensor) -> Flow:
            places.update((previous.device.type, current.device.type))
            return super().__call__(torch.zeros(previous.shape), torch.zeros(current.shape))

    # a device without memory stands for one that is not here
    compute_flows(FlowStore(tmp_path), read, 6, Placed(), [1], "s", "meta")
    assert places == {"meta"}


def test_what_the_store_holds_is_not_computed_again(tmp_path: Path) -> None:
    store, estimator = FlowStore(tmp_path), Numbered()
    compute_flows(store, read, 6, estimator, [1], "s")
    compute_flows(store, read, 6, estimator, [1, 2], "s")
    assert estimator.pairs == 5 + 4


def test_another_estimator_sequence_or_frames_key_has_another_folder(tmp_path: Path) -> None:
    keys = [(DIS.name, "s", "a"), ("raft-large-1", "s", "a"), (DIS.name, "t", "a"), (DIS.name, "s", "b")]
    folders = {cached_flow_store(tmp_path, *key).folder for key in keys}
    assert len(folders) == len(keys)
    assert cached_flow_store(tmp_path, *keys[0]).folder in folders
