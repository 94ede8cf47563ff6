"""From a video of label maps to one that goes on."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, DataError
from vid2vid.ops import to_images
from vid2vid.prediction.forecast import Forecast, forecast
from vid2vid.prediction.motion import extrapolate, repeat
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip
from vid2vid.video import stream_ids, write_frames, write_ids, write_labels, write_video
from vid2vid.visual import Picture, condition_picture, contact_sheet, flow_picture, save_png


@dataclass(frozen=True)
class Predicted:
    """What `predict` has made.

    Attributes:
        source: The given label maps and the predicted ones after them, in the form that `synthesize` reads.
        instance: The same of object ids, if those of the given frames are known.
        rows: The pictures of the predicted frames, row by row: the true ones if the file has them, the predicted, those
            of the rivals.
        fps: Frames a second.
    """

    source: Path
    instance: Path | None
    rows: dict[str, list[Picture]]
    fps: float


def predict(
    module: PredictionModule,
    source: Path,
    output: Path,
    *,
    given: int = 0,
    frames: int = 10,
    size: tuple[int, int] | None = None,
    instance: Path | None = None,
    fps: float = 0.0,
) -> Predicted:
    """Predict how a video of label maps goes on.

    Writes into ``output``: ``labels.mkv`` (the ids of the given and the predicted maps, without loss; of a condition
    whose files hold colours the folder ``labels`` of PNG), ``labels.mp4`` (the same in the palette's colours),
    ``flow.mp4`` (of the predicted frames, as colours), with ``instance`` also ``instance.mkv``, and ``sheet.png``.

    Args:
        module: A trained predictor.
        source: A video or folder of label maps, as the predictor's condition says. What it has after the given maps is
            not looked at, but for the row ``true`` of the sheet.
        output: The folder.
        given: N, how many of its first maps are given; 0: as many as the predictor looks at.
        frames: M, how many are predicted.
        size: Rows and columns at which to predict (see `forecast`); None: those of the source.
        instance: Video of object ids; they are carried along.
        fps: Frames a second; 0: as the source.

    Raises:
        ConfigError: A number is too small.
        DataError: A file cannot be read or written, or has too few frames.
    """
    given = given or module.generator.config.past_frames
    if frames < 1 or given < module.generator.config.past_frames:
        raise ConfigError(
            f"frames={frames}, given={given}: at least one frame must be predicted, from at least "
            f"{module.generator.config.past_frames} given ones, which the predictor looks at."
        )
    kind = kind_of(module.condition)
    maps = torch.from_numpy(np.stack(list(islice(kind.stream(source, CropResize()), given + frames))))
    if len(maps) < given:
        raise DataError(f"{source}: has {len(maps)} frames, but {given} are to be given.")
    past, true = maps[None, :given, 0], maps[given:, 0]
    objects = _objects(instance, given, past) if instance else None
    found = forecast(module, past, frames, objects, size)
    rate = fps or kind.header(source).fps
    rows = _rows(module, past, true, found)
    _write_pictures(module.condition, output, past, found, rows, rate)
    whole = torch.cat([past, found.labels.cpu()], dim=1)[0, :, 0].numpy()
    return Predicted(
        _write_maps(module.condition, output, whole, rate), _write_ids(output, objects, found, rate), rows, rate
    )


def _objects(path: Path, given: int, past: Tensor) -> Tensor:
    ids = [torch.from_numpy(one) for one in islice(stream_ids(path), given)]
    if len(ids) < given or ids[0].shape != past.shape[-2:]:
        size = " x ".join(str(side) for side in past.shape[-2:])
        raise DataError(f"{path}: must have at least {given} frames of {size}, as the label maps.")
    return torch.stack(ids)[None, :, None]


def _rows(module: PredictionModule, past: Tensor, true: Tensor, found: Forecast) -> dict[str, list[Picture]]:
    frames = found.labels.shape[1]
    maps = {"predicted": found.labels[0], "repeat": repeat(past, frames)[0]}
    if past.shape[1] > 1:
        maps["extrapolate"] = extrapolate(past, _seen_flow(module, past), frames)[0]
    rows = {name: [condition_picture(module.condition, one) for one in each] for name, each in maps.items()}
    if len(true) < frames:
        return rows
    return {"true": [condition_picture(module.condition, one) for one in true], **rows}


def _seen_flow(module: PredictionModule, past: Tensor) -> Tensor:
    """Return the flow between the last two given maps, ``(1, 2, H, W)``, estimated on their colours."""
    last = past[:, -2:]
    colours = np.stack([condition_picture(module.condition, one) for one in last[0]])
    pictures = torch.from_numpy(colours).permute(0, 3, 1, 2)[None]
    flows = ReferenceFlow(module.reference.config)(Clip(last, pictures), to_images(pictures), [1])
    return flows[1].vectors[:, 0]


def _write_pictures(
    condition: Condition, output: Path, past: Tensor, found: Forecast, rows: dict[str, list[Picture]], fps: float
) -> None:
    begin = [condition_picture(condition, one) for one in past[0]]
    write_video(output / "labels.mp4", [*begin, *rows["predicted"]], fps)
    largest = float(found.flow.norm(dim=2).max())
    write_video(output / "flow.mp4", (flow_picture(flow, largest) for flow in found.flow[0]), fps)
    save_png(output / "sheet.png", contact_sheet(rows))


def _write_maps(condition: Condition, output: Path, indices: NDArray[np.uint8], fps: float) -> Path:
    if condition.holds_ids:
        write_labels(output / "labels.mkv", np.array(condition.label_ids, np.uint8)[indices], fps)
        return output / "labels.mkv"
    colours: Iterable[Picture] = np.array(condition.palette, np.uint8)[indices]
    write_frames(output / "labels", colours)
    return output / "labels"


def _write_ids(output: Path, objects: Tensor | None, found: Forecast, fps: float) -> Path | None:
    if objects is None or found.instance is None:
        return None
    whole = torch.cat([objects, found.instance.cpu()], dim=1)[0, :, 0]
    write_ids(output / "instance.mkv", whole.numpy(), fps)
    return output / "instance.mkv"
