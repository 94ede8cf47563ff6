"""Atomic writing of files and folders, protection of inputs against overwriting, and the cache folder."""

import glob
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vid2vid.errors import ConfigError

_PARTIAL = ".partial"


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write a file atomically: to a partial file beside it, which is then renamed. Missing folders are made.

    Raises:
        OSError: The file cannot be written, e.g. because the disk is full; the error names the file.
    """
    with replacing(path) as partial, partial.open("wb") as file:
        file.write(data)
        file.flush()
        # after a power failure the renamed file must not be incomplete
        os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def duplicate(source: Path, path: Path) -> None:
    """Replace ``path`` by a hard link to a file, or by a copy if the file system has no hard links."""
    with replacing(path) as partial:
        try:
            partial.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, partial)


def remove_partials(folder: Path) -> None:
    """Remove the partial files of killed writers from a folder, to which nobody else may be writing."""
    for path in folder.glob(f".*{_PARTIAL}"):
        path.unlink(missing_ok=True)


@contextmanager
def partial_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside ``path``, which the caller moves there when it is complete; else it is removed."""
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
def replacing(path: Path) -> Iterator[Path]:
    """Yield the path of a partial file, which is then renamed to ``path``, or removed after an exception."""
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # random, since two processes may write the same file
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PARTIAL}")
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def parse_json(text: str) -> Any:  # noqa: ANN401 - unchecked JSON
    """Parse the JSON of a file that may be damaged.

    Raises:
        ValueError: It is not JSON, is nested too deeply, or has a number with too many digits.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def refuse_overwriting(written: Iterable[Path], read: Iterable[object]) -> None:
    """Refuse to overwrite inputs; call this before anything is written.

    Files are compared by device and inode, so links and ``..`` make no difference.

    Args:
        written: Files that will be written, and folders that will be replaced with everything in them.
        read: Files, folders and glob patterns that are read, as paths or strings. Anything else, such as None or a
            pipe, is ignored.

    Raises:
        ConfigError: An output is an input, contains one, or lies in a folder that is an input.
    """
    paths = list(_existing(read))
    files = {_identity(path): path for path in paths}
    folders = {_identity(path): path for path in paths if path.is_dir()}
    parents = {
        parent: path for path in paths for place in (path.absolute(), path.resolve()) for parent in place.parents
    }
    held = {_identity(parent): path for parent, path in parents.items()}
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


def _existing(given: Iterable[object]) -> Iterator[Path]:
    """Yield the paths that exist, and those that match a pattern."""
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


def cache_folder(given: str = "") -> Path:
    """Return the cache folder.

    Args:
        given: The folder in the settings; if empty, ``$VID2VID_CACHE``, or else ``~/.cache/vid2vid``.
    """
    return Path(given or os.environ.get("VID2VID_CACHE", "~/.cache/vid2vid")).expanduser()
