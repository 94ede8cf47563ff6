"""What was found out about files by reading them from end to end: kept, until they change."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vid2vid.data.formats.pairing import frame_files
from vid2vid.errors import DataError
from vid2vid.files import write_text


def identity(path: Path) -> str:
    """Return a name for a file, or for the files of a folder: another one when a name, a size or a time differs."""
    digest = hashlib.sha256(str(path.absolute()).encode())
    for file in frame_files(path) or [path]:
        try:
            state = file.stat()
        except OSError as error:
            raise DataError(f"{file}: cannot be read: {error}") from error
        digest.update(f"|{file.name}|{state.st_size}|{state.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


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
