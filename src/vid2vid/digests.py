"""Digests that identify the content of files and folders, for the keys of caches and records, and SHA-256."""

import hashlib
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from vid2vid.files import cache_folder, write_text

# Files and folders up to this size (bytes) are read whole; of larger ones, samples are read.
_READ_WHOLE = 2**26
# Digests of larger files and folders (bytes) are kept on disk.
_KEPT_FROM = 2**22
# Number of samples of a file, and bytes of each.
_SAMPLES, _SAMPLE = 32, 2**13
# The coarsest resolution of a file system's clock.
_TICK_NS = 2_000_000_000

_known: dict[str, str] = {}


def content_digest(path: Path, files: Iterable[Path] = ()) -> str:
    """Return 16 hexadecimal digits that identify the content of a file or folder, for the keys of caches and records.

    The digest depends on the content and on the names of a folder's files, but not on the path: a copy elsewhere has
    the same digest, and changed content has another one even if size and modification time stay the same. Up to 64 MiB
    are read whole. Of larger files and folders, samples of each file are read; its size and modification time count,
    too.

    Files are read again only if their name, inode, size, modification time or inode change time differs; the last of
    these cannot be set back. Digests of more than 4 MiB are kept in the cache folder.

    Args:
        path: A file or folder.
        files: The files of the folder that count; empty if ``path`` is a file.

    Raises:
        OSError: A file is missing or cannot be read.
    """
    # the suffix of a single file decides how it is read
    read = [(file.name, file, file.stat()) for file in files] or [(path.suffix, path, path.stat())]
    state = hashlib.sha256(str(path.absolute()).encode())
    for name, _, stat in read:
        times = f"{stat.st_mtime_ns}|{stat.st_ctime_ns}"
        state.update(f"|{name}|{stat.st_dev}|{stat.st_ino}|{stat.st_size}|{times}".encode())
    key, size = state.hexdigest(), sum(stat.st_size for _, _, stat in read)
    settled = is_settled(max(max(stat.st_mtime_ns, stat.st_ctime_ns) for _, _, stat in read))
    kept = cache_folder() / "digests" / f"{key}.txt" if settled and size > _KEPT_FROM else None
    if settled and key in _known:
        return _known[key]
    if kept is not None and kept.is_file():
        digest = kept.read_text(encoding="utf-8").strip()
    else:
        digest = _read_digest(read, whole=size <= _READ_WHOLE)
        if kept is not None:
            # without a writable cache folder, each process reads the files once
            with suppress(OSError):
                write_text(kept, digest + "\n")
    if settled:
        _known[key] = digest
    return digest


def sample_digest(files: Iterable[Path]) -> str:
    """Return 16 hexadecimal digits of the names, sizes and samples of files; cheaper than `content_digest`.

    Raises:
        OSError: A file is missing or cannot be read.
    """
    digest = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        digest.update(f"|{file.name}|{size}|".encode())
        _update(digest, file, size, whole=False)
    return digest.hexdigest()[:16]


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: The file is missing or cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_settled(changed: int) -> bool:
    """Whether a file changed so long ago that the time of change (ns) identifies its content.

    A second change within the same tick of the file system's clock would have the same time.
    """
    return time.time_ns() - changed > _TICK_NS


def _read_digest(files: list[tuple[str, Path, os.stat_result]], whole: bool) -> str:
    digest = hashlib.sha256()
    for name, file, state in files:
        # folders and pipes have no content to read here
        regular = S_ISREG(state.st_mode)
        time_of_change = "" if whole and regular else state.st_mtime_ns
        digest.update(f"|{name}|{state.st_size}|{time_of_change}|".encode())
        if regular:
            _update(digest, file, state.st_size, whole)
    return digest.hexdigest()[:16]


def _update(digest: "hashlib._Hash", file: Path, size: int, whole: bool) -> None:
    """Add a file's content to a digest, or evenly spread samples of it, from its beginning to its end."""
    with file.open("rb") as stream:
        if whole or size <= _SAMPLE * _SAMPLES:
            while part := stream.read(2**20):
                digest.update(part)
        else:
            for i in range(_SAMPLES):
                stream.seek((size - _SAMPLE) * i // (_SAMPLES - 1))
                digest.update(stream.read(_SAMPLE))
