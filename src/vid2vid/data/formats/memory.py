"""What was found out about files by reading them from end to end: kept, until they change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vid2vid.data.formats.pairing import frame_files
from vid2vid.errors import DataError
from vid2vid.files import state_digest, write_text


def identity(path: Path) -> str:
    """Return a name that changes with a file or the frames of a folder (see `state_digest`)."""
    try:
        return state_digest(path, frame_files(path))
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read: {error}") from error


def remembered(path: Path, what: str, cache: Path, find_out: Callable[[Path], Any]) -> Any:  # noqa: ANN401 - JSON
    """Return what was found out about a file or folder before, or find it out and keep it.

    Args:
        path: The file or folder.
        what: What is asked about it; names a folder in the cache.
        cache: Folder for what is computed once.
        find_out: Finds it out, given the path; the answer must be JSON.

    Raises:
        DataError: The memory cannot be read or written, or whatever ``find_out`` raises.
    """
    memory = cache / what / f"{identity(path)}.json"
    if memory.is_file():
        return _recall(memory)
    answer = find_out(path)
    try:
        write_text(memory, json.dumps({"path": str(path.absolute()), "answer": answer}) + "\n")
    except OSError as error:
        raise DataError(f"{cache}: the cache cannot be written: {error}; set data.cache to another folder.") from error
    return answer


def _recall(memory: Path) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(memory.read_text(encoding="utf-8"))["answer"]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise DataError(f"{memory}: is no answer of an earlier run ({error!r}); delete it.") from error
