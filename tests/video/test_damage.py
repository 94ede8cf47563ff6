"""Broken files: each way of breaking each kind of file is noticed, soon, and leaves the others to be used."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from vid2vid.errors import VideoError
from vid2vid.video import damage, exact_path, inspect, open_frames, stream_frames, write_ids

COUNT = 60
PATIENCE = 10.0  # seconds, on a slow machine; what is broken is found in a fraction of one
Encode = Callable[..., Path]


RATE = 2_000_000  # so that most of the file is pictures
GOP = {"g": "12"}
HEVC = {"x265-params": "keyint=12:min-keyint=12:log-level=none"}
FILES: dict[str, Callable[[Encode, Path], Path]] = {
    "H.264": lambda encode, d: encode(d / "a.mp4", "libx264", GOP, bit_rate=RATE),
    "HEVC": lambda encode, d: encode(d / "a.mp4", "libx265", HEVC, bit_rate=RATE),
    "MPEG-4": lambda encode, d: encode(d / "a.mp4", "mpeg4", GOP, bit_rate=RATE),
    "H.264 in Matroska": lambda encode, d: encode(d / "a.mkv", "libx264", GOP, bit_rate=RATE),
    "HEVC in Matroska": lambda encode, d: encode(d / "a.mkv", "libx265", HEVC, bit_rate=RATE),
    "VP9": lambda encode, d: encode(
        d / "a.webm", "libvpx-vp9", {**GOP, "cpu-used": "8", "deadline": "realtime"}, bit_rate=RATE
    ),
    "AV1": lambda encode, d: encode(d / "a.mkv", "libsvtav1", {"preset": "12"}),
    "FFV1": lambda encode, d: encode(d / "a.mkv", "ffv1", {"g": "1", "level": "3"}, "bgr0", bit_rate=RATE),
    "H.264 in AVI": lambda encode, d: encode(d / "a.avi", "libx264", GOP, bit_rate=RATE),
    "MPEG-4 in AVI": lambda encode, d: encode(d / "a.avi", "mpeg4", GOP, bit_rate=RATE),
    "MJPEG in AVI": lambda encode, d: encode(d / "a.avi", "mjpeg", {}, "yuvj420p", bit_rate=RATE),
    "H.264 in MPEG-TS": lambda encode, d: encode(d / "a.ts", "libx264", GOP, bit_rate=RATE),
    "HEVC in MPEG-TS": lambda encode, d: encode(d / "a.ts", "libx265", HEVC, bit_rate=RATE),
}


def altered(data: bytes, filling: Callable[[int], bytes]) -> bytes:
    start, stop = len(data) * 45 // 100, len(data) * 55 // 100
    return data[:start] + filling(stop - start) + data[stop:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    # by odd numbers of bytes: a stream that is cut between two of its packets is just a shorter one
    "half is missing": lambda data: data[: len(data) // 2 // 188 * 188 + 1],
    "the end is missing": lambda data: data[: len(data) * 9 // 10 // 188 * 188 + 1],
    "noise": lambda data: altered(data, lambda size: np.random.default_rng(1).bytes(size)),
    "zeros": lambda data: altered(data, bytes),
    "ones": lambda data: altered(data, lambda size: b"\xff" * size),
}


@pytest.fixture(scope="module")
def whole(encode: Encode, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: make(encode, tmp_path_factory.mktemp("whole")) for name, make in FILES.items()}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_damage_is_noticed_soon(name: str, damage: str, whole: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / f"broken{whole[name].suffix}"
    path.write_bytes(DAMAGES[damage](whole[name].read_bytes()))
    begun = time.monotonic()
    for look in (inspect, lambda path: exact_path(path, tmp_path / "cache"), lambda path: list(stream_frames(path))):
        with pytest.raises(VideoError, match=r"broken\.\w+: .*(cut short|damaged|no video frames)"):
            look(path)
    assert time.monotonic() - begun < PATIENCE


@pytest.mark.parametrize("name", FILES)
def test_whole_files_pass(name: str, whole: dict[str, Path]) -> None:
    assert inspect(whole[name]).frames == COUNT


@pytest.mark.slow
@pytest.mark.parametrize("name", ["H.264", "HEVC in Matroska", "VP9", "FFV1", "MPEG-4 in AVI", "H.264 in MPEG-TS"])
def test_any_damage_is_a_video_error_or_another_picture(name: str, whole: dict[str, Path], tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    path = tmp_path / f"broken{whole[name].suffix}"
    for _ in range(8):
        data = bytearray(whole[name].read_bytes())
        start, size = int(random.integers(len(data))), int(10 ** random.uniform(0, 3))
        data[start : start + size] = random.bytes(len(data[start : start + size]))
        path.write_bytes(data)
        for look in (inspect, lambda path: open_frames(path).read([40, 3])):
            # what else is raised fails the test
            with suppress(VideoError):
                look(path)


def test_one_altered_bit_is_noticed_in_files_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "ids.mkv"
    write_ids(path, np.random.default_rng(4).integers(0, 2**24, (12, 32, 40)), fps=25)
    data = path.read_bytes()
    random = np.random.default_rng(5)
    for place in random.integers(len(data) // 4, len(data) * 3 // 4, size=12):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << random.integers(8)]) + data[place + 1 :])
        with pytest.raises(VideoError, match=r"ids\.mkv: .*damaged"):
            list(stream_frames(path))


def test_a_recording_that_was_streamed_has_no_length_and_passes(encode: Encode, tmp_path: Path) -> None:
    path = tmp_path / "live.mkv"
    encode(path, "libx264", GOP)
    data = path.read_bytes()
    size = data.index(b"\x18\x53\x80\x67") + 4
    path.write_bytes(data[:size] + b"\x01" + b"\xff" * 7 + data[size + 8 :])
    assert inspect(path).frames == COUNT
    damage.require_whole(path, "matroska,webm")
