"""The contact sheet of the kinds of each class."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from vid2vid import Synthesizer, Vid2VidDataModule, Vid2VidModule
from vid2vid.generator import Style
from vid2vid.ops import class_map
from vid2vid.synthesis.style_sheet import style_sheet
from vid2vid.synthesis.styles import StyleBook, fit_styles
from vid2vid.visual import to_pixels


@pytest.fixture
def module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    torch.manual_seed(3)
    return small_module(encoder={"features": 2, "base_channels": 4, "downsamples": 1}).eval()


@pytest.mark.usefixtures("scikit_learn")
def test_each_kind_of_a_class_that_is_seen_is_drawn(
    module: Vid2VidModule, street_data: Callable[..., Vid2VidDataModule]
) -> None:
    data = street_data(val_frames=2)
    data.prepare_data()
    data.setup("fit")
    # road and building have two kinds; of the others nothing is known
    features = [torch.tensor([[0.6, -0.5]] * 30 + [[-0.9, 0.9]] * 20)] * 2 + [torch.zeros(0, 2)] * 7
    book: StyleBook = fit_styles(module, features, components=1, kinds=2)
    sheet = style_sheet(module, book, data, most=3)
    clips = list(data.held_out(1))
    for row in (0, 1):
        clip = max(clips, key=lambda clip: int((class_map(module.condition, clip.source) == row).sum()))
        for kind in (0, 1):
            table = book.mean.clone()
            table[row] = book.centres[row, kind]
            frame = to_pixels(Synthesizer(module, style=Style(table)).step(clip.source[:, 0]).fake[0])
            places = np.lib.stride_tricks.sliding_window_view(sheet, frame.shape)[:, :, 0]
            assert (places == frame).all(axis=(-1, -2, -3)).any(), f"kind {kind} of class {row} is not in the sheet"
    one = style_sheet(module, book, data, most=1)
    assert one.shape[1] < sheet.shape[1]
