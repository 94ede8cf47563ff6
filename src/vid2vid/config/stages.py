"""Settings of a spatially progressive training."""

from dataclasses import dataclass
from typing import Any

from vid2vid.errors import ConfigError


@dataclass
class StageConfig:
    """One stage of a spatially progressive training; what is 0 here is as the whole training has it.

    Attributes:
        height: Rows of the frames, as ``data.height``.
        width: Columns of the frames, as ``data.width``.
        scales: Spatial scales of the generator, one more than in the stage before when a finer one joins.
        epochs: Epochs of this stage, as ``trainer.max_epochs``.
        freeze_coarse_epochs: The first of them, in which of the generator only the finest scale learns.
        lr: Learning rate, as ``optimizer.lr``; ``optimizer.discriminator_lr`` changes by the same factor.
        batch_size: Clips of a batch, as ``data.batch_size``.
        clip_frames: Frames of a clip, as ``data.clip_frames``.
        image_critic_scales: Spatial scales of D_I, as ``discriminators.image.scales``.
    """

    height: int = 0
    width: int = 0
    scales: int = 0
    epochs: int = 0
    freeze_coarse_epochs: int = 0
    lr: float = 0.0
    batch_size: int = 0
    clip_frames: int = 0
    image_critic_scales: int = 0

    def check(self, key: str) -> None:
        """Refuse what cannot work.

        Args:
            key: Where the stage stands in the configuration, for messages.

        Raises:
            ConfigError: A number is negative, or only one side of the frames is given.
        """
        negative = [name for name, value in vars(self).items() if value < 0]
        if negative:
            raise ConfigError(f"{key}: {', '.join(negative)} must not be below 0.")
        if bool(self.height) != bool(self.width):
            raise ConfigError(f"{key}: give both height and width, or neither; got {self.height} x {self.width}.")

    @property
    def loader(self) -> dict[str, Any]:
        """What this stage changes in the settings of the loader (`LoaderConfig`)."""
        names = ("height", "width", "batch_size", "clip_frames")
        return {name: getattr(self, name) for name in names if getattr(self, name)}
