"""Decoding in order: headers, constant memory, and files that claim to hold more than they can."""

import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import Header, inspect, open_frames, stream_frames, write_frames, write_labels

COUNT = 60
PATIENCE = 10.0  # seconds, on a slow machine; a false claim is found in a fraction of one
Encode = Callable[..., Path]


def test_streams_hold_one_frame_at_a_time(tmp_path: Path) -> None:
    frame = np.random.default_rng(3).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    write_labels(tmp_path / "labels.mkv", [frame[..., 0]] * 60, fps=25)
    write_frames(tmp_path / "images", [frame] * 60)
    for name in ("labels.mkv", "images"):
        # what is imported for the first frame is no frame
        next(stream_frames(tmp_path / name))
        tracemalloc.start()
        count = sum(1 for _ in stream_frames(tmp_path / name))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 60
        assert peak < 8 * frame.nbytes


def test_titles_in_any_encoding_are_no_damage(encode: Encode, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", "mpeg4", title="Kaese")
    path.write_bytes(path.read_bytes().replace(b"Kaese", b"K\xe4se!"))
    assert inspect(path).frames == COUNT


def test_a_codec_that_nobody_knows_is_named(encode: Encode, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", "libx264")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    for look in (inspect, open_frames):
        with pytest.raises(VideoError, match=r"a\.mp4: there is no decoder for what it holds"):
            look(path)


def test_headers_tell_rate_length_and_pixels(encode: Encode, moving: list[NDArray[np.uint8]], tmp_path: Path) -> None:
    assert Header.read(encode(tmp_path / "a.mp4", "libx264")) == Header(25, COUNT, "yuv420p", COUNT)
    # Matroska tells the duration only
    assert Header.read(encode(tmp_path / "a.mkv", "ffv1", pixels="bgr0")) == Header(25, None, "bgr0", COUNT)
    write_frames(tmp_path / "images", moving[:3])
    assert Header.read(tmp_path / "images") == Header(25, 3)


def with_number(path: Path, after: bytes, offset: int, form: str, *numbers: int) -> None:
    """Write numbers into a file, so many bytes behind the name of a box."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(after) + offset, *numbers)
    path.write_bytes(data)


def claim_frames_in_mp4(encode: Encode, path: Path) -> None:
    encode(path, "mjpeg", {}, "yuvj420p")
    with_number(path, b"stts", 12, ">I", 10**9)


def claim_samples_in_mp4(encode: Encode, path: Path) -> None:
    encode(path, "mjpeg", {}, "yuvj420p")
    with_number(path, b"stsz", 8, ">II", 1, 10**6)
    with_number(path, b"stsc", 16, ">I", 10**6)
    with_number(path, b"stts", 12, ">I", 10**6)


def claim_frames_in_avi(encode: Encode, path: Path) -> None:
    encode(path, "mjpeg", {}, "yuvj420p")
    with_number(path, b"strh", 40, "<I", 2**31 - 1)


def claim_pixels_in_avi(encode: Encode, path: Path) -> None:
    encode(path, "ffv1", {}, "bgr0")
    with_number(path, b"strf", 12, "<ii", 30000, 30000)


def claim_pixels_in_y4m(encode: Encode, path: Path) -> None:
    path.write_bytes(b"YUV4MPEG2 W16000 H16000 F25:1 Ip A1:1 C420\nFRAME\n" + bytes(1000))


CLAIMS: dict[str, tuple[Callable[[Encode, Path], None], str]] = {
    "frames.mp4": (claim_frames_in_mp4, "claims to hold 1000000000 frames in"),
    "samples.mp4": (claim_samples_in_mp4, "claims to hold 1000000 frames in"),
    "frames.avi": (claim_frames_in_avi, "claims to hold 2147483647 frames in"),
    "pixels.avi": (claim_pixels_in_avi, "frame 0 cannot be decoded"),
    "pixels.y4m": (claim_pixels_in_y4m, "claims frames of 16000x16000 pixels"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_that_cannot_be_true_are_refused_at_once(encode: Encode, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    make, message = CLAIMS[name]
    make(encode, path)
    begun = time.monotonic()
    for look in (inspect, lambda path: open_frames(path).read([0]), lambda path: next(stream_frames(path))):
        with pytest.raises(VideoError, match=rf"{name}: {message}"):
            look(path)
    assert time.monotonic() - begun < PATIENCE
