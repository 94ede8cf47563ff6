"""Answers about files are computed once, and again when the file changes."""

import os
from pathlib import Path

import pytest

from vid2vid.data.formats.file_cache import cached_answer, path_key
from vid2vid.errors import DataError


def test_an_answer_is_computed_once_until_the_file_changes(tmp_path: Path, cache: Path) -> None:
    path, asked = tmp_path / "a.txt", []
    path.write_text("one")

    def size(path: Path) -> int:
        asked.append(path)
        return path.stat().st_size

    assert [cached_answer(path, "size", cache, size) for _ in range(2)] == [3, 3]
    assert len(asked) == 1
    # another question about the same file
    assert cached_answer(path, "name", cache, lambda path: path.name) == "a.txt"
    path.write_text("three")
    assert cached_answer(path, "size", cache, size) == 5


def test_the_key_tells_names_and_content(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "0.png").write_bytes(b"a")
    keys = {path_key(folder)}
    (folder / "1.png").write_bytes(b"a")
    keys.add(path_key(folder))
    (folder / "1.png").rename(folder / "2.png")
    keys.add(path_key(folder))
    state = (folder / "2.png").stat()
    (folder / "2.png").write_bytes(b"b")
    os.utime(folder / "2.png", ns=(state.st_atime_ns, state.st_mtime_ns))
    keys.add(path_key(folder))
    assert len(keys) == 4
    # other files of the folder do not count
    (folder / "notes.md").write_text("")
    assert path_key(folder) in keys


def test_what_is_missing_or_damaged_is_named(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.png: cannot be read"):
        path_key(tmp_path / "gone.png")
    path = tmp_path / "a.txt"
    path.write_text("")
    cached_answer(path, "size", cache, lambda _: 0)
    (place,) = (cache / "size").iterdir()
    place.write_text("{")
    with pytest.raises(DataError, match=rf"{place.name}: is not an entry of the cache .* delete it"):
        cached_answer(path, "size", cache, lambda _: 0)
