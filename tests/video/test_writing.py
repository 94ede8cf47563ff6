"""Writing videos: what comes back, and what is left behind when something goes wrong."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import (
    VideoWriter,
    as_ids,
    as_labels,
    open_frames,
    stream_frames,
    write_frames,
    write_ids,
    write_labels,
    write_video,
)
from vid2vid.video.reading import DecordFrames

Frames = list[NDArray[np.uint8]]


def moving(count: int, height: int = 64, width: int = 96) -> Frames:
    """Smooth colours that pan, and a box that moves: no frame is like another."""
    random = np.random.default_rng(0)
    wide = cv2.resize(random.integers(0, 256, (6, 40, 3), dtype=np.uint8), (width + 3 * count, height))
    frames = [wide[:, 3 * i : 3 * i + width].astype(np.uint8) for i in range(count)]
    for i, frame in enumerate(frames):
        frame[8:24, 2 * i % width : 2 * i % width + 12] = (i * 37 % 256, 255 - i, 40)
    return frames


def label_maps(height: int, width: int) -> Frames:
    """Noise over all ids, and flat areas with hard edges."""
    random = np.random.default_rng(1)
    noise = [random.integers(0, 256, (height, width), dtype=np.uint8) for _ in range(10)]
    steps = np.arange(height * width).reshape(height, width)
    return [*noise, *((steps // 7 + i).astype(np.uint8) for i in range(10))]


# decord takes padding for a fourth channel at the widths 48 and 72
@pytest.mark.parametrize("size", [(32, 48), (33, 47), (16, 72), (7, 131), (64, 128)])
def test_labels_come_back_exactly(size: tuple[int, int], tmp_path: Path) -> None:
    maps = label_maps(*size)
    assert set(np.unique(maps)) == set(range(256))
    path = tmp_path / "labels.mkv"
    assert write_labels(path, iter(maps), fps=25) == len(maps)
    backwards = list(reversed(range(len(maps))))
    by_index = as_labels(open_frames(path).read(backwards), path)
    np.testing.assert_array_equal(by_index, np.stack(maps)[backwards])
    in_order = as_labels(np.stack(list(stream_frames(path))), path)
    np.testing.assert_array_equal(in_order, np.stack(maps))


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint32])
def test_ids_come_back_exactly(kind: type[np.integer], tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    maps = random.integers(0, 2**24, (8, 20, 31)).astype(kind)
    maps[0, 0, :6] = [0, 255, 256, 65535, 65536, 2**24 - 1]
    path = tmp_path / "ids.mkv"
    assert write_ids(path, maps, fps=10) == 8
    found = as_ids(open_frames(path).read(range(8)))
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, maps)
    np.testing.assert_array_equal(as_ids(np.stack(list(stream_frames(path)))), maps)


def test_small_integer_types_hold_ids_too(tmp_path: Path) -> None:
    ids = np.arange(120, dtype=np.int8).reshape(10, 12)
    write_ids(tmp_path / "ids.mkv", [ids], fps=10)
    np.testing.assert_array_equal(as_ids(open_frames(tmp_path / "ids.mkv").read([0]))[0], ids)


@pytest.mark.parametrize("wrong", [-1, 2**24])
def test_ids_out_of_range_are_refused(wrong: int, tmp_path: Path) -> None:
    maps = np.zeros((2, 4, 4), dtype=np.int64)
    maps[1, 2, 3] = wrong
    with pytest.raises(VideoError, match=rf"ids\.mkv: id map 1 holds the ids .*{wrong}"):
        write_ids(tmp_path / "ids.mkv", maps, fps=10)
    assert not list(tmp_path.iterdir())


def test_video_looks_the_same_and_every_frame_is_found(tmp_path: Path) -> None:
    frames = moving(50)
    path = tmp_path / "new" / "video.mp4"
    assert write_video(path, iter(frames), fps=30) == 50
    in_order = list(stream_frames(path))
    # brightness, because 4:2:0 halves the resolution of the colours
    difference = np.abs(np.stack(in_order).mean(axis=-1) - np.stack(frames).mean(axis=-1)).mean()
    assert difference < 3
    reader = DecordFrames(path)
    assert (len(reader), reader.height, reader.width) == (50, 64, 96)
    assert reader.fps == pytest.approx(30)
    assert np.diff([*reader.keyframes(), 50]).max() <= 12
    for index in reversed(range(50)):
        np.testing.assert_array_equal(reader.read([index])[0], in_order[index])


def test_odd_sizes_repeat_the_last_row_and_column(tmp_path: Path) -> None:
    frame = np.zeros((31, 45, 3), dtype=np.uint8)
    frame[-1], frame[:, -1] = 200, 200
    write_video(tmp_path / "odd.mp4", [frame] * 3, fps=25, crf=1)
    (found,) = open_frames(tmp_path / "odd.mp4").read([1])
    assert found.shape == (32, 46, 3)
    assert np.abs(found[30:].astype(int) - 200).max() < 12
    assert np.abs(found[:, 44:].astype(int) - 200).max() < 12
    assert found[:28, :42].max() < 12


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    frames = [*moving(3), *moving(1, height=32)]
    with pytest.raises(VideoError, match=r"video\.mp4: frame 3 is 96x32, but the first one was 96x64"):
        write_video(tmp_path / "video.mp4", frames, fps=25)


@pytest.mark.parametrize("frame", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3))])
def test_frames_of_another_kind_are_refused(frame: NDArray[np.uint8], tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"video\.mp4: frame 0 must be \(H, W, 3\) uint8"):
        write_video(tmp_path / "video.mp4", [frame], fps=25)
    with pytest.raises(VideoError, match=r"labels\.mkv: label map 0 must be \(H, W\) uint8"):
        write_labels(tmp_path / "labels.mkv", [frame.astype(np.float32)], fps=25)
    with pytest.raises(VideoError, match=r"ids\.mkv: id map 0 must be \(H, W\) of integers"):
        write_ids(tmp_path / "ids.mkv", [frame.astype(np.float32)], fps=25)


@pytest.mark.parametrize("at", [0, 2])
def test_a_refused_frame_leaves_no_trace_in_the_video(at: int, tmp_path: Path) -> None:
    frames = moving(4)
    write_video(tmp_path / "alone.mp4", frames, fps=25, crf=18)
    refused: list[NDArray[Any]] = [
        np.zeros(shape, np.uint8) for shape in ((64, 96), (0, 0, 3), (64, 0, 3), (2, 16386, 3))
    ]
    refused += [frames[0].astype(np.float32)] + [frames[0][:-2]] * (at > 0)
    with VideoWriter(tmp_path / "video.mp4", fps=25) as writer:
        for index, frame in enumerate(frames):
            for bad in refused if index == at else []:
                with pytest.raises(VideoError, match=rf"video\.mp4: frame {at} "):
                    writer.write(bad)
            writer.write(frame)
    assert (tmp_path / "video.mp4").read_bytes() == (tmp_path / "alone.mp4").read_bytes()


def test_an_empty_map_is_refused(tmp_path: Path) -> None:
    empty = np.zeros((0, 4), np.uint8)
    with pytest.raises(VideoError, match=r"labels\.mkv: label map 0 must be"):
        write_labels(tmp_path / "labels.mkv", [empty], fps=25)
    with pytest.raises(VideoError, match=r"ids\.mkv: id map 0 must be"):
        write_ids(tmp_path / "ids.mkv", [empty], fps=25)
    with pytest.raises(VideoError, match=r"frame 0 must be"):
        write_frames(tmp_path / "frames", [empty])


def test_frames_come_back_from_a_folder(tmp_path: Path) -> None:
    frames = moving(12)
    assert write_frames(tmp_path / "rgb", iter(frames)) == 12
    np.testing.assert_array_equal(open_frames(tmp_path / "rgb").read(range(12)), np.stack(frames))
    maps = label_maps(16, 24)
    write_frames(tmp_path / "labels", maps)
    np.testing.assert_array_equal(as_labels(np.stack(list(stream_frames(tmp_path / "labels"))), tmp_path), maps)
    with pytest.raises(VideoError, match="holds PNG images already"):
        write_frames(tmp_path / "rgb", frames)
