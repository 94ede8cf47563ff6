"""F for one time step: the place that reads like Eq. 4."""

from typing import cast

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.generator.blocks import ResidualBlock, head, initialise, stem, upsampling
from vid2vid.ops import blend, crop, pad_to_multiple, warp
from vid2vid.settings import GeneratorConfig
from vid2vid.types import Frame


class FrameGenerator(nn.Module):
    """F: one frame from the past frames and the conditions.

    ``x̃_t = (1 - m̃_t) ⊙ w̃(x̃_{t-1}) + m̃_t ⊙ h̃_t``  (Eq. 4)

    where the flow w̃ = W(x̃_{t-L..t-1}, s_{t-L..t}) is in pixels, the mask m̃ = M(…) in [0, 1] and the hallucinated
    frame h̃ = H(…) in [-1, 1]. Two stems, one for the conditions and one for the past, are summed; the image branch ends
    in H, the flow branch in W and M, which share all but their last layer.

    Args:
        config: Size and form.
        condition_channels: Channels C of the encoded condition of one frame.
    """

    def __init__(self, config: GeneratorConfig, condition_channels: int) -> None:
        super().__init__()
        self.config = config
        width, downs, norm = config.base_channels, config.downsamples, config.norm
        in_stem = (config.blocks + 1) // 2
        deepest = width * 2**downs

        def blocks(count: int) -> list[nn.Module]:
            return [ResidualBlock(deepest, norm) for _ in range(count)]

        window = config.past_frames + 1
        self.condition_stem = nn.Sequential(*stem(window * condition_channels, width, downs, norm), *blocks(in_stem))
        self.past_stem = nn.Sequential(*stem(config.past_frames * 3, width, downs, norm), *blocks(in_stem))
        self.image_trunk = nn.Sequential(*blocks(config.blocks - in_stem))
        self.image_up = upsampling(width, downs, norm)
        self.hallucination_head = head(width, 3, nn.Tanh())
        if config.use_flow:
            self.flow_trunk = nn.Sequential(*blocks(config.blocks - in_stem))
            self.flow_up = upsampling(width, downs, norm)
            self.flow_head = head(width, 2)
            self.mask_head = head(width, 1, nn.Sigmoid())
        self.apply(initialise)

    def forward(self, source: Tensor, past: Tensor, hallucinate: bool = False) -> Frame:
        """Synthesise one time step.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t. Any size: borders are repeated to a
                multiple of 2^downsamples inside and cropped off again.
            past: ``(B, L, 3, H, W)`` in [-1, 1], the frames x̃_{t-L} .. x̃_{t-1}.
            hallucinate: Set m̃ to one: there is no past to warp.

        Returns:
            The frame and everything that it was made of.
        """
        height, width = source.shape[-2:]
        multiple = 2**self.config.downsamples
        features = self.condition_stem(pad_to_multiple(source.flatten(1, 2), multiple))
        features = features + self.past_stem(pad_to_multiple(past.flatten(1, 2), multiple))
        h = crop(self._hallucinate(features), height, width)
        previous = past[:, -1]
        if not self.config.use_flow:
            return Frame(h, h, previous, torch.zeros_like(h[:, :2]), torch.ones_like(h[:, :1]))
        flow, mask = (crop(part, height, width) for part in self._flow_and_mask(features))
        if hallucinate:
            mask = torch.ones_like(mask)
        warped = warp(previous, flow)
        return Frame(blend(warped, h, mask), h, warped, flow, mask)

    def _hallucinate(self, features: Tensor) -> Tensor:
        image: Tensor = self.hallucination_head(self.image_up(self.image_trunk(features)))
        return _full(image)

    def _flow_and_mask(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Run W and M up to their last layers, which are one convolution here: that takes half the time of two.

        In full precision: in bfloat16 a flow of 10 pixels is off by up to 0.03, and a roll-out adds that up.
        """
        motion = self.flow_up(self.flow_trunk(features))
        last = [cast("nn.Conv2d", head[1]) for head in (self.flow_head, self.mask_head)]
        weight = torch.cat([layer.weight for layer in last])
        bias = torch.cat([cast("Tensor", layer.bias) for layer in last])
        with torch.autocast(motion.device.type, enabled=False):
            both = nnf.conv2d(self.flow_head[0](_full(motion)), weight, bias)
            return self.config.flow_scale * both[:, :2], self.mask_head[2](both[:, 2:])


def _full(features: Tensor) -> Tensor:
    return features.to(torch.promote_types(features.dtype, torch.float32))
