"""Answers about the files of a data set that take long to find out; kept until a file changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from vid2vid.data.formats.frame_files import frame_files
from vid2vid.video import file_key
from vid2vid.video.file_cache import cached_answer

FORMAT = "3"
"""Raised when this package's code finds other answers, or makes other masks, of the same files."""


def cached_file_answer(path: Path, question: str, cache: Path, compute: Callable[[Path], Any]) -> Any:  # noqa: ANN401
    """Return the cached answer to a question about a file or the frames of a folder, or compute and keep it.

    Args:
        path: The file or folder.
        question: Names a folder in the cache.
        cache: Folder for what is computed once.
        compute: Computes the answer from the path, as plain values that JSON can hold.

    Raises:
        DataError: The cache cannot be read or written, or whatever ``compute`` raises.
    """
    record = cache / question / f"{file_key(path, frame_files(path))}.json"
    return cached_answer(record, path, {"format": FORMAT}, lambda: compute(path), lambda found: found)
