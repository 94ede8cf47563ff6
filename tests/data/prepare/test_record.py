"""Records of prepared videos: written, read again, complete only with all files, and never half understood."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vid2vid.data.prepare import Record
from vid2vid.errors import DataError


@pytest.fixture
def record(tmp_path: Path) -> Record:
    for name in ("a.mp4", "a.npz"):
        (tmp_path / name).touch()
    made_of = {"format": 2, "edge_thresholds": [60, 150]}
    return Record("a", made_of, str(tmp_path / "a.mp4"), 25.0, [(0, 5), (7, 9)], str(tmp_path / "a.npz"), report="r")


def test_what_was_saved_is_loaded(record: Record, tmp_path: Path) -> None:
    record.save(tmp_path / "videos" / "a.json")
    assert Record.load(tmp_path / "videos" / "a.json") == record
    assert Record.load(tmp_path / "videos" / "b.json") is None


def test_it_is_complete_only_with_all_its_files(record: Record, tmp_path: Path) -> None:
    assert record.complete
    assert not replace(record, foreground=str(tmp_path / "foreground.mkv")).complete
    (tmp_path / "a.npz").unlink()
    assert not record.complete


@pytest.mark.parametrize("text", [json.dumps({"name": "a"}), "{", json.dumps(["a"])])
def test_a_damaged_record_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"a\.json: is not a record of a video.*delete it"):
        Record.load(path)
