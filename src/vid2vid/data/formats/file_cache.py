"""A cache of facts about the files of a data set that take long to compute; each is kept until a file changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from vid2vid.data.formats.frame_files import frame_files
from vid2vid.video import file_key
from vid2vid.video.file_cache import cached_answer

FORMAT = "3"
"""Raised when this package's code changes answers about, or masks made from, the same files."""


def cached_file_answer(path: Path, question: str, cache: Path, compute: Callable[[Path], Any]) -> Any:  # noqa: ANN401
    """Return the cached answer to a question about a file or the frames of a folder, or compute and cache it.

    Args:
        path: The file or folder.
        question: Name of the question, and of its folder in the cache.
        cache: The cache folder.
        compute: Computes the answer from the path, as plain JSON values.

    Raises:
        DataError: The cache cannot be read or written, or whatever ``compute`` raises.
    """
    record = cache / question / f"{file_key(path, frame_files(path))}.json"
    return cached_answer(record, path, {"format": FORMAT}, lambda: compute(path), lambda found: found)
