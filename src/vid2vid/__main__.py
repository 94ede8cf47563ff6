"""The command ``vid2vid``, or ``python -m vid2vid``."""

import signal


def main() -> None:
    """Run the command line; Ctrl-C ends it without a traceback, even while modules are imported."""
    # a program in the background may have been told to ignore it
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeded:
        # an import that is interrupted by Python's own handler may fail with any error
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from vid2vid.cli.main import main as run

    if heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run()
    finally:
        if heeded:
            # all is done: only Python's own end is left to be interrupted
            signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    main()
