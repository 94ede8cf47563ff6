"""Folders of images as videos."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.data.video import as_labels, open_frames, stream_frames
from vid2vid.errors import VideoError


def save(path: Path, image: NDArray[np.integer | np.floating]) -> None:
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), image)


def save_palette_png(path: Path, indices: NDArray[np.uint8]) -> None:
    """Write an indexed PNG with a palette whose colours have nothing to do with the indices."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = indices.shape
    rows = b"".join(b"\0" + row.tobytes() for row in indices)
    palette = np.random.default_rng(0).integers(0, 256, 768, dtype=np.uint8).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), chunk(b"PLTE", palette), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def test_natural_order_and_rgb(tmp_path: Path) -> None:
    for number in (10, 9, 100, 1):
        save(tmp_path / f"frame{number}.png", np.full((4, 6, 3), (0, 0, number), np.uint8))  # OpenCV writes BGR
    save(tmp_path / ".hidden.png", np.zeros((9, 9, 3), np.uint8))
    (tmp_path / "notes.txt").write_text("no image")
    reader = open_frames(tmp_path)
    assert (len(reader), reader.height, reader.width, reader.fps) == (4, 4, 6, 25.0)
    expected = [1, 9, 10, 100]
    assert [frame[0, 0].tolist() for frame in reader.read(range(4))] == [[n, 0, 0] for n in expected]
    assert [frame[0, 0, 0] for frame in stream_frames(tmp_path)] == expected
    assert reader.read([3, 0])[:, 0, 0, 0].tolist() == [100, 1]
    assert reader.read([]).shape == (0, 4, 6, 3)
    with pytest.raises(VideoError, match="there is no frame 4; it has 4"):
        reader.read([4])


@pytest.mark.parametrize("width", [16, 17])
def test_label_images_keep_their_ids(width: int, tmp_path: Path) -> None:
    ids = np.arange(16 * width, dtype=np.uint32).astype(np.uint8).reshape(16, width)
    save(tmp_path / "gray" / "0.png", ids)
    (tmp_path / "palette").mkdir()
    save_palette_png(tmp_path / "palette" / "0.png", ids)
    for name in ("gray", "palette"):
        np.testing.assert_array_equal(as_labels(open_frames(tmp_path / name).read([0]), tmp_path)[0], ids)


def test_a_cut_palette_image_is_named(tmp_path: Path) -> None:
    path = tmp_path / "0.png"
    save_palette_png(path, np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(VideoError, match=r"0\.png: cannot be read as an image; it is damaged"):
        open_frames(tmp_path)


@pytest.mark.parametrize("ending", [".png", ".jpg", ".bmp", ".webp"])
def test_a_cut_image_is_named(ending: str, tmp_path: Path) -> None:
    picture = cv2.resize(np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8), (300, 200))
    for number in range(3):
        save(tmp_path / f"{number}{ending}", picture)
    cut = tmp_path / f"1{ending}"
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 9 // 10])
    reader = open_frames(tmp_path)
    assert reader.read([0, 2]).shape == (2, 200, 300, 3)
    with pytest.raises(VideoError, match=rf"1\{ending}: cannot be read as an image; it is damaged"):
        reader.read([0, 1])
    cut.write_bytes(b"")
    with pytest.raises(VideoError, match=rf"1\{ending}: .* it is empty"):
        list(stream_frames(tmp_path))


def test_images_that_cannot_be_frames_are_named(tmp_path: Path) -> None:
    save(tmp_path / "sizes" / "0.png", np.zeros((4, 6, 3), np.uint8))
    save(tmp_path / "sizes" / "1.png", np.zeros((4, 8, 3), np.uint8))
    with pytest.raises(VideoError, match=r"1\.png: is 8x4, but the first image of its folder is 6x4"):
        open_frames(tmp_path / "sizes").read([0, 1])
    with pytest.raises(VideoError, match=r"sizes: frame 1 is 8x4, but the first one is 6x4"):
        list(stream_frames(tmp_path / "sizes"))
    save(tmp_path / "deep" / "0.png", np.zeros((4, 6), np.uint16))
    with pytest.raises(VideoError, match=r"0\.png: the image has more than 8 bits.*write_ids"):
        open_frames(tmp_path / "deep")
    save(tmp_path / "mixed" / "0.png", np.zeros((4, 6, 3), np.uint8))
    save(tmp_path / "mixed" / "0.jpg", np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(VideoError, match=r"mixed: the folder mixes images of the kinds \.jpg, \.png"):
        open_frames(tmp_path / "mixed")
