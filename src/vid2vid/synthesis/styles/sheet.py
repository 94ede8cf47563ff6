"""A sheet of the kinds of each class, as F draws them."""

import torch

from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.generator import Style
from vid2vid.ops import class_map
from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.synthesis.synthesizer import Synthesizer
from vid2vid.training import Vid2VidModule
from vid2vid.types import Clip
from vid2vid.visual import Picture, contact_sheet, to_pixels


def style_sheet(module: Vid2VidModule, book: StyleBook, data: Vid2VidDataModule, most: int = 8) -> Picture:
    """Draw what each kind of each class looks like, all other classes looking as on average.

    Args:
        module: The model whose styles they are.
        book: The styles.
        data: A data module whose held-out sequences have been set up. For each class the one is taken whose first frame
            shows most of it; F starts from an empty past.
        most: Kinds of a class that are drawn at most, the most common ones.

    Returns:
        ``(H', W', 3)`` uint8: a row for each class that is seen and has kinds, kind 0 on the left.
    """
    scenes = list(data.held_out(1))
    rows: dict[str, list[Picture]] = {}
    for row, label in enumerate(book.labels):
        pixels = [int((class_map(module.condition, clip.source) == row).sum()) for clip in scenes]
        kinds = min(int((book.sizes[row] > 0).sum()), most)
        if kinds and max(pixels):
            scene = scenes[pixels.index(max(pixels))]
            rows[label] = [_drawn(module, scene, _one_kind(book, row, kind)) for kind in range(kinds)]
    return contact_sheet(rows, columns=most, title="kinds of each class, from 0 on, the most common ones first")


def _one_kind(book: StyleBook, row: int, kind: int) -> Style:
    table = book.mean.clone()
    table[row] = book.centres[row, kind]
    return Style(table)


def _drawn(module: Vid2VidModule, clip: Clip, style: Style) -> Picture:
    instance, mask = (None if part is None else part[:, 0] for part in (clip.instance, clip.foreground))
    objects = instance if module.condition.instance_edges else None
    with torch.inference_mode():
        frame = Synthesizer(module, style=style).step(clip.source[:, 0], objects, mask)
    return to_pixels(frame.fake[0])
