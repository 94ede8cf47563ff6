"""Data sets that cannot be used are refused, with the name of the file at fault and what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Clip, Vid2VidDataModule
from vid2vid.data import checks
from vid2vid.data.checks import check_memory, machine_memory
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.video import stream_frames, write_ids, write_labels, write_video

LOADER = {"num_workers": 0, "clip_frames": 6, "batch_size": 2, "flow_strides": [1]}


@pytest.fixture
def street(street_root: Path, tmp_path: Path) -> Path:
    """A copy of the tiny streets, to be damaged."""
    return Path(shutil.copytree(street_root, tmp_path / "street"))


def set_up(root: Path, **loader: Any) -> Vid2VidDataModule:  # noqa: ANN401 - any setting
    data = Vid2VidDataModule(root, {**LOADER, **loader})
    data.prepare_data()
    data.setup("fit")
    return data


def labels(root: Path, name: str = "train-00001") -> NDArray[np.uint8]:
    frames = np.stack(list(stream_frames(root / "source" / f"{name}.mkv")))
    return np.ascontiguousarray(frames[..., 0])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoil_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    start, stop = len(data) * 4 // 10, len(data) * 7 // 10
    data[start:stop] = b"\xff" * (stop - start)
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": cut,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a video\n"),
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("part", ["target/train-00001.mp4", "source/val-00000.mkv", "instance/train-00002.mkv"])
def test_damaged_files_are_named(damage: str, part: str, street: Path) -> None:
    DAMAGES[damage](street / part)
    with pytest.raises(DataError, match=part.replace(".", r"\.")):
        set_up(street)


@pytest.mark.parametrize("workers", [0, 1])
def test_frames_that_cannot_be_decoded_are_named(workers: int, street: Path) -> None:
    # at the latest when they are read; decord, which decodes ahead, may stumble as soon as the file is opened
    spoil_middle(street / "target" / "train-00000.mp4")
    with pytest.raises(VideoError, match=r"train-00000\.mp4: frame \d+ cannot be decoded"):
        list(set_up(street, num_workers=workers, batch_size=1).train_dataloader())


@pytest.mark.parametrize("frames", [11, 13])
def test_condition_and_target_must_be_equally_long(frames: int, street: Path) -> None:
    ids = labels(street)
    write_labels(street / "source" / "train-00001.mkv", np.resize(ids, (frames, 32, 64)), 10)
    message = rf"source/train-00001\.mkv: holds {frames} frames, but the sequence 'train-00001' needs 12"
    with pytest.raises(DataError, match=message):
        set_up(street)


def test_condition_and_target_must_be_equally_large(street: Path) -> None:
    path = street / "source" / "train-00001.mkv"
    write_labels(path, labels(street)[:, :, :60].copy(), 10)
    with pytest.raises(
        DataError, match=r"source/train-00001\.mkv: has frames of .*, but .*target/train-00001\.mp4 of .*same size"
    ):
        set_up(street)
    write_labels(path, labels(street, "train-00000"), 10)
    write_ids(street / "instance" / "train-00001.mkv", np.zeros((12, 16, 16), np.int32), 10)
    with pytest.raises(DataError, match=r"instance/train-00001\.mkv: has frames of .* same size"):
        set_up(street)


def test_sequences_must_be_as_long_as_a_clip(street: Path) -> None:
    message = r"target/train-00000\.mp4: the sequence 'train-00000' has 12 frames, fewer than a clip of 13.*clip_frames"
    with pytest.raises(DataError, match=message):
        set_up(street, clip_frames=13)
    assert set_up(street, clip_frames=12).train_set


def test_sequences_of_two_sizes_need_one_framing(street: Path) -> None:
    name = "train-00001"
    write_labels(street / "source" / f"{name}.mkv", labels(street)[:, :, :60].copy(), 10)
    write_ids(street / "instance" / f"{name}.mkv", np.zeros((12, 32, 60), np.int32), 10)
    frames = list(stream_frames(street / "target" / f"{name}.mp4"))
    write_video(street / "target" / f"{name}.mp4", [frame[:, :60].copy() for frame in frames], 10)
    with pytest.raises(
        DataError, match=r"'train-00000' has frames of 32 x 64, 'train-00001' of 32 x 60: .*data\.height"
    ):
        set_up(street)
    cut = next(iter(set_up(street, crop=[0, 0, 32, 40]).train_dataloader()))
    assert cut.real.shape == (2, 6, 3, 32, 40)
    clips = [clip.real.shape[-1] for clip in set_up(street, batch_size=1).train_dataloader()]
    assert sorted(clips) == [60, 60, 64, 64, 64, 64]
    shutil.rmtree(street / "flow" / name)
    batches = list(set_up(street, height=16, width=30).train_dataloader())
    assert {batch.real.shape for batch in batches} == {(2, 6, 3, 16, 30)}


def test_unknown_label_ids_are_named_with_their_place(street: Path) -> None:
    ids = labels(street)
    ids[8, 20, 33] = 99
    write_labels(street / "source" / "train-00001.mkv", ids, 10)
    data = set_up(street)
    message = r"train-00001\.mkv: frame 8 has the label id 99 at row 20, column 33, .* condition\.label_ids \(7, 8, 11"
    with pytest.raises(DataError, match=message):
        list(data.train_dataloader())


def test_coloured_label_maps_are_refused(street: Path) -> None:
    path = street / "source" / "train-00001.mkv"
    write_video(path, list(stream_frames(street / "target" / "train-00001.mp4")), 10)
    with pytest.raises(DataError, match=r"train-00001\.mkv: frame \d+ is not a label map: its colour channels differ"):
        list(set_up(street).train_dataloader())


def test_damaged_flows_are_named(street: Path) -> None:
    flow = street / "flow" / "train-00001" / "1.flow.npy"
    cut(flow)
    with pytest.raises(DataError, match=r"train-00001/1\.flow\.npy: cannot be read as flow .*delete the folder"):
        list(set_up(street).train_dataloader())
    np.save(flow, np.zeros((3, 2, 32, 64), np.float16))
    with pytest.raises(DataError, match=r"train-00001/1\.flow\.npy: holds 3 flows, but entry \d+ is needed"):
        list(set_up(street).train_dataloader())


def test_a_batch_carries_what_all_its_clips_have(street: Path) -> None:
    manifest = json.loads((street / "manifest.json").read_text())
    for row in manifest["sequences"]:
        if row["name"] == "train-00001":
            del row["flow"], row["instance"]
    (street / "manifest.json").write_text(json.dumps(manifest))
    clips: list[Clip] = list(set_up(street, batch_size=3, flow_cache=False).train_dataloader())
    mixed = [clip for clip in clips if any("train-00001" in name for name in clip.names)]
    assert mixed
    for clip in mixed:
        assert clip.instance is None
        assert clip.flows == {}
        assert clip.real.shape[0] == 3


def test_a_data_set_needs_both_splits(street: Path) -> None:
    manifest = Manifest.load(street)
    Manifest(manifest.condition, manifest.split("train"), 10.0).save(street / "manifest.json")
    with pytest.raises(DataError, match="val"):
        set_up(street)
    with pytest.raises(DataError, match=r"nowhere: there is no manifest here"):
        set_up(street / "nowhere")


def test_frames_beyond_the_memory_are_refused_before_any_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine_memory() > 2**28
    monkeypatch.setattr(checks, "machine_memory", lambda: 2**30)
    check_memory(CropResize(256, 512), 16)
    with pytest.raises(
        ConfigError, match=r"a batch of 12 frames of 8000 x 8000 needs 11 GiB or more, but this machine has 1"
    ):
        Vid2VidDataModule(Path("nowhere"), {**LOADER, "height": 8000, "width": 8000}).prepare_data()


def test_more_workers_than_the_machine_can_use_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    Vid2VidDataModule(Path("nowhere"), {**LOADER, "num_workers": 48})
    with pytest.raises(ConfigError, match=r"data\.num_workers=49: set it to 48 or less on this machine \(cores: 6\)"):
        Vid2VidDataModule(Path("nowhere"), {**LOADER, "num_workers": 49})
    monkeypatch.setattr("os.cpu_count", lambda: None)
    with pytest.raises(ConfigError, match="set it to 32 or less"):
        Vid2VidDataModule(Path("nowhere"), {**LOADER, "num_workers": 1_000_000})
