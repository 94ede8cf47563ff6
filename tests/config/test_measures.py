"""The registry of measures: headings, classes, and the table of docs/evaluation.md."""

import math
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

from vid2vid.config import MEASURES
from vid2vid.config.measures import help_lines, measure_of, ordered_columns, split_column
from vid2vid.metrics.clip_metric import VideoMetric

DOCS = Path(__file__).parents[2] / "docs" / "evaluation.md"


def test_headings_tell_which_way_is_better() -> None:
    assert MEASURES["psnr"].heading == "PSNR dB ↑"
    assert MEASURES["flow_difference"].heading == "tOF px ↓"
    assert MEASURES["detail"].heading == "detail → 1"


def test_a_column_of_a_class_has_the_class_in_its_heading() -> None:
    assert split_column("iou/traffic/light") == ("iou", "traffic/light")
    assert split_column("psnr") == ("psnr", "")
    assert measure_of("iou/car").heading == "IoU car ↑"
    assert measure_of("psnr") == MEASURES["psnr"]


def test_columns_stand_in_the_order_of_the_registry_and_classes_in_their_own() -> None:
    names = ["keypoint_error", "iou/person", "clips", "psnr", "iou/car", "psnr", "warping_error_real"]
    assert ordered_columns(names) == ["psnr", "iou/person", "iou/car", "keypoint_error"]


def test_the_best_value_is_the_nearest_to_what_would_be_best() -> None:
    values = {"a": 0.5, "b": 0.9, "c": 1.2}
    assert (MEASURES["psnr"].best(values), MEASURES["warping_error"].best(values)) == ("c", "a")
    assert MEASURES["detail"].best(values) == "b"


@pytest.mark.parametrize("name", MEASURES)
def test_each_measure_has_a_class_that_computes_it_and_agrees_on_which_way_is_better(name: str) -> None:
    entry = MEASURES[name]
    metric = resolve_name(entry.metric)
    assert issubclass(metric, VideoMetric)
    assert name in metric.measures
    if metric.higher_is_better is not None:
        assert metric.higher_is_better == math.isinf(entry.best_value)


def test_the_docs_have_a_row_for_each_measure_in_the_words_of_the_registry() -> None:
    text = DOCS.read_text(encoding="utf-8")
    rows = [tuple(line.strip("| ").split(" | ")) for line in text.splitlines() if re.match(r"\| .*[↑↓→]", line)]
    wanted = [
        (entry.heading, f"`{name}`", entry.summary, f"`{entry.metric.partition(':')[2]}`", entry.needs)
        for name, entry in MEASURES.items()
    ]
    assert rows == wanted


def test_the_help_has_a_line_for_each_measure() -> None:
    lines = help_lines()
    assert len(lines) == len(MEASURES)
    for line, entry in zip(lines, MEASURES.values(), strict=True):
        assert line.startswith(f"{entry.heading}: {entry.summary}".replace("`", ""))
