"""Adapters of the models to the evaluation: each synthesises held-out clips."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from vid2vid.baselines import CovstModule, ImageModule
from vid2vid.config import FlowEstimatorConfig, GeneratorConfig
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.models import MODELS
from vid2vid.ops import to_images
from vid2vid.training import Vid2VidModule
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip, Flow, Rollout
from vid2vid.visual import Picture, clip_pictures, covst_pictures, rollout_pictures

Module = TypeVar("Module", bound=AdversarialModule[Any])


@dataclass(frozen=True)
class Synthesis:
    """A batch of clips that a model has synthesised.

    Attributes:
        video: ``(B, T, 3, H, W)`` in [-1, 1], whole clips, with the given first frames.
        real: ``(B, T, 3, H, W)`` in [-1, 1].
        flow: The reference flow, ``(B, T - 1, ·, H, W)``.
        made: Number of frames of each clip that the model made; they are the last ones.
        rows: For each clip the pictures of these frames, row by row.
    """

    video: Tensor
    real: Tensor
    flow: Flow
    made: int
    rows: list[dict[str, list[Picture]]]


class Adapter(ABC, Generic[Module]):
    """Synthesises held-out clips with a trained module.

    Args:
        module: The module.
        first: The first L frames, for a model that takes some: ``given`` real ones, ``empty``, or an image generator
            that makes them.
        flow_estimator: Computes the reference flow where neither the clip nor the module provides it.

    Attributes:
        name: The name of this kind of model in tables.
        first_frames: Number of first frames that do not count. A model without a past makes them as well, but is
            compared on the same frames as F.
    """

    name: ClassVar[str]
    first_frames = GeneratorConfig.past_frames

    def __init__(self, module: Module, first: str | FirstFrameModel, flow_estimator: FlowEstimatorConfig) -> None:
        self.module = module.eval()

    @abstractmethod
    def __call__(self, clip: Clip) -> Synthesis:
        """Synthesise a batch of clips."""


class VideoAdapter(Adapter[Vid2VidModule]):
    """Synthesises clips with F.

    Raises:
        CheckpointError: The image generator of the first frames was trained on other conditions.
    """

    name = "vid2vid"

    def __init__(
        self, module: Vid2VidModule, first: str | FirstFrameModel, flow_estimator: FlowEstimatorConfig
    ) -> None:
        super().__init__(module, first, flow_estimator)
        self.first_frames = module.generator.config.past_frames
        self.first = first if isinstance(first, str) else "image"
        self.image: FirstFrameModel | None = None
        if not isinstance(first, str):
            first.require_fit(module.condition, "the image generator")
            self.image = first.to(module.device).eval()

    def __call__(self, clip: Clip) -> Synthesis:
        """Synthesise a batch of clips."""
        tensors = self.module.clip_tensors(clip, self.image)
        made = self.module.rollout(tensors, self.first)
        first = tensors.first(self.first, self.first_frames)
        video = made.fake if first is None else torch.cat([first, made.fake], dim=1)
        if self.image is not None:
            # the frames of the image generator are synthesised, too; they have no coarser scales
            parts = zip(Rollout.given(video[:, : self.first_frames]).tensors, made.tensors, strict=False)
            made = Rollout.of(torch.cat(part, dim=1) for part in parts)
        rows = [rollout_pictures(self.module.condition, clip, tensors.real, made, b) for b in range(len(video))]
        return Synthesis(video, tensors.real, tensors.flows[1], made.fake.shape[1], rows)


class ImageAdapter(Adapter[ImageModule]):
    """Synthesises clips with an image generator, frame by frame."""

    name = "pix2pixHD"

    def __init__(self, module: ImageModule, first: str | FirstFrameModel, flow_estimator: FlowEstimatorConfig) -> None:
        super().__init__(module, first, flow_estimator)
        self.reference = ReferenceFlow(flow_estimator, module.condition.planes)

    def __call__(self, clip: Clip) -> Synthesis:
        """Synthesise a batch of clips."""
        real = to_images(clip.real)
        video = self.module(clip.source, clip.instance, clip.planes)
        rows = [clip_pictures(self.module.condition, clip, real, video, b) for b in range(len(video))]
        return Synthesis(video, real, self.reference(clip, real, [1])[1], video.shape[1], rows)


class CovstAdapter(Adapter[CovstModule]):
    """Synthesises clips with COVST, which is given the flow of the real video."""

    name = "COVST"

    def __call__(self, clip: Clip) -> Synthesis:
        """Synthesise a batch of clips."""
        tensors = self.module.clip_tensors(clip)
        made, condition = self.module.rollout(tensors), self.module.condition
        rows = [covst_pictures(condition, clip, tensors.real, made.fake, made.mask, b) for b in range(len(made.fake))]
        return Synthesis(made.fake, tensors.real, tensors.flows[1], made.fake.shape[1], rows)


def model_adapter(
    module: AdversarialModule[Any], data: Vid2VidDataModule, first: str | FirstFrameModel = "given"
) -> Adapter[Any]:
    """Return the adapter of a trained module.

    Args:
        module: A trained module.
        data: The data set of the clips.
        first: The first L frames of a video model: ``given`` real ones, ``empty`` (it starts from nothing), or an image
            generator that makes them. In each case they do not count in the comparison.

    Raises:
        CheckpointError: The image generator of the first frames was trained on other conditions, or the module is a
            predictor of label maps.
        ConfigError: First frames are chosen for a model that makes them itself.
    """
    model = MODELS[module.kind]
    if model.predicts != "frames":
        raise CheckpointError("a predictor makes label maps, not frames: evaluate it with `evaluate_predictions`.")
    if first != "given" and not model.first_frames:
        raise ConfigError(f"this model is {model.title}, which takes no first frames: leave first out.")
    adapter: Adapter[Any] = resolve_name(model.adapter)(module, first, data.flow_estimator)
    return adapter
