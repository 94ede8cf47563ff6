"""What an evaluation shows: a contact sheet of some clips and a video of all of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from vid2vid.video import VideoWriter
from vid2vid.visual import Picture, captioned, contact_sheet, save_png, side_by_side

SHEET_CLIPS = 3

Rows = Mapping[str, Sequence[Picture]]


class Exhibits:
    """Context manager that writes ``synthesis.mp4`` and, in the end, ``sheet.png``, ``sheet_2.png``, ``sheet_3.png``.

    Of one model the sheets have all the rows that it comes with, and the video shows condition, synthesised and real
    frames side by side; of several, the frames of each stand beside each other under its name.

    Args:
        output: The folder to write into.
        fps: Frames a second of the video.
    """

    def __init__(self, output: Path, fps: float) -> None:
        self.output = output
        self._video = VideoWriter(output / "synthesis.mp4", fps)
        self._sheets: list[Rows] = []

    def __enter__(self) -> Self:
        self._video.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._video.__exit__(kind, error, trace)
        if kind is None:
            for i, rows in enumerate(self._sheets, start=1):
                save_png(self.output / ("sheet.png" if i == 1 else f"sheet_{i}.png"), contact_sheet(rows))

    def show(self, clip: Mapping[str, Rows]) -> None:
        """Show one clip.

        Args:
            clip: For each model its rows (`vid2vid.visual.clip_pictures`), the last frames of the clip.
        """
        if len(clip) == 1:
            (rows,) = clip.values()
            shown = {name: rows[name] for name in ("condition", "synthesised", "real")}
        else:
            rows = shown = beside(clip)
        if len(self._sheets) < SHEET_CLIPS:
            self._sheets.append(rows)
        for column in zip(*shown.values(), strict=True):
            pictures = side_by_side(column) if len(clip) == 1 else captioned(dict(zip(shown, column, strict=True)))
            self._video.write(pictures)


def beside(clip: Mapping[str, Rows]) -> dict[str, Sequence[Picture]]:
    """Return the rows condition, each model, real, of the frames that all the models made."""
    frames = min(len(rows["synthesised"]) for rows in clip.values())
    first = next(iter(clip.values()))
    made = {name: rows["synthesised"][-frames:] for name, rows in clip.items()}
    return {"condition": first["condition"][-frames:], **made, "real": first["real"][-frames:]}
