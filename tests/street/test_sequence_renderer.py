"""A sequence on disk: complete, or not marked as done."""

from pathlib import Path

import numpy as np
import pytest

from vid2vid.flow.store import FlowStore
from vid2vid.street import Street, sequence_renderer
from vid2vid.street.sequence_renderer import RenderJob, render_sequence
from vid2vid.video import open_frames, open_labels


def job(root: Path, strides: tuple[int, ...] = (1,)) -> RenderJob:
    return RenderJob(root, "val-00000", "val", 7, (16, 32), 3, 10.0, strides)


def test_files_hold_what_the_street_shows(tmp_path: Path) -> None:
    done = job(tmp_path)
    assert render_sequence(done) == 3
    assert done.marker.is_file()
    assert set(done.files) == {"target", "source", "instance", "depth", "flow"}
    assert all(path.exists() for path in done.files.values())
    street = Street(7, 16, 32)
    labels = open_labels(done.files["source"]).read([2])
    np.testing.assert_array_equal(labels[0], street.render(2).label)
    assert len(open_frames(done.files["target"])) == 3
    vectors, _ = FlowStore(done.files["flow"]).read(1, 0, 2)
    expected, seen = street.flow(2, 1)
    np.testing.assert_allclose(vectors[1][:, seen], expected[:, seen], rtol=1e-3, atol=1e-3)
    assert not list(tmp_path.glob(".*"))


def test_without_strides_there_is_no_flow(tmp_path: Path) -> None:
    plain = job(tmp_path, ())
    render_sequence(plain)
    assert "flow" not in plain.files
    assert not (tmp_path / "flow").exists()


def test_a_failure_leaves_nothing_marked_or_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(sequence_renderer, "write_ids", fail)
    with pytest.raises(OSError, match="disk full"):
        render_sequence(job(tmp_path))
    assert not list(tmp_path.iterdir())
