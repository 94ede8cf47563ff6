"""Atomic writing, hard links, and the keys and the folder of caches."""

import errno
import os
from pathlib import Path

import pytest

from vid2vid.files import cache_folder, duplicate, naming, remove_partials, state_digest, write_bytes, write_text


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_text(path, "Käse")
    assert path.read_bytes() == "Käse".encode()
    write_bytes(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_older_file_and_no_partial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "first")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*a\.txt'"):
        write_text(path, "second")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_only_errors_without_a_file_name_get_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, naming(tmp_path / "a"):
        (tmp_path / "b").read_bytes()
    assert str(caught.value.filename).endswith("b")
    with pytest.raises(OSError, match=r"disk full: '.*a'"), naming(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "disk full")


def test_partial_files_of_killed_writers_are_removed(tmp_path: Path) -> None:
    for name in (".a.txt.0123abcd.partial", ".b.partial", "c.partial", ".hidden"):
        (tmp_path / name).touch()
    remove_partials(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "c.partial"]


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


def test_digests_change_with_place_name_size_and_time(tmp_path: Path) -> None:
    folder, file = tmp_path / "images", tmp_path / "images" / "0.png"
    write_text(file, "one")
    digests = [state_digest(file), state_digest(folder, [file])]
    os.utime(file, ns=(0, 1))
    digests += [state_digest(file), state_digest(folder, [file])]
    write_text(file, "three")
    os.utime(file, ns=(0, 1))
    digests += [state_digest(file), state_digest(folder, [file])]
    renamed = file.rename(folder / "1.png")
    digests += [state_digest(renamed), state_digest(folder, [renamed])]
    assert len(set(digests)) == len(digests)
    assert state_digest(renamed) == digests[-2]
    assert all(len(digest) == 16 for digest in digests)


def test_the_cache_is_where_the_settings_or_the_environment_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VID2VID_CACHE", "/elsewhere")
    assert cache_folder("~/mine") == Path("~/mine").expanduser()
    assert cache_folder() == Path("/elsewhere")
    monkeypatch.delenv("VID2VID_CACHE")
    assert cache_folder() == Path("~/.cache/vid2vid").expanduser()
