"""`FolderSource`: a data set in one of the known formats, read in place."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from vid2vid.condition import PLANES, Condition, Plane
from vid2vid.config import FolderConfig
from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.formats.condition_detection import detect_condition
from vid2vid.data.formats.frame_files import KEYPOINT_FILE
from vid2vid.data.formats.known_formats import FORMATS, detect_format
from vid2vid.data.formats.people_masks import replace_people_by_masks
from vid2vid.data.formats.splits import hold_out
from vid2vid.data.formats.validator import PEOPLE, PLANE, TARGET, Validator
from vid2vid.data.manifest import Manifest
from vid2vid.errors import DataError
from vid2vid.files import cache_folder
from vid2vid.video import Header
from vid2vid.video.progress import progress


class FolderSource:
    """A data set in one of the known formats; none of its files is converted or moved.

    Format, kind of condition and labels are detected from the files unless the settings name them. Videos that decord
    misreads are read from a lossless copy in the cache.

    Args:
        config: Settings of the data set.
        planes: The planes that its sequences shall have.

    Attributes:
        format: The name of its format.
        warnings: Problems that did not stop the preparation.
    """

    def __init__(self, config: FolderConfig, planes: Sequence[Plane] = ()) -> None:
        self.root = Path(config.path).expanduser()
        self.format = detect_format(self.root) if config.layout == "auto" else config.layout
        self.config = replace(config, palette=config.palette or FORMATS[self.format].palette)
        self.cache = cache_folder(config.cache)
        self.warnings: list[DataWarning] = []
        self.title = self.root.resolve().name
        own = FORMATS[self.format].planes
        self._planes = [own.get(plane.name, plane) if plane == PLANES.get(plane.name) else plane for plane in planes]

    @property
    def condition(self) -> Condition:
        """The condition in the files, all of which are checked, once."""
        return self._manifest.condition

    def prepare(self) -> Manifest:
        """Check all files, once, and list the sequences (see `vid2vid.data.data_sources.DataSource`).

        Raises:
            DataError: Files of a sequence do not fit together, or cannot be read; the message names them.
            ConfigError: The settings contradict the files.
        """
        return self._manifest

    @cached_property
    def _manifest(self) -> Manifest:
        listed, kinds = FORMATS[self.format].list_sequences(self.root, self.config.condition, self._planes)
        validator, sequences = Validator(self.cache, self._planes), []
        doubted: set[Path] = set()
        for files in progress(listed, "checking files", unit="sequence"):
            try:
                sequences.append(validator.validate(files))
                doubted.update(
                    path
                    for role, path in files.files.items()
                    if path.suffix.lower() != KEYPOINT_FILE and not role.startswith(PLANE)
                )
            except DataError as error:
                if self.config.on_broken == "error":
                    raise
                target = files.files.get(TARGET, self.root)
                self.warnings.append(DataWarning.of_error(error, [target, *files.files.values()]))
        for path in sorted(doubted):
            self.warnings += DataWarning.of_video(path, self.cache)
        if not sequences:
            raise DataError(f"{self.root}: none of its {len(listed)} sequences can be used; the warnings say why.")
        if any(PEOPLE in files.files for files in listed):
            sequences = replace_people_by_masks(sequences, self.cache, self.warnings)
        condition = detect_condition(sequences, kinds, self.config, self.cache, FORMATS[self.format].class_in_red)
        condition = replace(condition, planes=self._planes)
        fps = self.config.fps or Header.read(sequences[0].target).fps
        return Manifest(condition, hold_out(sequences, self.config.holdout, self.warnings), fps)
