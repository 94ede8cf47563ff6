"""Previews: what the model makes of a held-out clip, looked at while it trains."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import TensorBoardLogger, WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from vid2vid.baselines.covst_module import CovstModule
from vid2vid.baselines.image_module import ImageModule
from vid2vid.models import Model
from vid2vid.ops import to_images
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.types import Clip
from vid2vid.video import VideoWriter
from vid2vid.visual import (
    Picture,
    clip_pictures,
    contact_sheet,
    covst_pictures,
    prediction_pictures,
    rollout_pictures,
    save_png,
    side_by_side,
)


class PreviewCallback(pl.Callback):
    """After a validation, synthesises the first held-out clip and writes it as a contact sheet and as a video.

    Files: ``FOLDER/epoch_0007.png`` (condition, warped, mask, hallucinated, synthesised, real; of an image generator
    only condition, synthesised, real; of COVST the mask besides; of a predictor label maps take the place of frames,
    and the last given one that of the condition) and ``FOLDER/epoch_0007.mp4`` (condition |
    synthesised | real); sent to wandb and TensorBoard where they log.

    Args:
        folder: Where to write.
        every_epochs: Epochs between two previews; validations between are passed over.
        fps: Frames a second of the videos.
    """

    def __init__(self, folder: str | Path, every_epochs: int = 1, fps: float = 10.0) -> None:
        self.folder = Path(folder)
        self.every_epochs = every_epochs
        self.fps = fps
        self._clip: Clip | None = None

    def on_validation_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Keep the first batch."""
        _, _, clip, batch_idx = args[:4]
        if batch_idx == 0:
            self._clip = clip

    @rank_zero_only
    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the preview of this epoch, if it is one's turn."""
        if trainer.sanity_checking or self._clip is None or (trainer.current_epoch + 1) % self.every_epochs:
            return
        if not isinstance(pl_module, Model):
            raise TypeError(f"PreviewCallback knows no way to draw a {type(pl_module).__name__}")
        pictures = draw(pl_module, self._clip)
        stem = f"epoch_{trainer.current_epoch + 1:04d}"
        sheet, video = self.folder / f"{stem}.png", self.folder / f"{stem}.mp4"
        picture = contact_sheet(pictures, title=f"epoch {trainer.current_epoch + 1}")
        save_png(sheet, picture)
        with VideoWriter(video, self.fps) as writer:
            for column in zip(pictures["condition"], pictures["synthesised"], pictures["real"], strict=True):
                writer.write(side_by_side(column))
        _send(trainer, picture, sheet, video)


@torch.no_grad()
def draw(module: Model, clip: Clip) -> dict[str, list[Picture]]:
    """Synthesise the first clip of a batch, a video model from its first frames, and draw all its parts."""
    one = clip[:1]
    if isinstance(module, ImageModule):
        fake = module(one.source, one.instance)
        return clip_pictures(module.condition, one, to_images(one.real), fake, 0)
    if isinstance(module, PredictionModule):
        length = module.generator.config.past_frames
        rollout = module(one.source[:, :length], one.source.shape[1] - length)
        return prediction_pictures(module.condition, one, rollout, 0)
    scene = module.scene(one)
    if isinstance(module, CovstModule):
        made = module.rollout(scene)
        return covst_pictures(module.condition, one, scene.real, made.fake, made.mask, 0)
    return rollout_pictures(module.condition, one, scene.real, module.rollout(scene), 0)


def _send(trainer: pl.Trainer, picture: Picture, sheet: Path, video: Path) -> None:
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            # the encoded file: wandb needs another package to encode arrays itself
            logger.log_video("preview", [str(video)])
            logger.log_image("preview_sheet", [str(sheet)])
        elif isinstance(logger, TensorBoardLogger):
            # a picture: without another package TensorBoard's add_video only prints
            logger.experiment.add_image("preview", picture, trainer.current_epoch + 1, dataformats="HWC")
