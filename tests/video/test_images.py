"""Folders of images as videos."""

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from vid2vid.errors import VideoError
from vid2vid.video import inspect, open_frames, open_labels, stream_frames
from vid2vid.video.id_maps import read_ids, read_labels
from vid2vid.video.images import IMAGE_ENDINGS, image_size, read_image, read_pixel_values


def save(path: Path, image: NDArray[np.integer | np.floating]) -> None:
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), image)


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
    with pytest.raises(VideoError, match=r"1\.png: is 8x4, but the first image of its folder is 6x4"):
        inspect(tmp_path / "sizes")
    with pytest.raises(VideoError, match=r"sizes: frame 1 is 8x4, but the first one is 6x4"):
        list(stream_frames(tmp_path / "sizes"))
    save(tmp_path / "deep" / "0.png", np.zeros((4, 6), np.uint16))
    with pytest.raises(VideoError, match=r"0\.png: the image has more than 8 bits.*open_ids"):
        open_frames(tmp_path / "deep")
    save(tmp_path / "mixed" / "0.png", np.zeros((4, 6, 3), np.uint8))
    save(tmp_path / "mixed" / "0.jpg", np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(VideoError, match=r"mixed: the folder mixes images of the kinds \.jpg, \.png"):
        open_frames(tmp_path / "mixed")


def test_images_that_claim_too_much_are_refused_at_once(tmp_path: Path) -> None:
    save(tmp_path / "huge" / "0.png", np.zeros((4, 6, 3), np.uint8))
    path = tmp_path / "huge" / "0.png"
    head = bytearray(path.read_bytes())
    for side in (9000, 65535, 2**31 - 1):  # above our limit, OpenCV's and Pillow's
        head[16:24] = struct.pack(">II", side, side)
        head[29:33] = struct.pack(">I", zlib.crc32(head[12:29]))
        path.write_bytes(head)
        for look in (open_frames, open_labels, inspect):
            with pytest.raises(
                VideoError, match=r"0\.png: claims .* more than the 67108864 \(8192x8192\) that are read"
            ):
                look(tmp_path / "huge")


SHOWN = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
    8: lambda p: np.rot90(p),
}


@pytest.mark.parametrize("ending", ["png", "webp", "tif", "jpg"])
@pytest.mark.parametrize("orientation", SHOWN)
def test_sizes_pixels_and_ids_are_oriented_alike(orientation: int, ending: str, tmp_path: Path) -> None:
    stored = np.zeros((32, 64, 3), np.uint8)
    stored[:16, :16], stored[:16, 48:] = 90, 200
    path, exif = tmp_path / f"a.{ending}", Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    lossless = {"lossless": True} if ending == "webp" else {"tiffinfo": exif} if ending == "tif" else {}
    Image.fromarray(stored).save(path, exif=exif, **lossless)
    shown = SHOWN[orientation](stored)
    assert image_size(path) == shown.shape[:2]
    for found in (read_image(path), open_frames(tmp_path).read([0])[0]):
        assert np.abs(found.astype(int) - shown).max() <= (4 if ending == "jpg" else 0)
    if ending != "jpg":
        np.testing.assert_array_equal(read_labels(path), shown[..., 0])
    assert inspect(tmp_path).height == shown.shape[0]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
def test_orientation_behind_the_pixels_and_unreadable_metadata(tmp_path: Path) -> None:
    path, exif = tmp_path / "a.png", Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    stored = np.zeros((4, 6, 3), np.uint8)
    Image.fromarray(stored).save(path, exif=exif)
    data = path.read_bytes()
    start = data.index(b"eXIf") - 4
    stop = start + 12 + int.from_bytes(data[start : start + 4], "big")
    behind = data.index(b"IEND") - 4
    path.write_bytes(data[:start] + data[stop:behind] + data[start:stop] + data[behind:])
    assert image_size(path) == read_image(path).shape[:2] == read_labels(path).shape == (6, 4)
    Image.fromarray(stored).save(path.with_suffix(".jpg"), exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff")
    assert image_size(path.with_suffix(".jpg")) == read_image(path.with_suffix(".jpg")).shape[:2] == (4, 6)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pixels_are_black_whatever_they_hide(mode: str, tmp_path: Path) -> None:
    pixels = np.full((4, 6, 4), 200, np.uint8)
    pixels[:2, :, 3], pixels[2, :, 3], pixels[3, :, 3] = 0, 51, 255
    image, path = Image.fromarray(pixels), tmp_path / "a.png"
    if mode == "P":
        palette = Image.fromarray(np.array([[0], [0], [1], [2]], np.uint8).repeat(6, 1), "P")
        palette.putpalette([200] * 9)
        palette.save(path, transparency=bytes([0, 51, 255]))
    else:
        image.convert(mode).save(path)
    assert read_image(path)[:, 0, 0].tolist() == [0, 0, 40, 200]
    if mode == "RGBA":
        # an alpha channel says nothing about ids
        assert read_labels(path)[:, 0].tolist() == [200] * 4


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_any_damage_is_a_video_error(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    picture = random.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    for ending in (".png", ".jpg", ".bmp", ".webp", ".tif", ".ppm"):
        path = tmp_path / f"a{ending}"
        save(path, picture)
        whole = path.read_bytes()
        for _ in range(40):
            data = bytearray(whole)
            start = int(random.integers(min(len(data), 200)))
            data[start : start + 8] = random.bytes(8)
            path.write_bytes(data[: random.integers(1, len(data) + 1)])
            for read in (read_image, read_labels, read_ids):
                # what else is raised fails the test
                with suppress(VideoError):
                    assert read(path).shape[:2] == image_size(path)


@pytest.mark.parametrize("kind", ["GIF", "ICO", "TGA", "JPEG2000", "SGI", "PCX"])
@pytest.mark.parametrize("read", [read_image, read_pixel_values, image_size])
def test_other_formats_are_refused_whatever_their_name(
    kind: str, read: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (32, 16), "red").save(path, kind)
    with pytest.raises(VideoError, match=r"picture\.png: cannot be read as an image; .* not one of PNG, JPEG"):
        read(path)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [(ending, Image.registered_extensions()[ending]) for ending in IMAGE_ENDINGS] + [(".jpg", "MPO")],
)
def test_formats_of_the_known_endings_are_read(ending: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture{ending}"
    Image.new("L" if ending == ".pgm" else "RGB", (32, 16), 90).save(path, kind)
    assert image_size(path) == read_image(path).shape[:2] == (16, 32)
