"""The lock on the folder of a run, into which one training at a time may write."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from vid2vid.errors import ConfigError
from vid2vid.files import naming

LOCK = ".lock"
_RANKS = (
    *("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK"),
    *("SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "JSM_NAMESPACE_RANK"),
)
"""Variables by which Lightning, torchrun, SLURM and MPI tell a process which one of a training it is."""


def is_first_process() -> bool:
    """Whether this is the first process of a training; known before Lightning has made its Trainer."""
    return all(os.environ.get(rank, "0") == "0" for rank in _RANKS)


@contextmanager
def locked(run_dir: Path) -> Iterator[None]:
    """Keep other trainings out of the folder of a run.

    The operating system releases the lock when the process dies, however it dies. Only the first process of a training
    takes it; the others belong to the same training. Folders that were made for it and are still empty in the end are
    removed.

    Raises:
        ConfigError: Another training holds the lock, or the file system has no locks.
        OSError: The folder cannot be made.
    """
    if not is_first_process():
        yield
        return
    path = run_dir / LOCK
    made = [folder for folder in (run_dir, *run_dir.parents) if not folder.exists()]
    with naming(run_dir):
        run_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise ConfigError(
            f"{run_dir}: another training is writing there; wait for its end, or give another run_dir."
        ) from error
    except NotImplementedError as error:
        raise ConfigError(f"{run_dir}: this file system has no locks; give a run_dir on another one.") from error
    try:
        yield
    finally:
        with suppress(OSError):
            if all(left == path for left in run_dir.iterdir()):
                # while it is held, so that nobody else's lock is removed
                path.unlink()
        lock.release()
        with suppress(OSError):
            for folder in dict.fromkeys((run_dir, *made)):
                folder.rmdir()
