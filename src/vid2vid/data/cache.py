"""Where what is computed once is kept."""

import os
from pathlib import Path


def cache_folder(given: str = "") -> Path:
    """Return the folder for what is computed once.

    Args:
        given: What the settings say; empty: ``$VID2VID_CACHE``, or ``~/.cache/vid2vid``.
    """
    return Path(given or os.environ.get("VID2VID_CACHE", "~/.cache/vid2vid")).expanduser()
