"""The inputs of a synthesis, frame by frame: conditions, object ids, foreground masks, first frames."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition, Plane
from vid2vid.config import SynthesisConfig
from vid2vid.config.data import DEPTH_PLANES
from vid2vid.config.synthesis import PIPE
from vid2vid.data.conditions import grey_planes, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.depth_estimator import DepthEstimator, EstimatedDepth
from vid2vid.data.editing import LabelEditor, read_edits
from vid2vid.data.editing.edited_planes import edited_planes, one_frame
from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.data.label_tracks import LabelTracks
from vid2vid.data.planes import PlaneFrames, absent_plane, framed_planes
from vid2vid.errors import ConfigError, DataError, choose
from vid2vid.ops import to_images
from vid2vid.synthesis.rendered_street import RenderedStreet, can_be_rendered
from vid2vid.types import FrameInputs
from vid2vid.video import Header, RawVideo, Times, doubts, stream_frames, stream_ids
from vid2vid.video.images import FOLDER_FPS

_log = logging.getLogger(__name__)

Pixels = TypeVar("Pixels")
Planes = NDArray[np.uint8]
Ids = NDArray[np.int32]
PlaneReader = tuple[Plane, PlaneFrames | EstimatedDepth | None]
"""A plane of the condition and its reader; None: the plane is unknown."""
Transform = Callable[[Planes, Ids | None, int], tuple[Planes, Ids | None]]
"""Changes the condition of a frame: planes ``(S, H, W)`` uint8, object ids ``(H, W)`` or None, index of the frame.

It is called once for each frame, in order from the first, in the reading thread.
"""


class InputSource:
    """Reads the inputs of one synthesis.

    Args:
        config: The settings; the source is one path or pipe, or missing: then a new street is rendered.
        condition: The model's condition.
        transforms: Changes of the condition, applied in order after the edits of the settings.
        stopped: Called while a pipe waits for frames; returns whether to stop.

    Attributes:
        source: The path or pipe of the conditions, or the street that is rendered.
        crop_resize: Crop and size of the frames.

    Raises:
        ConfigError: There is no source and the model is not one of rendered streets, the size of raw frames is not
            given, an edit does not fit the condition, or files are given that the condition does not use.
    """

    def __init__(
        self,
        config: SynthesisConfig,
        condition: Condition,
        transforms: Sequence[Transform] = (),
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._config, self._condition = config, condition
        self.crop_resize = CropResize(config.height, config.width, tuple(config.crop))
        edits = read_edits(config.edit)
        self._transforms: list[Transform] = [*([LabelEditor(condition, edits)] if edits else []), *transforms]
        self._first: Tensor | None = None
        self.source: Path | RawVideo | RenderedStreet
        if not config.source:
            self.source = self._new_street()
        elif config.source == PIPE:
            height, width = config.raw_height or config.height, config.raw_width or config.width
            if height < 1 or width < 1:
                raise ConfigError("source=-: raw frames do not say their size: give raw_height and raw_width.")
            self.source = RawVideo(height, width, config.fps or FOLDER_FPS, stopped=stopped)
        else:
            self.source = config.source if isinstance(config.source, RawVideo) else Path(config.source)
        self._refuse_needless_files()

    def _refuse_needless_files(self) -> None:
        """Refuse files that the condition does not use.

        Raises:
            ConfigError: There is one; the message names the setting.
        """
        planes = [] if isinstance(self.source, RenderedStreet) else [plane.name for plane in self._condition.planes]
        for key, given, needed in (
            ("background", self._config.background, self._condition.appended == "background"),
            ("densepose", self._config.densepose, self._condition.appended == "densepose"),
            ("depth.network", self._config.depth.network, self._config.depth.plane in planes),
            ("planes", self._config.planes and isinstance(self.source, RenderedStreet), False),
        ):
            if given and not needed:
                where = "with a new street" if isinstance(self.source, RenderedStreet) else "on this model"
                raise ConfigError(f"{key} has no effect {where}: leave it out.")

    def header(self) -> Header:
        """Return the frame rate and the number of frames of the source.

        Raises:
            DataError: It cannot be read, or a file that belongs to it has another number of frames.
        """
        if isinstance(self.source, RawVideo):
            return Header(self.source.fps, self._config.frames or None)
        if isinstance(self.source, RenderedStreet):
            return Header(self.source.fps, self.source.frames)
        header, most = kind_of(self._condition).header(self.source), self._config.frames
        for path in (self._config.instance, self._config.foreground, self._appended()):
            frames = Header.read(path).frames if path and header.frames else None
            if frames and header.frames and frames != header.frames and not 0 < most <= min(frames, header.frames):
                raise DataError(f"{path}: has {frames} frames, but {self.source} has {header.frames}; give as many.")
        if not most:
            return header
        return replace(header, frames=min(most, header.frames or header.estimated_frames or most))

    def warn_of_doubts(self) -> None:
        """Warn of what is lost when the source and the first frames are read.

        Raises:
            DataError: They cannot be read.
        """
        for path in (self.source, self._config.first):
            if isinstance(path, Path) and not holds_keypoints(path):
                for doubt in doubts(path):
                    _log.warning("%s: %s.", path, doubt)

    def times(self) -> Times:
        """Return the time of each frame of the source; None if the source or the settings have a constant frame rate.

        Raises:
            DataError: It cannot be read.
        """
        if not isinstance(self.source, Path) or self._config.fps:
            return None
        times = kind_of(self._condition).times(self.source)
        return times if times is None else times[: self._config.frames or None]

    def __iter__(self) -> Iterator[FrameInputs]:
        """Yield the inputs of each frame.

        Raises:
            DataError: While iterating: a file cannot be read, or differs in size or length; the message names it.
        """
        coloured = {number for number in self._config.object_colours or () if isinstance(number, int)}
        for inputs in self._frames():
            if coloured and inputs.instance is not None:
                coloured -= set(np.unique(inputs.instance).tolist())
            yield inputs
        if coloured:
            _log.warning("object_colours: no frame has an object %s.", ", ".join(map(str, sorted(coloured))))

    def _frames(self) -> Iterator[FrameInputs]:
        instance, foreground = self._config.instance, self._config.foreground
        needed = self._condition.needs_instances
        if self._condition.class_in_red and isinstance(self.source, Path):
            instance = instance or self.source
        followed = self._condition.tracked_classes if needed and not isinstance(self.source, RenderedStreet) else None
        tracks = None if followed is None else LabelTracks(followed)
        if needed and instance is None and tracks is None and not isinstance(self.source, RenderedStreet):
            raise DataError(
                "this model's condition has edges or motion of objects: give instance=path to a video of object ids."
            )
        ids_read = stream_ids(instance) if instance and needed else None
        masks_read = stream_frames(foreground) if foreground else None
        planes_read, count = self._planes(), 0
        for index, (condition, rendered, values) in enumerate(islice(self._conditions(), self._config.frames or None)):
            source, ids, mask, count = condition[0], rendered if needed else None, None, index + 1
            require_same_size(self._config.first, self._first, condition)
            if instance and ids_read:
                ids = self.crop_resize.ids(_next(ids_read, instance)[None] >> self._condition.object_shift)[0]
                require_same_size(instance, ids, condition)
            if tracks is not None:
                ids = tracks(source[0], ids)
            if foreground and masks_read:
                mask = grey_planes(_next(masks_read, foreground)[None], self.crop_resize)
                require_same_size(foreground, mask, condition)
            values += [self._plane_frame(*plane, index, condition) for plane in planes_read]
            before = one_frame(source, ids)
            for transform in self._transforms:
                source, ids = transform(source, ids, index)
            planes = torch.from_numpy(np.concatenate(values))[None] if values else None
            yield FrameInputs(
                torch.from_numpy(np.ascontiguousarray(source))[None],
                None if ids is None else torch.from_numpy(np.ascontiguousarray(ids))[None, None],
                None if mask is None else torch.from_numpy(mask),
                edited_planes(self._condition, planes, before, one_frame(source, ids)),
            )
        # the header of a video need not say how many frames there are
        if isinstance(self.source, Path) and not self._config.frames:
            self._require_length(planes_read, count)
        self._warn_at_the_end((instance, ids_read), (foreground, masks_read))

    def _warn_at_the_end(self, *beside: tuple[Path | None, Iterator[Ids] | Iterator[Planes] | None]) -> None:
        """Warn of files that are longer than the source, and of edits that have changed nothing."""
        for path, frames in beside if isinstance(self.source, Path) and not self._config.frames else ():
            if frames and next(frames, None) is not None:
                _log.warning("%s: has more frames than %s: check that they belong together.", path, self.source)
        for transform in self._transforms:
            for edit in transform.without_effect if isinstance(transform, LabelEditor) else ():
                _log.warning("edit: '%s' has changed nothing: no frame has the label there.", edit)

    def _plane_frame(
        self, plane: Plane, reader: PlaneFrames | EstimatedDepth | None, index: int, condition: Planes
    ) -> NDArray[np.float32]:
        """Read a plane of a frame, ``(C, H, W)``; absent if it is not given."""
        if reader is None:
            return absent_plane(plane, condition.shape[-2:])
        if index == len(reader):
            raise DataError(f"{reader.path}: has {index} frames of the plane {plane.name!r}, fewer than the source.")
        (values,) = framed_planes(reader.read([index]), plane, self.crop_resize)
        require_same_size(reader.path, values, condition)
        return np.asarray(values, np.float32)

    def _appended(self) -> Path | None:
        """Return the pictures that are appended to drawn keypoints."""
        return getattr(self._config, self._condition.appended) if self._condition.appended else None

    def _require_length(self, readers: Sequence[PlaneReader], frames: int | None) -> None:
        for plane, reader in readers:
            if reader is not None and frames not in (None, len(reader)):
                raise DataError(
                    f"{reader.path}: has {len(reader)} frames of the plane {plane.name!r}, but {self.source} "
                    f"has {frames}."
                )

    def _planes(self) -> Sequence[PlaneReader]:
        """Open the files of the condition's planes; optional planes without a file have no reader.

        The planes of a rendered street come with its labels.

        Raises:
            DataError: One is missing, cannot be read, or has another number of frames than the source.
        """
        planes, given = self._condition.planes, self._config.planes
        for name in given:
            choose(name, [plane.name for plane in planes], "this model's planes, but planes")
        if isinstance(self.source, RenderedStreet):
            return []
        readers: list[PlaneReader] = []
        for plane in planes:
            if plane.name == self._config.depth.plane:
                readers.append((plane, self._estimated(plane)))
                continue
            if plane.name not in given and plane.can_be_missing:
                readers.append((plane, None))
                continue
            if plane.name not in given:
                raise DataError(
                    f"this model's condition has the plane {plane.name!r}: give planes={{{plane.name}:path}} to a "
                    "folder or lossless video of it"
                    + (", or depth.network=FILE, which estimates it." if plane.name in DEPTH_PLANES.values() else ".")
                )
            readers.append((plane, PlaneFrames(given[plane.name], plane)))
        if readers and isinstance(self.source, Path):
            self._require_length(readers, kind_of(self._condition).header(self.source).frames)
        return readers

    def _estimated(self, plane: Plane) -> EstimatedDepth:
        """Return the depth, estimated from the pictures of the source or from other pictures that are given.

        Raises:
            ConfigError: There are no pictures, or the network cannot be used.
        """
        pictures = self._config.planes.get(plane.name)
        if pictures is None and self._condition.from_frames and isinstance(self.source, Path):
            pictures = self.source
        if pictures is None:
            raise ConfigError(
                f"depth.network: {self.source} holds no pictures to estimate depth from; give the real video: "
                f"planes={{{plane.name}:path}}."
            )
        return EstimatedDepth(pictures, DepthEstimator(self._config.depth, plane))

    def first_frames(self, needed: int) -> Tensor | None:
        """Read the first frames, ``(1, needed, 3, H, W)`` in [-1, 1]; None: none are given.

        They come from the settings or from a new street. Their size is compared with that of the conditions when the
        conditions are read.

        Raises:
            DataError: There are too few, or they cannot be read.
        """
        if path := self._config.first:
            frames = list(islice(stream_frames(path), needed))
            if len(frames) < needed:
                raise DataError(f"{path}: has {len(frames)} frames, but {needed} first frames are needed.")
            pixels = self.crop_resize.images(np.stack(frames))
        elif isinstance(self.source, RenderedStreet):
            pixels = self.source.first_frames(needed)
        else:
            return None
        self._first = to_images(torch.from_numpy(pixels).permute(0, 3, 1, 2))[None]
        return self._first

    def _new_street(self) -> RenderedStreet:
        """Return the street that replaces a missing source.

        Raises:
            ConfigError: The model is not one of rendered streets, or a crop is given.
        """
        config = self._config
        if not can_be_rendered(self._condition):
            raise ConfigError(
                f"source is missing: give a video of conditions ({self._condition.kind}); it can be left out only for "
                "models of rendered streets, for which a new street is rendered."
            )
        if config.crop:
            raise ConfigError(
                "crop is for a source, but a new street is rendered at the size of height and width: leave crop out."
            )
        street = RenderedStreet(config.seed)
        return RenderedStreet(
            config.seed,
            config.frames or street.frames,
            config.height or street.height,
            config.width or street.width,
            config.fps or street.fps,
        )

    def _conditions(self) -> Iterator[tuple[Planes, Ids | None, list[NDArray[np.float32]]]]:
        """Yield the conditions, ``(1, S, H, W)``, and what comes with them: object ids ``(H, W)`` and planes."""
        condition, kind = self._condition, kind_of(self._condition)
        if isinstance(self.source, Path):
            for planes in kind.stream(self.source, self.crop_resize, self._appended()):
                yield planes, None, []
            return
        if condition.from_keypoints:
            raise ConfigError(f"{self.source}: this model needs keypoints, not pictures; give the path of their file.")
        frames: Iterator[tuple[Planes, Ids | None, list[NDArray[np.float32]]]]
        if isinstance(self.source, RenderedStreet):
            frames = self.source.conditions(condition.planes)
        else:
            frames = ((frame, None, []) for frame in self.source.frames(kind.raw_channels))
        for index, (frame, ids, values) in enumerate(frames):
            planes = kind.planes(frame[None], self.crop_resize, Path(str(self.source)), range(index, index + 1))
            yield planes, ids, values


def _next(frames: Iterator[Pixels], path: Path) -> Pixels:
    for frame in frames:
        return frame
    raise DataError(f"{path}: has fewer frames than the source; both must be equally long.")


def require_least_side(source: object, height: int, width: int, least: int) -> None:
    """Refuse frames with a side shorter than ``least`` pixels (`Synthesizer.least_side`).

    Raises:
        DataError: They have one; the message names ``source``.
    """
    if min(height, width) < least:
        raise DataError(
            f"{source}: frames of {height} x {width} are too small for this model: at least {least} pixels a side are "
            "needed; give larger frames, or height and width to enlarge them."
        )


def require_same_size(
    path: Path | None, given: NDArray[np.generic] | Tensor | None, source: NDArray[np.generic] | Tensor
) -> None:
    """Compare the size of frames that go beside the condition with the size of the condition.

    Raises:
        DataError: They differ; the message names ``path``.
    """
    if given is not None and given.shape[-2:] != source.shape[-2:]:
        (height, width), (wanted_height, wanted_width) = given.shape[-2:], source.shape[-2:]
        raise DataError(
            f"{path}: its frames are {height} x {width}, those of the source {wanted_height} x {wanted_width}; give "
            "height and width to bring them to one size."
        )
