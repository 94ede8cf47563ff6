"""`predict`: from a video of label maps to a longer one."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.config import PredictionConfig
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, DataError
from vid2vid.files import refuse_overwriting
from vid2vid.ops import to_images
from vid2vid.prediction.forecast import Forecast, forecast
from vid2vid.prediction.label_motion import extrapolate, repeat
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip
from vid2vid.video import stream_ids, write_frames, write_ids, write_labels, write_video
from vid2vid.visual import Picture, condition_picture, contact_sheet, flow_picture, save_png


@dataclass(frozen=True)
class PredictedFiles:
    """The result of `predict`.

    Attributes:
        source: The given label maps and the predicted ones after them, in the form that `synthesize` reads.
        instance: The object ids of the same frames, if those of the given frames are known.
        rows: Pictures of the predicted frames by row of the sheet: the true ones if the file has them, the predicted,
            those of the baselines.
        fps: Frames a second.
    """

    source: Path
    instance: Path | None
    rows: dict[str, list[Picture]]
    fps: float


def predict(module: PredictionModule, config: PredictionConfig) -> PredictedFiles:
    """Predict the next label maps of a video.

    Writes into ``config.output``: ``labels.mkv`` (the ids of the given and the predicted maps, lossless; if the files
    of the condition hold colours, the folder ``labels`` of PNG), ``labels.mp4`` (the same in the palette's colours),
    ``flow.mp4`` (the predicted flow as colours), with ``instance`` also ``instance.mkv``, and ``sheet.png``.

    Args:
        module: A trained predictor.
        config: The settings. Frames of the source after the given ones are shown in the row ``true`` of the sheet, and
            not used otherwise.

    Raises:
        ConfigError: A number is too small, or an output is a file that is read.
        DataError: A file cannot be read or written, or has too few frames.
    """
    results = ("labels.mkv", "labels", "labels.mp4", "flow.mp4", "instance.mkv", "sheet.png", "frames.mp4")
    refuse_overwriting([config.output / name for name in results], config.files_read())
    given, condition, output = config.given or module.generator.config.past_frames, module.condition, config.output
    if config.frames < 1 or given < module.generator.config.past_frames:
        raise ConfigError(
            f"frames={config.frames}, given={given}: at least one frame must be predicted, from at least "
            f"{module.generator.config.past_frames} given ones, which the predictor needs."
        )
    kind = kind_of(condition)
    read = islice(kind.stream(config.source, CropResize()), given + config.frames)
    maps = torch.from_numpy(np.stack(list(read)))
    if len(maps) < given:
        raise DataError(
            f"{config.source}: has {len(maps)} frames, but given={given} are needed; set given lower, or give a longer "
            "video."
        )
    past, true = maps[None, :given, 0], maps[given:, 0]
    instance = None
    if config.instance is not None:
        ids = [torch.from_numpy(one) for one in islice(stream_ids(config.instance), given)]
        if len(ids) < given or ids[0].shape != past.shape[-2:]:
            size = " x ".join(str(side) for side in past.shape[-2:])
            raise DataError(f"{config.instance}: must have at least {given} frames of {size}, as the label maps.")
        instance = torch.stack(ids)[None, :, None]
    predicted = forecast(
        module, past, config.frames, instance, (config.height, config.width) if config.height else None
    )
    fps = config.fps or kind.header(config.source).fps
    rows = _rows(module, past, true, predicted)
    begin = [condition_picture(condition, one) for one in past[0]]
    write_video(output / "labels.mp4", [*begin, *rows["predicted"]], fps)
    fastest = float(predicted.flow.norm(dim=2).max())
    write_video(output / "flow.mp4", (flow_picture(flow, fastest) for flow in predicted.flow[0]), fps)
    save_png(output / "sheet.png", contact_sheet(rows))
    labels = _write_labels(condition, output, torch.cat([past, predicted.labels.cpu()], dim=1), fps)
    if instance is None or predicted.instance is None:
        return PredictedFiles(labels, None, rows, fps)
    write_ids(output / "instance.mkv", torch.cat([instance, predicted.instance.cpu()], dim=1)[0, :, 0].numpy(), fps)
    return PredictedFiles(labels, output / "instance.mkv", rows, fps)


def _rows(module: PredictionModule, past: Tensor, true: Tensor, predicted: Forecast) -> dict[str, list[Picture]]:
    """Draw the maps ``(B, M, 1, H, W)`` of each row of the sheet."""
    condition, frames = module.condition, predicted.labels.shape[1]
    maps = {"true": true} if len(true) == frames else {}
    maps |= {"predicted": predicted.labels[0], "repeat": repeat(past, frames)[0]}
    if past.shape[1] > 1:
        # the flow between the last two given maps, estimated on their colours
        last = past[:, -2:]
        colours = np.stack([condition_picture(condition, one) for one in last[0]])
        pictures = torch.from_numpy(colours).permute(0, 3, 1, 2)[None]
        flows = ReferenceFlow(module.reference.config)(Clip(last, pictures), to_images(pictures), [1])
        maps["extrapolate"] = extrapolate(past, flows[1].vectors[:, 0], frames)[0]
    return {name: [condition_picture(condition, one) for one in each] for name, each in maps.items()}


def _write_labels(condition: Condition, output: Path, maps: Tensor, fps: float) -> Path:
    """Write class indices ``(1, T, 1, H, W)`` in the form that the condition reads."""
    indices = maps[0, :, 0].numpy()
    if condition.holds_ids:
        write_labels(output / "labels.mkv", np.array(condition.label_ids, np.uint8)[indices], fps)
        return output / "labels.mkv"
    colours: Iterable[Picture] = np.array(condition.palette, np.uint8)[indices]
    write_frames(output / "labels", colours)
    return output / "labels"
