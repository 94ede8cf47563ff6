"""F at one spatial scale: the place that reads like Eq. 4 and 9."""

from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator.blocks import full_precision, head, residuals, stem, upsampling
from vid2vid.generator.branch import BranchSize, ImageBranch
from vid2vid.generator.heads import NOTHING_DRAWN, Drawn, doubled, draw, silence
from vid2vid.ops import blend, warp
from vid2vid.types import Frame


class Features(NamedTuple):
    """What a finer scale takes from a coarser one: the last features of H, of W and M, and of h_F, ``(B, ·, H, W)``.

    And what the coarser one drew with them, which residual heads add to.
    """

    image: Tensor | None = None
    flow: Tensor | None = None
    foreground: Tensor | None = None
    drawn: Drawn = NOTHING_DRAWN


NOTHING_COARSER = Features()


@dataclass(frozen=True)
class Size:
    """How large F is at one scale: the finer, the narrower and the shallower.

    Attributes:
        width: Channels of the first layer.
        foreground_width: The same of h_F's network.
        downsamples: Number of stride-2 layers.
        stem_blocks: Residual blocks in each stem.
        trunk_blocks: Residual blocks in each trunk.
        foreground_blocks: Residual blocks of h_F's network.
        flow_scale: Factor of W's last layer, in pixels.
    """

    width: int
    foreground_width: int
    downsamples: int
    stem_blocks: int
    trunk_blocks: int
    foreground_blocks: int
    flow_scale: float

    @classmethod
    def of(cls, config: GeneratorConfig, scale: int) -> "Size":
        """Return the size of the scale that is ``scale`` steps finer than the coarsest."""
        full = config.base_channels
        foreground = config.foreground_channels or (full // 2 if config.downsamples > 2 else full)
        in_stem = (config.blocks + 1) // 2
        depth = (config.downsamples, in_stem, config.blocks - in_stem, config.blocks)
        if scale:
            depth = (1, 0, config.finer_blocks, config.finer_blocks)
        return cls(full // 2**scale, foreground // 2**scale, *depth, config.flow_scale * 2**scale)


class ScaleGenerator(nn.Module):
    """F at one spatial scale.

    ``x̃_t = (1 - m̃_t) ⊙ w̃(x̃_{t-1}) + m̃_t ⊙ h̃_t``  (Eq. 4)

    where the flow w̃ = W(x̃_{t-L..t-1}, s_{t-L..t}) is in pixels, the mask m̃ = M(…) in [0, 1] and the hallucinated
    frame h̃ = H(…) in [-1, 1]. Two stems, one for the conditions and one for the past, are summed; the image branch ends
    in H, the flow branch in W and M, which share all but their last layer. With a foreground prior
    ``h̃_t = (1 - m_B) ⊙ h̃_F + m_B ⊙ h̃_B``  (Eq. 9), where h̃_B is H and h̃_F sees the conditions alone.

    Args:
        config: Size and form of F.
        condition_channels: Channels C of the encoded condition of one frame.
        scale: How many steps finer than the coarsest scale.
    """

    def __init__(self, config: GeneratorConfig, condition_channels: int, scale: int) -> None:
        super().__init__()
        self.config = config
        self.size = size = Size.of(config, scale)
        width, downs, norm = size.width, size.downsamples, config.norm
        deepest = width * 2**downs
        conditions = (config.past_frames + 1) * condition_channels

        def encoder(channels: int) -> nn.Sequential:
            return nn.Sequential(*stem(channels, width, downs, norm), *residuals(deepest, size.stem_blocks, norm))

        self.condition_stem = encoder(conditions)
        self.past_stem = encoder(config.past_frames * 3)
        self.image_trunk = nn.Sequential(*residuals(deepest, size.trunk_blocks, norm))
        self.image_up = upsampling(width, downs, norm, config.upsampling)
        self.hallucination_head = head(width, 3)
        if config.use_flow:
            self.flow_trunk = nn.Sequential(*residuals(deepest, size.trunk_blocks, norm))
            self.flow_up = upsampling(width, downs, norm, config.upsampling)
            self.flow_head = head(width, 2)
            self.mask_head = head(width, 1)
        if config.foreground != "none":
            foreground = size.foreground_width
            self.foreground_branch = ImageBranch(
                conditions, BranchSize(foreground, downs, size.foreground_blocks, norm, config.upsampling)
            )
            self.foreground_head = head(foreground, 3)

    def begin_as_coarser(self) -> None:
        """Let the residual heads begin with zero: what this scale draws is what the coarser one drew, doubled."""
        for name, part in self.named_children():
            if name.endswith("_head"):
                silence(cast("nn.Sequential", part))

    def forward(
        self,
        source: Tensor,
        past: Tensor,
        coarser: Features = NOTHING_COARSER,
        foreground: Tensor | None = None,
        hallucinate: bool = False,
    ) -> tuple[Frame, Features]:
        """Synthesise one time step at this scale.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t.
            past: ``(B, L, 3, H, W)`` in [-1, 1], the frames x̃_{t-L} .. x̃_{t-1} of this scale.
            coarser: The features of the next coarser scale, and what it drew.
            foreground: ``(B, 1, H, W)`` in [0, 1], 1 - m_B of frame t, if there is a foreground prior.
            hallucinate: Set m̃ to one: there is no past to warp.

        Returns:
            The frame with everything that it was made of, and the features for the next finer scale.
        """
        conditions = source.flatten(1, 2)
        encoded = self.condition_stem(conditions) + self.past_stem(past.flatten(1, 2))
        image = self.image_up(self.image_trunk(_plus(encoded, coarser.image)))
        base = coarser.drawn if self.config.finer_heads == "residual" else NOTHING_DRAWN
        of_image = draw(self.hallucination_head, image, base.image)
        h_b = h = torch.tanh(of_image)
        h_f = of_foreground = of_h_f = None
        if foreground is not None:
            of_foreground = self.foreground_branch(conditions, coarser.foreground)
            of_h_f = draw(self.foreground_head, of_foreground, base.foreground)
            h_f = torch.tanh(of_h_f)
            h = blend(h_b, h_f, foreground)
        previous = past[:, -1]
        if not self.config.use_flow:
            return _without_flow(h, previous), Features(image, None, of_foreground, Drawn(of_image, of_h_f))
        motion = self.flow_up(self.flow_trunk(_plus(encoded, coarser.flow)))
        of_motion = self._draw_motion(motion, base.motion)
        flow, mask = self.size.flow_scale * of_motion[:, :2], torch.sigmoid(of_motion[:, 2:])
        if hallucinate:
            mask = torch.ones_like(mask)
        warped = warp(previous, flow, self.config.interpolation)
        if self.config.interpolation == "cubic":
            # it goes beyond what an image can be
            warped = warped.clamp(-1, 1)
        if self.config.foreground == "overwrite" and h_f is not None and foreground is not None:
            fake = blend(blend(warped, h_b, mask), h_f, foreground)
        else:
            fake = blend(warped, h, mask)
        return Frame(fake, h, warped, flow, mask), Features(
            image, motion, of_foreground, Drawn(of_image, of_h_f, of_motion)
        )

    def _draw_motion(self, features: Tensor, coarser: Tensor | None) -> Tensor:
        """Run the last layers of W and M, which are one convolution here: that takes half the time of two.

        In full precision: in bfloat16 a flow of 10 pixels is off by up to 0.03, and a roll-out adds that up.
        """
        last = [cast("nn.Conv2d", head[1]) for head in (self.flow_head, self.mask_head)]
        weight = torch.cat([layer.weight for layer in last])
        bias = torch.cat([cast("Tensor", layer.bias) for layer in last])
        with torch.autocast(features.device.type, enabled=False):
            both = nnf.conv2d(self.flow_head[0](full_precision(features)), weight, bias)
        return both if coarser is None else both + doubled(coarser)


def _plus(features: Tensor, coarser: Tensor | None) -> Tensor:
    return features if coarser is None else features + coarser


def _without_flow(h: Tensor, previous: Tensor) -> Frame:
    return Frame(h, h, previous, torch.zeros_like(h[:, :2]), torch.ones_like(h[:, :1]))
