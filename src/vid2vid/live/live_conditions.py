"""The condition of each live frame, by what the model was trained on: read, found by a network, or detected."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.config.live import LiveConfig
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.editing import LabelEditor, read_edits
from vid2vid.data.editing.edited_planes import edited_planes, one_frame
from vid2vid.data.label_tracks import LabelTracks
from vid2vid.errors import ConfigError
from vid2vid.live.live_keypoints import LiveKeypoints
from vid2vid.live.live_sources import Captured
from vid2vid.metrics.metric_networks import load_torchscript
from vid2vid.ops import to_images
from vid2vid.types import FrameInputs

Planes = NDArray[np.uint8]
Find = Callable[[Captured], tuple[Planes, Planes | None] | None]
"""Returns planes ``(1, S, H, W)`` and, if there is one, a mask of the foreground ``(1, 1, H, W)``; None: not yet."""


class LiveConditions:
    """Makes the inputs of F from one captured frame after the other.

    Args:
        config: The settings.
        condition: The model's condition.
        crop_resize: Crop and size of the frames.
        device: Where networks compute.
        say: Called with messages.

    Raises:
        ConfigError: A setting does not fit the condition, or a part of the condition cannot be found in frames.
        MissingExtraError: A detector is not installed.
        DataError: The person to retarget to cannot be read.
    """

    def __init__(
        self,
        config: LiveConfig,
        condition: Condition,
        crop_resize: CropResize,
        device: torch.device,
        say: Callable[[str], None],
    ) -> None:
        _refuse_unfit(config, condition)
        self._crop_resize, self._count = crop_resize, 0
        edits = read_edits(config.edit)
        self._condition = condition
        self._editor = LabelEditor(condition, edits) if edits else None
        self._objects = LabelTracks(condition.tracked_classes) if condition.needs_instances else None
        self._find: Find
        if condition.from_keypoints:
            self._find = LiveKeypoints(config, condition, crop_resize, say)
        elif config.segmenter:
            self._find = _segmenter(config.segmenter, condition, crop_resize, device)
        else:
            self._find = _pictures(config, condition, crop_resize, device)

    def __call__(self, frame: Captured) -> FrameInputs | None:
        """Return the inputs of a frame; None: the person is still being measured.

        Raises:
            DataError: The frame holds a value that the condition does not have.
        """
        found = self._find(frame)
        if found is None:
            return None
        planes, foreground = found
        ids = None
        if self._objects is not None:
            given = None if frame.ids is None else self._crop_resize.ids(frame.ids[None])[0]
            ids = self._objects(planes[0, 0]) if given is None else given
        values = None
        if self._editor is not None:
            before = one_frame(planes[0], ids)
            edited, ids = self._editor(planes[0], ids, self._count)
            values = edited_planes(self._condition, None, before, one_frame(edited, ids))
            planes = edited[None]
        self._count += 1
        return FrameInputs(
            torch.from_numpy(np.ascontiguousarray(planes)),
            None if ids is None else torch.from_numpy(np.ascontiguousarray(ids))[None, None],
            None if foreground is None else torch.from_numpy(foreground),
            values,
        )


def _refuse_unfit(config: LiveConfig, condition: Condition) -> None:
    kind = condition.kind
    for given, reason in (
        (condition.needs_planes, "this model needs planes beside its condition, which no camera gives"),
        (condition.densepose, "this model's condition has DensePose maps, for which there is no detector here"),
        (
            config.segmenter and not condition.has_labels,
            f"segmenter: this model's condition is {kind}, not labels; leave it out",
        ),
        (
            config.hed and kind != "grey",
            f"hed: learned edges are grey conditions, but this model's condition is {kind}; leave it out",
        ),
        (
            config.retarget and not condition.from_keypoints,
            f"retarget: is for faces and poses, but this model's condition is {kind}; leave it out",
        ),
        (
            config.retarget and condition.background_edges,
            "retarget: this model's condition has edges of the background, which are not those of the camera's room",
        ),
        (
            config.instance and not condition.needs_instances,
            "instance: this model's condition has no object ids; leave it out",
        ),
    ):
        if given:
            raise ConfigError(f"{reason}.")


def _pictures(config: LiveConfig, condition: Condition, crop_resize: CropResize, device: torch.device) -> Find:
    """Return a function that makes pictures as conditions: the frames as they are, Canny edges or learned edges."""
    kind, name, index = kind_of(condition), Path(str(config.source or "street")), range(1)
    if not config.hed:
        return lambda frame: (kind.planes(frame.pixels[None], crop_resize, name, index), None)
    # imports the weights of HED
    from vid2vid.keypoints.detectors.learned_edges import LearnedEdges

    edges = LearnedEdges(device=str(device))
    return lambda frame: (edges(crop_resize.images(frame.pixels[None])[0])[None, None], None)


def _segmenter(path: Path, condition: Condition, crop_resize: CropResize, device: torch.device) -> Find:
    """Return a function that finds the labels by the user's network."""
    network = load_torchscript(str(path), "segmenter", "none, for a source of label maps").to(device).eval()
    classes = len(condition.label_ids)

    @torch.inference_mode()
    def find(frame: Captured) -> tuple[Planes, None]:
        pixels = torch.from_numpy(crop_resize.images(frame.pixels[None])).permute(0, 3, 1, 2)
        found: Tensor = network(to_images(pixels).to(device))
        if found.dim() == 4 and found.shape[1] != classes:
            raise ConfigError(f"segmenter={path}: tells {found.shape[1]} classes apart, but the model has {classes}.")
        indices = found.argmax(1) if found.dim() == 4 else found
        if indices.shape[-2:] != pixels.shape[-2:] or not 0 <= int(indices.min()) <= int(indices.max()) < classes:
            raise ConfigError(
                f"segmenter={path}: must return logits (N, {classes}, H, W) or class indices (N, H, W) below {classes} "
                f"for images (N, 3, H, W), but returned {tuple(found.shape)} for {tuple(pixels.shape)}."
            )
        return indices.to(torch.uint8).cpu().numpy()[:, None], None

    return find
