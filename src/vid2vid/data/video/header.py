"""What a video file says of itself, and whether it keeps its promise."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from vid2vid.data.video.streaming import opening
from vid2vid.errors import VideoError

# How much earlier than its header promises a file may end.
_SLACK_SECONDS = 0.5


@dataclass(frozen=True)
class Header:
    """What stands at the head of a video file.

    Attributes:
        fps: Frames a second, on average.
        frames: Number of frames, without regard to edit lists; None where the format does not say.
        seconds: Time at which the last frame ends; None where the format does not say it reliably.
    """

    fps: float
    frames: int | None
    seconds: float | None

    @classmethod
    def read(cls, path: Path) -> "Header":
        """Read the header of a file.

        Raises:
            VideoError: There is no such file, it cannot be read or it holds no video.
        """
        with opening(path) as (container, stream):
            rate = stream.average_rate or stream.guessed_rate or Fraction(25)
            return cls(float(rate), stream.frames or None, _promised_end(container, stream))

    def require_whole(self, path: Path, end: float) -> None:
        """Refuse a file that ends early; FFmpeg takes a Matroska or AVI file that was cut for a whole one.

        Raises:
            VideoError: The last frame ends at the second ``end``, long before the header says.
        """
        if self.seconds is not None and end < self.seconds - _SLACK_SECONDS:
            raise VideoError(
                f"{path}: was cut short: the video ends after {end:.2f} s, but its header promises "
                f"{self.seconds:.2f} s. Fetch the file again, or copy the part that is there to a new file."
            )


def _promised_end(container: InputContainer, stream: VideoStream) -> float | None:
    if container.format.name == "avi" and stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    given = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))  # Matroska
    if given is None:
        return None
    hours, minutes, seconds = given.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
