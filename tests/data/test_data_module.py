"""The data module: what its batches hold, and that they are the frames of the files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid import Clip, Vid2VidDataModule
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError
from vid2vid.flow.store import FlowStore
from vid2vid.street import street_condition
from vid2vid.video import as_ids, stream_frames

DataModules = Callable[..., Vid2VidDataModule]


def loaded(data: Vid2VidDataModule) -> tuple[list[Clip], list[Clip]]:
    data.prepare_data()
    data.setup("fit")
    return list(data.train_dataloader()), list(data.val_dataloader())


def place(data: Vid2VidDataModule, name: str) -> tuple[VideoSequence, int]:
    """The sequence that a clip is from, and its first frame in the files."""
    stem, first = name.split(":")
    return next(sequence for sequence in data.prepare_manifest().sequences if sequence.name == stem), int(first)


def frames_of(path: Path, first: int, count: int) -> NDArray[np.uint8]:
    return np.stack(list(stream_frames(path))[first : first + count])


def test_batches_have_the_documented_shapes_and_types(street_data: DataModules) -> None:
    train, val = loaded(street_data(clip_frames=5, flow_strides=[1, 3], val_frames=8))
    # 3 sequences of 12 frames hold 2 windows of 5 each
    assert [len(clip.names) for clip in train] == [2, 2, 2]
    assert [clip.names for clip in val] == [["val-00000:0", "val-00001:0"]]
    for clip, frames in ((train[0], 5), (val[0], 8)):
        assert (clip.source.shape, clip.source.dtype) == ((2, frames, 1, 32, 64), torch.uint8)
        assert (clip.real.shape, clip.real.dtype) == ((2, frames, 3, 32, 64), torch.uint8)
        assert clip.instance is not None
        assert (clip.instance.shape, clip.instance.dtype) == ((2, frames, 1, 32, 64), torch.int32)
        assert list(clip.flows) == [1, 3]
        for k, flow in clip.flows.items():
            assert (flow.vectors.shape, flow.vectors.dtype) == ((2, frames - k, 2, 32, 64), torch.float32)
            assert (flow.confidence.shape, flow.confidence.dtype) == ((2, frames - k, 1, 32, 64), torch.float32)
            assert 0 <= flow.confidence.min() < flow.confidence.max() <= 1


def test_clips_are_the_frames_of_the_files(street_data: DataModules) -> None:
    data = street_data(clip_frames=5, flow_strides=[1, 3], batch_size=1)
    train, val = loaded(data)
    assert len(train) == 6
    for clip in (*train, *val):
        (name,) = clip.names
        sequence, first = place(data, name)
        count = clip.real.shape[1]
        assert 0 <= first <= first + count <= sequence.frames
        real = frames_of(sequence.target, first, count)
        np.testing.assert_array_equal(clip.real[0].permute(0, 2, 3, 1), real)
        ids = np.array(data.condition.label_ids)[clip.source[0, :, 0]]
        np.testing.assert_array_equal(ids, frames_of(sequence.source, first, count)[..., 0])
        assert sequence.instance is not None
        assert clip.instance is not None
        np.testing.assert_array_equal(clip.instance[0, :, 0], as_ids(frames_of(sequence.instance, first, count)))
        assert sequence.flow is not None
        for k, flow in clip.flows.items():
            vectors, confidence = FlowStore(sequence.flow).read(k, first, count - k)
            np.testing.assert_array_equal(flow.vectors[0], vectors)
            np.testing.assert_array_equal(flow.confidence[0], confidence)


def test_framing_is_the_same_for_all_parts(street_data: DataModules) -> None:
    whole, _ = loaded(street_data(batch_size=1))
    cut, _ = loaded(street_data(batch_size=1, crop=[4, 8, 28, 56]))
    halved, _ = loaded(street_data(batch_size=1, crop=[4, 8, 28, 56], height=12, width=24))
    for full, part, half in zip(whole, cut, halved, strict=True):
        assert full.names == part.names == half.names
        rows, columns = slice(4, 28), slice(8, 56)
        for name in ("real", "source", "instance"):
            assert torch.equal(getattr(part, name), getattr(full, name)[..., rows, columns])
        assert torch.equal(part.flows[1].vectors, full.flows[1].vectors[..., rows, columns])
        mean = quarters(part.real.float()).round()
        assert (half.real - mean).abs().max() <= 1
        assert bool(torch.isin(half.source, part.source).all())
        assert half.instance is not None
        torch.testing.assert_close(half.flows[1].vectors, quarters(part.flows[1].vectors) / 2, atol=1e-4, rtol=0)
        assert half.instance.shape[-2:] == half.source.shape[-2:] == (12, 24)


def quarters(images: Tensor) -> Tensor:
    """Average 2 x 2 pixels."""
    rows = (images[..., 0::2, :] + images[..., 1::2, :]) / 2
    return (rows[..., 0::2] + rows[..., 1::2]) / 2


def same(a: Clip, b: Clip) -> bool:
    flows = all(torch.equal(a.flows[k].vectors, b.flows[k].vectors) for k in a.flows)
    return a.names == b.names and torch.equal(a.real, b.real) and torch.equal(a.source, b.source) and flows


@pytest.mark.slow
def test_workers_give_the_same_clips(street_data: DataModules) -> None:
    loaders = []
    for workers in (0, 2):
        data = street_data(num_workers=workers)
        data.setup("fit")
        loaders.append((data.train_dataloader(), data.val_dataloader()))
    (alone, alone_val), (helped, helped_val) = loaders
    epochs: list[list[Clip]] = []
    for epoch in range(2):
        for loader in (alone, helped):
            loader.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
        epochs.append(list(alone))
        assert all(same(a, b) for a, b in zip(epochs[-1], helped, strict=True))
    assert [clip.names for clip in epochs[0]] != [clip.names for clip in epochs[1]]
    assert all(same(a, b) for a, b in zip(alone_val, helped_val, strict=True))


def test_settings_of_the_loader_count(street_data: DataModules) -> None:
    plain, _ = loaded(street_data())
    again, _ = loaded(street_data())
    other, _ = loaded(street_data(seed=1))
    twice, val = loaded(street_data(repeats=2, val_frames=30, flow_strides=[]))
    assert all(same(a, b) for a, b in zip(plain, again, strict=True))
    assert [clip.names for clip in plain] != [clip.names for clip in other]
    assert len(twice) == 2 * len(plain)
    assert val[0].real.shape[1] == 12
    assert set(twice[0].flows) == {1}  # which L_W always needs


def test_strides_that_no_sequence_is_long_enough_for_are_told(
    street_data: DataModules, caplog: pytest.LogCaptureFixture
) -> None:
    for strides, told in (([1, 2], ""), ([1, 2, 3], "clips of 6 frames at the strides [3]")):
        caplog.clear()
        loaded(street_data(frame_strides=strides))
        assert bool(caplog.text) == bool(told)
        assert told in caplog.text


def test_a_rendered_data_set_is_used_again(street_root: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in street_root.rglob("*") if path.is_file()}
    sizes = {"height": 32, "width": 64, "train_sequences": 3, "val_sequences": 2, "frames": 12}
    data = Vid2VidDataModule.street(street_root, {"num_workers": 0, "clip_frames": 4, "batch_size": 3}, **sizes)
    assert data.condition == street_condition()
    train, _ = loaded(data)
    assert train[0].real.shape == (3, 4, 3, 32, 64)
    assert {path: path.stat().st_mtime_ns for path in street_root.rglob("*") if path.is_file()} == times


def test_another_order_of_clips_is_no_other_data_set(tmp_path: Path) -> None:
    sizes = {"height": 32, "width": 64, "train_sequences": 1, "val_sequences": 1, "frames": 4, "render_workers": 1}
    # the seed, the size and the flow of the clips are not those of the renderer
    for loader in ({"seed": 0}, {"seed": 1, "height": 16, "width": 32, "flow_strides": [1]}):
        Vid2VidDataModule.street(tmp_path, {**loader, "num_workers": 0}, **sizes).prepare_data()
    with pytest.raises(DataError, match=r"streets rendered with other settings: data\.street\.seed was 0, is 1"):
        Vid2VidDataModule.street(tmp_path, seed=1, **sizes).prepare_data()


@pytest.mark.parametrize(
    ("loader", "message"),
    [
        ({"clip_frame": 4}, r"data\.clip_frame is not a setting\. Did you mean data\.clip_frames\?"),
        ({"batch_size": "many"}, r"data\.batch_size: .*'many'"),
        ({"clip_frames": 1}, r"data\.clip_frames must be at least 2"),
        ({"height": 32}, "both height and width"),
        ({"crop": [5, 0, 5, 9]}, r"crop must be"),
    ],
)
def test_mistakes_in_the_settings_are_named(loader: dict[str, Any], message: str, street_root: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        Vid2VidDataModule(street_root, loader)
    with pytest.raises(ConfigError, match=r"data\.street\.widht is not a setting\. Did you mean data\.street\.width\?"):
        Vid2VidDataModule.street(street_root, widht=64)
    with pytest.raises(ConfigError, match=r"data\.hold_out is not a setting\. Did you mean data\.holdout\?"):
        Vid2VidDataModule.video("a.mp4", hold_out=0.2)


@pytest.fixture
def few_files() -> Iterator[None]:
    """Lets this process and its workers have 256 files open."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("few_files")
def test_settings_of_the_loader_among_those_of_the_source_are_named(tmp_path: Path) -> None:
    for make in (Vid2VidDataModule.video, Vid2VidDataModule.folder):
        with pytest.raises(ConfigError, match=r"height: this is how clips are loaded; give loader=\{'height': 64\}"):
            make(tmp_path, height=64, holdout=0.2)


def test_many_sequences_are_read_by_workers_with_few_open_files(tmp_path: Path) -> None:
    labels = np.repeat(np.array([0, 1], np.uint8), 8 * 32).reshape(16, 32)
    pictures = {"source": labels, "target": labels * 90, "instance": labels, "foreground": labels * 255}
    for split, count in (("train", 300), ("val", 1)):
        for kind, picture in pictures.items():
            for i, t in np.ndindex(count, 2):
                path = tmp_path / split / kind / f"{i:04d}" / f"{t}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), picture)
    # OpenCV's threads have run in this process before it forks
    cv2.GaussianBlur(np.zeros((2000, 2000), np.float32), (31, 31), 0)
    loader = {"clip_frames": 2, "val_frames": 2, "batch_size": 4, "num_workers": 4, "flow_cache": False}
    data = Vid2VidDataModule.folder(
        tmp_path, {**loader, "height": 8, "width": 16, "instance_edges": True}, label_ids=[0, 1]
    )
    data.prepare_data()
    data.setup("fit")
    names: list[str] = []
    # a batch that is kept keeps its shared memory open
    for clip in data.train_dataloader():
        assert clip.instance is not None
        assert clip.foreground is not None
        names += clip.names
    assert sorted(names) == [f"train-{i:04d}:0" for i in range(300)]
