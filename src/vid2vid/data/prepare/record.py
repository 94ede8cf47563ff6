"""`Record`: the facts about a prepared video, saved as JSON beside its conditions, so that nothing is done twice."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vid2vid.errors import DataError
from vid2vid.files import parse_json, write_text

FORMAT = 3
"""Part of ``made_of``; raised when this package's code changes the conditions extracted from the same video."""


@dataclass(frozen=True)
class Record:
    """A prepared video.

    Attributes:
        name: Its name in the data set.
        made_of: All that its conditions depend on: the file (`vid2vid.digests.content_digest`), the settings with
            ``auto`` resolved, the versions of the detectors, and `FORMAT`.
        target: The file from which its frames are read.
        fps: Frames a second.
        spans: ``(start, stop)`` of each part without a cut in which somebody is visible; ``stop`` is exclusive.
        source: The file of its conditions; equal to ``target`` if they are computed from its frames.
        foreground: The video of its silhouettes; empty: none.
        background: The video of the background's edges; empty: none.
        report: What was found, as text; empty: nothing to report.
    """

    name: str
    made_of: dict[str, Any]
    target: str
    fps: float
    spans: list[tuple[int, int]]
    source: str
    foreground: str = ""
    background: str = ""
    report: str = ""

    @property
    def complete(self) -> bool:
        """Whether all its files exist."""
        files = (self.target, self.source, self.foreground, self.background)
        return all(Path(path).exists() for path in files if path)

    def save(self, path: Path) -> None:
        """Write the record as JSON."""
        write_text(path, json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Record | None":
        """Read what `save` wrote; None if there is no such file.

        Raises:
            DataError: The file is damaged.
        """
        if not path.is_file():
            return None
        try:
            text = parse_json(path.read_text(encoding="utf-8"))
            return cls(**{**text, "spans": [(int(start), int(stop)) for start, stop in text["spans"]]})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{path}: is not a record of a video ({error!r}); delete it, and it is made again."
            ) from error
