"""Forecasts of a predictor at any size: label maps, the flow between them, and object ids moved by it."""

from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.errors import DataError
from vid2vid.flow.motion_vectors import accumulate_flows
from vid2vid.prediction.label_motion import sample_nearest
from vid2vid.prediction.prediction_module import PredictionModule


@dataclass(frozen=True)
class Forecast:
    """M predicted frames.

    Attributes:
        labels: ``(B, M, 1, H, W)`` uint8 class indices.
        flow: ``(B, M, 2, H, W)`` in pixels, from each frame back to the one before.
        instance: ``(B, M, 1, H, W)`` object ids, if those of the past are known.
    """

    labels: Tensor
    flow: Tensor
    instance: Tensor | None = None


@torch.inference_mode()
def forecast(
    module: PredictionModule,
    source: Tensor,
    frames: int,
    instance: Tensor | None = None,
    size: tuple[int, int] | None = None,
) -> Forecast:
    """Predict the frames after given ones.

    Args:
        module: A trained predictor.
        source: ``(B, N >= L, 1, H, W)`` uint8 class indices.
        frames: M, the number of predicted frames.
        instance: ``(B, N, 1, H, W)`` object ids. Those of the last frame are moved by the predicted flow; a point whose
            label differs from the label at its origin belongs to no known object, and gets its label's id, as points of
            no object have in Cityscapes' maps.
        size: Rows and columns at which to predict, best those of the training; the result has the source's size.

    Raises:
        DataError: Fewer than L maps are given.
    """
    needed = module.generator.config.past_frames
    if source.shape[1] < needed:
        raise DataError(f"the predictor needs {needed} past label maps, but {source.shape[1]} are given: give more.")
    height, width = source.shape[-2:]
    rows, columns = size or (height, width)
    small = nnf.interpolate(source.to(module.device).flatten(0, 1).float(), (rows, columns), mode="nearest-exact")
    rollout = module(small.to(source.dtype).view(*source.shape[:2], *small.shape[1:]), frames)
    maps = _resize(rollout.fake, height, width)
    flow = _resize(rollout.flow, height, width)
    flow = flow * flow.new_tensor([width / columns, height / rows]).view(2, 1, 1)
    labels = maps.argmax(dim=2, keepdim=True).to(torch.uint8)
    if instance is None:
        return Forecast(labels, flow)
    offsets = accumulate_flows(flow)
    before, ids = (sample_nearest(given[:, -1].to(flow.device), offsets) for given in (source, instance))
    new = torch.tensor(module.condition.label_ids, dtype=ids.dtype, device=ids.device)[labels.long()]
    return Forecast(labels, flow, torch.where(before == labels, ids, new))


def _resize(maps: Tensor, height: int, width: int) -> Tensor:
    if maps.shape[-2:] == (height, width):
        return maps
    resized = nnf.interpolate(maps.flatten(0, 1), (height, width), mode="bilinear")
    return resized.view(*maps.shape[:2], *resized.shape[1:])
