"""Contact sheets: named rows of pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from vid2vid.errors import Vid2VidError
from vid2vid.files import write_bytes
from vid2vid.visual.pictures import Picture

GAP = 2
MARGIN = 96
TEXT = {"fontFace": cv2.FONT_HERSHEY_SIMPLEX, "fontScale": 0.42, "color": (30, 30, 30), "thickness": 1}


def contact_sheet(rows: Mapping[str, Sequence[Picture]], columns: int = 8, title: str = "") -> Picture:
    """Lay pictures out in named rows.

    Args:
        rows: The pictures of each row over time, by its name, each ``(H, W, 3)``, all of one size. Of long rows, evenly
            spread pictures are shown, including the first and the last.
        columns: Largest number of pictures in a row.
        title: A line above the rows; empty: none.

    Returns:
        ``(H', W', 3)`` uint8.
    """
    strips = []
    for name, pictures in rows.items():
        chosen = np.linspace(0, len(pictures) - 1, min(columns, len(pictures))).round().astype(int)
        strip = side_by_side([pictures[i] for i in chosen])
        label = _blank(strip.shape[0], MARGIN)
        cv2.putText(label, name, (4, strip.shape[0] // 2 + 4), **TEXT)  # type: ignore[call-overload]
        strips.append(np.concatenate([label, strip], axis=1))
    width = max(strip.shape[1] for strip in strips)
    sheet = [_caption(title, width)] if title else []
    for strip in strips:
        padding = _blank(strip.shape[0], width - strip.shape[1])
        sheet += [np.concatenate([strip, padding], axis=1), _blank(GAP, width)]
    return np.concatenate(sheet)


def side_by_side(pictures: Sequence[Picture]) -> Picture:
    """Put pictures of one height side by side, with a thin white line between them."""
    line = np.full((pictures[0].shape[0], GAP, 3), 255, np.uint8)
    parts = [part for picture in pictures for part in (picture, line)]
    return np.concatenate(parts[:-1], axis=1)


def captioned(pictures: Mapping[str, Picture]) -> Picture:
    """Put pictures of one height side by side, each under its name."""
    return side_by_side([np.concatenate([_caption(name, one.shape[1]), one]) for name, one in pictures.items()])


def save_png(path: Path, picture: Picture) -> None:
    """Write a picture atomically as PNG.

    Raises:
        Vid2VidError: The picture cannot be encoded.
        OSError: The file cannot be written.
    """
    done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not done:
        raise Vid2VidError(f"{path}: OpenCV cannot encode a picture of the shape {picture.shape} as PNG.")
    write_bytes(path, data.tobytes())


def _caption(text: str, width: int) -> Picture:
    line = _blank(22, width)
    cv2.putText(line, text, (4, 15), **TEXT)  # type: ignore[call-overload]
    return line


def _blank(height: int, width: int) -> Picture:
    return np.full((height, width, 3), 255, np.uint8)
