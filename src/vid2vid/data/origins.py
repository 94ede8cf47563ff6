"""Where data comes from: each origin makes sure that its files are there, and lists them in a manifest."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from vid2vid.condition import Condition
from vid2vid.config import VideoConfig
from vid2vid.data.cache import cache_folder
from vid2vid.data.manifest import Manifest
from vid2vid.data.prepare import list_videos, prepare_videos, split_videos
from vid2vid.data.street_dataset import render_dataset
from vid2vid.errors import DataError
from vid2vid.street import StreetConfig, street_condition


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
    """Videos of one's own, with a condition that is computed from their frames or extracted once.

    A file in which decord would return wrong frames after a seek is read from a lossless copy in the cache. Clips never
    cross a cut, nor a part of the video in which nobody is found.

    Args:
        config: Which videos and how.
    """

    def __init__(self, config: VideoConfig) -> None:
        self.config = config
        self.condition = _condition(config)

    @property
    def root(self) -> Path:
        """The folder for what is extracted."""
        config = self.config
        return Path(config.root) if config.root else cache_folder(config.cache) / "prepared" / _name(config)

    def prepare(self) -> Manifest:
        """Check that the videos can be read exactly, extract their conditions, and split them (see `Origin`)."""
        config = self.config
        videos = list_videos(Path(config.path))
        records = prepare_videos(videos, config, self.root)
        if not records:
            raise DataError(f"{config.path}: no video is left to use.")
        sequences = split_videos(list(videos), records, config)
        manifest = Manifest(self.condition, sequences, records[0].fps)
        if config.root and not config.shard:
            manifest.save(self.root / "manifest.json")
        return manifest


def _condition(config: VideoConfig) -> Condition:
    if config.condition in ("face", "pose"):
        names = ("distance_maps", "background_edges", "limb_maps")
        return Condition(config.condition, **{name: getattr(config, name) for name in names})
    kind = "grey" if config.condition == "hed" else config.condition
    return Condition(kind, edge_thresholds=list(config.edge_thresholds))


def _name(config: VideoConfig) -> str:
    """Return a name of what is made of which videos, but not of how many at a time or what is trained on."""
    left_out = ["root", "holdout", "workers", "shard", "cache", "on_broken", "shortest"]
    left_out += [] if config.background_edges else ["edge_thresholds"]
    what = {key: value for key, value in asdict(config).items() if key not in left_out}
    what["path"] = str(Path(config.path).resolve())
    return f"{Path(config.path).stem}-{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]}"
