"""What of several videos is trained on, and what is held out."""

from collections.abc import Iterator
from pathlib import Path

from vid2vid.config import VideoConfig
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.prepare.record import Record
from vid2vid.errors import DataError

SHORTEST = 3
"""Fewer frames hold no movement."""


def split_videos(names: list[str], records: list[Record], config: VideoConfig) -> list[VideoSequence]:
    """Return the sequences of some videos: of several the last ones are held out, of one its end.

    Args:
        names: All videos of the data set, in order, also those that were left out or are prepared elsewhere.
        records: Those that are there.
        config: Which part is held out, and how short a part between two cuts may be.

    Raises:
        DataError: The only video is too short to hold out a part of it.
    """
    if len(names) == 1:
        return [sequence for record in records for sequence in _cut_in_two(record, config)]
    held = set(names[-max(1, round(len(names) * config.holdout)) :])
    return [
        _sequence(record, span, "val" if record.name in held else "train", suffix)
        for record in records
        for span, suffix in _numbered(_long_enough(record.spans, config.shortest))
    ]


def _cut_in_two(record: Record, config: VideoConfig) -> Iterator[VideoSequence]:
    spans = _long_enough(record.spans, config.shortest)
    frames = sum(stop - start for start, stop in spans)
    held = round(frames * config.holdout)
    if held < 1:
        raise DataError(f"{record.target}: {frames} frames are too few to hold out {config.holdout:.0%} of them.")
    left = frames - held
    parts: dict[str, list[tuple[int, int]]] = {"train": [], "val": []}
    for start, stop in spans:
        cut = min(max(start + left, start), stop)
        left -= cut - start
        parts["train"] += [(start, cut)] if cut > start else []
        parts["val"] += [(cut, stop)] if stop > cut else []
    parts = {"train": _long_enough(parts["train"], config.shortest), "val": _long_enough(parts["val"], SHORTEST)}
    for split, spans in parts.items():
        for span, suffix in _numbered(spans):
            yield _sequence(record, span, split, f"-{split}{suffix}")


def _long_enough(spans: list[tuple[int, int]], shortest: int) -> list[tuple[int, int]]:
    """Leave out what is too short to be a clip; if all of it is, that is for whoever wants clips to say."""
    return [(start, stop) for start, stop in spans if stop - start >= shortest] or spans


def _numbered(spans: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], str]]:
    for i, span in enumerate(spans):
        yield span, f"-{i:03d}" if len(spans) > 1 else ""


def _sequence(record: Record, span: tuple[int, int], split: str, suffix: str) -> VideoSequence:
    start, stop = span
    beside = {role: Path(getattr(record, role)) for role in ("foreground", "background") if getattr(record, role)}
    target, source = Path(record.target), Path(record.source)
    return VideoSequence(f"{record.name}{suffix}", split, target, source, stop - start, start, **beside)
