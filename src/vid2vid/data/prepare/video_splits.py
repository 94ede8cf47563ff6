"""Splitting of videos into frames to train on and frames to hold out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from vid2vid.config import VideoConfig
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.prepare.record import Record
from vid2vid.errors import DataError, listed

LEAST_FRAMES = 3
"""Least number of frames of a part of a video; fewer show no movement."""

Span = tuple[int, int]


def leave_out(names: list[str], records: list[Record], config: VideoConfig) -> list[Record]:
    """Return the records without the frames that the settings leave out.

    Args:
        names: All videos of the data set, including those without a record.
        records: The prepared videos.
        config: Settings: the frames to leave out.

    Raises:
        DataError: A part is of no video of the data set, or of no frame that could be used, or nothing remains of a
            video.
    """
    missing: dict[str, list[range]] = {}
    for given, frames in config.left_out:
        name = given or (names[0] if len(names) == 1 else "")
        if name not in names:
            raise DataError(
                f"data.leave_out: frames {_first_last(frames)} are of no video{f' {given!r}' if given else ''} in "
                f"{config.path}; write VIDEO:FIRST-LAST with the name of one without its ending: {listed(names, 5)}."
            )
        missing.setdefault(name, []).append(frames)
    kept = []
    for record in records:
        gaps = sorted(missing.get(record.name, []), key=lambda frames: frames.start)
        scenes = [range(*span) for span in record.spans]
        used = listed([_first_last(scene) for scene in scenes], 5)
        for gap in gaps:
            if not any(range(max(gap.start, scene.start), min(gap.stop, scene.stop)) for scene in scenes):
                raise DataError(
                    f"data.leave_out: {record.name} has no frames {_first_last(gap)} that could be used, only {used}."
                )
        spans = [part for scene in scenes for part in without(scene, gaps)]
        if not spans:
            raise DataError(f"data.leave_out leaves nothing of {record.name}, of which frames {used} can be used.")
        kept.append(replace(record, spans=spans))
    return kept


def _first_last(frames: range) -> str:
    """Write frames as the settings do, the last one included."""
    return f"{frames.start}-{frames.stop - 1}"


def split_videos(names: list[str], records: list[Record], config: VideoConfig) -> list[VideoSequence]:
    """Return the sequences of videos. Of several videos, the last ones are held out; of a single video, its end.

    Args:
        names: All videos of the data set, in order, including those that are left out or prepared elsewhere.
        records: The prepared videos.
        config: Settings: the part to hold out, and the least length of a part between two cuts.

    Raises:
        DataError: The only video is too short to be divided.
    """
    if len(names) == 1:
        return [sequence for record in records for sequence in _cut_in_two(record, config)]
    held = set(names[-max(1, round(len(names) * config.holdout)) :])
    return [
        sequence
        for record in records
        for sequence in _sequences(
            record, _long_enough(record.spans, config.shortest), "val" if record.name in held else "train"
        )
    ]


def _cut_in_two(record: Record, config: VideoConfig) -> Iterator[VideoSequence]:
    spans = _long_enough(record.spans, config.shortest)
    frames = sum(stop - start for start, stop in spans)
    held = round(frames * config.holdout)
    if held < 1:
        raise DataError(
            f"{record.target}: {frames} frames are too few to hold out {config.holdout:.0%} of them; give a longer "
            "video, or set data.holdout higher."
        )
    left = frames - held
    parts: dict[str, list[Span]] = {"train": [], "val": []}
    for start, stop in spans:
        cut = min(max(start + left, start), stop)
        left -= cut - start
        parts["train"] += [(start, cut)] if cut > start else []
        parts["val"] += [(cut, stop)] if stop > cut else []
    yield from _sequences(record, _long_enough(parts["train"], config.shortest), "train", "-train")
    yield from _sequences(record, _long_enough(parts["val"], LEAST_FRAMES), "val", "-val")


def _long_enough(spans: list[Span], shortest: int) -> list[Span]:
    """Leave out spans that are too short for a clip; if all are, keep all, so that the later check names them."""
    return [(start, stop) for start, stop in spans if stop - start >= shortest] or spans


def _sequences(record: Record, spans: list[Span], split: str, suffix: str = "") -> Iterator[VideoSequence]:
    """Yield a sequence for each span, numbered if there are several."""
    beside: dict[str, Any] = {
        role: Path(getattr(record, role)) for role in ("foreground", "background") if getattr(record, role)
    }
    target, source = Path(record.target), Path(record.source)
    for i, (start, stop) in enumerate(spans):
        name = f"{record.name}{suffix}" + (f"-{i:03d}" if len(spans) > 1 else "")
        yield VideoSequence(name, split, target, source, stop - start, start, **beside)


def without(scene: range, missing: Iterable[range]) -> list[Span]:
    """Return the parts of a scene between missing frames, without those that are too short to show a movement.

    Args:
        scene: The frames of the scene.
        missing: The missing frames, in order.
    """
    spans, start = [], scene.start
    for gap in (*missing, range(scene.stop, scene.stop)):
        stop = min(max(gap.start, start), scene.stop)
        spans.append((start, stop))
        start = max(start, min(gap.stop, scene.stop))
    return [(first, stop) for first, stop in spans if stop - first >= LEAST_FRAMES]
