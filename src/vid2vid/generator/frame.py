"""F for one time step, from the coarsest spatial scale to the finest."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator.blocks import init_weights
from vid2vid.generator.conditions import Conditions
from vid2vid.generator.efficient import EfficientScaleGenerator
from vid2vid.generator.label_lookup import lookup_is_faster
from vid2vid.generator.motion_prior import MotionPrior
from vid2vid.generator.scale import ScaleGenerator, ScaleOutput
from vid2vid.ops import Code, LabelCode, crop, dense, pad_to_multiple, pyramid
from vid2vid.types import Frame


class FrameGenerator(nn.Module):
    """F: one frame from the past frames and the conditions.

    Each finer scale (`ScaleGenerator`, or `EfficientScaleGenerator`) sees conditions twice as large, takes image, flow
    and foreground from the coarser one, and has a past of its own; the frame of the finest one is the result.

    Args:
        config: Size and form.
        condition_channels: Channels C of the encoded condition of one frame.
        motion_prior: The motion in the conditions that W begins from; None: there is none.
    """

    def __init__(
        self, config: GeneratorConfig, condition_channels: int, motion_prior: MotionPrior | None = None
    ) -> None:
        super().__init__()
        self.config = config
        form = EfficientScaleGenerator if config.form == "efficient" else ScaleGenerator
        self.scales = nn.ModuleList(
            form(config, condition_channels, scale, motion_prior) for scale in range(config.scales)
        )
        if config.form == "paper":
            self.apply(init_weights)
        if config.finer_heads == "residual":
            for scale in list(self.scales)[1:]:
                cast("ScaleGenerator", scale).zero_init_heads()

    def forward(
        self,
        source: Code | Conditions,
        past: Sequence[Tensor],
        foreground: Tensor | None = None,
        hallucinate: bool | Tensor = False,
        memory: Tensor | None = None,
    ) -> Frame:
        """Synthesise one time step.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t. Any size: borders are repeated to a
                multiple inside and cropped off again. Or what `conditions` made of them.
            past: For each scale, the coarsest first, the frames x̃_{t-L} .. x̃_{t-1}, ``(B, L, 3, h, w)`` in [-1, 1].
            foreground: ``(B, 1, H, W)`` in [0, 1], where the foreground of frame t is, if there is a foreground prior.
            hallucinate: Set m̃ to one: there is no past to warp. A tensor of one bool decides it in an exported graph.
            memory: ``(B, 4, H, W)``, the painted memory of the objects of frame t (`ObjectMemory.paint`), if F has one.

        Returns:
            The frame and everything that it was made of.
        """
        conditions = source if isinstance(source, Conditions) else self.conditions(source)
        masks, memories = (
            [None] * len(self.scales) if part is None else self.pyramid(part) for part in (foreground, memory)
        )
        past = [*past[:-1], pad_to_multiple(past[-1], self.config.multiple)]
        output: ScaleOutput | None = None
        outputs: list[ScaleOutput] = []
        inputs = zip(self.scales, conditions.scales, past, masks, memories, strict=True)
        for scale, s, x, mask, painted in inputs:
            output = scale(s, x, output, mask, hallucinate, painted)
            outputs.append(output)
        *coarser, finest = (output.frame for output in outputs)
        parts = [crop(part, *conditions.size) for part in finest.tensors]
        return Frame.of([*parts, *(frame.fake for frame in coarser)])

    def full_precision_layers(self) -> list[nn.Module]:
        """Return the layers whose weights must not be turned into half precision."""
        return [layer for scale in self.scales for layer in cast("ScaleGenerator", scale).full_precision_layers()]

    def conditions(self, code: Code) -> Conditions:
        """Prepare encoded conditions ``(B, T, C, H, W)``: padded, and pooled for the coarser scales.

        Labels of the finest scale stay as they are where looking them up is faster; coarser ones see pooled labels.
        """
        size = (code.shape[-2], code.shape[-1])
        # the efficient form's first layers are too small for a table
        if isinstance(code, LabelCode) and self.config.form == "paper" and lookup_is_faster(code):
            finest = code.padded(self.config.multiple)
            coarser = self.pyramid(code.dense())[:-1] if self.config.scales > 1 else []
            return Conditions([*coarser, finest], size)
        return Conditions(self.pyramid(dense(code)), size)

    def pyramid(self, images: Tensor) -> list[Tensor]:
        """Return images ``(…, H, W)`` for each scale, the coarsest first, padded to sizes that can be halved."""
        return pyramid(pad_to_multiple(images, self.config.multiple), self.config.scales)
