"""The efficient form of F at one spatial scale: Eq. 4 and 9 by one U-Net, most of whose work is at low resolution."""

from itertools import pairwise
from math import gcd
from typing import cast

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator.blocks import full_precision, upsample_2x
from vid2vid.generator.composition import compose_frame, hallucinated_frame, mask_of, warp_frame
from vid2vid.generator.motion_prior import MotionPrior
from vid2vid.generator.scale import Branches, ScaleOutput, past_channels, with_memory

HEAD_GAIN = 0.02
"""Scale of the first weights of output layers: F begins with nearly no flow, and with a paler past."""
LEAK = 0.7
"""Share of the warped frame that H begins from. With 1 errors would add up from frame to frame; with 0 H is useless at
first, so that M closes and stays closed where little moves."""


class EfficientScaleGenerator(nn.Module):
    """F at one spatial scale, with the interface of the paper's form (`ScaleGenerator`) and other layers inside.

    Conditions and past enter by 2x2 convolutions of stride 2, so that no wide convolution runs at full resolution. One
    U-Net (Ronneberger et al., 2015) of pre-activation residual blocks (He et al., 2016) serves all branches; its skip
    connections carry the borders of the labels. W and M are drawn at half the resolution and enlarged bilinearly, which
    leaves no checkerboard.

    H sees the warped past at a quarter and at half the resolution, and begins from a paler one:

    ``h̃_t = tanh( r_t + artanh(0.7 w̃(x̃_{t-1})) )``

    where the residual r, whose last layer begins near zero, has to draw the rest of the colours anew in each frame. Two
    small layers at full resolution may finish it (`FinishingLayers`). M and H come from layers without normalisation,
    which would leave droplets.

    Each finer scale is half as wide, goes down to a quarter of its resolution, which is half of the coarser one's,
    takes that one's features there, and adds to its flow, mask and residual. The widths of the levels of a U-Net are
    one, two, three times that of its finest one, and so on.

    Args:
        config: Size and form of F.
        condition_channels: Channels C of the encoded condition of one frame.
        scale: How many steps finer than the coarsest scale.
        motion_prior: The motion in the conditions to which the drawn flow is added; None: there is none.
    """

    def __init__(
        self, config: GeneratorConfig, condition_channels: int, scale: int, motion_prior: MotionPrior | None = None
    ) -> None:
        super().__init__()
        self.motion_prior, self.coarseness = motion_prior, config.scales - 1 - scale
        self.config = config
        self.flow_scale = config.flow_scale * 2**scale
        conditions = (config.past_frames + 1) * condition_channels
        resize = config.upsampling == "resize"
        # level 0 has half the resolution of the frames, level 1 a quarter, and so on
        deepest, blocks = (1, config.finer_blocks) if scale else (config.downsamples - 1, config.blocks)
        width = config.base_channels // 2**scale
        widths = [width * (level + 1) for level in range(deepest + 1)]
        self.condition_stem = _halving(conditions, width)
        self.past_stem = _halving(past_channels(config), width)
        self.down = nn.ModuleList(_convolution(fine, coarse, stride=2) for fine, coarse in pairwise(widths))
        self.down_trunks = nn.ModuleList(
            nn.Sequential(*(PreActivationBlock(channels) for _ in range(blocks if level == deepest else 1)))
            for level, channels in enumerate(widths[1:], 1)
        )
        self.up = nn.ModuleList(UpWithSkip(coarse, fine, resize) for fine, coarse in pairwise(widths[1:]))
        self.up_trunks = nn.ModuleList(PreActivationBlock(channels) for channels in widths[1:-1])
        if config.use_flow:
            self.motion_up = UpWithSkip(widths[1], width, resize)
            self.flow_head = _convolution(width, 2, gain=HEAD_GAIN)
            self.warped_stems = nn.ModuleList(
                _convolution(3 * 4**k, channels, 1) for k, channels in enumerate(widths[:2], 1)
            )
            self.mask_head = _convolution(width, 1, gain=HEAD_GAIN)
            # begins with more of the past than of what is not learnt yet
            nn.init.constant_(cast("Tensor", self.mask_head.bias), -0.5)
        self.image_trunk = PreActivationBlock(widths[1], normalised=False)
        self.image_up = UpWithSkip(widths[1], width, resize)
        self.image_refine = PreActivationBlock(width, normalised=False)
        self.hallucination_head = _shuffled(_convolution(width, 12, gain=HEAD_GAIN))
        self.finish: FinishingLayers | None = None
        if config.fine_channels:
            self.finish = FinishingLayers(width, config.fine_channels, config.use_flow)
        if config.foreground != "none":
            own = (config.foreground_channels or config.base_channels) // 2**scale
            self.foreground_down = _convolution(width, 2 * own, stride=2)
            self.foreground_trunk = PreActivationBlock(2 * own)
            self.foreground_up = UpWithSkip(2 * own, own, resize, width)
            self.foreground_head = _shuffled(_convolution(own, 12, gain=HEAD_GAIN))
        # twice as fast on CPUs as the other layout, and the one that tensor cores use
        self.to(memory_format=torch.channels_last)

    def forward(
        self,
        source: Tensor,
        past: Tensor,
        coarser: ScaleOutput | None = None,
        foreground: Tensor | None = None,
        hallucinate: bool | Tensor = False,
        memory: Tensor | None = None,
    ) -> ScaleOutput:
        """Synthesise one time step at this scale.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t.
            past: ``(B, L, 3, H, W)`` in [-1, 1], the frames x̃_{t-L} .. x̃_{t-1} of this scale.
            coarser: The output of the next coarser scale, half as large.
            foreground: ``(B, 1, H, W)`` in [0, 1], 1 - m_B of frame t, if there is a foreground prior.
            hallucinate: Set m̃ to one: there is no past to warp.
            memory: ``(B, 4, H, W)``, a painted memory of the objects of frame t, if F has one.
        """
        base = Branches() if coarser is None else coarser.logits
        previous = past[:, -1]
        warped: Tensor | None = None
        conditions = self.condition_stem(source.flatten(1, 2))
        half = nnf.relu(conditions + self.past_stem(with_memory(past, memory)))
        quarter = self._unet(half, None if coarser is None else coarser.features.image)
        if not self.config.use_flow:
            image = self.image_up(self.image_trunk(quarter), half)
        else:
            flow = _full_precision(self.flow_head, self.motion_up(quarter, half))
            if base.motion is not None:
                flow = flow + base.motion[:, :2]
            w = self.flow_scale * _enlarge(flow)
            if self.motion_prior is not None:
                w = w + self.motion_prior.flow(source, self.coarseness)
            warped = warp_frame(self.config, previous, w)
            at_half, at_quarter = (
                stem(nnf.pixel_unshuffle(warped, 2**k)) for k, stem in enumerate(self.warped_stems, 1)
            )
            image = self.image_up(self.image_trunk(quarter + at_quarter), half) + at_half
        image = self.image_refine(image)
        features = Branches(image)
        residual = _draw(self.hallucination_head, image, base.image)
        if self.finish is not None:
            residual = self.finish(image, residual, warped)
        prior = in_foreground = None
        if self.config.foreground != "none":
            seen = nnf.relu(conditions)
            deep = self.foreground_trunk(nnf.relu(self.foreground_down(seen)))
            in_foreground = _draw(self.foreground_head, self.foreground_up(deep, seen), base.foreground)
            if foreground is not None:
                prior = torch.tanh(in_foreground), foreground
        if warped is None:
            frame = hallucinated_frame(previous, torch.tanh(residual), prior)
            return ScaleOutput(frame, features, Branches(residual, None, in_foreground))
        mask = _full_precision(self.mask_head, image)
        if base.motion is not None:
            mask = mask + base.motion[:, 2:]
        motion = _enlarge(torch.cat([flow, mask], dim=1))
        m = mask_of(motion[:, 2:], hallucinate)
        h_b = torch.tanh(residual + torch.atanh(LEAK * warped))
        frame = compose_frame(self.config, warped, w, m, h_b, prior)
        return ScaleOutput(frame, features, Branches(residual, motion, in_foreground))

    def full_precision_layers(self) -> list[nn.Module]:
        """Return the layers whose weights stay in full precision: those of W and M."""
        return [self.flow_head, self.mask_head] if self.config.use_flow else []

    def _unet(self, half: Tensor, coarser: Tensor | None) -> Tensor:
        """Return the features of level 1, after the way down to the lowest resolution and up again.

        Args:
            half: The features of level 0.
            coarser: The last features of the coarser scale, if there is one: they have the size of level 1.
        """
        features, skips = half, []
        for down, trunk in zip(self.down, self.down_trunks, strict=True):
            features = nnf.relu(down(features))
            if coarser is not None:
                features = features + coarser
            features = trunk(features)
            skips.append(features)
        for up, trunk, skip in zip(reversed(self.up), reversed(self.up_trunks), reversed(skips[:-1]), strict=True):
            features = trunk(up(features, skip))
        return features


class PreActivationBlock(nn.Module):
    """Two 3x3 convolutions, each after a ReLU, added to the input; the first ReLU may follow a group norm.

    Args:
        channels: Channels of input and output.
        normalised: Whether there is a group norm.
    """

    def __init__(self, channels: int, normalised: bool = True) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(gcd(8, channels), channels) if normalised else nn.Identity()
        self.first = _convolution(channels, channels)
        # a block begins as little more than its input (as in Fixup, Zhang et al., 2019)
        self.second = _convolution(channels, channels, gain=0.2)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape, ``(B, channels, H, W)``."""
        between = self.first(nnf.relu(self.norm(features)))
        out: Tensor = features + self.second(nnf.relu(between))
        return out


class FinishingLayers(nn.Module):
    """Two 3x3 convolutions at full resolution, whose output is added to an image that was drawn at half of it.

    There each of four pixels has weights of its own, which leaves dots on every second pixel; these layers have the
    same weights everywhere. They begin without effect.

    Args:
        in_channels: Channels of the features at half the resolution.
        channels: Channels between the two convolutions.
        sees_warped: Whether the layers see the warped past beside what was drawn.
    """

    def __init__(self, in_channels: int, channels: int, sees_warped: bool = True) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.ReLU(), _shuffled(_convolution(in_channels, 16, 1)), nn.PixelShuffle(2))
        self.first = _convolution(4 + (6 if sees_warped else 3), channels)
        self.last = _convolution(channels, 3, gain=0)

    def forward(self, features: Tensor, residual: Tensor, warped: Tensor | None) -> Tensor:
        """Return the finished residual, ``(B, 3, 2 H, 2 W)``.

        Args:
            features: ``(B, in_channels, H, W)``.
            residual: ``(B, 3, 2 H, 2 W)``, what was drawn, before tanh.
            warped: ``(B, 3, 2 H, 2 W)`` in [-1, 1], the warped past, if the layers see it.
        """
        fine = self.stem(features)
        images = [torch.tanh(residual), *([] if warped is None else [warped])]
        seen = torch.cat([fine, *(image.to(fine.dtype) for image in images)], dim=1)
        return residual + full_precision(self.last(nnf.relu(self.first(seen))))


class UpWithSkip(nn.Module):
    """Doubles the resolution and adds a skip connection.

    By a transposed convolution of 2x2 pixels (a 1x1 convolution and a pixel shuffle), which learns fast, or by a 1x1
    convolution and bilinear interpolation. In long trainings the former leaves a lattice of 8 x 8 pixels where H has to
    invent content: that many pixels come from one place at the lowest resolution.

    Args:
        in_channels: Channels of the coarse features.
        out_channels: Channels of the result.
        resize: Interpolate bilinearly.
        skip_channels: Channels of the skip connection; 0: those of the result.
    """

    def __init__(self, in_channels: int, out_channels: int, resize: bool, skip_channels: int = 0) -> None:
        super().__init__()
        self.up: nn.Module
        if resize:
            self.up = nn.Sequential(
                _convolution(in_channels, out_channels, 1, gain=0.7), nn.Upsample(scale_factor=2, mode="bilinear")
            )
        else:
            widen = _shuffled(_convolution(in_channels, 4 * out_channels, 1, gain=0.7))
            self.up = nn.Sequential(widen, nn.PixelShuffle(2))
        self.skip = _convolution(skip_channels or out_channels, out_channels, 1, gain=0.7)

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        """Return ``(B, out_channels, 2 H, 2 W)`` from ``(B, in_channels, H, W)`` and a skip of twice the size."""
        out: Tensor = self.up(features) + self.skip(skip)
        return out


def _halving(in_channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 2, stride=2)


def _convolution(in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1, gain: float = 1.0) -> nn.Conv2d:
    """Build a convolution that keeps the variance after a ReLU (He et al., 2015), times ``gain``."""
    layer = nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    with torch.no_grad():
        layer.weight.mul_(gain)
    nn.init.zeros_(cast("Tensor", layer.bias))
    return layer


def _shuffled(layer: nn.Conv2d) -> nn.Conv2d:
    """Make a pixel shuffle begin with four equal pixels, not a checkerboard (ICNR, Aitken et al., 2017)."""
    with torch.no_grad():
        layer.weight.copy_(layer.weight[::4].repeat_interleave(4, 0))
    return layer


def _full_precision(head: nn.Module, features: Tensor) -> Tensor:
    """Run an output layer on the ReLU of features, in float32 or wider.

    In bfloat16 a flow of 10 pixels is off by up to 0.03, and a roll-out adds that up.
    """
    with torch.autocast(features.device.type, enabled=False):
        out: Tensor = head(nnf.relu(full_precision(features)))
    return out


def _draw(head: nn.Module, features: Tensor, coarser: Tensor | None) -> Tensor:
    """Run an output layer of images at half their resolution; return ``(B, 3, H, W)``, added to the coarser scale's."""
    drawn = nnf.pixel_shuffle(full_precision(head(nnf.relu(features))), 2)
    return drawn if coarser is None else drawn + upsample_2x(coarser)


def _enlarge(images: Tensor) -> Tensor:
    """Return images of twice the size; the pixels of the coarse grid are squares of four fine ones."""
    return nnf.interpolate(images, scale_factor=2, mode="bilinear")
