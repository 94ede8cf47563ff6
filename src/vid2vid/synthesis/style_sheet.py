"""A contact sheet of the kinds of each class."""

import torch

from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.generator import Style
from vid2vid.ops import class_map
from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.synthesis.synthesizer import Synthesizer
from vid2vid.training import Vid2VidModule
from vid2vid.visual import Picture, contact_sheet, to_pixels


def style_sheet(module: Vid2VidModule, book: StyleBook, data: Vid2VidDataModule, most: int = 8) -> Picture:
    """Synthesise a frame for each kind of each class; all other classes have the mean style.

    Args:
        module: The model of the styles.
        book: The styles.
        data: A data module whose held-out sequences have been set up. Each class is shown in the sequence whose first
            frame has most pixels of it; F starts from an empty past.
        most: Largest number of kinds of a class, the most common ones.

    Returns:
        ``(H', W', 3)`` uint8: a row for each class that has kinds and is seen, kind 0 on the left.
    """
    clips = list(data.held_out(1))
    rows: dict[str, list[Picture]] = {}
    for row, label in enumerate(book.labels):
        pixels = [int((class_map(module.condition, clip.source) == row).sum()) for clip in clips]
        kinds = min(int((book.sizes[row] > 0).sum()), most)
        if kinds and max(pixels):
            clip = clips[pixels.index(max(pixels))]
            instance, mask, planes = (
                None if part is None else part[:, 0] for part in (clip.instance, clip.foreground, clip.planes)
            )
            objects = instance if module.condition.needs_instances else None
            rows[label] = []
            for kind in range(kinds):
                table = book.mean.clone()
                table[row] = book.centres[row, kind]
                with torch.inference_mode():
                    frame = Synthesizer(module, style=Style(table)).step(clip.source[:, 0], objects, mask, planes)
                rows[label].append(to_pixels(frame.fake[0]))
    return contact_sheet(rows, columns=most, title="kinds of each class, from 0 on, the most common ones first")
