"""The command ``vid2vid``, or ``python -m vid2vid``."""

import signal


def main() -> None:
    """Run the command line; Ctrl-C ends it without a traceback, even while modules are imported."""
    # an import that is interrupted by Python's own handler may fail with any error
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from vid2vid.cli.main import main as run

    signal.signal(signal.SIGINT, before)
    run()


if __name__ == "__main__":
    main()
