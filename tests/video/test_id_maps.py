"""Maps of ids come back exactly, from video and from every kind of image that people keep them in."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vid2vid.errors import VideoError
from vid2vid.video import (
    Header,
    as_ids,
    as_labels,
    open_frames,
    open_ids,
    open_labels,
    stream_ids,
    stream_labels,
    write_ids,
    write_labels,
    write_video,
)

COUNT, HEIGHT, WIDTH = 4, 20, 33  # more pixels than ids, and an odd width
Write = Callable[[Path, NDArray[np.uint8]], object]


def all_ids() -> NDArray[np.uint8]:
    """Return maps that hold all of 0..255, each in another order."""
    return np.stack([(np.arange(HEIGHT * WIDTH) * 7 + t).astype(np.uint8).reshape(HEIGHT, WIDTH) for t in range(COUNT)])


def each(write: Callable[[str, Any], object]) -> Callable[[Path, Any], None]:
    """Write maps as the images of a folder."""

    def write_all(folder: Path, maps: Any) -> None:  # noqa: ANN401 - arrays of several types
        folder.mkdir()
        for index, ids in enumerate(maps):
            write(str(folder / f"{index}.png"), ids)

    return write_all


def with_palette(path: str, ids: NDArray[np.uint8]) -> None:
    image = Image.fromarray(ids)
    image.putpalette(np.random.default_rng(0).integers(0, 256, 768, dtype=np.uint8).tobytes())
    image.save(path)


def as_rgb(path: str, ids: NDArray[np.uint8]) -> None:
    Image.fromarray(np.repeat(ids[..., None], 3, axis=-1)).save(path)


LABELS: dict[str, Write] = {
    "grey.mkv": lambda path, maps: write_labels(path, list(maps), 25),
    "grey": each(cv2.imwrite),
    "palette": each(with_palette),
    "rgb": each(as_rgb),
    "16 bits": each(lambda path, ids: cv2.imwrite(path, ids.astype(np.uint16))),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_come_back(name: str, tmp_path: Path) -> None:
    maps, path = all_ids(), tmp_path / name
    LABELS[name](path, maps)
    reader = open_labels(path)
    assert (len(reader), reader.height, reader.width, reader.fps) == (COUNT, HEIGHT, WIDTH, 25)
    found = reader.read([3, 0, 0, 1])
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, maps[[3, 0, 0, 1]])
    assert reader.read([]).shape == (0, HEIGHT, WIDTH)
    np.testing.assert_array_equal(np.stack(list(stream_labels(path))), maps)
    with pytest.raises(VideoError, match="there is no frame 4; it has 4"):
        reader.read([4])


def instances(bits: int) -> NDArray[np.int32]:
    maps = np.random.default_rng(bits).integers(0, 2**bits, (COUNT, HEIGHT, WIDTH)).astype(np.int32)
    maps[:, 0, :3] = [0, 2**bits - 1, 2 ** (bits - 1)]
    return maps


def panoptic(path: str, ids: NDArray[np.int32]) -> None:
    Image.fromarray(np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=-1).astype(np.uint8)).save(path)


IDS: dict[str, tuple[int, Callable[[Path, Any], object]]] = {
    "ids.mkv": (24, lambda path, maps: write_ids(path, list(maps), 25)),
    "grey.mkv": (8, lambda path, maps: write_labels(path, list(maps.astype(np.uint8)), 25)),
    "grey": (8, each(lambda path, ids: cv2.imwrite(path, ids.astype(np.uint8)))),
    "palette": (8, each(lambda path, ids: with_palette(path, ids.astype(np.uint8)))),
    "16 bits": (16, each(lambda path, ids: cv2.imwrite(path, ids.astype(np.uint16)))),
    "32 bits": (24, each(lambda path, ids: Image.fromarray(ids).save(path.replace(".png", ".tif")))),
    "panoptic": (24, each(panoptic)),
}


@pytest.mark.parametrize("name", IDS)
def test_ids_come_back(name: str, tmp_path: Path) -> None:
    bits, write = IDS[name]
    maps, path = instances(bits), tmp_path / name
    write(path, maps)
    reader = open_ids(path)
    assert (len(reader), reader.height, reader.width, reader.fps) == (COUNT, HEIGHT, WIDTH, 25)
    found = reader.read([2, 2, 0])
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, maps[[2, 2, 0]])
    assert reader.read([]).shape == (0, HEIGHT, WIDTH)
    np.testing.assert_array_equal(np.stack(list(stream_ids(path))), maps)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_hold_few_ids(bits: int, tmp_path: Path) -> None:
    ids = all_ids()[0] % 2**bits
    for name in ("palette", "grey"):
        (tmp_path / name).mkdir()
    image = Image.fromarray(ids)
    image.putpalette(list(range(255, 255 - 3 * 2**bits, -1)))
    image.save(tmp_path / "palette" / "0.png", bits=bits)
    write_grey_png(tmp_path / "grey" / "0.png", ids, bits)
    for name in ("palette", "grey"):
        np.testing.assert_array_equal(open_labels(tmp_path / name).read([0])[0], ids)


def write_grey_png(path: Path, ids: NDArray[np.uint8], bits: int) -> None:
    """Write grey of less than 8 bits, which Pillow and OpenCV do not; FFmpeg packs the bits of a palette alike."""
    packed = np.unpackbits(ids[..., None], axis=-1)[..., 8 - bits :].reshape(len(ids), -1)
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in packed)
    head = struct.pack(">IIBBBBB", ids.shape[1], ids.shape[0], bits, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_colours_are_the_business_of_another_reader(tmp_path: Path) -> None:
    LABELS["palette"](tmp_path / "palette", all_ids())
    colours = np.asarray(Image.open(tmp_path / "palette" / "1.png").convert("RGB"))
    np.testing.assert_array_equal(open_frames(tmp_path / "palette").read([1])[0], colours)


def test_what_holds_no_labels_is_named(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    colours = random.integers(0, 256, (COUNT, 32, 32, 3), dtype=np.uint8)
    write_video(tmp_path / "colour.mp4", list(colours), 25)
    for opener in (open_labels, open_ids):
        with pytest.raises(VideoError, match=r"colour\.mp4: frame 2 is not a label map: its colour channels differ"):
            opener(tmp_path / "colour.mp4").read([2])
    with pytest.raises(VideoError, match=r"colour\.mp4: frame 0 is not a label map"):
        list(stream_ids(tmp_path / "colour.mp4"))
    each(cv2.imwrite)(tmp_path / "colour", colours)
    with pytest.raises(VideoError, match=r"colour.0\.png: .* is not a label map"):
        open_labels(tmp_path / "colour")
    IDS["16 bits"][1](tmp_path / "16 bits", instances(16))
    with pytest.raises(VideoError, match=r"0\.png: holds the ids 0\.\.65535, but class ids must lie in 0\.\.255"):
        open_labels(tmp_path / "16 bits")


def test_what_is_stored_with_loss_is_named(tmp_path: Path) -> None:
    (tmp_path / "jpeg").mkdir()
    cv2.imwrite(str(tmp_path / "jpeg" / "0.jpg"), all_ids()[0])
    with pytest.raises(VideoError, match=r"0\.jpg: JPEG alters ids"):
        open_ids(tmp_path / "jpeg")
    each(lambda path, ids: cv2.imwrite(path, np.repeat(ids[..., None].astype(np.uint16), 3, axis=-1)))(
        tmp_path / "deep", all_ids()
    )
    with pytest.raises(VideoError, match=r"0\.png: its RGB pixels are not ids"):
        open_ids(tmp_path / "deep")
    (tmp_path / "float").mkdir()
    Image.fromarray(all_ids()[0].astype(np.float32)).save(tmp_path / "float" / "0.tif")
    with pytest.raises(VideoError, match=r"0\.tif: its F pixels are not ids"):
        open_labels(tmp_path / "float")


def test_a_video_of_16_bits_is_refused_rather_than_rounded(tmp_path: Path) -> None:
    path = tmp_path / "deep.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "gray16le"
        for ids in instances(16):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(ids.astype(np.uint16), format="gray16le")))
        container.mux(stream.encode(None))
    for look in (open_ids, open_labels, lambda path: next(stream_ids(path))):
        with pytest.raises(VideoError, match=r"deep\.mkv: its pixels are gray16le, .*write_ids"):
            look(path)


def test_a_colour_picture_is_no_label_map(tmp_path: Path) -> None:
    frames = np.zeros((3, 4, 5, 3), dtype=np.uint8)
    frames[1, 2, 2, 1] = 1
    with pytest.raises(VideoError, match=r"labels\.mkv: frame 11 is not a label map.*write_labels"):
        as_labels(frames, tmp_path / "labels.mkv", first=10)
    assert as_labels(frames[:1], tmp_path).shape == (1, 4, 5)


def test_ids_use_all_channels() -> None:
    pixels = np.array([[[[1, 2, 3], [255, 255, 255]]]], dtype=np.uint8)
    np.testing.assert_array_equal(as_ids(pixels), [[[1 + 2 * 256 + 3 * 65536, 2**24 - 1]]])


def test_a_header_without_a_pixel_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Header, "read", lambda path: Header(25.0, 3))
    with pytest.raises(VideoError, match="does not say what its pixels are"):
        next(stream_labels(tmp_path / "a.mkv"))
