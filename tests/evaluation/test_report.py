"""Reports: content, tables and files."""

import json
import math
from pathlib import Path

import cv2
import pytest

from vid2vid.errors import ConfigError
from vid2vid.evaluation import report as report_module
from vid2vid.evaluation.report import Report, check_names
from vid2vid.metrics.bootstrap import Figure, Figures, mean_figure, paired_difference


def psnr(**clips: list[float]) -> Figures:
    """Figures of models by their values of the clips."""
    found: Figures = {}
    for name, values in clips.items():
        figure = mean_figure(values, 2000)
        assert figure is not None
        found[name] = {"psnr": figure}
    return found


@pytest.fixture
def report() -> Report:
    """Two models, a baseline and the real video."""
    figures: Figures = {
        "frozen": {"psnr": Figure(30.0), "warping_error": Figure(0.01)},
        "real": {"warping_error": Figure(0.02, (0.01, 0.03)), "detail": Figure(1.0)},
        "good": {"psnr": Figure(25.123, (24.0, 26.0)), "warping_error": Figure(0.02), "detail": Figure(1.1)},
        "bad": {"psnr": Figure(20.0), "warping_error": Figure(0.04), "detail": Figure(0.5)},
    }
    curves = {"psnr": {"good": [25.0, math.nan], "frozen": [30.0, 29.0]}}
    return Report(["bad", "good"], ["frozen"], figures, curves, ["a note"], 2, {"clips": 3})


def test_the_tables_say_what_is_better_and_which_model_is_best(report: Report) -> None:
    lines = report.markdown().splitlines()
    assert lines[2] == "|  | PSNR dB ↑ | warping error ↓ | detail → 1 |"
    rows = {line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ")[1:] for line in lines[4:8]}
    assert list(rows) == ["bad", "good", "frozen", "real"]
    # baselines and the real video are no models that could be best
    assert rows["good"] == ["**25.12** (24.00 – 26.00)", "**0.0200**", "**1.100**"]
    assert not any("**" in cell for name in ("bad", "frozen", "real") for cell in rows[name])
    assert report.best() == dict.fromkeys(["psnr", "warping_error", "detail"], "good")
    assert lines[-1] == "- a note"
    printed = report.text().splitlines()
    assert [line.split()[0] for line in printed[1:5]] == list(rows)
    assert len({len(line) for line in printed[:5]}) == 1
    assert printed[4].split() == ["real", "-", "0.0200", "1.000"]
    assert printed[5:] == ["a note"]


def test_the_content_has_the_real_videos_warping_error_beside_each_models(report: Report) -> None:
    content = report.content()
    assert content["good"]["warping_error_real"] == content["frozen"]["warping_error_real"] == 0.02
    assert "warping_error_real" not in content["real"]
    assert content["intervals"] == {
        "bad": {},
        "good": {"psnr": [24, 26]},
        "frozen": {},
        "real": {"warping_error": [0.01, 0.03]},
    }
    assert content["curves"] == {"psnr": {"good": [25, None], "frozen": [30, 29]}}
    assert (content["clips"], content["notes"]) == (3, ["a note"])


@pytest.mark.parametrize("plots", [True, False])
def test_files_are_written(report: Report, tmp_path: Path, plots: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not plots:
        monkeypatch.setattr(report_module, "can_plot", lambda: False)
    report.save(tmp_path)
    assert json.loads((tmp_path / "metrics.json").read_text()) == report.content()
    assert (tmp_path / "metrics.md").read_text() == report.markdown()
    assert (cv2.imread(str(tmp_path / "curves.png")) is not None) == plots


def test_differences_stand_in_the_files() -> None:
    figures = psnr(a=[20.0, math.nan, 22.0, 24.0], b=[21.0, 5.0, 23.1, 25.2])
    difference = paired_difference(figures["b"]["psnr"], figures["a"]["psnr"], 500)
    assert difference is not None
    report = Report(["a", "b"], [], figures, {}, [], 2, {"clips": 4}, {"b": {"psnr": difference}})
    content = report.content()
    assert content["per_clip"]["a"]["psnr"] == [20.0, None, 22.0, 24.0]
    apart = content["differences"]["b"]["psnr"]
    assert apart["value"] == pytest.approx(1.1)
    low, high = apart["interval"]
    lines = report.markdown().splitlines()
    told = lines.index("Differences from a on the same clips; bold where the interval leaves out 0.")
    assert lines[told + 4] == f"| b | **+1.10** ({low:+.2f} to {high:+.2f}) |"


def test_without_differences_there_is_one_table() -> None:
    assert "Differences" not in Report(["a"], [], psnr(a=[20.0, 22.0]), {}, [], 2, {"clips": 2}).markdown()


@pytest.mark.parametrize("names", [["real"], ["a", "a"], [""], ["curves"], ["nearest"]])
def test_names_that_stand_for_something_else_are_refused(names: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"cannot be the name of a model|'a' is the name of two models"):
        check_names(names)
    check_names(["a", "b"])
