"""Squares on grounds, each in a colour of its own, a model trained on them, and a book of styles."""

from collections.abc import Callable
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from vid2vid import Clip, Condition, Vid2VidModule
from vid2vid.synthesis.styles import StyleBook, fit_styles
from vid2vid.types import Flow

FRAMES, SIZE = 4, 16
CONDITION = {"label_ids": [3, 7], "label_names": ["ground", "square"]}
COLOURS = torch.tensor([[230, 40, 40], [40, 40, 230]], dtype=torch.uint8)
"""Everything is red or blue."""


def squares(number: int) -> Clip:
    """Make a clip in which a square moves; its colour and that of the ground are drawn, and stay."""
    random = torch.Generator().manual_seed(number)
    source = torch.zeros(1, FRAMES, 1, SIZE, SIZE, dtype=torch.uint8)
    top, left = (int(torch.randint(0, 5, (1,), generator=random)) for _ in range(2))
    for t in range(FRAMES):
        source[:, t, :, top + t : top + t + 7, left : left + 7] = 1
    colours = COLOURS[torch.randint(2, (2,), generator=random)]
    real = colours[source[:, :, 0].long()].movedim(-1, 2)
    still = Flow(torch.zeros(1, FRAMES - 1, 2, SIZE, SIZE), torch.zeros(1, FRAMES - 1, 1, SIZE, SIZE))
    return Clip(source, real, None, {1: still}, [str(number)])


@pytest.fixture(scope="session")
def square_source() -> Tensor:
    """The conditions of a clip of squares, ``(1, T, 1, H, W)``."""
    return squares(1000).source


@pytest.fixture(scope="session")
def styled_module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    """A model that was trained on squares for some seconds. Not to be changed."""
    torch.manual_seed(0)
    discriminator = {"base_channels": 4, "layers": 1, "scales": 1}
    module = small_module(
        Condition(**CONDITION),  # type: ignore[arg-type]
        generator={"base_channels": 8, "use_flow": False, "norm": "batch"},
        discriminators={"image": discriminator, "video": discriminator, "temporal_strides": [1]},
        objective={"reconstruction_weight": 20.0},
        optimizer={"lr": 4e-3, "decay_from": 1.0},
        rollout={"first_frame": "empty"},
        encoder={"features": 3, "base_channels": 4, "downsamples": 0},
    )
    clips: Any = [squares(i) for i in range(280)]
    silent = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = pl.Trainer(max_epochs=1, accelerator="cpu", devices=1, enable_model_summary=False, **silent)  # type: ignore[arg-type]
    trainer.fit(module, DataLoader(clips, 4, collate_fn=Clip.stack))
    return module.eval()


@pytest.fixture(scope="session")
def new_encoder(small_module: Callable[..., Vid2VidModule]) -> Callable[..., Vid2VidModule]:
    """Makes models with an encoder that is not trained."""

    def make(condition: Condition | None = None) -> Vid2VidModule:
        return small_module(condition, encoder={"features": 2, "base_channels": 4, "downsamples": 1}).eval()

    return make


@pytest.fixture(scope="session")
def encoder_module(new_encoder: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    """A model of streets with an encoder that is not trained."""
    torch.manual_seed(3)
    return new_encoder()


@pytest.fixture(scope="session")
def book(encoder_module: Vid2VidModule, scikit_learn: None) -> StyleBook:
    """Styles of nine classes: the first has two kinds, of 60 and 40 objects, the second one object, the others none."""
    random = torch.Generator().manual_seed(5)
    around = torch.tensor([[0.6, -0.5]] * 60 + [[-0.4, 0.3]] * 40)
    first = around + 0.02 * torch.randn(100, 2, generator=random)
    features = [first, torch.tensor([[0.1, 0.2]]), *[torch.zeros(0, 2)] * 7]
    return fit_styles(encoder_module, features, components=2, kinds=2)
