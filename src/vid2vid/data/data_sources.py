"""The data sources: each makes the missing files of a data set, and lists its sequences in a manifest."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from vid2vid.condition import KINDS, Condition, Plane
from vid2vid.config import LoaderConfig, VideoConfig
from vid2vid.config.data import VIDEO_CONDITIONS
from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.manifest import Manifest
from vid2vid.data.prepare import (
    Record,
    leave_out,
    list_videos,
    prepare_videos,
    resolve_auto,
    split_videos,
    unused_files,
)
from vid2vid.data.sampler import Curriculum
from vid2vid.data.street_dataset import render_dataset
from vid2vid.errors import DataError
from vid2vid.files import cache_folder, refuse_overwriting
from vid2vid.street import StreetConfig, street_condition


class DataSource(Protocol):
    """A source of sequences.

    Attributes:
        warnings: Doubts of `prepare` about the data; also filled if `prepare` raises.
    """

    warnings: list[DataWarning]

    @property
    def title(self) -> str:
        """What the data is, in a few words for the card of a model; of a path, only the last part."""
        ...

    @property
    def condition(self) -> Condition:
        """The condition of its sequences, determined at most once."""
        ...

    def prepare(self) -> Manifest:
        """Make the missing files, if there are any, and return the manifest.

        Raises:
            DataError: A file cannot be used.
        """
        ...


class StreetSource:
    """The built-in street renderer.

    Args:
        config: Settings of the data set: folder, numbers, sizes.
        planes: The planes that its sequences shall have.
    """

    def __init__(self, config: StreetConfig, planes: Sequence[Plane] = ()) -> None:
        self.config = config
        self._planes = [plane.name for plane in planes]
        self.condition = street_condition()
        self.warnings: list[DataWarning] = []
        self.title = "streets drawn by the renderer of vid2vid"

    def prepare(self) -> Manifest:
        """Render what is missing (see `DataSource`)."""
        return render_dataset(self.config, self._planes)


class ManifestSource:
    """A data set with a manifest, such as `vid2vid prepare` writes.

    Args:
        manifest: The manifest, its file, or the folder that the file is in.
    """

    def __init__(self, manifest: Manifest | Path) -> None:
        self.given = manifest
        self.warnings: list[DataWarning] = []
        self.title = ""
        if isinstance(manifest, Path):
            self.title = (manifest.parent if manifest.suffix == ".json" else manifest).resolve().name

    @property
    def condition(self) -> Condition:
        """The condition in the manifest, which is read once."""
        return self._manifest.condition

    def prepare(self) -> Manifest:
        """Read the manifest, once (see `DataSource`)."""
        return self._manifest

    @cached_property
    def _manifest(self) -> Manifest:
        return self.given if isinstance(self.given, Manifest) else Manifest.load(self.given)


class VideoSource:
    """The user's own videos, with a condition that is computed from their frames or extracted once.

    Files that decord misreads are read from a lossless copy in the cache. Clips never cross a cut, nor frames in which
    the detector finds nobody.

    Args:
        config: Settings of the videos.

    Attributes:
        config: The settings, with ``auto`` resolved to what is installed.
    """

    def __init__(self, config: VideoConfig) -> None:
        self.config = resolve_auto(config)
        self.warnings: list[DataWarning] = []
        self.title = Path(config.path).resolve().name
        self._cuts_unknown = config.cuts == "auto" and self.config.cuts == "ignore"
        kind = VIDEO_CONDITIONS[config.condition]
        settings = {name: getattr(config, name) for name in KINDS[kind].settings if hasattr(config, name)}
        self.condition = Condition(kind, edge_thresholds=list(config.edge_thresholds), **settings)

    @classmethod
    def of_clips(cls, config: VideoConfig, loader: LoaderConfig) -> "VideoSource":
        """Make a source all of whose parts hold the longest clips of a training, which a shorter one would stop."""
        return cls(replace(config, shortest=max(config.shortest, Curriculum.of(loader).longest)))

    @property
    def root(self) -> Path:
        """The folder of the extracted conditions."""
        config, path = self.config, Path(self.config.path)
        if config.root:
            return Path(config.root)
        # the folder does not depend on how the work is divided, nor on the part that is trained on
        unused = {"root", "holdout", "workers", "shard", "cache", "on_broken", "shortest", "leave_out"}
        unused |= set() if config.background_edges else {"edge_thresholds"}
        key = {name: value for name, value in asdict(config).items() if name not in unused}
        key["path"] = str(path.resolve())
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
        return cache_folder(config.cache) / "prepared" / f"{path.stem}-{digest}"

    def prepare(self) -> Manifest:
        """Check that the videos can be read exactly, extract their conditions, and split them (see `DataSource`)."""
        config = self.config
        names = list(list_videos(Path(config.path)))
        records = leave_out(names, self.prepare_records(), config)
        sequences = split_videos(names, records, config)
        used = sum(sequence.frames for sequence in sequences)
        unused = sum(stop - start for record in records for start, stop in record.spans) - used
        if unused:
            message = (
                f"{unused} of {used + unused} frames are left out, since they lie in parts between cuts that are "
                f"shorter than {config.shortest} frames; set data.shortest lower to use them, and make clips as short"
            )
            self.warnings.append(DataWarning(Path(config.path), message))
        manifest = Manifest(self.condition, sequences, records[0].fps)
        if config.root and not config.shard:
            manifest.save(self.root / "manifest.json")
        return manifest

    def prepare_records(self) -> list[Record]:
        """Prepare the videos that are not prepared yet, and return a record of each.

        Raises:
            ConfigError: An output would overwrite a video.
            DataError: A video cannot be used, or none can.
            MissingExtraError: A detector is not installed.
        """
        path = Path(self.config.path)
        self.warnings.clear()
        if self._cuts_unknown:
            message = (
                "cuts are not looked for, since PySceneDetect is not installed; install it with pip install "
                "'vid2vid[cuts]', or set data.cuts=ignore if there are none"
            )
            self.warnings.append(DataWarning(path, message))
        videos = list_videos(path)
        if others := unused_files(path):
            self.warnings.append(DataWarning(path, others))
        made = [self.root / name for name in ("source", "foreground", "background", "videos", "manifest.json")]
        refuse_overwriting(made, videos.values())
        records = prepare_videos(videos, self.config, self.root, self.warnings)
        if not records:
            raise DataError(f"{path}: none of the videos can be used; the warnings say why.")
        return records
