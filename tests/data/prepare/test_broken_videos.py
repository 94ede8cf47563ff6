"""Many videos at once: the broken ones are left out with a warning each, or are an error; none is looked at twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.config import VideoConfig
from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.prepare import Record, prepare_videos
from vid2vid.errors import VideoError
from vid2vid.video import (
    Inspection,
    cached_inspection,
    inspect,
    inspection,
    open_frames,
    stream_frames,
    write_frames,
    write_video,
)

COUNT, HEIGHT, WIDTH = 48, 48, 64


def moving() -> list[NDArray[np.uint8]]:
    random = np.random.default_rng(5)
    wide = cv2.resize(random.integers(0, 256, (6, 40, 3), dtype=np.uint8), (WIDTH + 3 * COUNT, HEIGHT))
    return [np.ascontiguousarray(wide[:, 3 * i : 3 * i + WIDTH], dtype=np.uint8) for i in range(COUNT)]


def misread(path: Path) -> None:
    """Write a file whose frames decord returns wrongly."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for image in moving():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))


def audio(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        frame.rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def huge(path: Path) -> None:
    misread(path)
    data = path.read_bytes()
    count = data.index(b"strh") + 40
    path.write_bytes(data[:count] + (2**31 - 1).to_bytes(4, "little") + data[count + 4 :])


def torn(path: Path) -> None:
    write_frames(path, moving()[:3])
    (path / "000001.png").write_text("no image")


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "text.mp4": (lambda path: path.write_text("no video"), "or not a video"),
    "empty.mkv": (lambda path: path.write_bytes(b""), "the file is empty"),
    "audio.mp4": (audio, "holds no video frames, only: audio"),
    "huge.avi": (huge, "claims to hold 2147483647 frames"),
    "nothing": (lambda path: path.mkdir(), "holds no images"),
    "torn": (torn, "cannot be read as an image"),
}


@pytest.fixture
def mixed(tmp_path: Path) -> tuple[list[Path], list[Path]]:
    """Some broken videos and some good ones, between each other: one of which decord misreads, and a folder."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for name, (make, _) in BAD.items():
        make(folder / name)
    write_video(folder / "good.mp4", moving(), fps=25)
    misread(folder / "good.ts")
    write_frames(folder / "good", moving()[:5])
    good = [folder / name for name in ("good.mp4", "good.ts", "good")]
    return sorted([*good, *(folder / name for name in BAD)]), good


def prepared(
    paths: list[Path],
    root: Path,
    warnings: list[DataWarning] | None = None,
    **given: Any,  # noqa: ANN401 - any setting
) -> list[Record]:
    config = VideoConfig(str(paths[0].parent), **{"cuts": "ignore", **given})
    return prepare_videos({path.name: path for path in paths}, config, root, [] if warnings is None else warnings)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_broken_videos_are_left_out_with_one_warning_each(
    workers: int, mixed: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    paths, good = mixed
    found: list[DataWarning] = []
    records = prepared(paths, tmp_path / "root", found, on_broken="skip", workers=workers)
    assert {record.name: record.spans for record in records} == {
        "good": [(0, 5)],
        "good.mp4": [(0, 48)],
        "good.ts": [(0, 48)],
    }
    for record, path in zip(records, sorted(good), strict=True):
        truth = np.stack(list(stream_frames(path)))
        read = open_frames(Path(record.target)).read(range(len(truth) - 1, -1, -1))
        np.testing.assert_array_equal(read, truth[::-1])
        assert (record.target == str(path)) == (path.name != "good.ts")
    warnings = list(map(str, found))
    for name, (_, reason) in BAD.items():
        assert sum(name in warning and reason in warning for warning in warnings) == 1
    assert "6 of 9 videos could not be read and are left out" in warnings[-1]
    assert [warning.left_out for warning in found] == [True] * 6 + [False]
    assert len(warnings) == 7


def test_the_first_broken_video_is_an_error_where_none_may_be(
    mixed: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    with pytest.raises(VideoError, match=r"audio\.mp4: the file holds no video frames"):
        prepared(mixed[0], tmp_path / "root")


def test_a_video_of_which_no_part_can_be_used_counts_as_broken(tmp_path: Path) -> None:
    paths = [tmp_path / "good.mp4", tmp_path / "one.mp4"]
    for path, frames in zip(paths, (moving(), moving()[:1]), strict=True):
        write_video(path, frames, fps=25)
    with pytest.raises(VideoError, match=r"one\.mp4: no part of it can be used: it has 1 frames; data\.on_broken=skip"):
        prepared(paths, tmp_path / "root")
    found: list[DataWarning] = []
    assert [record.name for record in prepared(paths, tmp_path / "root", found, on_broken="skip")] == ["good.mp4"]
    assert "one.mp4: no part of it can be used" in str(found[0])


def test_that_a_file_is_broken_is_remembered_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def counted(path: Path) -> Inspection:
        asked.append(path)
        return inspect(path)

    monkeypatch.setattr(inspection, "inspect", counted)
    path = tmp_path / "a.mp4"
    path.write_text("no video")
    for _ in range(2):
        with pytest.raises(VideoError, match=r"a\.mp4: cannot be read as a video"):
            cached_inspection(path, tmp_path / "cache")
    assert len(asked) == 1
    write_video(path, moving(), fps=25)
    assert cached_inspection(path, tmp_path / "cache").frames == COUNT
    assert len(asked) == 2


def test_a_full_disk_is_no_broken_video(mixed: tuple[list[Path], list[Path]], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(VideoError, match="the cache cannot be written"):
        prepared(mixed[1], tmp_path / "root", on_broken="skip")
