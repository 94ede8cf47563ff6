"""ImageModule: the image generator and its D_I, and how they are trained."""

from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from vid2vid.baselines.image_generator import ImageGenerator
from vid2vid.condition import Condition
from vid2vid.config import ImageGeneratorConfig, ObjectiveConfig, OptimizerConfig, PatchDiscriminatorConfig, build
from vid2vid.discriminator import ImageDiscriminator
from vid2vid.errors import CheckpointError
from vid2vid.metrics import psnr
from vid2vid.ops import encode, to_images
from vid2vid.training.adversarial import AdversarialModule, Settings
from vid2vid.training.checkpoints.restore import read, restore
from vid2vid.training.discriminator_inputs import Exhibit
from vid2vid.types import Clip


class ImageModule(AdversarialModule[ImageGenerator]):
    """Image synthesis by pix2pixHD: each frame from its condition alone, trained against D_I.

    It makes the first frames of a video for F, and is what F is compared with. Each part takes its settings as a
    dataclass or as a mapping with some of its fields; all of them are kept in the checkpoint, as plain values.

    Args:
        condition: What the conditions are (`vid2vid.condition.Condition`); a data module knows it.
        image: Size and form of the generator (`ImageGeneratorConfig`).
        discriminator: D_I (`PatchDiscriminatorConfig`).
        objective: Form and weights of the losses (`ObjectiveConfig`); those of videos do not count.
        optimizer: Adam and its schedule (`OptimizerConfig`).

    Raises:
        ConfigError: A setting is unknown or cannot work.
    """

    NEEDED: ClassVar[frozenset[str]] = frozenset({"condition", "image", "discriminator", "objective"})

    def __init__(
        self,
        condition: Condition | Settings,
        image: ImageGeneratorConfig | Settings | None = None,
        discriminator: PatchDiscriminatorConfig | Settings | None = None,
        objective: ObjectiveConfig | Settings | None = None,
        optimizer: OptimizerConfig | Settings | None = None,
    ) -> None:
        condition = build(Condition, condition, "condition")
        generator = ImageGenerator(build(ImageGeneratorConfig, image, "image"), condition.channels)
        super().__init__(condition, generator, objective, optimizer)
        self.discriminator = ImageDiscriminator(
            build(PatchDiscriminatorConfig, discriminator, "discriminator"), condition.channels
        )
        self.record_settings(image=generator.config, discriminator=self.discriminator.config)

    def forward(self, source: Tensor, instance: Tensor | None = None) -> Tensor:
        """Synthesise the frames of videos, each on its own.

        Args:
            source: ``(B, T, S, H, W)`` uint8 conditions as in `Clip`.
            instance: ``(B, T, 1, H, W)`` object ids, if the condition has instance edges.

        Returns:
            ``(B, T, 3, H, W)`` in [-1, 1].
        """
        return self.images(encode(self.condition, source, instance))

    def images(self, code: Tensor) -> Tensor:
        """Synthesise ``(..., 3, H, W)`` in [-1, 1] from encoded conditions ``(..., C, H, W)``."""
        images: Tensor = self.synthesis_generator(code)
        return images

    def require_fit(self, condition: Condition, name: str | Path = "the image generator") -> None:
        """Make sure that conditions of this kind can be given to `images`.

        Args:
            condition: What the conditions of another module are.
            name: What to call this module in the message.

        Raises:
            CheckpointError: They are encoded otherwise than those that it was trained on.
        """
        if not self.condition.encodes_like(condition):
            raise CheckpointError(
                f"{name}: was trained on conditions of {self.condition.channels} channels ({self.condition.kind}), but "
                f"those of the video model have {condition.channels} ({condition.kind}), or other labels; train it on "
                "the same data."
            )

    def discriminator_list(self) -> list[nn.Module]:
        """Return D_I."""
        return [self.discriminator]

    def spatial_scales(self) -> nn.ModuleList:
        """Return the global generator and its local enhancers."""
        return self.generator.scales

    def training_step(self, clip: Clip, batch_idx: int) -> None:
        """Synthesise all frames of a batch of clips, and make a step of the generator and of D_I."""
        source = encode(self.condition, clip.source, clip.instance).flatten(0, 1)
        real = to_images(clip.real).flatten(0, 1)
        fake = self.generator(source)
        view = Exhibit(
            self.discriminator, self.discriminator.view(real, source), [self.discriminator.view(fake, source)]
        )
        self.log_losses(self.learn({"L_I": [view]}, self.objective.appearance([fake], real)), clip)

    def validation_step(self, clip: Clip, batch_idx: int) -> None:
        """Synthesise held-out clips and compare them with the real ones."""
        value = psnr(self(clip.source, clip.instance), to_images(clip.real))
        self.log("val/psnr", value, prog_bar=True, sync_dist=True, batch_size=clip.real.shape[0])


def load_image(path: str | Path, device: str | torch.device = "cpu", condition: Condition | None = None) -> ImageModule:
    """Load a trained image generator for synthesis.

    Args:
        path: A ``.ckpt`` file of ``vid2vid train model=image``; nothing in it is executed (weights-only).
        device: Where its tensors go.
        condition: The conditions that it must fit; None: any.

    Raises:
        CheckpointError: The file is missing, damaged, not a checkpoint of `ImageModule`, or of other conditions.
    """
    stored = read(path)
    if {"generator", "style", "predictor"} & set(stored.settings) and not stored.holds(ImageModule):
        kind = "a predictor" if "predictor" in stored.settings else "a video model"
        raise CheckpointError(f"{path}: this is {kind}; an image generator (train model=image) is needed here.")
    module = restore(stored, ImageModule, device)
    if condition is not None:
        module.require_fit(condition, path)
    return module
