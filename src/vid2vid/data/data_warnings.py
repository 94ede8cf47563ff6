"""`DataWarning`: what a data source found doubtful while it prepared its files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vid2vid.errors import file_at_fault


@dataclass(frozen=True)
class DataWarning:
    """Something doubtful about a data set. It does not stop the preparation.

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
            error: Why it cannot be used.
            paths: The files of the sequence; the first one is named if the error is about none of them.
        """
        paths = list(paths)
        path, message = file_at_fault(error, paths)
        return cls(path or paths[0], message, left_out=True)

    def __str__(self) -> str:
        """Return the warning as a line of a log."""
        return f"{self.path}: {self.message}" + (" (left out of the data set)" if self.left_out else "")
