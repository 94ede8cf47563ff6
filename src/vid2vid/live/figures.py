"""What a live synthesis counts and measures."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class LiveFigures:
    """Counts of frames, and latencies in whole milliseconds, in bounded memory.

    Attributes:
        frames: Number of frames that came from the source.
        dropped: Number of those that came while F computed, and were replaced by newer ones.
        drawn: Number of frames that F made.
        seconds: Time from the first frame of the source to the last that was made.
        latencies: Number of frames by their latency from input to output, in milliseconds.
    """

    frames: int = 0
    dropped: int = 0
    drawn: int = 0
    seconds: float = 0.0
    latencies: Counter[int] = field(default_factory=Counter)

    def add(self, latency: float, seconds: float) -> None:
        """Count a frame that was made.

        Args:
            latency: Seconds from input to output.
            seconds: Seconds since the first frame of the source.
        """
        self.drawn += 1
        self.seconds = seconds
        self.latencies[round(1000 * latency)] += 1

    def latency(self, quantile: float) -> int:
        """Return a quantile of the latencies in milliseconds; 0 without frames.

        Examples:
            >>> figures = LiveFigures(latencies=Counter({50: 90, 200: 10}))
            >>> figures.latency(0.5), figures.latency(0.95)
            (50, 200)
        """
        left = quantile * self.latencies.total()
        # a copy, since the page asks from another thread
        for milliseconds, count in sorted(dict(self.latencies).items()):
            left -= count
            if left <= 0:
                return milliseconds
        return 0

    @property
    def rate(self) -> float:
        """Frames a second that were made."""
        return (self.drawn - 1) / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        return (
            f"{self.frames} frames in, {self.drawn} drawn, {self.dropped} dropped; latency p50 {self.latency(0.5)} ms, "
            f"p95 {self.latency(0.95)} ms; {self.rate:.1f} frames/s"
        )
