"""The lock on the folder of a run, into which one training at a time may write."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vid2vid.locks import folder_lock

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

    Only the first process of a training takes the lock; the others belong to the same training.

    Raises:
        ConfigError: Another training holds the lock, or the file system has no locks.
        OSError: The folder cannot be made.
    """
    if not is_first_process():
        yield
        return
    with folder_lock(run_dir, "another training is writing there; wait until it ends, or give another run_dir."):
        yield
