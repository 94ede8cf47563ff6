"""The progress bar of a training, with rate, time left and loss terms."""

import pytorch_lightning as pl
from pytorch_lightning.callbacks import TQDMProgressBar


class TrainingProgress(TQDMProgressBar):
    """Lightning's tqdm bar with the names of the terms as the paper has them: ``F/L_W`` instead of ``train/F/L_W``."""

    def get_metrics(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """Return the values to show: the loss terms and the validation's PSNR."""
        metrics = super().get_metrics(trainer, pl_module)
        shown: dict[str, int | str | float | dict[str, float]] = {}
        for name, value in metrics.items():
            if name.startswith("train/") or name == "val/psnr":
                short = name.removeprefix("train/")
                shown[short] = f"{value:.2f}" if isinstance(value, float) else value
        return shown
