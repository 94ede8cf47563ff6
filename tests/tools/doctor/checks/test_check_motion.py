"""The reference flow: trusted or not, large motion, missing flows."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vid2vid.flow.store import FlowStore

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder


def test_healthy_motion_is_trusted(builder: "DatasetBuilder") -> None:
    builder.examine()
    assert not builder.found("unclear_motion")
    assert not builder.found("large_motion")


def test_frames_that_have_nothing_in_common_cannot_be_followed(builder: "DatasetBuilder") -> None:
    frames = np.concatenate([builder.film(1, seed) for seed in range(30)])
    builder.add("a", target=frames, frames=30, source=builder.label_film(30))
    builder.examine()
    finding = builder.one("unclear_motion")
    assert finding.severity == "warning"
    assert "(5 pairs of frames)" in finding.what


def test_large_motion_of_a_flow_that_the_data_brings(builder: "DatasetBuilder", tmp_path: Path) -> None:
    vectors, confidence = np.zeros((9, 2, 32, 48), np.float32), np.ones((9, 1, 32, 48), np.float32)
    vectors[:, 0, 8:] = 10
    FlowStore(tmp_path / "flow").write(1, vectors, confidence)
    builder.add("a", flow=tmp_path / "flow")
    builder.examine()
    assert "by 21% of the width" in builder.one("large_motion").what
    # the crop has half of the width
    builder.examine(crop=[0, 0, 32, 24])
    assert "by 42% of the width" in builder.one("large_motion").what


def test_a_flow_that_is_missing_is_named(builder: "DatasetBuilder", tmp_path: Path) -> None:
    builder.add("a", flow=tmp_path / "nowhere")
    builder.examine()
    assert builder.one("reading").where.endswith("1.flow.npy")
