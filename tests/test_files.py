"""Files that are found at two places."""

from pathlib import Path

import pytest

from vid2vid.files import duplicate


def test_a_duplicate_takes_no_room_and_replaces_what_was_there(tmp_path: Path) -> None:
    source, path = tmp_path / "a", tmp_path / "folder" / "b"
    for text in ("first", "second"):
        source.unlink(missing_ok=True)
        source.write_text(text)
        duplicate(source, path)
        assert path.read_text() == text
        assert path.samefile(source)
    assert [entry.name for entry in path.parent.iterdir()] == ["b"]


def test_where_files_have_one_name_only_it_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted", str(target))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    source, path = tmp_path / "a", tmp_path / "b"
    source.write_text("text")
    duplicate(source, path)
    assert path.read_text() == "text"
    assert not path.samefile(source)
