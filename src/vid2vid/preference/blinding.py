"""The videos of a scene for the page: all encoded alike, under names that say nothing."""

import logging
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from vid2vid.data.video import VideoWriter, stream_frames
from vid2vid.errors import DataError
from vid2vid.preference.scenes import Scene

_QUALITY = 12
"""``crf``: nobody sees a difference from the original."""

_NAME_LENGTH = 10

_SAME_SHAPE = 0.03
"""Part by which width to height may differ: networks round sizes up to what they can divide."""

Size = tuple[int, int]
"""Width and height in pixels."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Blinded:
    """The files of one scene.

    Attributes:
        models: For each model the name of its file.
        beside: For each caption the name of its file.
        fps: Frames a second.
        width: Columns of the largest video.
        height: Rows of the largest video.
    """

    models: dict[str, str]
    beside: dict[str, str]
    fps: float
    width: int
    height: int

    def as_dict(self) -> dict[str, Any]:
        """Return what the page needs to know besides the pair, as plain values."""
        return {"beside": self.beside, "fps": self.fps, "width": self.width, "height": self.height}


def blind(scene: Scene, folder: Path, seed: int) -> Blinded:
    """Encode the videos of a scene as H.264, which every browser plays, all in the same way and equally long.

    A name is a digest of seed, owner and content: votes name the very videos that were seen, and no others.

    Args:
        scene: The scene.
        folder: Where to; it is made.
        seed: Goes into the names.

    Raises:
        DataError: The models' videos have different shapes, such as 2:1 and 1:1.
        VideoError: A video cannot be read.
    """
    # captions and models may have one name
    paths = {("model", name): path for name, path in scene.models.items()}
    paths |= {("beside", caption): path for caption, path in scene.beside.items()}
    making = {owner: folder / f".{i}.mp4" for i, owner in enumerate(paths)}
    sizes = _encode(scene, list(paths.values()), list(making.values()))
    width, height = _common_size(scene, sizes[: len(scene.models)])
    names = {owner: _rename(path, f"{seed}/{scene.name}/{'/'.join(owner)}") for owner, path in making.items()}
    models = {model: names["model", model] for model in scene.models}
    return Blinded(models, {caption: names["beside", caption] for caption in scene.beside}, scene.fps, width, height)


def _encode(scene: Scene, paths: Sequence[Path], making: Sequence[Path]) -> list[Size]:
    """Write the videos side by side until the shortest ends; return width and height of each."""
    sizes: list[Size] = []
    with ExitStack() as stack:
        writers = [stack.enter_context(VideoWriter(path, scene.fps, _QUALITY)) for path in making]
        for frames in zip_longest(*map(stream_frames, paths)):
            ended = [path for path, frame in zip(paths, frames, strict=True) if frame is None]
            if ended:
                _log.warning(
                    "%s ends after %d frames, but others of its scene do not: all are shown from their first frame on, "
                    "as long as this one",
                    ended[0],
                    writers[0].count,
                )
                break
            sizes = [(frame.shape[1], frame.shape[0]) for frame in frames]
            for writer, frame in zip(writers, frames, strict=True):
                writer.write(frame)
    return sizes


def _common_size(scene: Scene, sizes: Sequence[Size]) -> Size:
    """Return the largest size, at which all are shown."""
    largest = max(sizes)
    for (model, path), (width, height) in zip(scene.models.items(), sizes, strict=True):
        if abs(width / height * largest[1] / largest[0] - 1) > _SAME_SHAPE:
            raise DataError(
                f"{path}: is {width}x{height} (width x height), but another model shows {scene.name} at "
                f"{largest[0]}x{largest[1]}; bring all to one shape, since nobody could compare them fairly."
            )
        if (width, height) != largest:
            _log.warning("%s: %s is %dx%d and is enlarged to %dx%d", scene.name, model, width, height, *largest)
    return largest


def _rename(path: Path, owner: str) -> str:
    """Give a file a name that says nothing, and a time that does not tell who came first."""
    name = sha256(owner.encode() + path.read_bytes()).hexdigest()[:_NAME_LENGTH] + ".mp4"
    os.utime(path, (0, 0))
    path.rename(path.with_name(name))
    return name
