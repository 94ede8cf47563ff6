"""Handling of signals in loader workers."""

import os
import signal
import threading


def leave_signals_to_the_main_process(worker: int) -> None:
    """Make a worker obey only the main process's signals to end.

    Ctrl-C and job schedulers signal all processes at once, but the main process needs its workers to finish the batch.
    A worker whose main process is gone ends by itself.

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
