"""Locks on folders."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from vid2vid.errors import ConfigError
from vid2vid.files import naming

LOCK = ".lock"
"""Name of the file in a folder that `folder_lock` locks."""


@contextmanager
def folder_lock(folder: Path, busy: str) -> Iterator[None]:
    """Lock a folder against other processes that use this function.

    The operating system releases the lock when the process ends, even if it is killed. Folders that were made for the
    lock are removed afterwards if they are empty.

    Args:
        folder: The folder; it is made if it is missing.
        busy: Message if another process holds the lock; the folder's name is put before it.

    Raises:
        ConfigError: Another process holds the lock, or the file system does not support locks.
        OSError: The folder cannot be made.
    """
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
                # while the lock is held, so that no other process's lock is removed
                path.unlink()
        lock.release()
        with suppress(OSError):
            for place in dict.fromkeys((folder, *made)):
                place.rmdir()
