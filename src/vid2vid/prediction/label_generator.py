"""The predictor of label maps: the recursion of Eq. 3 without conditions."""

from typing import cast

import torch
from torch import Tensor, nn

from vid2vid.config import PredictorConfig
from vid2vid.generator.blocks import full_precision, head, init_weights, residuals, stem, upsampling, zero_init
from vid2vid.generator.recursion import Past, checkpointed, roll_out
from vid2vid.ops import blend, crop, pad_to_multiple, require_size, warp
from vid2vid.types import Frame, Rollout

MASK_BIAS = -2.0
"""The first logit of the mask: little is new in the next map."""


class LabelGenerator(nn.Module):
    """Predicts label maps from the ones before them, as F synthesises frames.

    ``s̃_t = (1 - m̃_t) ⊙ w̃(s̃_{t-1}) + m̃_t ⊙ h̃_t``  (Eq. 4)

    where s̃ are probabilities of classes and W, M and H see the L maps before. h̃ ends in a softmax over classes; a blend
    of distributions is a distribution, too. The network also sees the coordinates of each pixel, on which motion in a
    street depends. Before training it nearly repeats the last map: the flow is zero and the mask small.

    Args:
        config: Size and form.
        classes: How many classes C there are.
    """

    def __init__(self, config: PredictorConfig, classes: int) -> None:
        super().__init__()
        self.config = config
        self.classes = classes
        width, downs, norm = config.base_channels, config.downsamples, config.norm
        deepest, shared = width * 2**downs, (config.blocks + 1) // 2
        self.stem = nn.Sequential(
            *stem(config.past_frames * classes + 2, width, downs, norm), *residuals(deepest, shared, norm)
        )
        self.label_trunk = nn.Sequential(*residuals(deepest, config.blocks - shared, norm))
        self.label_up = upsampling(width, downs, norm, config.upsampling)
        self.label_head = head(width, classes)
        self.motion_trunk = nn.Sequential(*residuals(deepest, config.blocks - shared, norm))
        self.motion_up = upsampling(width, downs, norm, config.upsampling)
        self.flow_head = head(width, 2)
        mask = nn.Conv2d(width, 1, 7)
        self.mask_head = nn.Sequential(nn.ReflectionPad2d(3), mask)
        self.apply(init_weights)
        for motion_head in (self.flow_head, self.mask_head):
            zero_init(motion_head)
        if mask.bias is not None:
            nn.init.constant_(mask.bias, MASK_BIAS)

    def step(self, past: Tensor) -> Frame:
        """Predict one time step.

        Args:
            past: ``(B, L, C, H, W)``, the probabilities of classes s̃_{t-L} .. s̃_{t-1}; of given maps zeros and ones.
                Any size: borders are repeated to a multiple inside and cropped off again.

        Returns:
            What a frame consists of (`vid2vid.types.Frame`), with C channels of probabilities in the place of colours.
        """
        height, width = past.shape[-2:]
        past = pad_to_multiple(past, self.config.multiple)
        # x and y of each pixel from -1 to 1
        axes = (torch.linspace(-1, 1, size, device=past.device, dtype=past.dtype) for size in past.shape[-2:])
        y, x = torch.meshgrid(*axes, indexing="ij")
        coordinates = torch.stack([x, y]).expand(past.shape[0], -1, -1, -1)
        features = self.stem(torch.cat([past.flatten(1, 2), coordinates], dim=1))
        hallucinated = full_precision(self.label_head(self.label_up(self.label_trunk(features)))).softmax(dim=1)
        motion = full_precision(self.motion_up(self.motion_trunk(features)))
        # in full precision, as in F: a roll-out adds the errors of flows up
        with torch.autocast(past.device.type, enabled=False):
            flow = self.config.flow_scale * self.flow_head(motion)
            mask = torch.sigmoid(self.mask_head(motion))
        warped = warp(past[:, -1], flow)
        fake = blend(warped, hallucinated, mask)
        return Frame.of(crop(part, height, width) for part in (fake, hallucinated, warped, flow, mask))

    def forward(self, past: Tensor, frames: int, bptt_frames: int = 1, recompute: bool = False) -> Rollout:
        """Predict the next time steps, each from what was predicted before.

        Args:
            past: ``(B, L, C, H, W)`` as in `step`.
            frames: T, how many to predict.
            bptt_frames: Through how many in a row the gradient may run; 1 treats the past as given.
            recompute: Keep no activations, compute them again in the backward pass: less memory, more time.

        Returns:
            ``(B, T, ·, H, W)``.

        Raises:
            DataError: The maps are too small.
            ValueError: The past is not that of L maps of C classes.
        """
        expected = (self.config.past_frames, self.classes)
        if past.ndim != 5 or past.shape[1:3] != expected:
            raise ValueError(f"past must be (B, {expected[0]}, {expected[1]}, H, W), but is {tuple(past.shape)}")
        # layers of 7 x 7 reflect 3 pixels, those at the coarsest resolution one
        require_size(past, max(4, self.config.multiple + 1), "the predictor", "predictor.downsamples")

        def step(t: int, past: Past | None) -> tuple[Frame, Past]:
            (maps,) = cast("Past", past)
            frame = checkpointed(self.step, maps, enabled=recompute)
            return frame, [self.append(maps, frame.fake[:, None])]

        steps, _ = roll_out(step, [past], frames, bptt_frames)
        return Rollout.stack(steps)

    def append(self, past: Tensor, maps: Tensor) -> Tensor:
        """Return the last L maps ``(B, L, C, H, W)`` after some more, ``(B, T, C, H, W)``."""
        return torch.cat([past, maps], dim=1)[:, -self.config.past_frames :]
