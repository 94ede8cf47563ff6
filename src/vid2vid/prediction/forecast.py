"""What a predictor says of a video's future: label maps, the flow between them, and object ids carried along."""

from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.errors import DataError
from vid2vid.prediction.motion import fetch, origins
from vid2vid.prediction.prediction_module import PredictionModule


@dataclass(frozen=True)
class Forecast:
    """M frames that are not there yet.

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
    """Predict the frames after some given ones.

    Args:
        module: A trained predictor.
        source: ``(B, N >= L, 1, H, W)`` uint8 class indices.
        frames: M, how many to predict.
        instance: ``(B, N, 1, H, W)`` object ids. Those of the last frame are carried along by the predicted flow; where
            a point has another label than the one that it comes from, it is of no object known so far, and has its
            label's id, as points of no object have in Cityscapes' maps.
        size: Rows and columns at which to predict, best those of the training; the result has the source's size.

    Raises:
        DataError: Fewer than L maps are given.
    """
    needed = module.generator.config.past_frames
    if source.shape[1] < needed:
        raise DataError(f"the predictor looks at {needed} past label maps, but {source.shape[1]} are given.")
    height, width = source.shape[-2:]
    rows, columns = size or (height, width)
    rollout = module(_nearest(source.to(module.device), rows, columns), frames)
    maps = _smooth(rollout.fake, height, width)
    scale = maps.new_tensor([width / columns, height / rows]).view(2, 1, 1)
    flow = _smooth(rollout.flow, height, width) * scale
    labels = maps.argmax(dim=2, keepdim=True).to(torch.uint8)
    if instance is None:
        return Forecast(labels, flow)
    return Forecast(labels, flow, _carried(module, source, instance, labels, flow))


def _carried(module: PredictionModule, source: Tensor, instance: Tensor, labels: Tensor, flow: Tensor) -> Tensor:
    offsets = origins(flow)
    before, ids = (fetch(maps[:, -1].to(flow.device), offsets) for maps in (source, instance))
    own = torch.tensor(module.condition.label_ids, dtype=ids.dtype, device=ids.device)[labels.long()]
    return torch.where(before == labels, ids, own)


def _nearest(maps: Tensor, height: int, width: int) -> Tensor:
    small = nnf.interpolate(maps.flatten(0, 1).float(), (height, width), mode="nearest-exact")
    return small.to(maps.dtype).view(*maps.shape[:2], *small.shape[1:])


def _smooth(maps: Tensor, height: int, width: int) -> Tensor:
    if maps.shape[-2:] == (height, width):
        return maps
    large = nnf.interpolate(maps.flatten(0, 1), (height, width), mode="bilinear")
    return large.view(*maps.shape[:2], *large.shape[1:])
