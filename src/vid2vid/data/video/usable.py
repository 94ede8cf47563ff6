"""Many videos at once: which of them can be used, and from which file each is read exactly."""

import logging
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import av
from tqdm import tqdm

from vid2vid.data.video.checking import Inspection, inspect
from vid2vid.data.video.copying import exact_path
from vid2vid.data.video.folder import is_folder
from vid2vid.data.video.verdicts import judge
from vid2vid.errors import ConfigError, VideoError, choose
from vid2vid.settings.data import ON_BROKEN

_log = logging.getLogger(__name__)
_PROGRESS_DELAY = 2.0


@dataclass(frozen=True)
class UsableVideo:
    """A video that was found to be whole.

    Attributes:
        path: The file or folder as it was given.
        exact: From where `open_frames` reads its frames exactly: itself, or a lossless copy in the cache.
        inspection: How many frames there are, their size and rate.
    """

    path: Path
    exact: Path
    inspection: Inspection


def usable(paths: Iterable[Path], cache: Path, on_broken: str = "error", workers: int = 1) -> list[UsableVideo]:
    """Inspect videos, each once (see `judge`), and leave out those that cannot be read.

    Each that is left out is named in a warning with the reason, and one more says how many there were.

    Args:
        paths: Video files and folders of images.
        cache: Folder for verdicts and lossless copies; it is made.
        on_broken: What to do about a video that is damaged, cut short or none: ``error`` or ``skip``.
        workers: Videos that are looked at side by side, at least 1; each takes up to two cores.

    Raises:
        ConfigError: ``on_broken`` is another word, or ``workers`` is below 1.
        VideoError: With ``error``, the first video that is broken; with ``skip``, all are; or the system fails to read
            or write, as with a full disk.
    """
    choose(on_broken, ON_BROKEN, "on_broken")
    if workers < 1:
        raise ConfigError(f"workers={workers}: at least 1 has to look at the videos.")
    given = list(paths)
    found: list[UsableVideo] = []
    with closing(_look(given, cache, workers)) as results:
        for video in results:
            if isinstance(video, UsableVideo):
                found.append(video)
            elif on_broken == "error":
                raise video
            else:
                _log.warning("left out: %s", video)
    _report(len(given), len(found))
    return found


def _look(paths: list[Path], cache: Path, workers: int) -> Generator[UsableVideo | VideoError]:
    """Yield what is found, in order; threads suffice, since decoding does not hold Python's lock."""
    pool = ThreadPoolExecutor(workers)
    try:
        results = pool.map(lambda path: _try(path, cache), paths)
        yield from tqdm(results, "inspecting videos", len(paths), unit="video", delay=_PROGRESS_DELAY, leave=False)
    finally:
        pool.shutdown(cancel_futures=True)


def _try(path: Path, cache: Path) -> UsableVideo | VideoError:
    try:
        inspection = inspect(path) if is_folder(path) else judge(path, cache)
    except VideoError as error:
        if system_failed(error):
            raise
        return error
    return UsableVideo(path, exact_path(path, cache), inspection)


def system_failed(error: VideoError) -> bool:
    """Whether an error is the system's, as that of a full disk, which must not pass for a broken video."""
    cause = error.__cause__
    if not isinstance(cause, OSError) or isinstance(cause, av.FFmpegError | FileNotFoundError):
        return False
    return cause.errno is not None  # those that Pillow raises about an image have no number


def _report(given: int, found: int) -> None:
    if given and not found:
        raise VideoError(f"none of the {given} videos can be used; the warnings before say why.")
    if found < given:
        _log.warning("%d of %d videos were left out because they cannot be read.", given - found, given)
