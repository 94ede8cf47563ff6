"""Atomic writing, hard links, protection of inputs, damaged JSON, and the cache folder."""

import errno
import os
import re
from pathlib import Path

import pytest

from vid2vid.errors import ConfigError
from vid2vid.files import (
    cache_folder,
    duplicate,
    naming,
    parse_json,
    refuse_overwriting,
    remove_partials,
    write_bytes,
    write_text,
)


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


def test_the_cache_is_where_the_settings_or_the_environment_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VID2VID_CACHE", "/elsewhere")
    assert cache_folder("~/mine") == Path("~/mine").expanduser()
    assert cache_folder() == Path("/elsewhere")
    monkeypatch.delenv("VID2VID_CACHE")
    assert cache_folder() == Path("~/.cache/vid2vid").expanduser()


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in a folder, beside a folder of frames; links lead to both."""
    monkeypatch.chdir(tmp_path)
    for name in ("videos/mine.mp4", "frames/1.png", "frames/2.png"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    Path("link.mp4").symlink_to("videos/mine.mp4")
    Path("hard.mp4").hardlink_to("videos/mine.mp4")
    Path("there").symlink_to("videos")
    return Path("videos/mine.mp4")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("videos/mine.mp4", "videos/mine.mp4"),
        ("videos/../videos/mine.mp4", "videos/mine.mp4"),
        ("videos/mine.mp4", "link.mp4"),
        ("link.mp4", "videos/mine.mp4"),
        ("hard.mp4", "videos/mine.mp4"),
        ("there/mine.mp4", "videos/mine.mp4"),
        ("videos/mine.mp4", "vid*/m*.mp4"),
        ("videos", "videos/mine.mp4"),
        ("videos", "link.mp4"),
        ("frames/1.png", "frames/*.png"),
        ("frames/3.png", "frames"),
        ("frames", "frames"),
    ],
)
def test_what_is_read_is_not_written_over(mine: Path, written: str, read: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{re.escape(written)}: would be .* is read; choose another place for it"):
        refuse_overwriting([Path("new.mp4"), Path(written)], [None, 3, "no.mp4", read])
    with pytest.raises(ConfigError, match="is read; choose another place"):
        refuse_overwriting([Path(written).absolute()], [Path(read)])
    assert mine.exists()


@pytest.mark.usefixtures("mine")
def test_other_files_may_be_written() -> None:
    read = ["videos/mine.mp4", "frames", "-", "a[.mp4", "x" * 5000]
    refuse_overwriting([Path(name) for name in ("videos/new.mp4", "new/1.png", "videos/new", "frames.mp4", "-")], read)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "9" * 5000, "{", ""])
def test_damaged_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_json(text)
    assert parse_json('{"a": [1]}') == {"a": [1]}
