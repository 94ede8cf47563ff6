"""Decoding in order: headers, constant memory, and files that claim to hold more than they can."""

import gc
import struct
import time
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import ExifTags, Image

from vid2vid.errors import VideoError
from vid2vid.video import (
    Header,
    exact_path,
    inspect,
    open_frames,
    open_labels,
    safe_copy,
    stream_frames,
    stream_labels,
    write_frames,
    write_labels,
)
from vid2vid.video.images import _EXIF, Orientation

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
        with pytest.raises(VideoError, match=r"a\.mp4: there is no decoder for its codec"):
            look(path)


def test_headers_tell_rate_length_and_pixels(encode: Encode, moving: list[NDArray[np.uint8]], tmp_path: Path) -> None:
    assert Header.read(encode(tmp_path / "a.mp4", "libx264")) == Header(25, COUNT, "yuv420p", COUNT)
    # Matroska tells the duration only
    assert Header.read(encode(tmp_path / "a.mkv", "ffv1", pixels="bgr0")) == Header(25, None, "bgr0", COUNT)
    write_frames(tmp_path / "images", moving[:3])
    assert Header.read(tmp_path / "images") == Header(25, 3)


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.ffconcat", "a.txt"])
def test_no_other_file_is_opened(encode: Encode, name: str, tmp_path: Path) -> None:
    inside = encode(tmp_path / "inside.mp4", "libx264")
    texts = {".ffconcat": f"ffconcat version 1.0\nfile {inside.name}\n", ".txt": "a text is no video\n" * 99}
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\n{inside.name}\n#EXT-X-ENDLIST\n"
    path = tmp_path / name
    path.write_text(texts.get(path.suffix, playlist))
    for look in (inspect, open_frames, lambda path: next(stream_frames(path))):
        with pytest.raises(VideoError, match=rf"{name}: cannot be read as a video"):
            look(path)


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


# a, b, c, d of the display matrix, and what a player shows of the stored frames (T, H, W, C)
MATRICES: dict[tuple[int, int, int, int], Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    (1, 0, 0, 1): lambda f: f,
    (-1, 0, 0, 1): lambda f: f[:, :, ::-1],
    (1, 0, 0, -1): lambda f: f[:, ::-1],
    (-1, 0, 0, -1): lambda f: f[:, ::-1, ::-1],
    (0, 1, 1, 0): lambda f: f.swapaxes(1, 2),
    (0, -1, -1, 0): lambda f: f[:, ::-1, ::-1].swapaxes(1, 2),
    (0, 1, -1, 0): lambda f: np.rot90(f, -1, (1, 2)),
    (0, -1, 1, 0): lambda f: np.rot90(f, 1, (1, 2)),
}


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p"])
def test_frames_are_turned_and_mirrored_as_a_player_does(
    encode: Encode, matrix: tuple[int, int, int, int], pixels: str, tmp_path: Path
) -> None:
    path = encode(tmp_path / "a.mp4", "libx264", {"g": "12"}, pixels)
    stored, data = np.stack(list(stream_frames(path))), bytearray(path.read_bytes())
    a, b, c, d = (entry << 16 for entry in matrix)
    struct.pack_into(">9i", data, data.index(b"tkhd") + 44, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    shown, found = MATRICES[matrix](stored), inspect(path)
    assert (found.height, found.width) == shown.shape[1:3]
    for frames in (np.stack(list(stream_frames(path))), open_frames(path).read(range(COUNT))):
        np.testing.assert_array_equal(frames, shown)
    np.testing.assert_array_equal(open_frames(safe_copy(path, tmp_path / "copies")).read(range(COUNT)), shown)


@pytest.mark.parametrize(("width", "seen"), [(Fraction(3, 2), 96), (Fraction(1, 2), 32), (Fraction(320, 319), 64)])
def test_pixels_become_square(encode: Encode, width: Fraction, seen: int, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", "libx264", {"g": "12"}, pixel_width=width)
    frames = np.stack(list(stream_frames(path)))
    assert frames.shape == (COUNT, 48, seen, 3)
    assert (inspect(path).height, inspect(path).width) == (48, seen)
    reader = open_frames(path)
    assert (reader.height, reader.width) == (48, seen)
    np.testing.assert_array_equal(reader.read(range(COUNT)), frames)
    assert (exact_path(path, tmp_path / "cache") == path) is (seen == 64)


def test_ids_are_not_stretched(encode: Encode, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", "libx264", pixel_width=Fraction(4, 3))
    for read in (open_labels, lambda path: list(stream_labels(path))):
        with pytest.raises(VideoError, match=r"a\.mkv: its pixels are 1\.33 times as wide as high, and ids cannot be"):
            read(path)


def test_transparent_frames_are_laid_over_black(tmp_path: Path) -> None:
    path, pixels = tmp_path / "a.mkv", np.full((32, 48, 4), 200, np.uint8)
    pixels[:16, :, 3], pixels[16:, :, 3] = 0, 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "bgra"
        container.mux(stream.encode(VideoFrame.from_ndarray(pixels, format="rgba")))
        container.mux(stream.encode(None))
    for (frame,) in (list(stream_frames(path)), open_frames(path).read([0])):
        assert frame[:16].max() == 0
        assert frame[16:].min() == 200


def test_frames_are_freed_at_once(encode: Encode, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", "libx264", rotation=90)
    gc.collect()
    gc.disable()
    try:
        assert len(list(stream_frames(path))) == COUNT
        # a process that inherits frames, and frees them, crashes: their decoder has threads, which it does not have
        assert not any(type(thing) is VideoFrame for thing in gc.get_objects())
    finally:
        gc.enable()


@pytest.mark.parametrize("number", range(1, 9))
def test_frames_with_side_data_that_pyav_does_not_know_are_turned_and_mirrored(number: int, tmp_path: Path) -> None:
    # FFmpeg adds the EXIF of an image to its frame, for which PyAV 18.1 has no name, beside the display matrix
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    image = Image.fromarray(picture)
    exif = image.getexif()
    exif[ExifTags.Base.Orientation] = number
    image.save(tmp_path / "a.tif", exif=exif)
    (frame,) = stream_frames(tmp_path / "a.tif")
    np.testing.assert_array_equal(frame, _EXIF.get(number, Orientation()).apply(picture))
