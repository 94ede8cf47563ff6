"""Work in parallel processes."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_processes(work: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Result]]:
    """Yield each job with its result as soon as it is done; after an error no further jobs are started.

    Args:
        work: A module-level function, called with each job; both are pickled.
        jobs: The jobs.
        workers: Number of processes; one worker or a single job runs in this process, in order.
    """
    workers = min(workers, len(jobs))
    if workers <= 1:
        yield from ((job, work(job)) for job in jobs)
        return
    # spawned, not forked, since this process may have threads
    pool = ProcessPoolExecutor(workers, get_context("spawn"))
    try:
        pending = {pool.submit(work, job): job for job in jobs}
        for done in as_completed(pending):
            yield pending[done], done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
