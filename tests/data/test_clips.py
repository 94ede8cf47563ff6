"""Clips read from real files, whose every pixel says which frame it belongs to."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vid2vid.condition import Condition
from vid2vid.data.clips import ClipDataset, Window
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import DataError
from vid2vid.flow.store import FlowStore
from vid2vid.types import Clip
from vid2vid.video import write_ids, write_labels

FRAMES, START, USED = 20, 4, 14
HEIGHT, WIDTH = 16, 24
IDS = list(range(100, 100 + FRAMES))


@pytest.fixture(scope="module")
def sequence(tmp_path_factory: pytest.TempPathFactory) -> VideoSequence:
    """Part of a video: frame t is t in the picture, id 100 + t in the labels and 1000 t in the instances."""
    folder = tmp_path_factory.mktemp("sequence")
    plain = [np.full((HEIGHT, WIDTH), t, np.uint8) for t in range(FRAMES)]
    write_labels(folder / "target.mkv", plain, fps=10)
    write_labels(folder / "source.mkv", [100 + p for p in plain], fps=10)
    write_ids(folder / "ids.mkv", [1000 * p.astype(np.int32) for p in plain], fps=10)
    write_labels(folder / "silhouette.mkv", [200 - p for p in plain], fps=10)
    store = FlowStore(folder / "flow")
    for stride in (1, 3):
        # entry j belongs to the used frame j + stride
        entries = np.arange(USED - stride, dtype=np.float32)[:, None, None, None] + np.float32(stride)
        vectors = np.broadcast_to(entries, (USED - stride, 2, HEIGHT, WIDTH))
        store.write(stride, vectors, np.ones((USED - stride, 1, HEIGHT, WIDTH), np.float32))
    return VideoSequence(
        "numbers",
        "train",
        folder / "target.mkv",
        folder / "source.mkv",
        USED,
        start=START,
        instance=folder / "ids.mkv",
        foreground=folder / "silhouette.mkv",
        flow=folder / "flow",
    )


def dataset(
    sequence: VideoSequence, crop_resize: CropResize | None = None, condition: Condition | None = None
) -> ClipDataset:
    """Return a data set of one sequence."""
    store = None if sequence.flow is None else FlowStore(sequence.flow)
    labels = condition or Condition(label_ids=IDS)
    return ClipDataset([sequence], labels, crop_resize or CropResize(), [store], strides=[1, 3, 9])


def numbers(clip: torch.Tensor) -> list[float]:
    """Return the value of each frame, which must be the same everywhere in it."""
    assert torch.equal(clip.amax(dim=(2, 3, 4)), clip.amin(dim=(2, 3, 4)))
    values: list[float] = clip[0, :, 0, 0, 0].tolist()
    return values


@pytest.mark.parametrize(("start", "frames"), [(0, USED), (5, 4), (USED - 2, 2)])
def test_all_parts_of_a_clip_belong_to_its_frames(sequence: VideoSequence, start: int, frames: int) -> None:
    clip = dataset(sequence)[Window(0, start, frames)]
    expected = [START + start + t for t in range(frames)]
    assert clip.real.shape == (1, frames, 3, HEIGHT, WIDTH)
    assert clip.source.shape == (1, frames, 1, HEIGHT, WIDTH)
    assert clip.real.dtype == clip.source.dtype == torch.uint8
    assert numbers(clip.real) == expected
    # the place of the id in the list is the frame's number again
    assert numbers(clip.source) == expected
    assert clip.instance is not None
    assert numbers(clip.instance) == [1000 * t for t in expected]
    assert clip.foreground is not None
    assert numbers(clip.foreground) == [200 - t for t in expected]
    assert clip.names == [f"numbers:{START + start}"]
    # strides longer than the clip, and those that are not there, are left out
    assert set(clip.flows) == {k for k in (1, 3) if k < frames}
    for stride, flow in clip.flows.items():
        assert numbers(flow.vectors) == [start + t for t in range(stride, frames)]
        assert flow.confidence.shape == (1, frames - stride, 1, HEIGHT, WIDTH)


def test_frames_that_lie_apart_bring_the_flow_between_them(sequence: VideoSequence) -> None:
    clip = dataset(sequence)[Window(0, 1, 4, stride=3)]
    expected = [START + 1 + 3 * t for t in range(4)]
    assert numbers(clip.real) == numbers(clip.source) == expected
    assert clip.instance is not None
    assert numbers(clip.instance) == [1000 * t for t in expected]
    # one step of the clip is three of the video; three steps are nine, of which there is no flow
    assert set(clip.flows) == {1}
    assert numbers(clip.flows[1].vectors) == [1 + 3 * t for t in range(1, 4)]
    assert clip.flows[1].confidence.shape == (1, 3, 1, HEIGHT, WIDTH)


def test_flows_that_came_with_the_files_are_framed_with_them(sequence: VideoSequence) -> None:
    clip = dataset(sequence, CropResize(HEIGHT // 2, WIDTH // 2))[Window(0, 0, 3)]
    assert clip.real.shape[-2:] == (HEIGHT // 2, WIDTH // 2)
    assert clip.flows[1].vectors[0, :, 0, 0, 0].tolist() == [0.5, 1.0]


def test_edges_are_made_of_the_target_itself(sequence: VideoSequence) -> None:
    own = VideoSequence("own", "train", sequence.target, sequence.target, USED)
    clip = dataset(own, condition=Condition(kind="edges"))[Window(0, 0, 2)]
    assert clip.source.shape == (1, 2, 1, HEIGHT, WIDTH)
    assert clip.instance is None
    assert clip.flows == {}


def test_batches_are_stacked_clips(sequence: VideoSequence) -> None:
    clips = dataset(sequence)
    both = Clip.stack([clips[Window(0, 0, 4)], clips[Window(0, 6, 4)]])
    assert both.real[:, 0, 0, 0, 0].tolist() == [START, START + 6]
    assert both.names == [f"numbers:{START}", f"numbers:{START + 6}"]


def test_an_unknown_id_is_named_by_file_and_frame_of_the_file(sequence: VideoSequence) -> None:
    clips = dataset(sequence, condition=Condition(label_ids=IDS[:-5]))
    clips[Window(0, 0, 11)]
    with pytest.raises(DataError, match=r"source\.mkv: frame 15 has the label id 115"):
        clips[Window(0, 9, 5)]


def test_source_and_target_of_different_sizes_are_both_named(sequence: VideoSequence, tmp_path: Path) -> None:
    write_labels(tmp_path / "small.mkv", [np.full((8, 8), 100, np.uint8)] * FRAMES, fps=10)
    wrong = VideoSequence("wrong", "train", sequence.target, tmp_path / "small.mkv", USED)
    with pytest.raises(DataError, match=r"small\.mkv: has frames of 8 x 8, but .*target\.mkv of 16 x 24"):
        dataset(wrong)[Window(0, 0, 2)]


def test_a_window_behind_the_end_of_the_file_is_an_error(sequence: VideoSequence) -> None:
    with pytest.raises(DataError, match=r"target\.mkv"):
        dataset(sequence)[Window(0, USED, 8)]
