"""Kinds of conditions drawn from keypoints, at any size: face sketches and skeletons."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.config import VideoConfig
from vid2vid.data.augment import View
from vid2vid.data.conditions.colours import channels_picture, hues_picture
from vid2vid.data.conditions.extraction import Extraction, name_errors, save_keypoints
from vid2vid.data.conditions.kind import ConditionKind, Planes
from vid2vid.data.conditions.picture_kinds import grey_planes
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError
from vid2vid.keypoints.face_sketch import draw_face, part_distance_maps
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_layout import FACE_POINTS, PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.mirror import exchange_sides
from vid2vid.keypoints.skeleton import draw_skeleton, limb_maps
from vid2vid.video import Header, ReaderPool, Times, frame_times, stream_frames, write_labels
from vid2vid.video.images import FOLDER_FPS
from vid2vid.video.progress import watched_frames

_DENSEPOSE_UNIT = 10
"""Factor that spreads DensePose's 24 parts over 0..255."""


class KeypointKind(ConditionKind):
    """Base class of the kinds whose files are keypoints; pictures may be appended to them (`Condition.appended`)."""

    appended_pictures: str
    """Name of the appended pictures, for messages."""

    @abstractmethod
    def draw(self, people: NDArray[np.float32], size: tuple[int, int], limbs: NDArray[np.bool_] | None) -> Planes:
        """Draw the keypoints of one frame.

        Args:
            people: ``(P, N, 3)``, in pixels of the picture.
            size: Rows and columns of the picture.
            limbs: ``(LIMBS,)``, which limbs of a skeleton are drawn; None: all.

        Returns:
            ``(S, H, W)`` uint8, without the channels of appended pictures.
        """

    @abstractmethod
    def appended_planes(self, frames: NDArray[np.uint8], crop_resize: CropResize) -> Planes:
        """Turn appended pictures ``(N, H, W, 3)`` into planes ``(N, S, H', W')``."""

    def planes(self, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, indices: range) -> Planes:
        """Refuse pictures.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(f"{path}: this condition is drawn from keypoints, not pictures; give the file of keypoints.")

    def read(
        self, readers: ReaderPool, sequence: VideoSequence, frames: range, view: View, target: NDArray[np.uint8]
    ) -> Planes:
        """Draw the conditions of some frames of a sequence, ``(T, S, H, W)`` uint8 (`ConditionKind.read`)."""
        keypoints, size = _cached_keypoints(sequence.source), (target.shape[1], target.shape[2])
        if keypoints.size not in (None, size):
            raise DataError(
                f"{sequence.source}: was made for frames of {keypoints.size}, but those of {sequence.target} are "
                f"{size} (height, width); detect the keypoints in the frames as they are."
            )
        points = keypoints.points[frames.start : frames.stop : frames.step]
        planes = self.drawn(points, size, view.crop_resize, view.limbs)
        if not (role := self.condition.appended):
            return planes
        path: Path | None = getattr(sequence, role)
        if path is None:
            raise DataError(
                f"{sequence.source}: the sequence {sequence.name!r} has no {self.appended_pictures}, which its "
                f"condition needs; add their files as its {role!r}."
            )
        return np.concatenate([planes, self.appended_planes(readers.get(path).read(frames), view.crop_resize)], axis=1)

    def stream(self, source: Path, crop_resize: CropResize, appended: Path | None = None) -> Iterator[Planes]:
        """Draw the conditions of a video frame by frame, ``(1, S, H, W)`` uint8 (`ConditionKind.stream`)."""
        keypoints, role = read_keypoints(source), self.condition.appended
        if role and appended is None:
            raise DataError(
                f"this model's condition has {self.appended_pictures}: give {role}=path to a video or folder of them."
            )
        pictures = stream_frames(appended) if role and appended else None
        if keypoints.size is None and not crop_resize.crop:
            raise DataError(
                f"{source}: does not say how large the frames of its keypoints are; give crop=[top,left,bottom,right] "
                "for the part of them that is drawn."
            )
        size = keypoints.size or (crop_resize.crop[2], crop_resize.crop[3])
        for points in keypoints.points:
            planes = self.drawn(points[None], size, crop_resize)
            if pictures is not None:
                picture = next(pictures, None)
                if picture is None:
                    raise DataError(f"{appended}: has fewer frames than {source}; both must be equally long.")
                planes = np.concatenate([planes, self.appended_planes(picture[None], crop_resize)], axis=1)
            yield planes

    def header(self, path: Path) -> Header:
        """Return the frame rate and the number of frames of keypoints."""
        keypoints = _cached_keypoints(path)
        return Header(keypoints.fps or FOLDER_FPS, len(keypoints))

    def times(self, path: Path) -> Times:
        """Return when each frame of keypoints is shown (`ConditionKind.times`)."""
        return _cached_keypoints(path).times

    def drawn(
        self,
        points: NDArray[np.float32],
        size: tuple[int, int],
        crop_resize: CropResize,
        limbs: NDArray[np.bool_] | None = None,
    ) -> Planes:
        """Draw keypoints ``(T, P, N, 3)`` of frames of a size, without appended pictures."""
        points = crop_resize.points(points, *size)
        if crop_resize.flip:
            points = exchange_sides(points)
        return np.stack([self.draw(people, crop_resize.size(*size), limbs) for people in points])


class FaceSketches(KeypointKind):
    """Curves through 68 landmarks of a face, optionally with distance maps of its parts and edges of the background."""

    points = FACE_POINTS
    extraction_settings = ("detector", "background_edges", "longest_gap", "smooth")
    appended_pictures = "edges of the background"

    def draw(self, people: NDArray[np.float32], size: tuple[int, int], limbs: NDArray[np.bool_] | None) -> Planes:
        """Draw the sketch, and if wanted the distance to each part of the face."""
        sketch = draw_face(people, size)[None]
        if not self.condition.distance_maps:
            return sketch
        return np.concatenate([sketch, part_distance_maps(people, size)])

    def appended_planes(self, frames: NDArray[np.uint8], crop_resize: CropResize) -> Planes:
        """Keep one channel of the edges."""
        return grey_planes(frames, crop_resize)

    def picture(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Show the sketch in white, the edges of the background in grey, and pixels near parts of the face in hues."""
        picture = channels_picture(planes[:1])
        if self.condition.background_edges:
            picture, planes = np.maximum(picture, planes[-1][..., None] // 2), planes[:-1]
        return np.maximum(picture, hues_picture((255 - planes[1:]) // 2)) if len(planes) > 1 else picture

    @classmethod
    def extract(cls, target: Path, name: str, config: VideoConfig, root: Path) -> Extraction:
        """Write the landmarks, and if wanted the edges of the background."""
        # imports torch and optional packages
        from vid2vid.keypoints.detectors.background_edges import background_edges
        from vid2vid.keypoints.detectors.detect_keypoints import detect_face

        fps, source = Header.read(target).fps, root / "source" / f"{name}.npz"
        with name_errors(target):
            found = detect_face(watched_frames(target), config.detector, fps)
        extraction = save_keypoints(found, target, source, config)
        if not config.background_edges:
            return extraction
        background, faces = root / "background" / f"{name}.mkv", Keypoints.load(source).points
        low, high = config.edge_thresholds
        edges = (
            background_edges(frame, face, low, high) for frame, face in zip(watched_frames(target), faces, strict=True)
        )
        write_labels(background, edges, fps, frame_times(target))
        return replace(extraction, background=str(background))


class Skeletons(KeypointKind):
    """Skeletons in colours, or with a channel for each limb, optionally with DensePose maps."""

    points = PERSON_POINTS
    detector = "mediapipe"
    extraction_settings = ("silhouette", "longest_gap", "smooth")
    appended_pictures = "DensePose maps"

    def draw(self, people: NDArray[np.float32], size: tuple[int, int], limbs: NDArray[np.bool_] | None) -> Planes:
        """Draw the skeletons."""
        if self.condition.limb_maps:
            return limb_maps(people, size, keep=limbs)
        return np.ascontiguousarray(draw_skeleton(people, size, keep=limbs).transpose(2, 0, 1))

    def appended_planes(self, frames: NDArray[np.uint8], crop_resize: CropResize) -> Planes:
        """Spread DensePose's parts over 0..255; the files have B = part, G = u, R = v."""
        v, u, part = (crop_resize.ids(frames[..., channel]) for channel in range(3))
        return np.stack([part.clip(max=255 // _DENSEPOSE_UNIT) * _DENSEPOSE_UNIT, u, v], axis=1)

    def picture(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Show the skeletons in front of their DensePose map; limbs with their own channels get a hue each."""
        people, surface = (planes[:-3], planes[-3:]) if self.condition.densepose else (planes, None)
        skeletons = hues_picture(people) if self.condition.limb_maps else channels_picture(people)
        if surface is None:
            return skeletons
        return np.where(skeletons.any(axis=-1, keepdims=True), skeletons, channels_picture(surface) // 2)

    @classmethod
    def extract(cls, target: Path, name: str, config: VideoConfig, root: Path) -> Extraction:
        """Write the poses, and if wanted the silhouettes of the people."""
        # imports torch and optional packages
        from vid2vid.keypoints.detectors.detect_keypoints import detect_pose
        from vid2vid.keypoints.detectors.silhouettes import fill_gaps

        fps, foreground = Header.read(target).fps, root / "foreground" / f"{name}.mkv"

        def write(silhouettes: Iterator[NDArray[np.uint8]]) -> None:
            write_labels(foreground, fill_gaps(silhouettes, config.longest_gap), fps, frame_times(target))

        with name_errors(target):
            found = detect_pose(watched_frames(target), fps=fps, silhouettes=write if config.silhouette else None)
        extraction = save_keypoints(found, target, root / "source" / f"{name}.npz", config)
        return replace(extraction, foreground=str(foreground) if config.silhouette else "")


def _cached_keypoints(path: Path) -> Keypoints:
    """Read keypoints, cached until the file or a file of the folder changes, since many text files are slow to read."""
    files = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    states = [file.stat() for file in sorted(files)]
    return _read_once(path, tuple((one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for one in states))


@lru_cache(maxsize=64)
def _read_once(path: Path, states: tuple[tuple[int, ...], ...]) -> Keypoints:
    return read_keypoints(path)
