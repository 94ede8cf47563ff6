"""Broken files: each way of breaking each kind of file is noticed, soon, and leaves the others to be used."""

import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import exact_path, inspect, open_frames, stream_frames, structure, write_ids

COUNT, HEIGHT, WIDTH = 48, 48, 64
PATIENCE = 10.0  # seconds, on a slow machine; what is broken is found in a fraction of one
Codec = Literal["libx264", "libx265", "libvpx-vp9", "libsvtav1", "mpeg4", "ffv1", "mjpeg"]


def moving() -> list[NDArray[np.uint8]]:
    random = np.random.default_rng(5)
    wide = cv2.resize(random.integers(0, 256, (6, 40, 3), dtype=np.uint8), (WIDTH + 3 * COUNT, HEIGHT))
    return [np.ascontiguousarray(wide[:, 3 * i : 3 * i + WIDTH], dtype=np.uint8) for i in range(COUNT)]


def encode(path: Path, codec: Codec, options: dict[str, str], pixels: str = "yuv420p") -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        if codec != "libsvtav1":
            stream.bit_rate = 2_000_000  # so that most of the file is pictures
        for image in moving():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


GOP = {"g": "12"}
HEVC = {"x265-params": "keyint=12:min-keyint=12:log-level=none"}
FILES: dict[str, Callable[[Path], Path]] = {
    "H.264": lambda d: encode(d / "a.mp4", "libx264", GOP),
    "HEVC": lambda d: encode(d / "a.mp4", "libx265", HEVC),
    "MPEG-4": lambda d: encode(d / "a.mp4", "mpeg4", GOP),
    "H.264 in Matroska": lambda d: encode(d / "a.mkv", "libx264", GOP),
    "HEVC in Matroska": lambda d: encode(d / "a.mkv", "libx265", HEVC),
    "VP9": lambda d: encode(d / "a.webm", "libvpx-vp9", {**GOP, "cpu-used": "8", "deadline": "realtime"}),
    "AV1": lambda d: encode(d / "a.mkv", "libsvtav1", {"preset": "12"}),
    "FFV1": lambda d: encode(d / "a.mkv", "ffv1", {"g": "1", "level": "3"}, "bgr0"),
    "H.264 in AVI": lambda d: encode(d / "a.avi", "libx264", GOP),
    "MPEG-4 in AVI": lambda d: encode(d / "a.avi", "mpeg4", GOP),
    "MJPEG in AVI": lambda d: encode(d / "a.avi", "mjpeg", {}, "yuvj420p"),
    "H.264 in MPEG-TS": lambda d: encode(d / "a.ts", "libx264", GOP),
    "HEVC in MPEG-TS": lambda d: encode(d / "a.ts", "libx265", HEVC),
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
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: make(tmp_path_factory.mktemp("whole")) for name, make in FILES.items()}


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


def test_titles_in_any_encoding_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Kaese"
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for image in moving():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"Kaese", b"K\xe4se!"))
    assert inspect(path).frames == COUNT


def test_a_codec_that_nobody_knows_is_named(whole: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(whole["H.264"].read_bytes().replace(b"avc1", b"zzzz"))
    for look in (inspect, open_frames):
        with pytest.raises(VideoError, match=r"a\.mp4: there is no decoder for what it holds"):
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


def test_a_recording_that_was_streamed_has_no_length_and_passes(tmp_path: Path) -> None:
    path = tmp_path / "live.mkv"
    encode(path, "libx264", GOP)
    data = path.read_bytes()
    size = data.index(b"\x18\x53\x80\x67") + 4
    path.write_bytes(data[:size] + b"\x01" + b"\xff" * 7 + data[size + 8 :])
    assert inspect(path).frames == COUNT
    structure.require_whole(path, "matroska,webm")


def with_number(path: Path, after: bytes, offset: int, form: str, *numbers: int) -> None:
    """Write numbers into a file, so many bytes behind the name of a box."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(after) + offset, *numbers)
    path.write_bytes(data)


def claim_frames_in_mp4(path: Path) -> None:
    encode(path, "mjpeg", {}, "yuvj420p")
    with_number(path, b"stts", 12, ">I", 10**9)


def claim_samples_in_mp4(path: Path) -> None:
    encode(path, "mjpeg", {}, "yuvj420p")
    with_number(path, b"stsz", 8, ">II", 1, 10**6)
    with_number(path, b"stsc", 16, ">I", 10**6)
    with_number(path, b"stts", 12, ">I", 10**6)


def claim_frames_in_avi(path: Path) -> None:
    encode(path, "mjpeg", {}, "yuvj420p")
    with_number(path, b"strh", 40, "<I", 2**31 - 1)


def claim_pixels_in_avi(path: Path) -> None:
    encode(path, "ffv1", {}, "bgr0")
    with_number(path, b"strf", 12, "<ii", 30000, 30000)


def claim_pixels_in_y4m(path: Path) -> None:
    path.write_bytes(b"YUV4MPEG2 W16000 H16000 F25:1 Ip A1:1 C420\nFRAME\n" + bytes(1000))


CLAIMS: dict[str, tuple[Callable[[Path], None], str]] = {
    "frames.mp4": (claim_frames_in_mp4, "claims to hold 1000000000 frames in"),
    "samples.mp4": (claim_samples_in_mp4, "claims to hold 1000000 frames in"),
    "frames.avi": (claim_frames_in_avi, "claims to hold 2147483647 frames in"),
    "pixels.avi": (claim_pixels_in_avi, "frame 0 cannot be decoded"),
    "pixels.y4m": (claim_pixels_in_y4m, "claims frames of 16000x16000 pixels"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_that_cannot_be_true_are_refused_at_once(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    make, message = CLAIMS[name]
    make(path)
    begun = time.monotonic()
    for look in (inspect, lambda path: open_frames(path).read([0]), lambda path: next(stream_frames(path))):
        with pytest.raises(VideoError, match=rf"{name}: {message}"):
            look(path)
    assert time.monotonic() - begun < PATIENCE
