"""The size at which frames are seen, and the flow that is seen at it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vid2vid.config import GeneratorConfig
from vid2vid.flow.store import FlowStore
from vid2vid.video import write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import Clinic


@pytest.mark.parametrize(
    ("loader", "severity", "what"),
    [
        ({"height": 32, "width": 32}, "warning", "everything 1.50 times higher"),
        ({"height": 16, "width": 48}, "warning", "everything 2.00 times wider"),
        ({"height": 32, "width": 47}, "note", "everything 1.02 times higher"),
        ({"height": 16, "width": 24}, None, ""),
        ({"height": 32, "width": 32, "fit": "crop"}, None, ""),
        ({"height": 32, "width": 32, "crop": [0, 8, 32, 40]}, None, ""),
        ({}, None, ""),
    ],
)
def test_a_change_of_proportions_is_told(
    clinic: "Clinic", loader: dict[str, Any], severity: str | None, what: str
) -> None:
    clinic.add("a")
    clinic.add("b", "val", target=clinic.sequences[0].target)
    clinic.examine(**loader)
    assert [finding.severity for finding in clinic.found("stretched")] == [severity] * bool(severity)
    for finding in clinic.found("stretched"):
        assert what in finding.what
        assert "data.fit=crop" in finding.advice


def test_enlarging_is_told(clinic: "Clinic") -> None:
    clinic.examine(height=64, width=96)
    assert {finding.severity for finding in clinic.found("enlarged")} == {"warning"}
    assert "the frames are enlarged 2.0 times" in clinic.found("enlarged")[0].what
    clinic.examine(height=32, width=48)
    assert not clinic.found("enlarged")


@pytest.mark.parametrize(
    ("generator", "severity", "what"),
    [
        (GeneratorConfig(downsamples=4), None, ""),
        (GeneratorConfig(downsamples=5), "error", "too small for F, which needs more than 32 pixels"),
        (GeneratorConfig(downsamples=3, scales=3), "error", "too small for F"),
    ],
)
def test_frames_too_small_for_f(clinic: "Clinic", generator: GeneratorConfig, severity: str | None, what: str) -> None:
    clinic.examine(generator)
    assert [finding.severity for finding in clinic.found("network_sizes")] == [severity] * bool(severity)
    assert all(what in finding.what for finding in clinic.found("network_sizes"))


def test_padding_inside_of_f_is_noted(clinic: "Clinic") -> None:
    clinic.examine(height=30, width=45)
    finding = clinic.one("network_sizes")
    assert finding.severity == "note"
    assert "padded inside F to multiples of 4" in finding.what
    assert finding.advice == "data.height=32 data.width=44 data.fit=crop would fit."


def test_frames_of_several_sizes(clinic: "Clinic") -> None:
    clinic.add("small", target=clinic.film(height=16, width=24), source=clinic.label_film(height=16, width=24))
    clinic.add("large")
    clinic.examine(batch_size=2)
    assert clinic.one("different_sizes").severity == "error"
    assert "2 sizes: 24 x 16 (small), 48 x 32 (large)" in clinic.one("different_sizes").what
    clinic.examine(batch_size=1)
    assert clinic.one("different_sizes").severity == "note"
    clinic.examine(batch_size=2, height=16, width=24)
    assert not clinic.found("different_sizes")


def test_videos_at_several_rates(clinic: "Clinic", tmp_path: Path) -> None:
    for name, fps in (("a", 25), ("b", 30)):
        write_video(tmp_path / f"{name}.mp4", clinic.film(seed=fps), fps)
        clinic.add(name, target=tmp_path / f"{name}.mp4")
    clinic.examine()
    assert "25 (a), 30 (b)" in clinic.one("different_rates").what


def test_a_crop_outside_of_the_frames_is_an_error(clinic: "Clinic") -> None:
    report = clinic.examine(crop=[0, 0, 64, 48])
    assert report.status() == 2
    assert any("data.crop=[0, 0, 64, 48] lies outside frames of 32 x 48" in f.what for f in report.of("error"))


def test_healthy_motion_is_trusted(clinic: "Clinic") -> None:
    clinic.examine()
    assert not clinic.found("unclear_motion")
    assert not clinic.found("large_motion")


def test_frames_that_have_nothing_in_common_cannot_be_followed(clinic: "Clinic") -> None:
    frames = np.concatenate([clinic.film(1, seed) for seed in range(30)])
    clinic.add("a", target=frames, frames=30, source=clinic.label_film(30))
    clinic.examine()
    finding = clinic.one("unclear_motion")
    assert finding.severity == "warning"
    assert "(5 pairs of frames)" in finding.what


def test_large_motion_of_a_flow_that_the_data_brings(clinic: "Clinic", tmp_path: Path) -> None:
    vectors, confidence = np.zeros((9, 2, 32, 48), np.float32), np.ones((9, 1, 32, 48), np.float32)
    vectors[:, 0, 8:] = 10
    FlowStore(tmp_path / "flow").write(1, vectors, confidence)
    clinic.add("a", flow=tmp_path / "flow")
    clinic.examine()
    assert "by 21% of the width" in clinic.one("large_motion").what
    # the crop has half of the width
    clinic.examine(crop=[0, 0, 32, 24])
    assert "by 42% of the width" in clinic.one("large_motion").what


def test_a_flow_that_is_missing_is_named(clinic: "Clinic", tmp_path: Path) -> None:
    clinic.add("a", flow=tmp_path / "nowhere")
    clinic.examine()
    assert clinic.one("reading").where.endswith("1.flow.npy")
