"""Files: written so that a reader never sees half of one, and the folder for what is computed once."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PARTIAL = ".partial"


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write a file beside its place and rename it, making its folder if needed; an older file stays until then.

    Raises:
        OSError: It cannot be written, e.g. because the disk is full; the error names the file.
    """
    with _replacing(path) as partial, partial.open("wb") as file:
        file.write(data)
        file.flush()
        # the name must not be there before the content, should the power fail
        os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def duplicate(source: Path, path: Path) -> None:
    """Let a file be found at another place too, where the file system can without taking room for it twice."""
    with _replacing(path) as partial:
        try:
            partial.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, partial)


def remove_partials(folder: Path) -> None:
    """Remove what writers that were killed have left in a folder; nobody else may be writing there."""
    for path in folder.glob(f".*{_PARTIAL}"):
        path.unlink(missing_ok=True)


def state_digest(path: Path, files: Iterable[Path] = ()) -> str:
    """Return 16 hexadecimal digits that differ when a file or folder differs; part of the keys of caches.

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
    """Return the folder for what is computed once.

    Args:
        given: The folder in the settings; empty: ``$VID2VID_CACHE``, or ``~/.cache/vid2vid``.
    """
    return Path(given or os.environ.get("VID2VID_CACHE", "~/.cache/vid2vid")).expanduser()


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an `OSError` that names no file, as that of a full disk, name this one."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give the name of a file that is renamed to ``path`` when it has been written, and removed if that fails."""
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # a name of its own: two processes may write the same file
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PARTIAL}")
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
