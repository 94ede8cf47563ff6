"""Several videos: found in a folder, shared out to machines and processes, each prepared once."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from vid2vid.config import VideoConfig
from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.prepare.one import prepare_video
from vid2vid.data.prepare.record import Record
from vid2vid.errors import DataError, VideoError
from vid2vid.video import is_system_error
from vid2vid.video.images import IMAGE_ENDINGS

ENDINGS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".ts", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv")
"""What counts as a video file in a folder."""


def list_videos(path: Path) -> dict[str, Path]:
    """Return the videos at a path by name, in the order of their names.

    Args:
        path: A video file, a folder of images, or a folder with several of either.

    Raises:
        VideoError: There is nothing.
        DataError: Two have one name.
    """
    if not path.exists():
        raise VideoError(f"{path}: there is no such file or folder; check data.path.")
    if path.is_file() or _is_folder_of_images(path):
        return {path.stem: path}
    videos: dict[str, Path] = {}
    for inside in sorted(path.iterdir()):
        if inside.suffix.lower() not in ENDINGS and not _is_folder_of_images(inside):
            continue
        if inside.stem in videos:
            raise DataError(f"{inside} and {videos[inside.stem]} have one name: rename one of them.")
        videos[inside.stem] = inside
    if not videos:
        raise VideoError(f"{path}: holds no images, no videos ({', '.join(ENDINGS)}) and no folders of images.")
    return videos


def _is_folder_of_images(path: Path) -> bool:
    return path.is_dir() and any(inside.suffix.lower() in IMAGE_ENDINGS for inside in path.iterdir())


def prepare_videos(
    videos: dict[str, Path], config: VideoConfig, root: Path, warnings: list[DataWarning]
) -> list[Record]:
    """Prepare videos that are not prepared yet, with a progress bar.

    Args:
        videos: The videos by name.
        config: What is made of them; only the part that ``shard`` names is.
        root: Where to.
        warnings: Where warnings go: about videos that are left out, and about frames in which nobody is found.

    Returns:
        A record of each, in their order, but for those that were skipped.

    Raises:
        DataError: A video cannot be read (unless it is to be skipped), or was prepared otherwise.
        MissingExtraError: An extractor is not installed.
    """
    part, parts = config.part
    mine = dict(list(videos.items())[part - 1 :: parts])
    done: dict[str, Record] = {}
    for name, outcome in _outcomes(mine, config, root):
        if isinstance(outcome, Record):
            done[name] = outcome
            if outcome.report:
                warnings.append(DataWarning(mine[name], outcome.report))
        else:
            warnings.append(DataWarning.of_error(outcome, [mine[name]]))
    if len(done) < len(mine):
        message = f"{len(mine) - len(done)} of {len(mine)} videos could not be read and are left out"
        warnings.append(DataWarning(Path(config.path), message))
    return [done[name] for name in mine if name in done]


def _outcomes(videos: dict[str, Path], config: VideoConfig, root: Path) -> Iterator[tuple[str, Record | VideoError]]:
    """Yield for each video its record, or why it cannot be read."""
    if config.workers == 1 or len(videos) == 1:
        for name, path in tqdm(videos.items(), "prepare", unit="video", disable=len(videos) == 1):
            yield name, _outcome(name, path, config, root)
        return
    # fresh processes: what is loaded here may have threads
    with ProcessPoolExecutor(config.workers, get_context("spawn")) as pool:
        jobs: dict[Future[Record | VideoError], str] = {
            pool.submit(_outcome, name, path, config, root): name for name, path in videos.items()
        }
        for job in tqdm(as_completed(jobs), "prepare", len(jobs), unit="video"):
            yield jobs[job], job.result()


def _outcome(name: str, path: Path, config: VideoConfig, root: Path) -> Record | VideoError:
    try:
        return prepare_video(name, path, config, root)
    except VideoError as error:
        if config.on_broken == "error" or is_system_error(error):
            raise
        return error
