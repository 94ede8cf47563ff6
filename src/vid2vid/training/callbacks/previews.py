"""A callback that writes previews: a held-out clip as the model synthesises it."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.loggers import TensorBoardLogger, WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.types import Clip
from vid2vid.video import VideoWriter
from vid2vid.visual import Picture, contact_sheet, save_png, side_by_side


class PreviewCallback(pl.Callback):
    """After a validation, synthesises the first held-out clip and writes it as a contact sheet and as a video.

    Files: ``FOLDER/epoch_0007.png``, with the rows of the module's `AdversarialModule.preview`, and
    ``FOLDER/epoch_0007.mp4`` (condition | synthesised | real). They are also sent to wandb and TensorBoard.

    Args:
        folder: Where to write.
        every_epochs: Epochs between two previews; validations in between are skipped.
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
        """Write the preview of this epoch, if one is due."""
        if trainer.sanity_checking or self._clip is None or (trainer.current_epoch + 1) % self.every_epochs:
            return
        if not isinstance(pl_module, AdversarialModule):
            raise TypeError(f"PreviewCallback needs a module with a preview, not a {type(pl_module).__name__}")
        pictures = pl_module.preview(self._clip)
        stem = f"epoch_{trainer.current_epoch + 1:04d}"
        sheet, video = self.folder / f"{stem}.png", self.folder / f"{stem}.mp4"
        picture = contact_sheet(pictures, title=f"epoch {trainer.current_epoch + 1}")
        save_png(sheet, picture)
        with VideoWriter(video, self.fps) as writer:
            for column in zip(pictures["condition"], pictures["synthesised"], pictures["real"], strict=True):
                writer.write(side_by_side(column))
        _send(trainer, picture, sheet, video)


def _send(trainer: pl.Trainer, picture: Picture, sheet: Path, video: Path) -> None:
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            # the encoded file: to encode arrays itself, wandb needs another package
            logger.log_video("preview", [str(video)])
            logger.log_image("preview_sheet", [str(sheet)])
        elif isinstance(logger, TensorBoardLogger):
            # a picture: without another package TensorBoard's add_video only prints
            logger.experiment.add_image("preview", picture, trainer.current_epoch + 1, dataformats="HWC")
