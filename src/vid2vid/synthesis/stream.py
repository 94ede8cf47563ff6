"""From a video of conditions to a video, frame by frame."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from vid2vid.data.conditions import grey_planes, source_header, stream_planes
from vid2vid.data.framing import Framing
from vid2vid.data.video import VideoWriter, stream_frames, stream_ids
from vid2vid.errors import ConfigError, DataError
from vid2vid.ops import to_images
from vid2vid.synthesis.synthesizer import ImageSynthesizer, Synthesizer
from vid2vid.training import ImageModule, Vid2VidModule
from vid2vid.visual import to_pixels

Module = Vid2VidModule | ImageModule
First = Path | ImageModule
Planes = NDArray[np.uint8]
Ids = NDArray[np.int32] | None
Transform = Callable[[Planes, Ids, int], tuple[Planes, Ids]]
"""What may be done to the condition of a frame: planes ``(S, H, W)``, object ids ``(H, W)``, number of the frame."""


def synthesize(
    module: Module,
    source: Path,
    output: Path,
    *,
    framing: Framing | None = None,
    first: First | None = None,
    instance: Path | None = None,
    foreground: Path | None = None,
    appended: Path | None = None,
    fps: float = 0.0,
    transforms: Sequence[Transform] = (),
) -> int:
    """Synthesise a video from a video of conditions; every frame of it, the first L included.

    Args:
        module: A trained module; an image generator makes each frame on its own.
        source: The conditions, as the module's condition says: a label video, or a video whose edges are taken; a file
            or a folder of images.
        output: The mp4 to write; it appears when it is complete.
        framing: Part and size of the source that is used; None: all of it.
        first: A video or folder whose first L frames are given to F as the first frames, or an image generator that
            makes them; None: F starts from nothing.
        instance: Video of object ids, needed when the condition has instance edges.
        foreground: Grey video, a soft mask of the foreground, for a model with a foreground prior; None: its own
            foreground labels.
        appended: Video or folder of what the model's condition appends to keypoints (`Condition.appended`): edges of
            the background, or DensePose maps.
        fps: Frames a second of the output; 0: as the source.
        transforms: What is done to the condition of each frame, one after the other, e.g. a `LabelEditor`.

    Returns:
        The number of frames written.

    Raises:
        DataError: A file cannot be read or written, or does not fit; the message names it.
        CheckpointError: The image generator of the first frames was trained on other conditions.
        ConfigError: First frames or a foreground are given to an image generator, which has no use for them.
    """
    framing = framing or Framing()
    header = source_header(module.condition, source)
    synthesizer, given = _synthesizer(module, first, foreground, framing)
    objects, masks = _objects(module, instance, framing), _masks(foreground, framing)
    with VideoWriter(output, fps or header.fps) as writer:
        planes = stream_planes(module.condition, source, framing, appended)
        bar = tqdm(planes, total=header.frames, desc=output.name, unit="frame")
        for t, frame_planes in enumerate(map(torch.from_numpy, bar)):
            ids, mask = next(objects), next(masks)
            for path, part in ((first, given), (instance, ids), (foreground, mask)):
                _require_size(path, part, frame_planes)
            frame = synthesizer.step(*_transformed(frame_planes, ids, t, transforms), mask)
            writer.write(to_pixels(frame.fake[0]))
    return writer.count


def _synthesizer(
    module: Module, first: First | None, foreground: Path | None, framing: Framing
) -> tuple[Synthesizer | ImageSynthesizer, Tensor | None]:
    """Return the stream, and the first frames that were given to it."""
    if isinstance(module, ImageModule):
        if first is not None or foreground is not None:
            raise ConfigError(
                "this model is an image generator: first frames or a foreground mask are of no use to it."
            )
        return ImageSynthesizer(module), None
    if isinstance(first, Path):
        given = _first_frames(first, module.generator.config.past_frames, framing)
        return Synthesizer(module, given), given
    return Synthesizer(module, first), None


def _transformed(
    planes: Tensor, ids: Tensor | None, frame: int, transforms: Sequence[Transform]
) -> tuple[Tensor, Tensor | None]:
    if not transforms:
        return planes, ids
    changed, objects = planes[0].numpy(), None if ids is None else ids[0, 0].numpy()
    for transform in transforms:
        changed, objects = transform(changed, objects, frame)
    return torch.from_numpy(changed)[None], None if objects is None else torch.from_numpy(objects)[None, None]


def _objects(module: Module, instance: Path | None, framing: Framing) -> Iterator[Tensor | None]:
    if not module.condition.instance_edges:
        while True:
            yield None
    if instance is None:
        raise DataError("this model's condition has instance edges: give instance=path to a video of object ids.")
    for ids in stream_ids(instance):
        yield torch.from_numpy(framing.ids(ids[None]))[:, None]
    raise DataError(f"{instance}: has fewer frames than the source.")


def _masks(foreground: Path | None, framing: Framing) -> Iterator[Tensor | None]:
    if foreground is None:
        while True:
            yield None
    for frame in stream_frames(foreground):
        yield torch.from_numpy(grey_planes(frame[None], framing))
    raise DataError(f"{foreground}: has fewer frames than the source.")


def _require_size(origin: object, part: Tensor | None, planes: Tensor) -> None:
    if part is not None and part.shape[-2:] != planes.shape[-2:]:
        (height, width), (wanted_height, wanted_width) = part.shape[-2:], planes.shape[-2:]
        raise DataError(
            f"{origin}: its frames are {height} x {width}, those of the source {wanted_height} x {wanted_width}; give "
            "height and width to bring them to one size."
        )


def _first_frames(first: Path, needed: int, framing: Framing) -> Tensor:
    frames: list[NDArray[np.uint8]] = list(islice(stream_frames(first), needed))
    if len(frames) < needed:
        raise DataError(f"{first}: has {len(frames)} frames, but {needed} first frames are needed.")
    pixels = framing.images(np.stack(frames))
    return to_images(torch.from_numpy(pixels).permute(0, 3, 1, 2))[None]
