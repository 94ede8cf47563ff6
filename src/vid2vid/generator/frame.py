"""F for one time step, from the coarsest spatial scale to the finest."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator.blocks import initialise
from vid2vid.generator.scale import NOTHING_COARSER, ScaleGenerator
from vid2vid.ops import crop, pad_to_multiple, pyramid
from vid2vid.types import Frame


class FrameGenerator(nn.Module):
    """F: one frame from the past frames and the conditions.

    Each finer scale (`ScaleGenerator`) sees conditions twice as large, takes image, flow and foreground features from
    the coarser one, and has a past of its own; the frame of the finest one is the result.

    Args:
        config: Size and form.
        condition_channels: Channels C of the encoded condition of one frame.
    """

    def __init__(self, config: GeneratorConfig, condition_channels: int) -> None:
        super().__init__()
        self.config = config
        self.scales = nn.ModuleList(ScaleGenerator(config, condition_channels, scale) for scale in range(config.scales))
        self.apply(initialise)
        if config.finer_heads == "residual":
            for scale in list(self.scales)[1:]:
                cast("ScaleGenerator", scale).begin_as_coarser()

    def forward(
        self,
        source: Tensor,
        past: Sequence[Tensor],
        foreground: Tensor | None = None,
        hallucinate: bool = False,
    ) -> Frame:
        """Synthesise one time step.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t. Any size: borders are repeated to a
                multiple inside and cropped off again.
            past: For each scale, the coarsest first, the frames x̃_{t-L} .. x̃_{t-1}, ``(B, L, 3, h, w)`` in [-1, 1].
            foreground: ``(B, 1, H, W)`` in [0, 1], where the foreground of frame t is, if there is a foreground prior.
            hallucinate: Set m̃ to one: there is no past to warp.

        Returns:
            The frame and everything that it was made of.
        """
        masks = [None] * len(self.scales) if foreground is None else self.pyramid(foreground)
        features = NOTHING_COARSER
        coarser: list[Tensor] = []
        past = [*past[:-1], pad_to_multiple(past[-1], self.config.multiple)]
        for scale, *inputs, mask in zip(self.scales, self.pyramid(source), past, masks, strict=True):
            frame, features = scale(*inputs, features, mask, hallucinate)
            coarser.append(frame.fake)
        height, width = source.shape[-2:]
        return Frame.of([*(crop(part, height, width) for part in frame.tensors), *coarser[:-1]])

    def pyramid(self, images: Tensor) -> list[Tensor]:
        """Return images ``(…, H, W)`` for each scale, the coarsest first, padded to sizes that can be halved."""
        return pyramid(pad_to_multiple(images, self.config.multiple), self.config.scales)
