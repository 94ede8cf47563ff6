"""A video of one's own: split, read exactly, its edges as the condition, its flows computed once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.models.optical_flow import raft_large

from vid2vid import Clip, Condition, Vid2VidDataModule
from vid2vid.config import FlowEstimatorConfig, VideoConfig
from vid2vid.data import data_module
from vid2vid.data.data_sources import VideoSource
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.flow.dis import DIS
from vid2vid.flow.estimator import FlowEstimator
from vid2vid.ops import to_images
from vid2vid.types import Flow
from vid2vid.video import stream_frames, write_frames, write_video
from vid2vid.video.reading import DecordFrames

FRAMES, HELD = 60, 9
LOADER: dict[str, Any] = {"num_workers": 0, "clip_frames": 6, "batch_size": 1, "flow_strides": [1, 3], "val_frames": 9}


@pytest.fixture(scope="module")
def film(street_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames of 32 x 64: the five tiny streets, one after the other."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    frames = [frame for sequence in Manifest.load(street_root).sequences for frame in stream_frames(sequence.target)]
    assert write_video(path, frames, fps=12) == FRAMES
    return path


def truth(path: Path) -> NDArray[np.uint8]:
    return np.stack(list(stream_frames(path)))


def loaded(data: Vid2VidDataModule) -> Iterator[tuple[int, Clip]]:
    """All clips, each with the index of its first frame in the file."""
    data.prepare_data()
    data.setup("fit")
    for clip in [*data.train_dataloader(), *data.val_dataloader()]:
        yield int(clip.names[0].split(":")[1]), clip


def test_the_end_is_held_out(film: Path) -> None:
    data = Vid2VidDataModule.video(film, LOADER, cuts="ignore")
    assert data.condition == Condition(kind="edges")
    train, val = data.prepare_manifest().sequences
    assert (train.name, train.split, train.start, train.frames) == ("film-train", "train", 0, FRAMES - HELD)
    assert (val.name, val.split, val.start, val.frames) == ("film-val", "val", FRAMES - HELD, HELD)
    assert data.prepare_manifest().fps == pytest.approx(12)
    more = Vid2VidDataModule.video(film, LOADER, cuts="ignore", holdout=0.5)
    assert [sequence.frames for sequence in more.prepare_manifest().sequences] == [30, 30]
    less = Vid2VidDataModule.video(film, LOADER, cuts="ignore", holdout=0.5, leave_out=["0-19"])
    assert [(sequence.start, sequence.frames) for sequence in less.prepare_manifest().sequences] == [(20, 20), (40, 20)]
    # what is extracted does not depend on it
    assert VideoSource(VideoConfig(str(film), leave_out=["0-19"])).root == VideoSource(VideoConfig(str(film))).root


def test_clips_are_the_frames_and_their_edges(film: Path) -> None:
    frames = truth(film)
    firsts = []
    for first, clip in loaded(Vid2VidDataModule.video(film, LOADER, cuts="ignore", edge_thresholds=[40, 120])):
        firsts.append(first)
        wanted = frames[first : first + clip.real.shape[1]]
        np.testing.assert_array_equal(clip.real[0].permute(0, 2, 3, 1), wanted)
        edges = [cv2.Canny(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), 40, 120) for frame in wanted]
        np.testing.assert_array_equal(clip.source[0, :, 0], np.stack(edges))
        assert clip.source.any()
        assert clip.instance is None
    *train, val = firsts
    assert len(train) == 8
    assert max(train) + 6 <= FRAMES - HELD == val


def test_flows_are_those_of_dis_on_the_framed_pictures(film: Path) -> None:
    loader = {**LOADER, "crop": [0, 16, 32, 64], "height": 40, "width": 60}
    for _, clip in loaded(Vid2VidDataModule.video(film, cuts="ignore", loader=loader)):
        images = to_images(clip.real[0])
        assert images.shape[-2:] == (40, 60)
        for k in (1, 3):
            wanted = DIS()(images[:-k], images[k:])
            # kept in half precision
            torch.testing.assert_close(clip.flows[k].vectors[0], wanted.vectors, atol=2e-3, rtol=1e-3)
            assert torch.equal(clip.flows[k].confidence[0], wanted.confidence)


class CountingEstimator:
    """DIS, which counts the frames that it was asked about."""

    name = "counting"

    def __init__(self) -> None:
        self.frames = 0

    def __call__(self, previous: torch.Tensor, current: torch.Tensor) -> Flow:
        self.frames += len(current)
        return DIS()(previous, current)


@pytest.fixture
def flow_estimator(monkeypatch: pytest.MonkeyPatch) -> CountingEstimator:
    counting = CountingEstimator()

    def load_flow_estimator(config: FlowEstimatorConfig) -> FlowEstimator:
        return counting

    monkeypatch.setattr(data_module, "load_flow_estimator", load_flow_estimator)
    return counting


def test_flows_are_computed_once(film: Path, cache: Path, flow_estimator: CountingEstimator) -> None:
    Vid2VidDataModule.video(film, LOADER, cuts="ignore").prepare_data()
    assert flow_estimator.frames == (FRAMES - HELD - 1) + (HELD - 1) + (FRAMES - HELD - 3) + (HELD - 3)
    times = {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")}
    assert len(times) == 8
    assert not list(cache.rglob("*.partial"))
    again = Vid2VidDataModule.video(film, LOADER, cuts="ignore")
    again.prepare_data()
    first, clip = next(loaded(again))
    assert (list(clip.flows), first < FRAMES) == ([1, 3], True)
    assert flow_estimator.frames == 112
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")} == times


def test_other_strides_sizes_and_files_are_computed_anew(
    film: Path, tmp_path: Path, flow_estimator: CountingEstimator
) -> None:
    Vid2VidDataModule.video(film, LOADER, cuts="ignore").prepare_data()
    before = flow_estimator.frames
    Vid2VidDataModule.video(film, cuts="ignore", loader={**LOADER, "flow_strides": [1, 2, 3]}).prepare_data()
    assert flow_estimator.frames == before + (FRAMES - HELD - 2) + (HELD - 2)
    before = flow_estimator.frames
    Vid2VidDataModule.video(film, cuts="ignore", loader={**LOADER, "height": 16, "width": 32}).prepare_data()
    Vid2VidDataModule.video(film, LOADER, cuts="ignore", holdout=0.2).prepare_data()
    changed = tmp_path / "film.mp4"
    write_video(changed, truth(film)[::-1], fps=12)
    Vid2VidDataModule.video(changed, LOADER, cuts="ignore").prepare_data()
    assert flow_estimator.frames == before + 112 + 112 + 112


def random_raft(path: Path, seed: int) -> FlowEstimatorConfig:
    torch.manual_seed(seed)
    torch.save(raft_large().state_dict(), path)
    return FlowEstimatorConfig("raft", str(path))


def test_flows_of_other_estimators_and_other_weights_are_not_reused(
    film: Path, tmp_path: Path, flow_estimator: CountingEstimator
) -> None:
    source = VideoSource(VideoConfig(str(film), cuts="ignore"))
    loader = {**LOADER, "flow_strides": [1]}
    path = tmp_path / "raft.pth"
    counts = []
    for seed in (None, 0, 1):
        config = FlowEstimatorConfig() if seed is None else random_raft(path, seed)
        before = flow_estimator.frames
        for _ in range(2):
            Vid2VidDataModule(source, loader, config).prepare_data()
        counts.append(flow_estimator.frames - before)
    # each was asked once: for all pairs of the training part and of the held-out part
    assert counts == [(FRAMES - HELD - 1) + (HELD - 1)] * 3


def test_flows_of_frames_that_were_replaced_in_a_folder_are_not_reused(
    film: Path, tmp_path: Path, flow_estimator: CountingEstimator
) -> None:
    folder = tmp_path / "frames"
    write_frames(folder, truth(film)[:20])
    loader = {**LOADER, "flow_strides": [1], "val_frames": 3}
    Vid2VidDataModule.video(folder, loader, cuts="ignore").prepare_data()
    before = flow_estimator.frames
    state = folder.stat()
    write_frames(tmp_path / "other", truth(film)[30:31])
    changed = sorted(folder.iterdir())[4]
    changed.write_bytes(next((tmp_path / "other").iterdir()).read_bytes())
    assert folder.stat().st_mtime_ns == state.st_mtime_ns, "the folder itself must look as before"
    Vid2VidDataModule.video(folder, loader, cuts="ignore").prepare_data()
    assert flow_estimator.frames == 2 * before


def test_without_the_cache_nothing_is_computed_ahead(
    film: Path, cache: Path, flow_estimator: CountingEstimator
) -> None:
    for _, clip in loaded(Vid2VidDataModule.video(film, cuts="ignore", loader={**LOADER, "flow_cache": False})):
        assert clip.flows == {}
    assert flow_estimator.frames == 0
    assert not list(cache.rglob("*.npy"))


def test_a_cache_can_be_named(film: Path, cache: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    Vid2VidDataModule.video(film, cuts="ignore", loader={**LOADER, "cache": str(own)}, cache=str(own)).prepare_data()
    assert len(list(own.rglob("*.npy"))) == 8
    assert not cache.exists()


def test_a_file_that_decord_misreads_is_read_exactly(film: Path, cache: Path) -> None:
    avi = film.with_name("film.avi")
    with av.open(str(avi), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "12"})
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        for frame in truth(film):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    frames = truth(avi)
    misread = DecordFrames(avi)
    backwards = [misread.read([i])[0] for i in range(FRAMES - 1, -1, -1)][::-1]
    assert not np.array_equal(np.stack(backwards), frames)
    data = Vid2VidDataModule.video(avi, {**LOADER, "flow_strides": []}, cuts="ignore")
    for first, clip in loaded(data):
        np.testing.assert_array_equal(clip.real[0].permute(0, 2, 3, 1), frames[first : first + clip.real.shape[1]])
    assert data.prepare_manifest().sequences[0].target.parent == cache


def test_a_folder_of_images_will_do(film: Path, tmp_path: Path) -> None:
    write_frames(tmp_path / "frames", truth(film)[:20])
    frames = truth(film)
    for first, clip in loaded(Vid2VidDataModule.video(tmp_path / "frames", {**LOADER, "val_frames": 3}, cuts="ignore")):
        np.testing.assert_array_equal(clip.real[0].permute(0, 2, 3, 1), frames[first : first + clip.real.shape[1]])


Make = Callable[[Path, Path], object]
BROKEN: dict[str, tuple[Make, str]] = {
    "missing.mp4": (lambda path, film: None, "there is no such file"),
    "text.mp4": (lambda path, film: path.write_text("no video"), "cannot be read as a video"),
    "empty.mp4": (lambda path, film: path.write_bytes(b""), "the file is empty"),
    "cut.mp4": (lambda path, film: path.write_bytes(film.read_bytes()[:9000]), "(cut short|damaged)"),
    "folder": (lambda path, film: path.mkdir(), "no image"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_videos_are_named(name: str, film: Path, tmp_path: Path) -> None:
    make, message = BROKEN[name]
    make(tmp_path / name, film)
    with pytest.raises(VideoError, match=rf"(?i){name}: .*{message}"):
        Vid2VidDataModule.video(tmp_path / name, LOADER).prepare_data()


def test_short_videos_are_named(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.mp4"
    write_video(path, truth(film)[:3], fps=12)
    with pytest.raises(DataError, match=r"short\.mp4: 3 frames are too few to hold out 15%"):
        Vid2VidDataModule.video(path, LOADER, cuts="ignore").prepare_data()
    write_video(path, truth(film)[:8], fps=12)
    data = Vid2VidDataModule.video(path, LOADER, cuts="ignore")
    with pytest.raises(DataError, match=r"short\.mp4: the sequence 'short-val' has 1 frames, fewer than a clip of 2"):
        data.setup("fit")


def test_no_video_is_written_over_by_what_is_made_of_it(film: Path, tmp_path: Path) -> None:
    mine = tmp_path / "source" / "film.mkv"
    mine.parent.mkdir()
    mine.write_bytes(film.read_bytes())
    for path in (mine, mine.parent):
        config = VideoConfig(path=str(path), root=str(tmp_path), cuts="ignore", cache=str(tmp_path / "cache"))
        with pytest.raises(ConfigError, match=r"source: would be replaced, but .*film\.mkv in it is read"):
            VideoSource(config).prepare()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
