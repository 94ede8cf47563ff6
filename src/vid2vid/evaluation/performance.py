"""What a model makes of held-out clips, in one form for all kinds of models."""

from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.baselines import CovstModule, ImageModule
from vid2vid.config import FlowEstimatorConfig, GeneratorConfig
from vid2vid.ops import to_images
from vid2vid.training import Vid2VidModule
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip, Flow, Rollout
from vid2vid.visual import Picture, clip_pictures, covst_pictures, rollout_pictures


@dataclass(frozen=True)
class Performance:
    """A batch of clips as a model plays them.

    Attributes:
        video: ``(B, T, 3, H, W)`` in [-1, 1], whole clips, given first frames included.
        real: ``(B, T, 3, H, W)`` in [-1, 1].
        flow: The reference flow, ``(B, T - 1, ·, H, W)``.
        made: How many frames of each clip the model made, the last ones.
        rows: For each clip the pictures of those frames, row by row.
    """

    video: Tensor
    real: Tensor
    flow: Flow
    made: int
    rows: list[dict[str, list[Picture]]]


class VideoPerformer:
    """Plays clips with F.

    Args:
        module: A trained module.
        first: Its first L frames: ``given`` real ones, ``empty``, or those of an image generator.
        flow_estimator: Not used: the module has one of its own.

    Raises:
        CheckpointError: The image generator was trained on other conditions.
    """

    name = "vid2vid"

    def __init__(
        self, module: Vid2VidModule, first: str | FirstFrameModel, flow_estimator: FlowEstimatorConfig
    ) -> None:
        self.module = module.eval()
        self.first_frames = module.generator.config.past_frames
        self.first = first if isinstance(first, str) else "image"
        self.image: FirstFrameModel | None = None
        if not isinstance(first, str):
            first.require_fit(module.condition, "the image generator")
            self.image = first.to(module.device).eval()

    def __call__(self, clip: Clip) -> Performance:
        """Play a batch of clips."""
        scene = self.module.clip_tensors(clip, self.image)
        made = self.module.rollout(scene, self.first)
        first = scene.first(self.first, self.first_frames)
        video = made.fake if first is None else torch.cat([first, made.fake], dim=1)
        if self.image is not None:
            # its frames are synthesised, too; of coarser scales there are none
            parts = zip(Rollout.given(video[:, : self.first_frames]).tensors, made.tensors, strict=False)
            made = Rollout.of(torch.cat(part, dim=1) for part in parts)
        rows = [rollout_pictures(self.module.condition, clip, scene.real, made, b) for b in range(clip.real.shape[0])]
        return Performance(video, scene.real, scene.flows[1], made.fake.shape[1], rows)


class ImagePerformer:
    """Plays clips with an image generator, frame by frame.

    Args:
        module: A trained image generator.
        first: Not used: it makes all frames itself.
        flow_estimator: Who computes the reference flow where a clip does not bring it.
    """

    name = "pix2pixHD"

    def __init__(self, module: ImageModule, first: str | FirstFrameModel, flow_estimator: FlowEstimatorConfig) -> None:
        self.module = module.eval()
        self.reference = ReferenceFlow(flow_estimator)
        # it needs none, but is to be compared on the same frames as F
        self.first_frames = GeneratorConfig().past_frames

    def __call__(self, clip: Clip) -> Performance:
        """Play a batch of clips."""
        real = to_images(clip.real)
        video = self.module(clip.source, clip.instance)
        flow = self.reference(clip, real, [1])[1]
        rows = [clip_pictures(self.module.condition, clip, real, video, b) for b in range(real.shape[0])]
        return Performance(video, real, flow, video.shape[1], rows)


class CovstPerformer:
    """Plays clips with COVST, which is given the flow of the real video.

    Args:
        module: A trained module.
        first: Not used: it makes all frames itself.
        flow_estimator: Not used: the module has one of its own.
    """

    name = "COVST"

    def __init__(self, module: CovstModule, first: str | FirstFrameModel, flow_estimator: FlowEstimatorConfig) -> None:
        self.module = module.eval()
        # it needs none, but is to be compared on the same frames as F
        self.first_frames = GeneratorConfig().past_frames

    def __call__(self, clip: Clip) -> Performance:
        """Play a batch of clips."""
        scene = self.module.clip_tensors(clip)
        made = self.module.rollout(scene)
        rows = [
            covst_pictures(self.module.condition, clip, scene.real, made.fake, made.mask, b)
            for b in range(clip.real.shape[0])
        ]
        return Performance(made.fake, scene.real, scene.flows[1], made.fake.shape[1], rows)
