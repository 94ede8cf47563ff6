"""Channels of OpenEXR images come back by name; what is damaged, cropped or too large is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.exr_images import read_exr

exr: Any = pytest.importorskip("OpenEXR")
RAMP = np.arange(48, dtype=np.float32).reshape(6, 8)


def write(path: Path, channels: dict[str, NDArray[Any]], **header: Any) -> Path:  # noqa: ANN401
    with exr.File({"compression": exr.ZIP_COMPRESSION, "type": exr.scanlineimage, **header}, channels) as file:
        file.write(str(path))
    return path


def test_channels_are_read_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", {"Z": RAMP, "N.X": (RAMP / 64).astype(np.float16), "id": RAMP.astype(np.uint32)})
    found = read_exr(path)
    assert {name: str(channel.dtype) for name, channel in found.items()} == {
        "Z": "float32",
        "N.X": "float16",
        "id": "uint32",
    }
    np.testing.assert_array_equal(found["Z"], RAMP)


def test_what_is_no_whole_flat_picture_is_refused(tmp_path: Path) -> None:
    good = write(tmp_path / "a.exr", {"Z": RAMP}).read_bytes()
    for content in (b"", good[:-40], b"\x76\x2f\x31\x01" + bytes(40)):
        (tmp_path / "b.exr").write_bytes(content)
        with pytest.raises(VideoError, match=r"b\.exr: cannot be read as an OpenEXR image"):
            read_exr(tmp_path / "b.exr")
    with pytest.raises(VideoError, match="there is no such file"):
        read_exr(tmp_path / "none.exr")
    # a header that claims 60,000 x 60,000 pixels
    box = np.array([0, 0, 7, 5], "<i4").tobytes()
    (tmp_path / "huge.exr").write_bytes(good.replace(box, np.array([0, 0, 59999, 59999], "<i4").tobytes()))
    with pytest.raises(VideoError, match=r"claims frames of 60000x60000 pixels"):
        read_exr(tmp_path / "huge.exr")
    (tmp_path / "part.exr").write_bytes(
        good.replace(box, np.array([0, 0, 7, 9], "<i4").tobytes()[:16], 2).replace(
            np.array([0, 0, 7, 9], "<i4").tobytes(), box, 1
        )
    )
    with pytest.raises(VideoError, match="its data window differs from its display window"):
        read_exr(tmp_path / "part.exr")
