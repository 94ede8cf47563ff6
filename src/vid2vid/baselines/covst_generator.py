"""COVST's generator: pix2pixHD whose deep features are carried on from frame to frame (Chen et al., ICCV 2017)."""

from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.baselines.image_generator import EncoderDecoder
from vid2vid.config import CovstConfig, ImageGeneratorConfig
from vid2vid.generator.blocks import full_precision
from vid2vid.generator.recursion import Past, checkpointed, roll_out
from vid2vid.ops import blend, crop, pad_to_multiple, pyramid, warp


@dataclass(frozen=True)
class CovstFrames:
    """Synthesised frames of a video that may continue.

    Attributes:
        fake: ``(B, T, 3, H, W)`` in [-1, 1], the frames x̃.
        mask: ``(B, T, 1, H, W)`` in [0, 1], m; 1 = new, 0 = warped from the frame before; ones in a first frame.
        features: ``(B, c, h, w)``, F^o of the last frame: all that the next one needs to know of the past.
    """

    fake: Tensor
    mask: Tensor
    features: Tensor


class CovstGenerator(EncoderDecoder):
    """Coherent Online Video Style Transfer with pix2pixHD as its style network.

    The features F_t of a frame are blended with those of the frame before, moved by the flow w_t of the real video, and
    then decoded:

    ``F^o_t = (1 - m_t) ⊙ w_t(F^o_{t-1}) + m_t ⊙ F_t``,  ``F^o_1 = F_1``,  m_t from ``|F_t - w_t(F^o_{t-1})|``

    As in Eq. 4 of vid2vid, m is 1 where features are new (the paper of COVST writes M = 1 - m).

    The features are the last ones before the finest scale goes up to the image. All layers that decide on the content
    lie before them, so that frames agree where their features do, while the decoder behind them still makes sharp
    pixels of features that warping has blurred. They are the smallest features of that scale, and cheap to warp.

    Its layers, but for the mask's, are named as those of `vid2vid.baselines.ImageGenerator`.

    Args:
        config: Size and form of pix2pixHD.
        covst: Size of the mask's network, and how features are warped.
        condition_channels: Channels C of the encoded condition.
    """

    def __init__(self, config: ImageGeneratorConfig, covst: CovstConfig, condition_channels: int) -> None:
        super().__init__(config, condition_channels)
        self.covst = covst
        self.halvings = config.downsamples if config.scales == 1 else 1
        channels = config.base_channels // 2 ** (config.scales - 1) * 2**self.halvings
        # Without normalisation, since the size of the difference counts. With torch's own first weights, since those of
        # pix2pixHD are so small that no difference would come through without normalisation.
        layers: list[nn.Module] = []
        for inside in (channels, covst.mask_channels):
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(inside, covst.mask_channels, 3), nn.ReLU(inplace=True)]
        self.mask = nn.Sequential(*layers, nn.Conv2d(covst.mask_channels, 1, 1), nn.Sigmoid())

    def forward(
        self,
        source: Tensor,
        flow: Tensor,
        before: Tensor | None = None,
        bptt_frames: int = 1,
        recompute: bool = False,
    ) -> CovstFrames:
        """Synthesise the frames of a video, or continue it.

        Args:
            source: ``(B, T, C, H, W)``, encoded conditions of any size.
            flow: ``(B, T - 1, 2, H, W)`` in pixels, from each frame but the first back to the one before; of a video
                that continues ``(B, T, 2, H, W)``.
            before: Features of the last frame so far (`CovstFrames.features`); None: a video begins.
            bptt_frames: Through how many frames in a row the gradient may run; 1 treats the past as given.
            recompute: Keep no activations of pix2pixHD, compute them again in the backward pass: less memory, more
                time.

        Raises:
            ValueError: The shapes do not fit.
        """
        self._check(source, flow, before)
        (batch, times), (height, width) = source.shape[:2], source.shape[-2:]
        own = full_precision(checkpointed(self.encode, source, enabled=recompute))
        own = own.view(batch, times, *own.shape[1:])
        moves: list[Tensor | None] = [*([None] if before is None else []), *self.shrink(flow).unbind(1)]

        def step(t: int, past: Past | None) -> tuple[tuple[Tensor, Tensor], Past]:
            features, mask = self.carry_on(own[:, t], None if past is None else past[0], moves[t])
            return (features, mask), [features]

        made, _ = roll_out(step, None if before is None else [before], times, bptt_frames)
        carried, masks = zip(*made, strict=True)
        image = checkpointed(self.decode, torch.stack(carried, dim=1).flatten(0, 1), height, width, enabled=recompute)
        mask = nnf.interpolate(torch.cat(masks, dim=1), scale_factor=2**self.halvings)[:, :, None]
        return CovstFrames(image.view(batch, times, *image.shape[1:]), crop(mask, height, width), carried[-1])

    def step(self, source: Tensor, flow: Tensor | None = None, before: Tensor | None = None) -> CovstFrames:
        """Synthesise the next frame.

        Args:
            source: ``(B, C, H, W)``, its encoded condition.
            flow: ``(B, 2, H, W)`` in pixels, back to the frame before; None for the first one.
            before: Features of the frame before; None for the first one.

        Returns:
            The one frame, T = 1.

        Raises:
            ValueError: The shapes do not fit.
        """
        none = source.new_zeros(source.shape[0], 0, 2, *source.shape[-2:])
        frames: CovstFrames = self(source[:, None], none if flow is None else flow[:, None], before)
        return frames

    def carry_on(self, own: Tensor, before: Tensor | None, move: Tensor | None) -> tuple[Tensor, Tensor]:
        """Blend the features of a frame with those of the frame before.

        Args:
            own: F_t, ``(B, c, h, w)``.
            before: F^o_{t-1}, as large; None for a first frame.
            move: w_t, ``(B, 2, h, w)`` in pixels of the features; None for a first frame.

        Returns:
            F^o_t, ``(B, c, h, w)``, and m_t, ``(B, 1, h, w)`` in [0, 1].
        """
        if before is None or move is None:
            return own, torch.ones_like(own[:, :1])
        warped = warp(before, move, self.covst.interpolation)
        mask = full_precision(self.mask((own - warped).abs()))
        return blend(warped, own, mask), mask

    def shrink(self, flow: Tensor) -> Tensor:
        """Bring a flow ``(..., 2, H, W)`` to the resolution of the features, and into their pixels.

        Pooling halves as strided convolutions do: pixel centres stay those of every other pixel.
        """
        padded = pad_to_multiple(flow, self.config.multiple)
        coarsest, *_ = pyramid(padded, self.halvings + 1)
        return coarsest / float(2**self.halvings)

    def _check(self, source: Tensor, flow: Tensor, before: Tensor | None) -> None:
        if source.ndim != 5 or source.shape[2] != self.condition_channels:
            raise ValueError(f"source must be (B, T, {self.condition_channels}, H, W), but is {tuple(source.shape)}")
        batch, times, _, height, width = source.shape
        expected = (batch, times - (before is None), 2, height, width)
        if flow.shape != expected:
            raise ValueError(f"flow must be {expected}, but is {tuple(flow.shape)}")
