"""The pictures of an evaluation: contact sheets of some clips, and a video of all of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from vid2vid.video import VideoWriter
from vid2vid.visual import Picture, captioned, contact_sheet, save_png, side_by_side

SHEET_CLIPS = 3
"""Number of clips with a contact sheet."""

Rows = Mapping[str, Sequence[Picture]]


def save_sheet(output: Path, index: int, rows: Rows, title: str = "") -> None:
    """Write the contact sheet of a clip as ``sheet.png``, ``sheet_2.png``, …, if it is one of the first `SHEET_CLIPS`.

    Args:
        output: The folder to write into.
        index: Number of the clip, from 0.
        rows: The pictures, row by row.
        title: The title of the sheet.
    """
    if index < SHEET_CLIPS:
        save_png(sheet_path(output, index), contact_sheet(rows, title=title))


def sheet_path(output: Path, index: int) -> Path:
    """Return the path of the contact sheet of a clip, by its number from 0."""
    return output / ("sheet.png" if index == 0 else f"sheet_{index + 1}.png")


class SampleWriter:
    """Context manager that writes a video of all clips and, in the end, contact sheets of the first ones.

    Args:
        output: The folder to write into.
        fps: Frames a second of the video.
        name: File name of the video.
    """

    def __init__(self, output: Path, fps: float, name: str = "synthesis.mp4") -> None:
        self.output = output
        self._video = VideoWriter(output / name, fps)
        self._sheets: list[Rows] = []

    def __enter__(self) -> Self:
        self._video.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._video.__exit__(kind, error, trace)
        if kind is None:
            for index, rows in enumerate(self._sheets):
                save_sheet(self.output, index, rows)

    def write(self, rows: Rows) -> None:
        """Write the frames of one clip, those of all rows side by side with their names as captions."""
        self._keep(rows)
        for column in zip(*rows.values(), strict=True):
            self._video.write(captioned(dict(zip(rows, column, strict=True))))

    def write_clip(self, models: Mapping[str, Rows]) -> None:
        """Write one clip as several models synthesise it.

        For a single model the sheet has all its rows, and the video shows condition, synthesised and real frames; for
        several models both show the condition, the frames of each model, and the real ones.

        Args:
            models: The rows of each model (`vid2vid.visual.clip_pictures`), of the last frames of the clip.
        """
        if len(models) > 1:
            self.write(compared_rows(models))
            return
        (rows,) = models.values()
        self._keep(rows)
        for column in zip(*(rows[name] for name in ("condition", "synthesised", "real")), strict=True):
            self._video.write(side_by_side(column))

    def _keep(self, rows: Rows) -> None:
        if len(self._sheets) < SHEET_CLIPS:
            self._sheets.append(rows)


def compared_rows(models: Mapping[str, Rows]) -> dict[str, Sequence[Picture]]:
    """Return the rows condition, each model, real, of the frames that all models made."""
    frames = min(len(rows["synthesised"]) for rows in models.values())
    first = next(iter(models.values()))
    made = {name: rows["synthesised"][-frames:] for name, rows in models.items()}
    return {"condition": first["condition"][-frames:], **made, "real": first["real"][-frames:]}
