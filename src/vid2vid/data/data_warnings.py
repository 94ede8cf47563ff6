"""`DataWarning`: a doubt about a data set that its source found while it prepared the files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vid2vid.errors import file_at_fault
from vid2vid.video import cached_inspection, is_folder


@dataclass(frozen=True)
class DataWarning:
    """A doubt about a data set, which does not stop its preparation.

    Attributes:
        path: The file or folder at fault.
        message: What is wrong with it, without the path.
        left_out: Whether a sequence or a video is left out of the data set because of it.
    """

    path: Path
    message: str
    left_out: bool = False

    @classmethod
    def of_error(cls, error: Exception, paths: Iterable[Path]) -> "DataWarning":
        """Make the warning that a sequence is left out because of an error.

        Args:
            error: Why the sequence cannot be used.
            paths: Its files; the first one is named if the error names none of them.
        """
        paths = list(paths)
        path, message = file_at_fault(error, paths)
        return cls(path or paths[0], message, left_out=True)

    @classmethod
    def of_video(cls, path: Path, cache: Path) -> "list[DataWarning]":
        """Make the warnings about what is lost when a video is read, or would spoil a training on it.

        Args:
            path: A video file or folder of images.
            cache: Folder of inspections.

        Raises:
            VideoError: The file is damaged or not a video.
        """
        return [] if is_folder(path) else [cls(path, f"{doubt}.") for doubt in cached_inspection(path, cache).doubts]

    def __str__(self) -> str:
        """Return the warning as a line of a log."""
        return f"{self.path}: {self.message}" + (" (left out of the data set)" if self.left_out else "")
