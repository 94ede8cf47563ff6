"""A cache of answers about files that take long to find out; an answer is kept until its file changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vid2vid.data.formats.frame_files import frame_files
from vid2vid.errors import DataError
from vid2vid.files import content_digest, parse_json, write_text

FORMAT = 2
"""Part of each key; raised when this package's code finds other answers, or makes other masks, of the same files."""


def path_key(path: Path) -> str:
    """Return a key that changes with a file or the frames of a folder (see `content_digest`), and with `FORMAT`.

    Raises:
        DataError: A file cannot be read.
    """
    try:
        return f"{FORMAT}-{content_digest(path, frame_files(path))}"
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read: {error}") from error


def cached_answer(path: Path, question: str, cache: Path, compute: Callable[[Path], Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the cached answer to a question about a file or folder, or compute and keep it.

    Args:
        path: The file or folder.
        question: Names a folder in the cache.
        cache: Folder for what is computed once.
        compute: Computes the answer from the path; it must be JSON.

    Raises:
        DataError: The cache cannot be read or written, or whatever ``compute`` raises.
    """
    place = cache / question / f"{path_key(path)}.json"
    if place.is_file():
        try:
            return parse_json(place.read_text(encoding="utf-8"))["answer"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{place}: is not an entry of the cache ({error!r}); delete it.") from error
    answer = compute(path)
    try:
        write_text(place, json.dumps({"path": str(path.absolute()), "answer": answer}) + "\n")
    except OSError as error:
        raise DataError(f"{cache}: the cache cannot be written: {error}; set data.cache to another folder.") from error
    return answer
