"""Digests of the content of files and folders."""

import os
from pathlib import Path

import pytest

from vid2vid.digests import content_digest, file_sha256, sample_digest
from vid2vid.files import write_bytes, write_text


def test_digests_depend_on_content_and_names_not_on_paths_and_times(tmp_path: Path) -> None:
    folder, file = tmp_path / "images", tmp_path / "images" / "0.png"
    write_text(file, "one")
    one = content_digest(file), content_digest(folder, [file])
    os.utime(file, ns=(0, 1))
    assert (content_digest(file), content_digest(folder, [file])) == one
    elsewhere = tmp_path / "copy" / "0.png"
    write_text(elsewhere, "one")
    assert (content_digest(elsewhere), content_digest(elsewhere.parent, [elsewhere])) == one
    renamed = file.rename(folder / "1.png")
    assert content_digest(renamed) == one[0]
    assert content_digest(folder, [renamed]) != one[1]
    assert all(len(digest) == 16 for digest in one)
    # a folder, such as an empty one, has no content of its own
    assert len(content_digest(folder)) == 16


@pytest.mark.parametrize("size", [100, 5 * 2**20, 70 * 2**20])
def test_changed_content_of_the_same_size_and_time_is_noticed(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "a.bin"
    digests = []
    for value in (1, 2):
        write_bytes(file, bytes([value]) * size)
        # long ago, so that digests are remembered and cached
        os.utime(file, ns=(0, 10**18))
        monkeypatch.setattr("vid2vid.digests.time.time_ns", lambda: 10**20)
        digests += [content_digest(file), content_digest(file)]
    assert digests[0] == digests[1] != digests[2] == digests[3]
    assert len(list((tmp_path / "cache").rglob("*.txt"))) == (0 if size == 100 else 2)


def test_a_large_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("vid2vid.digests.time.time_ns", lambda: 10**20)
    file = tmp_path / "a.bin"
    write_bytes(file, bytes(5 * 2**20))
    digest = content_digest(file)

    def refuse(*args: object) -> str:
        raise AssertionError("read again")

    monkeypatch.setattr("vid2vid.digests._read_digest", refuse)
    assert content_digest(file) == digest
    # another process finds it in the cache
    monkeypatch.setattr("vid2vid.digests._known", {})
    assert content_digest(file) == digest


def test_samples_tell_files_apart(tmp_path: Path) -> None:
    files = []
    for i in range(2):
        files.append(tmp_path / f"{i}" / "a.bin")
        write_bytes(files[i], bytes(2**20) + bytes([i]))
    assert sample_digest(files[:1]) != sample_digest(files[1:])
    assert sample_digest(files) != sample_digest(files[:1])


def test_the_sha256_of_a_file_is_that_of_its_content(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "abc")
    # the first example of FIPS 180-2
    assert file_sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
