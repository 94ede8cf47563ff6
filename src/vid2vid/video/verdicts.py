"""What was found out about files, kept in a folder until they change."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av
import decord

from vid2vid.errors import VideoError
from vid2vid.files import write_text
from vid2vid.video.checking import Inspection, inspect
from vid2vid.video.folder import is_folder, list_images


def judge(path: Path, cache: Path) -> Inspection:
    """Return what `inspect` says about a file, which is asked only once.

    The answer is kept until the file's size, its time of change or the version of a reader differ; also that a file is
    broken is.

    Args:
        path: Video file.
        cache: Folder for verdicts; it is made.

    Raises:
        VideoError: The file is damaged or no video (see `inspect`), or the cache folder cannot be written.
    """
    memory = cache / f"{identity(path)}.json"
    known = recall(memory, readers())
    if known is None:
        known = _examine(path)
        remember(memory, known, path, readers())
    if "broken" in known:
        raise VideoError(known["broken"])
    try:
        return Inspection(**known["verdict"])
    except (KeyError, TypeError) as error:
        raise _spoilt(memory, error) from error


def readers() -> dict[str, str]:
    """Return the versions of the programs whose words about a file are kept."""
    return {"decord": decord.__version__, "av": av.__version__}


def recall(memory: Path, versions: dict[str, str]) -> dict[str, Any] | None:
    """Read what was found out, or None if it was not yet or with other versions.

    Raises:
        VideoError: The file holds something else.
    """
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        return known if all(known.get(name) == version for name, version in versions.items()) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, AttributeError) as error:
        raise _spoilt(memory, error) from error


def remember(memory: Path, found: dict[str, Any], path: Path, versions: dict[str, str]) -> None:
    """Keep what was found out about a file.

    Raises:
        VideoError: The folder cannot be written.
    """
    try:
        write_text(memory, json.dumps({"path": str(path.absolute()), **versions, **found}, indent=1) + "\n")
    except OSError as error:
        raise VideoError(f"{memory.parent}: the cache of videos cannot be written: {error}") from error


def identity(path: Path) -> str:
    """Return a name that changes with the place, the size and the time of change of a file, or of a folder's images.

    Raises:
        VideoError: There is no such file or folder.
    """
    try:
        states = [file.stat() for file in (list_images(path) if is_folder(path) else [path])]
    except OSError as error:
        raise VideoError(f"{path}: there is no such file or folder; check the path.") from error
    key = "|".join([str(path.absolute()), *(f"{state.st_size}|{state.st_mtime_ns}" for state in states)])
    return f"{path.stem.replace('*', '_')}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _examine(path: Path) -> dict[str, Any]:
    try:
        return {"verdict": asdict(inspect(path))}
    except VideoError as error:
        if isinstance(error.__cause__, OSError | MemoryError):  # no fault of the file, and may be gone tomorrow
            raise
        return {"broken": str(error)}


def _spoilt(memory: Path, error: Exception) -> VideoError:
    return VideoError(f"{memory}: is no verdict on a video ({error!r}); delete it.")
