"""Atomic writing of files, locks, protection of what is read, JSON of files, and the keys and the folder of caches."""

import glob
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any

from vid2vid.errors import ConfigError

LOCK = ".lock"
"""Name of the file in a folder by which `folder_lock` keeps others out."""

_PARTIAL = ".partial"

# Of files and folders that are larger, samples are read to tell them apart.
_READ_WHOLE = 2**26
# From this size on a digest is kept on disk.
_KEPT_FROM = 2**22
# Samples of a file that is not read whole, and the bytes of each.
_SAMPLES, _SAMPLE = 32, 2**13
# The resolution of a file system's clock, at most.
_TICK_NS = 2_000_000_000
_known: dict[str, str] = {}


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write a file atomically: beside its destination, then renamed; an older file stays until then.

    A missing folder is made.

    Raises:
        OSError: It cannot be written, e.g. because the disk is full; the error names the file.
    """
    with _replacing(path) as partial, partial.open("wb") as file:
        file.write(data)
        file.flush()
        # after a power failure the new name must not hold less than the content
        os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def parse_json(text: str) -> Any:  # noqa: ANN401 - unchecked JSON
    """Parse JSON of a file that may be damaged.

    Raises:
        ValueError: It is no JSON, is nested too deeply, or has a number with too many digits.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def duplicate(source: Path, path: Path) -> None:
    """Make a hard link to a file, or a copy where the file system has none; an older file is replaced."""
    with _replacing(path) as partial:
        try:
            partial.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, partial)


def remove_partials(folder: Path) -> None:
    """Remove the partial files of killed writers from a folder; nobody else may be writing there."""
    for path in folder.glob(f".*{_PARTIAL}"):
        path.unlink(missing_ok=True)


def refuse_overwriting(written: Iterable[Path], read: Iterable[object]) -> None:
    """Refuse to write over what is read: to be called before anything is written.

    Files are compared by themselves, not by how their paths are spelt: links and ``..`` make no difference.

    Args:
        written: The files that will be written, and the folders that will be replaced with all that is in them.
        read: The files, folders and patterns that are read, as paths or texts. Anything else, such as None or a pipe,
            is ignored.

    Raises:
        ConfigError: Something is written that is read, or holds what is read, or lies in a folder that is read.
    """
    paths = list(_matching(read))
    files = {_identity(path): path for path in paths}
    folders = {_identity(path): path for path in paths if path.is_dir()}
    holders = {
        holder: path for path in paths for place in (path.absolute(), path.resolve()) for holder in place.parents
    }
    held = {_identity(holder): path for holder, path in holders.items()}
    for known in (files, folders, held):
        # paths that do not exist
        known.pop(None, None)
    for place in written:
        own, folder, why = _identity(place), _identity(place.parent), ""
        if own in files:
            why = f"would be written over {files[own]}, which is read"
        elif own in held:
            why = f"would be replaced, but {held[own]} in it is read"
        elif folder in folders:
            why = f"would be written into the folder {folders[folder]}, which is read"
        if why:
            raise ConfigError(f"{place}: {why}; choose another place for it.")


def _matching(given: Iterable[object]) -> Iterator[Path]:
    """Yield the paths that exist; for a pattern those that match."""
    for one in given:
        if isinstance(one, str | Path):
            yield from [Path(one)] if os.path.lexists(one) else map(Path, glob.glob(str(one)))  # noqa: PTH207


def _identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode, the same for every path to a file or folder; None if it does not exist."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state.st_dev, state.st_ino


def content_digest(path: Path, files: Iterable[Path] = ()) -> str:
    """Return 16 hexadecimal digits that identify the content of a file or folder, for the keys of caches and records.

    They depend on the content and on the names of a folder's files, but not on the path: a copy elsewhere has the same
    digits, changed content has others even if size and time of change stay the same. Up to 64 MiB all of it is read;
    of more, samples of each file, together with its size and time of change.

    Files are read again only when name, inode, size or a time of change differs; that of the inode cannot be set back.
    Digests of more than 4 MiB are kept in the cache folder.

    Args:
        path: A file or folder.
        files: Which files of a folder count; none: the path is a file.

    Raises:
        OSError: A file cannot be found or read.
    """
    # the ending of a single file says how it is read
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
        digits = kept.read_text(encoding="utf-8").strip()
    else:
        digits = _read_digest(read, whole=size <= _READ_WHOLE)
        if kept is not None:
            # without a cache folder that can be written the files are read once in each process
            with suppress(OSError):
                write_text(kept, digits + "\n")
    if settled:
        _known[key] = digits
    return digits


def is_settled(changed: int) -> bool:
    """Whether a time of change (ns) lies so far back that it tells a file from a later state of it.

    A further change within the same tick of the file system's clock would have the same time.
    """
    return time.time_ns() - changed > _TICK_NS


def sample_digest(files: Iterable[Path]) -> str:
    """Return 16 hexadecimal digits of the names, sizes and samples of some files; cheaper than `content_digest`.

    Raises:
        OSError: A file cannot be found or read.
    """
    digest = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        digest.update(f"|{file.name}|{size}|".encode())
        _update(digest, file, size, whole=False)
    return digest.hexdigest()[:16]


def _read_digest(files: list[tuple[str, Path, os.stat_result]], whole: bool) -> str:
    digest = hashlib.sha256()
    for name, file, state in files:
        # a folder or a pipe has nothing that could be read here
        regular = S_ISREG(state.st_mode)
        time_of_change = "" if whole and regular else state.st_mtime_ns
        digest.update(f"|{name}|{state.st_size}|{time_of_change}|".encode())
        if regular:
            _update(digest, file, state.st_size, whole)
    return digest.hexdigest()[:16]


def _update(digest: "hashlib._Hash", file: Path, size: int, whole: bool) -> None:
    """Add a file's content to a digest, or samples of it: beginning, end and parts between."""
    with file.open("rb") as stream:
        if whole or size <= _SAMPLE * _SAMPLES:
            while part := stream.read(2**20):
                digest.update(part)
        else:
            for i in range(_SAMPLES):
                stream.seek((size - _SAMPLE) * i // (_SAMPLES - 1))
                digest.update(stream.read(_SAMPLE))


def cache_folder(given: str = "") -> Path:
    """Return the cache folder.

    Args:
        given: The folder in the settings; empty: ``$VID2VID_CACHE``, or ``~/.cache/vid2vid``.
    """
    return Path(given or os.environ.get("VID2VID_CACHE", "~/.cache/vid2vid")).expanduser()


@contextmanager
def folder_lock(folder: Path, busy: str) -> Iterator[None]:
    """Keep others, who take this lock too, out of a folder.

    The operating system releases the lock when the process ends, even if it is killed. Folders that were made for it
    and stay empty are removed.

    Args:
        folder: The folder; it is made if it is missing.
        busy: The message, after the folder's name, where another holds the lock.

    Raises:
        ConfigError: Another holds the lock, or the file system has no locks.
        OSError: The folder cannot be made.
    """
    # vid2vid fetch needs this module, and nothing but Python itself
    from filelock import FileLock, Timeout

    path = folder / LOCK
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    with naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise ConfigError(f"{folder}: {busy}") from error
    except NotImplementedError as error:
        raise ConfigError(f"{folder}: this file system has no locks; choose a folder on another one.") from error
    try:
        yield
    finally:
        with suppress(OSError):
            if all(left == path for left in folder.iterdir()):
                # while it is held, so that nobody else's lock is removed
                path.unlink()
        lock.release()
        with suppress(OSError):
            for place in dict.fromkeys((folder, *made)):
                place.rmdir()


@contextmanager
def partial_folder(path: Path) -> Iterator[Path]:
    """Make an empty folder beside ``path``, to be moved there when it is whole; what is left of it is removed."""
    work = path.with_name(f".{path.name}.{os.getpid()}{_PARTIAL}")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Add this path to an `OSError` that names no file, such as that of a full disk."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield the path of a partial file, which is renamed to ``path`` afterwards, or removed after an exception."""
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # a random name, since two processes may write the same file
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PARTIAL}")
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
