"""Atomic writing of files, protection of what is read, and the keys and the folder of caches."""

import glob
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vid2vid.errors import ConfigError

_PARTIAL = ".partial"


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
        read: The files, folders and patterns that are read, as paths or texts. Anything else counts for nothing, such
            as None or a pipe.

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
        # what is not there is like nothing
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
    """Yield the paths that are there, of patterns those that fit."""
    for one in given:
        if isinstance(one, str | Path):
            yield from [Path(one)] if os.path.lexists(one) else map(Path, glob.glob(str(one)))  # noqa: PTH207


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file or folder from all others, whatever its path; None if it is not there."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state.st_dev, state.st_ino


def state_digest(path: Path, files: Iterable[Path] = ()) -> str:
    """Return 16 hexadecimal digits that change when a file or folder changes, for the keys of caches.

    They depend on the absolute path, and on the name, the size and the time of change in nanoseconds of each file. The
    content is not read: videos and folders of frames are too large for it.

    Args:
        path: A file or folder.
        files: Which files of a folder count; none: the path is a file.

    Raises:
        OSError: A file cannot be found.
    """
    digest = hashlib.sha256(str(path.absolute()).encode())
    for file in list(files) or [path]:
        state = file.stat()
        digest.update(f"|{file.name}|{state.st_size}|{state.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def cache_folder(given: str = "") -> Path:
    """Return the cache folder.

    Args:
        given: The folder in the settings; empty: ``$VID2VID_CACHE``, or ``~/.cache/vid2vid``.
    """
    return Path(given or os.environ.get("VID2VID_CACHE", "~/.cache/vid2vid")).expanduser()


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
