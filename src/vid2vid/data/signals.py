"""Signals in the workers of a loader."""

import os
import signal
import threading


def leave_signals_to_the_main_process(worker: int) -> None:
    """Let only the main process end a worker.

    Ctrl-C, and whoever stops a job, signal all processes at once; without its workers the main process could not finish
    its batch. A worker whose main process is gone ends by itself.

    Args:
        worker: Index of the worker, in which this runs.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # not on macOS and Windows
    if hasattr(signal, "sigwaitinfo"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
        pass
    os._exit(0)
