"""The LightningModule of pix2pixHD: an image generator and its D_I."""

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor, nn

from vid2vid.baselines.image_generator import ImageGenerator
from vid2vid.condition import Condition
from vid2vid.config import ImageGeneratorConfig, ObjectiveConfig, OptimizerConfig, PatchDiscriminatorConfig, build
from vid2vid.data.conditions import encode
from vid2vid.discriminator.discriminators import ImageDiscriminator
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.image_quality import PSNR
from vid2vid.ops import to_images
from vid2vid.training.adversarial_module import Inputs, Settings
from vid2vid.training.discriminator_inputs import DiscriminatorInput
from vid2vid.training.pretrained_module import PretrainedModule
from vid2vid.types import Clip
from vid2vid.visual import Picture, clip_pictures


class ImageModule(PretrainedModule[ImageGenerator]):
    """Image synthesis by pix2pixHD: each frame from its condition alone, trained against D_I.

    It makes the first frames of a video for F, and is a baseline of the paper. Each part takes its settings as a
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

    kind: ClassVar[str] = "image"

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
        self.psnr = PSNR()
        self.discriminator = ImageDiscriminator(
            build(PatchDiscriminatorConfig, discriminator, "discriminator"), condition.channels
        )
        self.record_settings(image=generator.config, discriminator=self.discriminator.config)

    def forward(self, source: Tensor, instance: Tensor | None = None, planes: Tensor | None = None) -> Tensor:
        """Synthesise the frames of videos, each on its own.

        Args:
            source: ``(B, T, S, H, W)`` uint8 conditions as in `Clip`.
            instance: ``(B, T, 1, H, W)`` object ids, if they are a part of the condition.
            planes: ``(B, T, P, H, W)``, the planes in their units, if they are a part of the condition.

        Returns:
            ``(B, T, 3, H, W)`` in [-1, 1].
        """
        return self.images(encode(self.condition, source, instance, planes))

    def images(self, code: Tensor) -> Tensor:
        """Synthesise ``(..., 3, H, W)`` in [-1, 1] from encoded conditions ``(..., C, H, W)``."""
        images: Tensor = self.synthesis_generator(code)
        return images

    def named_discriminators(self) -> dict[str, nn.Module]:
        """Return D_I."""
        return {"D_I": self.discriminator}

    def spatial_scales(self) -> nn.ModuleList:
        """Return the global generator and its local enhancers."""
        return self.generator.scales

    def training_chunks(self, clip: Clip) -> Iterator[tuple[Inputs, dict[str, Tensor]]]:
        """Synthesise all frames of a batch of clips, in one chunk."""
        source = encode(self.condition, clip.source, clip.instance, clip.planes).flatten(0, 1)
        real = to_images(clip.real).flatten(0, 1)
        fake = self.generator(source)
        views = [self.discriminator.view(images, source) for images in (real, fake)]
        inputs = {"D_I": [DiscriminatorInput.augmented(self.discriminator, views[0], views[1:])]}
        yield inputs, self.objective.appearance([fake], real)

    @torch.no_grad()
    def preview(self, clip: Clip) -> dict[str, list[Picture]]:
        """Synthesise the first clip of a batch and draw it."""
        clip = clip[:1]
        made = self(clip.source, clip.instance, clip.planes)
        return clip_pictures(self.condition, clip, to_images(clip.real), made, 0)

    def validation_step(self, clip: Clip, batch_idx: int) -> None:
        """Synthesise held-out clips and compare them with the real ones."""
        self.psnr.update(self(clip.source, clip.instance, clip.planes), ReferenceClip(to_images(clip.real)))
        self.log("val/psnr", self.psnr, prog_bar=True, sync_dist=True, batch_size=clip.real.shape[0])
