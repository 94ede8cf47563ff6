"""Curves over time, drawn."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from vid2vid.errors import MissingExtraError
from vid2vid.visual.curves import POINTS, Panel, _thinned, save_curves

PANELS = [
    Panel("PSNR", {"a": [20.0, 21.0, 19.0], "b": [18.0, 18.0, 18.0]}, {"frozen": [12.0, 11.0, 10.0]}),
    Panel("warping error", {"a": [float("nan"), 0.1, 0.2]}, {}),
]


def test_curves_are_drawn(tmp_path: Path) -> None:
    save_curves(tmp_path / "new" / "curves.png", PANELS, first_frame=2)
    picture = cv2.imread(str(tmp_path / "new" / "curves.png"))
    assert picture is not None
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["curves.png"]
    # of two measures twice as high as of one, and in the colours of the curves
    save_curves(tmp_path / "one.png", PANELS[:1])
    single = cv2.imread(str(tmp_path / "one.png"))
    assert single is not None
    assert picture.shape[0] == pytest.approx(2 * single.shape[0], abs=2)
    colours = single.reshape(-1, 3)[:, ::-1]
    for colour in ((31, 119, 180), (255, 127, 14), (44, 160, 44)):
        assert (np.abs(colours.astype(int) - colour).max(axis=1) < 12).sum() > 20


def test_of_long_curves_means_are_drawn() -> None:
    frames, values = _thinned([5.0, 7.0], 2)
    assert (frames.tolist(), values.tolist()) == ([2, 3], [5, 7])
    long = [*range(4 * POINTS - 1), float("nan")]
    frames, values = _thinned(long, 10)
    assert frames.tolist() == [10 + 4 * i + 1.5 for i in range(POINTS)]
    assert values[:2].tolist() == [1.5, 5.5]
    # of the last four one is not known
    assert values[-1] == pytest.approx(4 * POINTS - 3)
    assert np.isnan(_thinned([float("nan")] * 2 * POINTS, 0)[1]).all()


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vid2vid\[plots\]'"):
        save_curves(tmp_path / "curves.png", PANELS)
