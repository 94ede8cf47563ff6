"""``python -m vid2vid``: the same as the command ``vid2vid``."""

from vid2vid.cli.main import main

if __name__ == "__main__":
    main()
