"""A cache of facts about videos that take long to compute; each is kept until the content of its file changes."""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from vid2vid.digests import content_digest
from vid2vid.errors import VideoError
from vid2vid.files import parse_json, write_text
from vid2vid.video.images import is_folder, list_images

Answer = TypeVar("Answer")

FORMAT = "3"
"""Part of the keys of cached inspections, cuts and copies; raised when this package's code changes their content."""


def file_key(path: Path, files: Collection[Path] = ()) -> str:
    """Return a name that changes with the content of a file or of a folder's images (see `content_digest`).

    Args:
        path: The file or folder.
        files: The files of the folder that count; empty: its images.

    Raises:
        VideoError: The file or folder is missing.
    """
    try:
        digest = content_digest(path, files or (list_images(path) if is_folder(path) else ()))
    except OSError as error:
        raise VideoError(f"{path}: there is no such file or folder; check the path.") from error
    # the name of a file has at most 255 bytes, with what is added to this
    stem = path.stem.replace("*", "_").encode()[:150].decode(errors="ignore")
    return f"{stem}-{digest}"


def cached_answer(
    record: Path,
    path: Path,
    versions: Mapping[str, str],
    compute: Callable[[], Any],
    read: Callable[[Any], Answer],
) -> Answer:
    """Return a cached answer about a file, or compute and cache it.

    Args:
        record: The JSON file of the answer; its name changes with the content of ``path`` (`file_key`).
        path: The file that the answer is about.
        versions: What else the answer depends on, by name; answers with other values are computed again.
        compute: Computes the answer as plain JSON values, other than None.
        read: Converts these values into the answer.

    Raises:
        VideoError: The record holds something else, or cannot be written. Also whatever ``compute`` raises.
    """
    try:
        known = parse_json(record.read_text(encoding="utf-8"))
        if known.get("answer") is not None and versions.items() <= known.items():
            return read(known["answer"])
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise VideoError(f"{record}: is not a cached answer about a file ({error!r}); delete it.") from error
    found = compute()
    content = {"path": str(path.absolute()), **versions, "answer": found}
    try:
        write_text(record, json.dumps(content, indent=1) + "\n")
    except OSError as error:
        raise VideoError(
            f"{record.parent}: the cache cannot be written: {error}. Set VID2VID_CACHE or data.cache to another folder."
        ) from error
    return read(found)
