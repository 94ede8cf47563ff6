"""Answers about files are computed once, and again when the file changes."""

import os
from pathlib import Path

import pytest

from vid2vid.data.formats.file_cache import cached_file_answer
from vid2vid.errors import DataError


def test_an_answer_is_computed_once_until_the_file_changes(tmp_path: Path, cache: Path) -> None:
    path, asked = tmp_path / "a.txt", []
    path.write_text("one")

    def size(path: Path) -> int:
        asked.append(path)
        return path.stat().st_size

    assert [cached_file_answer(path, "size", cache, size) for _ in range(2)] == [3, 3]
    assert len(asked) == 1
    # another question about the same file
    assert cached_file_answer(path, "name", cache, lambda path: path.name) == "a.txt"
    path.write_text("three")
    assert cached_file_answer(path, "size", cache, size) == 5


def test_an_answer_is_kept_for_the_names_and_the_content_of_the_frames(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()

    def kept() -> int:
        cached_file_answer(folder, "size", cache, lambda _: 0)
        return len(list((cache / "size").iterdir()))

    (folder / "0.png").write_bytes(b"a")
    assert kept() == 1
    (folder / "1.png").write_bytes(b"a")
    assert kept() == 2
    (folder / "1.png").rename(folder / "2.png")
    assert kept() == 3
    state = (folder / "2.png").stat()
    (folder / "2.png").write_bytes(b"b")
    os.utime(folder / "2.png", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert kept() == 4
    # other files of the folder do not count
    (folder / "notes.md").write_text("")
    assert kept() == 4


def test_what_is_missing_or_damaged_is_named(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.png: there is no such file"):
        cached_file_answer(tmp_path / "gone.png", "size", cache, lambda _: 0)
    path = tmp_path / "a.txt"
    path.write_text("")
    cached_file_answer(path, "size", cache, lambda _: 0)
    (place,) = (cache / "size").iterdir()
    place.write_text("{")
    with pytest.raises(DataError, match=rf"{place.name}: is not a cached answer .* delete it"):
        cached_file_answer(path, "size", cache, lambda _: 0)
