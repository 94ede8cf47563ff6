"""`FolderSource`: a data set in one of the usual layouts, read where it is."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from tqdm import tqdm

from vid2vid.condition import Condition
from vid2vid.config import FolderConfig
from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.formats.detection import CITYSCAPES, detect, find
from vid2vid.data.formats.examining import Examiner
from vid2vid.data.formats.footage import PEOPLE, TARGET, Footage
from vid2vid.data.formats.kinds import condition_of
from vid2vid.data.formats.masks import with_masks
from vid2vid.data.formats.splits import hold_out
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.errors import DataError
from vid2vid.files import cache_folder
from vid2vid.video import Header

_PROGRESS_DELAY = 2.0


class FolderSource:
    """A data set in one of the layouts that people have; nothing of it is converted or moved.

    Which layout it is, what the conditions are and which labels there are, is told by its files where the settings do
    not say it. Videos that decord misreads are read from a lossless copy in the cache.

    Args:
        config: Which folder and how.
    """

    def __init__(self, config: FolderConfig) -> None:
        layout = config.layout
        self.root = Path(config.path).expanduser()
        self.layout = detect(self.root) if layout == "auto" else layout
        # the ids of Cityscapes are known
        self.config = replace(config, palette=config.palette or CITYSCAPES * (self.layout == CITYSCAPES))
        self.cache = cache_folder(config.cache)
        self.warnings: list[DataWarning] = []

    @property
    def condition(self) -> Condition:
        """The kind of condition that the files hold; they are all looked at, once."""
        return self._manifest.condition

    def prepare(self) -> Manifest:
        """Look at all files, once, and list the sequences (see `vid2vid.data.data_sources.DataSource`).

        Raises:
            DataError: Files that belong together do not fit, or cannot be read; the message names them.
            ConfigError: The settings do not fit what is found.
        """
        return self._manifest

    @cached_property
    def _manifest(self) -> Manifest:
        footages, kinds = find(self.root, self.layout, self.config.condition)
        sequences = self._examined(footages)
        if any(PEOPLE in footage.files for footage in footages):
            sequences = with_masks(sequences, self.cache, self.warnings)
        condition = condition_of(sequences, kinds, self.config, self.cache)
        return Manifest(
            condition, hold_out(sequences, self.config.holdout, self.warnings), self.config.fps or _fps(sequences[0])
        )

    def _examined(self, footages: list[Footage]) -> list[VideoSequence]:
        examiner = Examiner(self.cache)
        sequences = []
        for footage in tqdm(footages, "checking files", unit="sequence", delay=_PROGRESS_DELAY, leave=False):
            try:
                sequences.append(examiner.examine(footage))
            except DataError as error:
                if self.config.on_broken == "error":
                    raise
                target = footage.files.get(TARGET, self.root)
                self.warnings.append(DataWarning.of_error(error, [target, *footage.files.values()]))
        if not sequences:
            raise DataError(f"{self.root}: none of its {len(footages)} sequences can be used.")
        return sequences


def _fps(sequence: VideoSequence) -> float:
    return Header.read(sequence.target).fps
