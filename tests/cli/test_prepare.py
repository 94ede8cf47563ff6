"""A data set in a layout of its own, through the command line."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from vid2vid.data.manifest import Manifest
from vid2vid.video import stream_frames, write_frames


@pytest.fixture
def pairs(street_root: Path, tmp_path: Path) -> Path:
    """Two rendered streets as folders of label maps beside folders of frames."""
    root = tmp_path / "pairs"
    for sequence in Manifest.load(street_root).sequences[:2]:
        write_frames(root / "target" / sequence.name, stream_frames(sequence.target))
        write_frames(root / "source" / sequence.name, (frame[..., 0] for frame in stream_frames(sequence.source)))
    return root


def test_a_folder_is_prepared(vid2vid: Callable[..., CompletedProcess[str]], pairs: Path) -> None:
    done = vid2vid("prepare", "data=folder", f"data.path={pairs}", "data.clip_frames=4", "data.flow_strides=[1]")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "train: 1 sequences, 12 frames\nval: 1 sequences, 12 frames\n"


def test_mistakes_are_told_in_a_line(vid2vid: Callable[..., CompletedProcess[str]], pairs: Path) -> None:
    name = sorted(path.name for path in (pairs / "source").iterdir())[0]
    (pairs / "source" / name / "000007.png").unlink()
    done = vid2vid("prepare", "data=folder", f"data.path={pairs}")
    assert done.returncode == 2
    assert "000008.png: is file number 7 of its folder" in done.stderr
    assert "Traceback" not in done.stderr
    done = vid2vid("prepare", "data=folder", f"data.path={pairs / 'source'}")
    assert done.returncode == 2
    assert "has none of the known data-set formats" in done.stderr
