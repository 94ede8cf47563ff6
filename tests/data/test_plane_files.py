"""The channels of files that hold a plane: those that are named, or those that fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vid2vid.condition import PLANES, Plane, planes_of
from vid2vid.data.plane_files import chosen_channels, fitting_channels, listed, read_file
from vid2vid.data.planes import PlaneFrames
from vid2vid.errors import DataError
from vid2vid.video import write_colours, write_frames, write_numbers

FILE = Path("a.exr")


@pytest.mark.parametrize(
    ("plane", "names", "wanted"),
    [
        ("depth", ["R", "G", "B", "Z"], ["Z"]),
        ("depth", ["View.Depth.Z", "View.Normals.Z", "View.Normals.X", "View.Normals.Y"], ["View.Depth.Z"]),
        ("depth", ["depth", "Z"], ["depth"]),
        ("depth", ["whatever"], ["whatever"]),
        ("normals", ["B", "G", "R", "A"], ["R", "G", "B"]),
        ("normals", ["normals.Z", "normals.Y", "normals.X", "R", "G", "B"], ["normals.X", "normals.Y", "normals.Z"]),
        ({"name": "depth", "channel": "N.Z"}, ["N.Z", "Z"], ["N.Z"]),
    ],
)
def test_the_channels_of_an_exr_are_found(plane: Any, names: list[str], wanted: list[str]) -> None:  # noqa: ANN401
    assert fitting_channels(names, planes_of([plane])[0], FILE) == wanted


@pytest.mark.parametrize(
    ("plane", "names", "message"),
    [
        (PLANES["depth"], ["one", "two"], r"which of its channels one, two hold the plane 'depth'; .*channel:\[one\]"),
        (PLANES["depth"], ["L.depth.Z", "R.depth.Z"], "it is not clear which"),
        (Plane("depth", channel=["Q"]), ["Z"], "has no channel 'Q', which data.planes names for 'depth'; it has Z"),
    ],
)
def test_unclear_channels_are_refused(plane: Plane, names: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        fitting_channels(names, plane, FILE)


def test_one_channel_of_a_picture_array_or_video(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 4, 6, 3), np.uint8)
    wet = planes_of([{"name": "wetness", "channel": "G"}])[0]
    write_frames(tmp_path / "png", pictures)
    write_colours(tmp_path / "a.mkv", pictures, 10)
    write_numbers(tmp_path / "deep.mkv", pictures.astype(np.uint16) * 257, 10)
    for place in ("png", "a.mkv", "deep.mkv"):
        read = PlaneFrames(tmp_path / place, wet).read([1])[0, 0]
        np.testing.assert_allclose(read, pictures[1, ..., 1] / 255, atol=1e-6, err_msg=place)
    second = planes_of([{"name": "wetness", "channel": ["1"]}])[0]
    assert chosen_channels(pictures[0], second, tmp_path).shape == (4, 6, 1)
    with pytest.raises(DataError, match=r"has no channel 'G', .* it has R, 0"):
        chosen_channels(pictures[0, ..., 0], wet, tmp_path)


def test_depth_in_exr_with_a_sky_without_end(tmp_path: Path) -> None:
    exr: Any = pytest.importorskip("OpenEXR")
    depth = np.full((4, 6), 250, np.float32)
    depth[0, 0] = np.inf
    with exr.File({"type": exr.scanlineimage}, {"depth.Z": depth, "R": depth}) as file:
        file.write(str(tmp_path / "7.exr"))
    assert [path.name for path in listed(tmp_path)] == ["7.exr"]
    with pytest.raises(DataError, match=r"7\.exr: frame 0 of the plane 'depth' has inf at row 0, column 0.*missing:"):
        PlaneFrames(tmp_path, PLANES["depth"])
    (metres,) = planes_of([{"name": "depth", "factor": 0.01, "missing": 1000}])
    read = PlaneFrames(tmp_path, metres).read([0])[0, 0]
    np.testing.assert_allclose(read, np.where(np.isinf(depth), 1000, 2.5))
    assert read_file(tmp_path / "7.exr", metres).largest == 0
