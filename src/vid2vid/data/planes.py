"""Planes of G-buffers, such as depth and normals: reading of their files, and their encoding for the networks."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition, Plane
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.plane_files import Numbers, chosen_channels, listed, read_file
from vid2vid.errors import DataError
from vid2vid.flow.store import FlowStore
from vid2vid.video import FrameReader, is_folder, open_frames, open_ids
from vid2vid.video.deep_video import DeepVideo, is_deep
from vid2vid.video.id_maps import largest_id
from vid2vid.video.images import FOLDER_FPS
from vid2vid.video.writing import MAX_ID


class StoredMotion:
    """The reference flows of a sequence as motion vectors from each frame to the one before, each ``(H, W, 2)``.

    Args:
        folder: The folder of a `FlowStore` with stride 1.

    Attributes:
        fps: `FOLDER_FPS`, since the files have no frame rate.

    Raises:
        DataError: The flows cannot be read.
    """

    fps = FOLDER_FPS

    def __init__(self, folder: Path) -> None:
        self._store = FlowStore(folder)
        self._entries = self._store.entries(1)
        self.height, self.width = self._store.read(1, 0, 1)[0].shape[2:]

    def __len__(self) -> int:
        return self._entries + 1

    def read(self, indices: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors ``(N, H, W, 2)`` of frames; the first frame has zeros."""
        none = np.zeros((1, 2, self.height, self.width), np.float32)
        vectors = [self._store.read(1, index - 1, 1)[0] if index else none for index in indices]
        return np.concatenate(vectors).transpose(0, 2, 3, 1)


class PlaneFrames:
    """The frames of a plane by index.

    The files may have any of these forms. Floats are in the plane's unit; integers are multiples of `Plane.step`, or
    span the plane's range. Both are multiplied by `Plane.factor`.

    - a folder of images, PNG of 8 or 16 bits a channel; a plane of one channel may be grey, or colours of 8 bits that
      encode ``r + 256 g + 65536 b``;
    - a folder of ``.npz`` files, each with one array, ``(H, W)`` or ``(H, W, C)``;
    - a folder of OpenEXR images (`vid2vid.data.plane_files.fitting_channels`);
    - for motion, the reference flows of a sequence (`vid2vid.flow.store.FlowStore`), whose first frame has zeros;
    - a lossless video of 8 bits (`vid2vid.video.write_ids`, `write_labels`, `write_colours`), encoded as images are, or
      of 10 to 16 bits a channel (`vid2vid.video.write_numbers`).

    Args:
        path: The folder or video.
        plane: The plane that it contains.

    Attributes:
        height: Pixels of a frame.
        width: Pixels of a frame.
        fps: Frames a second; `FOLDER_FPS` for a folder.

    Raises:
        DataError: The file is missing, or its first frame cannot be read as this plane.
    """

    def __init__(self, path: Path, plane: Plane) -> None:
        self.path, self.plane = path, plane
        self._video: FrameReader[Any] | None = None
        self._files: list[Path] = []
        self._largest = 0
        if plane.is_motion and FlowStore(path).has(1):
            self._video = StoredMotion(path)
        elif is_folder(path):
            self._files = listed(path)
        else:
            self._video, self._largest = _open_video(path, plane)
        self.fps = FOLDER_FPS if self._video is None else self._video.fps
        self.height, self.width = self._frame(0).shape[1:]

    def __len__(self) -> int:
        return len(self._files) if self._video is None else len(self._video)

    def read(self, indices: Sequence[int]) -> NDArray[np.float32]:
        """Return the frames with the given indices, ``(N, C, H, W)`` in the plane's unit.

        Raises:
            DataError: A frame is missing, damaged, of another size or number of channels, or has a value out of range;
                the message names the file, the frame and the plane.
        """
        frames = [self._frame(index) for index in indices]
        for index, frame in zip(indices, frames, strict=True):
            if frame.shape[1:] != (self.height, self.width):
                raise DataError(
                    f"{self._place(index)}: frame {index} of the plane {self.plane.name!r} is "
                    f"{frame.shape[1]} x {frame.shape[2]}, but its first frame {self.height} x {self.width}."
                )
        none = np.empty((0, self.plane.channels, self.height, self.width), np.float32)
        return np.stack(frames) if frames else none

    def _place(self, index: int) -> Path:
        return self._files[index] if self._files else self.path

    def _frame(self, index: int) -> NDArray[np.float32]:
        plane = self.plane
        if not 0 <= index < len(self):
            raise DataError(f"{self.path}: there is no frame {index} of the plane {plane.name!r}; it has {len(self)}.")
        path = self._place(index)
        if self._video is None:
            numbers = read_file(path, plane)
        else:
            frame = self._video.read([index])[0]
            numbers = Numbers(chosen_channels(frame, plane, path) if plane.channel else frame, self._largest)
        whose = f"{path}: frame {index} of the plane {plane.name!r}"
        values = _in_units(*numbers, plane, whose)
        # NaN counts as out of range, too
        wrong = ~((values >= np.float32(plane.low)) & (values <= np.float32(plane.high)))
        if wrong.any():
            channel, row, column = np.argwhere(wrong)[0]
            raise DataError(
                f"{whose} has {values[channel, row, column]:g} at row {row}, column {column}, which is not in "
                f"{plane.range}. Correct the file, or set another range, or a value for NaN and infinity: "
                f"data.planes=[{{name:{plane.name},low:…,high:…,missing:…}}]."
            )
        return values


def _open_video(path: Path, plane: Plane) -> tuple[FrameReader[Any], int]:
    """Open a lossless video of a plane; return it and the largest number that it can store.

    Raises:
        DataError: It is not such a video.
    """
    if is_deep(path):
        video = DeepVideo(path)
        return video, video.largest
    if plane.channels == 1 and not plane.channel:
        return open_ids(path), largest_id(path)
    if (plane.channels != 3 and not plane.channel) or largest_id(path) != MAX_ID:
        raise DataError(
            f"{path}: is not a lossless video of the {plane.channels} channels of the plane {plane.name!r}; write one "
            "of three channels with vid2vid.video.write_colours or write_numbers, others as .npz files."
        )
    return open_frames(path), 255


def _in_units(numbers: NDArray[Any], largest: int, plane: Plane, whose: str) -> NDArray[np.float32]:
    """Convert the stored numbers of a frame to the plane's unit, ``(C, H, W)``.

    Args:
        numbers: ``(H, W)`` or ``(H, W, C)``.
        largest: The largest integer that the file can store; 0 if it is not known.
        plane: The plane.
        whose: File, frame and plane, for messages.

    Raises:
        DataError: The numbers have another number of channels or another type.
    """
    if numbers.ndim == 2:
        numbers = numbers[..., None]
    if numbers.ndim != 3 or numbers.shape[2] != plane.channels or not numbers.size:
        raise DataError(
            f"{whose} has {numbers.shape[2:] or (1,)} channels, but needs {plane.channels}; "
            f"name those that hold it: data.planes=[{{name:{plane.name},channel:R}}]."
        )
    floats = numbers.dtype.kind == "f"
    if not floats and not largest:
        raise DataError(f"{whose} has {numbers.dtype} numbers; they must be floats, or integers of 8 or 16 bits.")
    values = numbers.transpose(2, 0, 1).astype(np.float64)
    if not floats:
        values = values * plane.step if plane.step else plane.low + values * ((plane.high - plane.low) / largest)
    if plane.factor:
        values *= np.reshape(plane.factor, (-1, 1, 1))
    if plane.missing is not None:
        values[~np.isfinite(values)] = plane.missing
    return np.ascontiguousarray(values, dtype=np.float32)


def plane_path(sequence: VideoSequence, plane: Plane) -> Path | None:
    """Return the files of a plane of a sequence; None for marks that the sequence does not have.

    Raises:
        DataError: The sequence lacks the plane, which is not one of marks.
    """
    if plane.name not in sequence.planes and not plane.is_marks:
        known = ", ".join(sequence.planes) or "none"
        raise DataError(
            f"{sequence.target}: the sequence {sequence.name!r} has no plane {plane.name!r} (it has {known}), which "
            "data.planes asks for."
        )
    return sequence.planes.get(plane.name)


def absent_plane(plane: Plane, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a plane that a video lacks, ``(C, *size)``: nothing is marked, or all is unknown (NaN)."""
    return np.full((plane.channels, *size), 0 if plane.is_marks else np.nan, np.float32)


def framed_planes(values: NDArray[np.float32], plane: Plane, crop_resize: CropResize) -> NDArray[np.float32]:
    """Crop, resize and mirror frames of a plane ``(N, C, H, W)``, by nearest neighbour, so that no values are mixed.

    Motion vectors are scaled to pixels of the new size.
    """
    framed = crop_resize.ids(values.reshape(-1, *values.shape[2:]))
    framed = framed.reshape(*values.shape[:2], *framed.shape[1:])
    if plane.is_motion:
        top, left, bottom, right = crop_resize.box(*values.shape[2:])
        scale = framed.shape[3] / (right - left), framed.shape[2] / (bottom - top)
        framed *= np.array(scale, np.float32)[:, None, None]
    if crop_resize.flip and plane.mirrored:
        framed[:, plane.mirrored] *= -1
    return framed


def split_planes(planes: Sequence[Plane], values: Tensor) -> Iterator[tuple[Plane, Tensor]]:
    """Yield each plane with its channels ``(..., C, H, W)``, out of those of all planes ``(..., P, H, W)``."""
    start = 0
    for plane in planes:
        yield plane, values[..., start : start + plane.channels, :, :]
        start += plane.channels


def encode_planes(planes: Sequence[Plane], values: Tensor) -> Tensor:
    """Encode planes as input channels of the networks, by their `Plane.scaling`.

    Args:
        planes: The planes.
        values: ``(..., P, H, W)``, the channels of all planes in their units; values out of range are clamped. NaN: the
            value of a plane that may be missing is unknown.

    Returns:
        ``(..., P, H, W)`` float32 in [-1, 1], motion also beyond; 0 for unknown values.
    """
    encoded = []
    for plane, part in split_planes(planes, values):
        # tested first, since the runtimes of exported steps would clamp NaN
        unknown = part.isnan() if plane.can_be_missing else None
        clamped = part.float().clamp(plane.low, plane.high)
        if plane.scaling == "inverse":
            seen = 2 * plane.half / (plane.half + clamped) - 1
        elif plane.is_motion:
            seen = clamped / plane.half
        elif plane.is_marks:
            seen = clamped
        else:
            seen = (clamped - plane.low) * (2 / (plane.high - plane.low)) - 1
        encoded.append(seen if unknown is None else seen.masked_fill(unknown, 0.0))
    return torch.cat(encoded, dim=-3)


def or_unknown(condition: Condition, values: Tensor | None, source: Tensor) -> Tensor | None:
    """Return the channels of a condition's planes, NaN if none are given and all of them may be missing.

    Args:
        condition: The condition; if it has no planes, None is returned.
        values: ``(..., P, H, W)``, the channels of all planes in their units; None: none are given.
        source: ``(..., S, H, W)``, the condition, which gives the size.
    """
    if not condition.planes:
        return None
    if values is not None or condition.needs_planes:
        return values
    *leading, _, height, width = source.shape
    return torch.full((*leading, condition.plane_channels, height, width), torch.nan, device=source.device)


def leave_out_planes(planes: Sequence[Plane], values: Tensor) -> Tensor:
    """Replace optional planes of random videos by NaN, which means unknown (`Plane.optional`).

    Args:
        planes: The planes.
        values: ``(B, T, P, H, W)``, the channels of all planes in their units.

    Returns:
        The values, with NaN for the planes that are left out.
    """
    parts = []
    for plane, part in split_planes(planes, values):
        drawn = torch.rand(len(values), 1, 1, 1, 1, device=values.device) < plane.optional if plane.optional else None
        parts.append(part if drawn is None else part.masked_fill(drawn, torch.nan))
    return torch.cat(parts, dim=2)
