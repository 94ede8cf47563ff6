"""Raw videos become sequences: found, shared out, prepared once, and nothing is written over."""

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Vid2VidDataModule
from vid2vid.condition import Condition
from vid2vid.config import VideoConfig
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.data_sources import VideoSource
from vid2vid.data.manifest import Manifest
from vid2vid.data.prepare import list_videos, preparation, unused_files
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.keypoints.detectors import detect_keypoints
from vid2vid.keypoints.detectors.detect_keypoints import FACES, PERSONS
from vid2vid.keypoints.detectors.mediapipe_models import PersonFrame
from vid2vid.keypoints.keypoint_layout import FACE_POINTS, PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.video import VideoWriter, open_frames, write_frames, write_video

FRAMES = 12


def moving(seed: int) -> Iterator[NDArray[np.uint8]]:
    """A texture that moves to the right."""
    texture = np.random.default_rng(seed).integers(0, 256, (6, 10, 3), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    for t in range(FRAMES):
        yield texture[:32, t : t + 64]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Three videos and a folder of images, and something else."""
    folder = tmp_path / "raw"
    for seed, name in enumerate(("a.mp4", "b.mkv", "d.mp4")):
        write_video(folder / name, moving(seed), 10)
    write_frames(folder / "c", moving(9))
    (folder / "notes.txt").write_text("not a video")
    return folder


def config(path: Path, **given: Any) -> VideoConfig:  # noqa: ANN401 - any setting
    return VideoConfig(str(path), **{"cuts": "ignore", **given})


def test_all_videos_of_a_folder_are_found(raw: Path) -> None:
    assert list(list_videos(raw)) == ["a", "b", "c", "d"]
    assert list_videos(raw / "c") == {"c": raw / "c"}
    assert list_videos(raw / "a.mp4") == {"a": raw / "a.mp4"}


def test_two_videos_of_one_name_and_an_empty_folder_are_refused(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no images, no videos"):
        list_videos(tmp_path / "empty")
    (raw / "a.avi").write_bytes(b"")
    with pytest.raises(DataError, match=r"a\.mp4 and .*a\.avi have the same name"):
        list_videos(raw)


def test_the_last_of_several_videos_are_held_out(raw: Path) -> None:
    manifest = VideoSource(config(raw, holdout=0.4)).prepare()
    assert [(s.name, s.split, s.frames) for s in manifest.sequences] == [
        ("a", "train", FRAMES),
        ("b", "train", FRAMES),
        ("c", "val", FRAMES),
        ("d", "val", FRAMES),
    ]
    assert manifest.fps == pytest.approx(10)


@pytest.mark.slow
def test_processes_and_shards_give_the_same_as_one_after_the_other(raw: Path, tmp_path: Path) -> None:
    whole = VideoSource(config(raw, root=str(tmp_path / "whole"))).prepare()
    assert Manifest.load(tmp_path / "whole") == whole
    together = VideoSource(config(raw, root=str(tmp_path / "parts"), workers=2, shard="1/2")).prepare()
    assert [s.name for s in together.sequences] == ["a", "c"]
    assert not (tmp_path / "parts" / "manifest.json").exists()
    VideoSource(config(raw, root=str(tmp_path / "parts"), shard="2/2")).prepare()
    assert VideoSource(config(raw, root=str(tmp_path / "parts"))).prepare() == whole


@pytest.mark.slow
def test_what_is_prepared_is_not_prepared_again_nor_written_over(raw: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    settings = config(raw, root=str(root), condition="hed")
    VideoSource(settings).prepare()
    times = {path: path.stat().st_mtime_ns for path in root.rglob("*.mkv")}
    assert len(times) == 4
    (root / "source" / "b.mkv").unlink()
    VideoSource(settings).prepare()
    now = {path: path.stat().st_mtime_ns for path in root.rglob("*.mkv")}
    assert [path.name for path in now if now[path] != times[path]] == ["b.mkv"]
    with pytest.raises(
        DataError, match=r"a\.json: 'a' was prepared with other settings.*\(condition was hed, is edges\).*data\.root"
    ):
        VideoSource(config(raw, root=str(root))).prepare()
    # in the cache each has a place of its own
    assert VideoSource(config(raw)).prepare().condition == Condition("edges")


def test_what_is_lost_of_a_video_is_told_each_time(raw: Path) -> None:
    with VideoWriter(raw / "e.mp4", 10, times=np.arange(FRAMES) / 10 + (np.arange(FRAMES) > 5)) as writer:
        for frame in moving(3):
            writer.write(frame)
    for _ in range(2):
        source = VideoSource(config(raw))
        source.prepare_records()
        (warning,) = source.warnings
        assert warning.path == raw / "e.mp4"
        assert warning.message.startswith("has a variable frame rate")


def test_a_broken_video_is_an_error_or_left_out(raw: Path) -> None:
    data = (raw / "b.mkv").read_bytes()
    (raw / "b.mkv").write_bytes(data[: len(data) // 3])
    with pytest.raises(VideoError, match=r"b\.mkv"):
        VideoSource(config(raw)).prepare()
    source = VideoSource(config(raw, on_broken="skip"))
    assert [s.name for s in source.prepare().sequences] == ["a", "c", "d"]
    broken, counted = source.warnings
    assert (broken.path, broken.left_out) == (raw / "b.mkv", True)
    assert (counted.path, counted.left_out) == (raw, False)
    assert counted.message.startswith("1 of 4 videos")


def test_what_is_no_video_is_named(raw: Path) -> None:
    (raw / "clip.gif").touch()
    (raw / "notes.txt").touch()
    source = VideoSource(config(raw))
    source.prepare()
    (warning,) = source.warnings
    assert warning.path == raw
    assert warning.message.startswith("1 files or folders among its videos are left out")
    assert warning.message.endswith(": clip.gif")
    # a folder of images is one video: videos beside the images are none
    (raw / "c" / "take.mp4").touch()
    assert unused_files(raw / "c").startswith("1 files or folders beside its images are left out")
    assert unused_files(raw / "c").endswith(": take.mp4")
    assert not unused_files(raw / "a.mp4")


def test_parts_that_are_too_short_are_counted(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "scenes", lambda path, cache: [range(4), range(4, FRAMES)])
    source = VideoSource(config(raw, cuts="find", shortest=6))
    sequences = source.prepare().sequences
    left = 4 * len(sequences)
    (warning,) = [one for one in source.warnings if "data.shortest" in one.message]
    assert warning.message.startswith(f"{left} of {left + sum(one.frames for one in sequences)} frames are left out")
    assert warning.message.endswith(
        "shorter than 6 frames; set data.shortest lower to use them, and make clips as short"
    )


def test_learned_edges_are_a_grey_condition(raw: Path) -> None:
    data = Vid2VidDataModule(
        VideoSource(config(raw / "a.mp4", condition="hed", holdout=0.3)),
        {"num_workers": 0, "clip_frames": 4, "flow_strides": [1]},
    )
    data.prepare_data()
    data.setup("fit")
    assert data.condition.kind == "grey"
    sequence = data.prepare_manifest().split("train")[0]
    clip = data.train_set[next(iter(data.train_dataloader().sampler))]
    start = int(clip.names[0].split(":")[1])
    edges = open_frames(sequence.source).read(range(start, start + 4))
    np.testing.assert_array_equal(clip.source[0, :, 0], edges[..., 0])
    assert edges.max() > 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"shard": "0/2"},
        {"shard": "3/2"},
        {"shard": "one"},
        {"workers": 0},
        {"condition": "faces"},
        {"cuts": "yes"},
        {"background_edges": True},
        {"limb_maps": True, "condition": "face"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"data.{next(iter(wrong))}"):
        VideoConfig("a.mp4", **wrong)


def test_keypoints_are_drawn_where_the_frames_are_looked_at(raw: Path, tmp_path: Path) -> None:
    points = np.full((FRAMES, 1, 68, 3), 1, np.float32)
    points[..., 0], points[..., 1] = np.linspace(10, 50, 68), 16 + 8 * np.sin(np.arange(68))
    Keypoints(points, (32, 64), 10).save(tmp_path / "a.npz")
    manifest = VideoSource(config(raw / "a.mp4", holdout=0.3)).prepare()
    sequences = [replace(s, source=tmp_path / "a.npz") for s in manifest.sequences]
    replace(manifest, condition=Condition("face"), sequences=sequences).save(tmp_path / "manifest.json")
    loader = {"num_workers": 0, "clip_frames": 4, "flow_strides": [1], "crop": [0, 0, 32, 32]}
    whole = Vid2VidDataModule(tmp_path, {**loader, "crop": []})
    left = Vid2VidDataModule(tmp_path, loader)
    for data in (whole, left):
        data.prepare_data()
        data.setup("fit")
    one, other = (next(iter(data.val_dataloader())).source for data in (whole, left))
    assert one.shape[-2:] == (32, 64)
    np.testing.assert_array_equal(one[..., :31], other[..., :31])
    assert other.any()


class Blinking:
    """Finds somebody, standing still, in every frame but the fourth."""

    def __init__(self) -> None:
        self.frames = 0

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        self.frames += 1
        found = self.frames != 4
        points = np.tile(np.array([10, 10, 1], np.float32) * found, (1, PERSON_POINTS, 1))
        return PersonFrame(points, np.full(frame.shape[:2], 200 * found, np.uint8))


def test_somebody_missed_in_a_frame_has_a_body_and_a_silhouette_there(
    raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PERSONS, "holistic", Blinking)
    manifest = VideoSource(config(raw / "a.mp4", condition="pose", holdout=0.3)).prepare()
    sequence = manifest.split("train")[0]
    assert sequence.foreground is not None
    assert (Keypoints.load(sequence.source).points[..., :2] == 10).all()
    assert (open_frames(sequence.foreground).read(range(FRAMES)) == 200).all()


class Still:
    """Finds one face, always at the same place."""

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        points = np.ones((FACE_POINTS, 3), np.float32)
        points[:, 0], points[:, 1] = np.linspace(20, 40, FACE_POINTS), 16 + 6 * np.sin(np.arange(FACE_POINTS))
        return points


def test_edges_of_the_background_go_with_a_face(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FACES, "dlib", Still)
    given = {"condition": "face", "detector": "dlib", "holdout": 0.3, "root": str(tmp_path / "faces")}
    source = VideoSource(config(raw / "a.mp4", background_edges=True, **given))
    data = Vid2VidDataModule(source, {"num_workers": 0, "clip_frames": 4, "flow_strides": [1]})
    data.prepare_data()
    data.setup("fit")
    clip = next(iter(data.val_dataloader()))
    assert clip.source.shape[2] == data.condition.source_channels == 2
    sequence = data.prepare_manifest().split("val")[0]
    assert sequence.background is not None
    edges = open_frames(sequence.background).read(range(sequence.start, FRAMES))[..., 0]
    np.testing.assert_array_equal(clip.source[0, :, 1], edges)
    assert edges[:, :, 45:].any()
    # at synthesis it is a file of its own; no real frame is needed
    streamed = np.concatenate(
        list(kind_of(data.condition).stream(sequence.source, CropResize(), appended=sequence.background))
    )
    np.testing.assert_array_equal(streamed[sequence.start :], clip.source[0])
    with pytest.raises(DataError, match="give background=path"):
        next(kind_of(data.condition).stream(sequence.source, CropResize()))
    # other edges are made of other thresholds: what is there is not used, nor written over
    other = config(raw / "a.mp4", background_edges=True, edge_thresholds=[90, 200], **given)
    with pytest.raises(DataError, match=r"other settings.*edge_thresholds"):
        VideoSource(other).prepare()


def made_of(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "videos" / "a.json").read_text())["made_of"]
    return found


def test_records_tell_which_detectors_auto_meant_and_their_versions(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = {"dlib", "scenedetect"}
    for module in (preparation, detect_keypoints):
        monkeypatch.setattr(module, "find_spec", lambda name: True if name in installed else None)
    monkeypatch.setitem(FACES, "dlib", Still)
    monkeypatch.setitem(FACES, "mediapipe", Still)
    root = tmp_path / "faces"
    settings = VideoConfig(str(raw / "a.mp4"), "face", root=str(root), holdout=0.3)
    VideoSource(settings).prepare()
    assert (made_of(root)["detector"], made_of(root)["cuts"]) == ("dlib", "find")
    assert made_of(root)["scenedetect"] == version("scenedetect-headless")
    # another detector is installed now: keypoints of the first one are not taken for its own
    installed ^= {"dlib", "mediapipe"}
    with pytest.raises(DataError, match="detector was dlib, is mediapipe"):
        VideoSource(settings).prepare()
    # in the cache each detector has a folder of its own
    in_cache = VideoSource(replace(settings, root=""))
    in_cache.prepare()
    installed ^= {"dlib", "mediapipe"}
    assert VideoSource(replace(settings, root="")).root != in_cache.root


def test_without_a_detector_of_cuts_a_warning_says_that_none_are_looked_for(
    raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "find_spec", lambda name: None)
    source = VideoSource(VideoConfig(str(raw)))
    source.prepare()
    (warning,) = source.warnings
    assert (warning.path, warning.left_out) == (raw, False)
    assert "cuts are not looked for" in warning.message


def test_other_versions_formats_and_frames_do_not_count(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    settings = config(raw / "c", root=str(root), condition="hed", holdout=0.3)
    monkeypatch.setattr(preparation, "version", lambda package: "1.0")
    VideoSource(settings).prepare()
    (edges,) = root.rglob("*.mkv")
    time = edges.stat().st_mtime_ns
    VideoSource(settings).prepare()
    assert edges.stat().st_mtime_ns == time
    monkeypatch.setattr(preparation, "version", lambda package: "2.0")
    with pytest.raises(DataError, match=r"hed was 1\.0, is 2\.0"):
        VideoSource(settings).prepare()

    def none_installed(package: str) -> str:
        raise PackageNotFoundError(package)

    # what is not installed cannot make anything else: what is there counts
    monkeypatch.setattr(preparation, "version", none_installed)
    VideoSource(settings).prepare()
    monkeypatch.setattr(preparation, "FORMAT", 1_000)
    with pytest.raises(DataError, match=r"format was \d, is 1000"):
        VideoSource(settings).prepare()
    monkeypatch.undo()
    changed = sorted((raw / "c").iterdir())[0]
    changed.write_bytes((raw / "c" / sorted(path.name for path in (raw / "c").iterdir())[-1]).read_bytes())
    with pytest.raises(DataError, match=r"file was c-[0-9a-f]+, is c-[0-9a-f]+"):
        VideoSource(settings).prepare()
