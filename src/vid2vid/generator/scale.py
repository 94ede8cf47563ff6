"""F at one spatial scale: Eq. 4 and 9."""

from typing import NamedTuple, cast

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator.blocks import full_precision, head, residuals, stem, upsample_2x, upsampling, zero_init
from vid2vid.generator.branch import ImageBranch
from vid2vid.generator.composition import compose_frame, hallucinated_frame, mask_of, warp_frame
from vid2vid.generator.label_lookup import look_up
from vid2vid.generator.motion_prior import MotionPrior
from vid2vid.generator.object_memory import MEMORY_CHANNELS
from vid2vid.ops import Code, LabelCode
from vid2vid.types import Frame


class Branches(NamedTuple):
    """One tensor of each branch of F, ``(B, ·, H, W)``; None where there is no such branch.

    Attributes:
        image: Of the image branch, which ends in H.
        motion: Of the flow branch, which ends in W and M.
        foreground: Of the foreground branch, which ends in h_F.
    """

    image: Tensor | None = None
    motion: Tensor | None = None
    foreground: Tensor | None = None


class ScaleOutput(NamedTuple):
    """What F makes at one spatial scale.

    Attributes:
        frame: The frame with all its parts.
        features: The last features of each branch, which the next finer scale adds to its own.
        logits: The outputs of the last layers before tanh and sigmoid, in float32 or wider; the motion has three
            channels: flow in units of the flow scale, and mask.
    """

    frame: Frame
    features: Branches
    logits: Branches


class ScaleGenerator(nn.Module):
    """F at one spatial scale.

    ``x̃_t = (1 - m̃_t) ⊙ w̃(x̃_{t-1}) + m̃_t ⊙ h̃_t``  (Eq. 4)

    where the flow w̃ = W(x̃_{t-L..t-1}, s_{t-L..t}) is in pixels, the mask m̃ = M(…) in [0, 1] and the hallucinated
    frame h̃ = H(…) in [-1, 1]. Two stems, one for the conditions and one for the past, are summed; the image branch ends
    in H, the flow branch in W and M, which share all but their last layer. With a foreground prior
    ``h̃_t = (1 - m_B) ⊙ h̃_F + m_B ⊙ h̃_B``  (Eq. 9), where h̃_B is H and h̃_F sees the conditions alone.

    Each finer scale is half as wide, has one downsampling and ``finer_blocks`` residual blocks, and its flow is twice
    as many pixels.

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
        self.config = config
        self.motion_prior, self.coarseness = motion_prior, config.scales - 1 - scale
        self.flow_scale = config.flow_scale * 2**scale
        self.look_up = look_up
        norm, up = config.norm, config.upsampling
        in_stem = (config.blocks + 1) // 2
        downs, stem_blocks, trunk_blocks, foreground_blocks = (
            (1, 0, config.finer_blocks, config.finer_blocks)
            if scale
            else (config.downsamples, in_stem, config.blocks - in_stem, config.blocks)
        )
        width = config.base_channels // 2**scale
        deepest = width * 2**downs
        conditions = (config.past_frames + 1) * condition_channels
        self.condition_stem, self.past_stem = (
            nn.Sequential(*stem(channels, width, downs, norm), *residuals(deepest, stem_blocks, norm))
            for channels in (conditions, past_channels(config))
        )
        self.image_trunk = nn.Sequential(*residuals(deepest, trunk_blocks, norm))
        self.image_up = upsampling(width, downs, norm, up)
        self.hallucination_head = head(width, 3)
        if config.use_flow:
            self.flow_trunk = nn.Sequential(*residuals(deepest, trunk_blocks, norm))
            self.flow_up = upsampling(width, downs, norm, up)
            self.flow_head = head(width, 2)
            self.mask_head = head(width, 1)
        if config.foreground != "none":
            narrow = config.base_channels // 2 if config.downsamples > 2 else config.base_channels
            foreground = (config.foreground_channels or narrow) // 2**scale
            self.foreground_branch = ImageBranch(conditions, foreground, downs, foreground_blocks, norm, up)
            self.foreground_head = head(foreground, 3)

    def zero_init_heads(self) -> None:
        """Let the heads begin with zero: residual heads then begin with the coarser scale's logits."""
        for name, part in self.named_children():
            if name.endswith("_head"):
                zero_init(part)

    def forward(
        self,
        source: Code,
        past: Tensor,
        coarser: ScaleOutput | None = None,
        foreground: Tensor | None = None,
        hallucinate: bool | Tensor = False,
        memory: Tensor | None = None,
    ) -> ScaleOutput:
        """Synthesise one time step at this scale.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t; of labels that are not written out
                the first layers are looked up.
            past: ``(B, L, 3, H, W)`` in [-1, 1], the frames x̃_{t-L} .. x̃_{t-1} of this scale.
            coarser: The output of the next coarser scale, half as large.
            foreground: ``(B, 1, H, W)`` in [0, 1], 1 - m_B of frame t, if there is a foreground prior.
            hallucinate: Set m̃ to one: there is no past to warp. A tensor of one bool decides it in an exported graph.
            memory: ``(B, 4, H, W)``, a painted memory of the objects of frame t, if F has one.
        """
        features = self.features(source, with_memory(past, memory), Branches() if coarser is None else coarser.features)
        logits = self.logits(features, Branches() if coarser is None else coarser.logits)
        previous = past[:, -1]
        h_b, prior = torch.tanh(cast("Tensor", logits.image)), None
        if logits.foreground is not None and foreground is not None:
            prior = torch.tanh(logits.foreground), foreground
        if logits.motion is None:
            return ScaleOutput(hallucinated_frame(previous, h_b, prior), features, logits)
        w, m = self.flow_scale * logits.motion[:, :2], mask_of(logits.motion[:, 2:], hallucinate)
        if self.motion_prior is not None:
            w = w + self.motion_prior.flow(source, self.coarseness)
        warped = warp_frame(self.config, previous, w)
        return ScaleOutput(compose_frame(self.config, warped, w, m, h_b, prior), features, logits)

    def features(self, source: Code, past: Tensor, coarser: Branches) -> Branches:
        """Return the last features of each branch.

        Args:
            source: As for `forward`.
            past: Past frames and memory, ``(B, ·, H, W)``.
            coarser: The coarser scale's features.
        """
        stems = [self.condition_stem]
        if self.config.foreground != "none":
            stems.append(self.foreground_branch.stem)
        # labels are looked up for all stems at once
        begun = isinstance(source, LabelCode)
        inputs = self.look_up(stems, source) if isinstance(source, LabelCode) else [source.flatten(1, 2)] * len(stems)
        conditions = (self.condition_stem[2:] if begun else self.condition_stem)(inputs[0])
        shared = conditions + self.past_stem(past)
        image = self.image_up(self.image_trunk(_plus(shared, coarser.image)))
        motion = foreground = None
        if self.config.use_flow:
            motion = self.flow_up(self.flow_trunk(_plus(shared, coarser.motion)))
        if self.config.foreground != "none":
            foreground = self.foreground_branch(inputs[1], coarser.foreground, begun)
        return Branches(image, motion, foreground)

    def full_precision_layers(self) -> list[nn.Module]:
        """Return the layers whose weights stay in full precision: the first ones, which are small, and W's and M's."""
        stems = [self.condition_stem, self.past_stem]
        if self.config.foreground != "none":
            stems.append(self.foreground_branch.stem)
        heads = [self.flow_head, self.mask_head] if self.config.use_flow else []
        return [*(stem[1] for stem in stems), *heads]

    def logits(self, features: Branches, coarser: Branches) -> Branches:
        """Run the heads; residual heads add to the logits of the coarser scale.

        W and M run as one convolution, which takes half the time of two, and in full precision: in bfloat16 a flow of
        10 pixels is off by up to 0.03, and a roll-out adds that up.
        """
        image, motion, foreground = full_precision(self.hallucination_head(features.image)), None, None
        if features.motion is not None:
            last = [cast("nn.Conv2d", head[1]) for head in (self.flow_head, self.mask_head)]
            weight = torch.cat([layer.weight for layer in last])
            bias = torch.cat([cast("Tensor", layer.bias) for layer in last])
            with torch.autocast(features.motion.device.type, enabled=False):
                motion = nnf.conv2d(self.flow_head[0](full_precision(features.motion)), weight, bias)
        if features.foreground is not None:
            foreground = full_precision(self.foreground_head(features.foreground))
        own = Branches(image, motion, foreground)
        if self.config.finer_heads != "residual":
            return own
        pairs = zip(own, coarser, strict=True)
        return Branches(*(one if one is None or base is None else one + upsample_2x(base) for one, base in pairs))


def past_channels(config: GeneratorConfig) -> int:
    """Return the number of channels of F's second input: past frames and memory."""
    return 3 * config.past_frames + MEMORY_CHANNELS * config.object_memory


def with_memory(past: Tensor, memory: Tensor | None) -> Tensor:
    """Return past frames ``(B, L, 3, H, W)`` and a painted memory ``(B, 4, H, W)``, if there is one, as one input."""
    frames = past.flatten(1, 2)
    return frames if memory is None else torch.cat([frames, memory], dim=1)


def _plus(features: Tensor, coarser: Tensor | None) -> Tensor:
    return features if coarser is None else features + coarser
