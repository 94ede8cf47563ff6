"""Faces and people in live frames: detected, held where they are missed, retargeted, drawn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.config.data import PERSON_DETECTORS
from vid2vid.config.live import LiveConfig
from vid2vid.data.conditions import grey_planes, kind_of
from vid2vid.data.conditions.keypoint_kinds import KeypointKind
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import DataError, choose
from vid2vid.keypoints.detectors.background_edges import background_edges
from vid2vid.keypoints.detectors.detect_keypoints import FACES, PERSONS, installed_face_detector
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.outline import person_outline
from vid2vid.keypoints.retargeting import BodyProportions, Proportions, retarget
from vid2vid.live.live_sources import Captured
from vid2vid.synthesis.retarget import Person

Planes = NDArray[np.uint8]
Size = tuple[int, int]
_HELD = 8
"""Frames for which points that are not found stay where they were."""


class LiveKeypoints:
    """Finds the face or the person in one frame after the other, and draws it as the model's condition.

    Args:
        config: The settings.
        condition: The model's condition, faces or poses.
        crop_resize: Crop and size of the frames.
        say: Called with messages.

    Raises:
        ConfigError: The detector is not one for this condition.
        MissingExtraError: It is not installed.
        DataError: The person to retarget to cannot be read.
    """

    def __init__(
        self, config: LiveConfig, condition: Condition, crop_resize: CropResize, say: Callable[[str], None]
    ) -> None:
        kind = kind_of(condition)
        assert isinstance(kind, KeypointKind)  # noqa: S101 - by the condition
        self._kind, self._condition, self._crop_resize = kind, condition, crop_resize
        self._detect = _detector(config.detector, condition.kind)
        self._retarget = Retargeting(config, condition, say) if config.retarget else None
        self._last: NDArray[np.float32] | None = None
        self._missed = 0

    def __call__(self, frame: Captured) -> tuple[Planes, Planes | None] | None:
        """Return planes ``(1, S, H, W)`` and a mask of the person; None: the person is still being measured."""
        size: Size = (frame.pixels.shape[0], frame.pixels.shape[1])
        found, mask = self._detect(frame.pixels)
        points = self._held(found)
        if self._retarget is not None:
            retargeted = self._retarget(Keypoints(points[None], size), frame.time)
            if retargeted is None:
                return None
            points, size, mask = retargeted
        planes = self._kind.drawn(points[None], size, self._crop_resize)
        if self._condition.background_edges:
            edges = background_edges(frame.pixels, points, *self._condition.edge_thresholds)
            planes = np.concatenate([planes, self._kind.appended_planes(edges[None], self._crop_resize)], axis=1)
        return planes, None if mask is None else grey_planes(mask[None], self._crop_resize)

    def _held(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the points; if nobody is found, for some frames the last ones that were."""
        if points[..., 2].any():
            self._last, self._missed = points, 0
        else:
            self._missed += 1
        return points if self._last is None or self._missed > _HELD else self._last


def _detector(name: str, kind: str) -> Callable[[NDArray[np.uint8]], tuple[NDArray[np.float32], Planes | None]]:
    """Return a function from pixels to the points ``(P, N, 3)`` and the silhouette ``(H, W)`` of people."""
    if kind == "face":
        name = installed_face_detector() if name == "auto" else name
        face = FACES[choose(name, FACES, "detector")]()
        return lambda pixels: (face(pixels)[None], None)
    name = next(iter(PERSON_DETECTORS)) if name == "auto" else name
    return PERSONS[choose(name, PERSONS, "detector")]()


class Retargeting:
    """Gives a live person the proportions of the one that the model knows, after some seconds of measuring.

    Args:
        config: The settings.
        condition: The model's condition.
        say: Called with messages.

    Raises:
        DataError: The person to retarget to cannot be read, or too little of them is seen.
    """

    def __init__(self, config: LiveConfig, condition: Condition, say: Callable[[str], None]) -> None:
        known = Person.find(condition, Path(str(config.retarget)), "")
        self._goal = known.proportions(known.keypoints())
        self._seconds, self._say = config.calibrate, say
        self._seen: list[NDArray[np.float32]] = []
        self._begin: float | None = None
        self._own: Proportions | None = None

    def __call__(self, people: Keypoints, time: float) -> tuple[NDArray[np.float32], Size, Planes | None] | None:
        """Return the points ``(P, N, 3)``, the size of the target's frames, and a mask; None: still measuring."""
        if self._own is None:
            self._measure(people, time)
        if self._own is None:
            return None
        made = retarget(people, source=self._own, target=self._goal)
        size = made.size or (people.size or (0, 0))
        person = self._goal.person
        if not isinstance(person, BodyProportions):
            return made.points[0], size, None
        return made.points[0], size, person_outline(made.points[0], size, person.torso)

    def _measure(self, people: Keypoints, time: float) -> None:
        if self._begin is None:
            self._say(f"retarget: the person is measured for {self._seconds:g} s: stand as the model's does, and move")
            self._begin = time
        self._seen.append(people.points)
        if time - self._begin < self._seconds:
            return
        try:
            self._own = Proportions.measure(Keypoints(np.concatenate(self._seen), people.size))
            self._say("retarget: measured")
        except DataError as error:
            self._say(f"retarget: {error} It is measured again for {self._seconds:g} s")
            self._begin = time
        self._seen.clear()
