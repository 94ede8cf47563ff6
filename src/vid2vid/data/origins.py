"""Where data comes from: each origin makes sure that its files are there, and lists them in a manifest."""

import os
from pathlib import Path
from typing import Protocol

from vid2vid.condition import Condition
from vid2vid.data.manifest import Manifest, Sequence
from vid2vid.data.street import StreetConfig, render_dataset, street_condition
from vid2vid.data.video import exact_path, open_frames
from vid2vid.errors import DataError
from vid2vid.settings import VideoConfig


class Origin(Protocol):
    """A source of sequences."""

    @property
    def condition(self) -> Condition:
        """What the conditions are; known without preparing anything."""
        ...

    def prepare(self) -> Manifest:
        """Make what is missing on disk and return the manifest; at once when nothing is missing.

        Raises:
            DataError: A file cannot be used.
        """
        ...


class StreetOrigin:
    """The built-in street renderer.

    Args:
        config: Where to, how much and how large.
    """

    def __init__(self, config: StreetConfig) -> None:
        self.config = config
        self.condition = street_condition()

    def prepare(self) -> Manifest:
        """Render what is missing (see `Origin`)."""
        return render_dataset(self.config)


class ManifestOrigin:
    """A data set with a manifest, such as `vid2vid prepare` writes.

    Args:
        path: The manifest, or the folder that it lies in.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def condition(self) -> Condition:
        """What the manifest says."""
        return self.prepare().condition

    def prepare(self) -> Manifest:
        """Read the manifest (see `Origin`)."""
        return Manifest.load(self.path)


class VideoOrigin:
    """A video of one's own, its condition computed from its frames as they are read.

    The first part is trained on, the last part held out. A file in which decord would return wrong frames after a seek
    is read from a lossless copy in the cache.

    Args:
        config: Which video and how.
    """

    def __init__(self, config: VideoConfig) -> None:
        self.config = config
        self.condition = Condition(kind=config.condition, edge_thresholds=list(config.edge_thresholds))

    def prepare(self) -> Manifest:
        """Check that the video can be read exactly, and split it (see `Origin`)."""
        path = exact_path(Path(self.config.path), cache_folder(self.config.cache))
        reader = open_frames(path)
        held = round(len(reader) * self.config.holdout)
        if held < 1:
            raise DataError(f"{path}: {len(reader)} frames are too few to hold out {self.config.holdout:.0%} of them.")
        name, cut = Path(self.config.path).stem, len(reader) - held
        sequences = [
            Sequence(f"{name}-train", "train", path, path, cut),
            Sequence(f"{name}-val", "val", path, path, held, start=cut),
        ]
        return Manifest(self.condition, sequences, reader.fps)


def cache_folder(given: str) -> Path:
    """Return the folder for what is computed once."""
    return Path(given or os.environ.get("VID2VID_CACHE", "~/.cache/vid2vid")).expanduser()
