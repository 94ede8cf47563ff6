"""Lossless copies: upright, bit for bit, and only of files that need one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import (
    copying,
    exact_path,
    inspect,
    safe_copy,
    stream_frames,
    write_frames,
    write_ids,
    write_labels,
    write_video,
)

Encode = Callable[..., Path]
Frames = list[NDArray[np.uint8]]


def test_our_own_files_are_exact(moving: Frames, tmp_path: Path) -> None:
    ids = np.random.default_rng(6).integers(0, 256, (20, 24, 72))
    write_labels(tmp_path / "labels.mkv", ids.astype(np.uint8), fps=25)
    write_ids(tmp_path / "ids.mkv", ids * 999, fps=25)
    write_video(tmp_path / "video.mp4", moving, fps=25)
    write_frames(tmp_path / "frames", moving[:3])
    for name in ("labels.mkv", "ids.mkv", "video.mp4", "frames"):
        assert exact_path(tmp_path / name, tmp_path / "cache") == tmp_path / name
    assert inspect(tmp_path / "frames").frames == 3


@pytest.mark.parametrize("ending", [".mkv", ".avi", ".mp4"])
def test_cut_files_are_refused(encode: Encode, ending: str, tmp_path: Path) -> None:
    path = encode(tmp_path / f"cut{ending}", "libx264", {"g": "12"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(VideoError, match=rf"cut\{ending}: .*(cut short|damaged)"):
        exact_path(path, tmp_path / "cache")


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
@pytest.mark.parametrize(("pixels", "ending"), [("yuv420p", ".mp4"), ("yuv444p", ".mp4"), ("bgr0", ".mkv")])
def test_a_copy_holds_the_same_upright_frames(
    encode: Encode, rotation: int, pixels: str, ending: str, tmp_path: Path
) -> None:
    codec = "ffv1" if pixels == "bgr0" else "libx264"
    path = encode(tmp_path / f"a.{'mkv' if codec == 'ffv1' else 'mp4'}", codec, pixels=pixels, rotation=rotation)
    copy = safe_copy(path, tmp_path / "copies", fps=10)
    # only 4:2:0 can be rotated in its own pixel format
    assert copy.suffix == (".mkv" if pixels == "yuv444p" and rotation else ending)
    np.testing.assert_array_equal(np.stack(list(stream_frames(copy))), np.stack(list(stream_frames(path))))
    assert inspect(copy).fps == pytest.approx(10)
    made = copy.stat().st_mtime_ns
    assert safe_copy(path, tmp_path / "copies", fps=10) == copy
    assert copy.stat().st_mtime_ns == made


def test_a_copy_at_another_rate_or_of_another_format_is_another_file(
    encode: Encode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(tmp_path / "a.mp4", "libx264")
    copies = {safe_copy(path, tmp_path / "copies", fps=fps) for fps in (10, 20)}
    assert {round(inspect(copy).fps) for copy in copies} == {10, 20}
    monkeypatch.setattr(copying, "FORMAT", "next")
    assert safe_copy(path, tmp_path / "copies", fps=10) not in copies
