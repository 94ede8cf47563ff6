"""Detector of the 68 points of a face by dlib (Kazemi & Sullivan, 2014), which the paper's face sketches use."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import ConfigError, MissingExtraError, require, why
from vid2vid.keypoints.detectors.scaled_crop import Box, ScaledCrop
from vid2vid.keypoints.keypoint_layout import FACE_POINTS

MODEL = "shape_predictor_68_face_landmarks.dat"
SEARCH_SIDES = (480, 960, 1920)
"""Longer sides, in pixels, at which a whole frame is searched in turn; larger ones reveal smaller faces."""
FACE_SIDE = 110
"""Longer side, in pixels, to which a face is scaled to search near its last position; the detector needs 80."""
LANDMARK_SIDE = 512
"""Smaller faces are enlarged to this side, in pixels, since landmarks are returned as whole pixels."""
ROUND_LAST = 0.6
"""Margin of the search around the last face, in sides of the face."""
MOST_ENLARGED = 4.0


class DlibFace:
    """Detects the largest face and tracks it.

    The area around its last position is searched first, then the whole frame. The landmark model was trained on iBUG
    300-W, whose owners do not allow commercial use.

    Args:
        model: The file ``shape_predictor_68_face_landmarks.dat``; empty: that of the installed package
            ``face-recognition-models``. Debian's package ``libdlib-data`` has the same file in ``/usr/share/dlib``.

    Raises:
        MissingExtraError: dlib is not installed, or if no path is given, the package with the model.
        ConfigError: The file is missing or not such a model.
    """

    def __init__(self, model: str = "") -> None:
        self._dlib: Any = require("dlib", extra="face")
        self._predict = _landmark_model(Path(model) if model else _installed_model())
        self._detect: Any = self._dlib.get_frontal_face_detector()
        self._last: Box | None = None

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the points of the face in the next frame (see `FaceDetector`); confidence 1, or 0 without a face."""
        face = self._near_last(frame) or self._anywhere(frame)
        self._last = face
        if face is None:
            return np.zeros((FACE_POINTS, 3), np.float32)
        crop = ScaledCrop.cut(frame, face.widened(0.5), max(1.0, LANDMARK_SIDE / face.side))
        box = crop.inside(face)
        sides = (round(edge) for edge in (box.left, box.top, box.right - 1, box.bottom - 1))
        found = self._predict(crop.pixels, self._dlib.rectangle(*sides)).parts()
        points = crop.to_frame(np.array([[point.x, point.y] for point in found], np.float32))
        return np.pad(points, ((0, 0), (0, 1)), constant_values=1)

    def _near_last(self, frame: NDArray[np.uint8]) -> Box | None:
        if self._last is None:
            return None
        last = self._last
        found = self._faces(ScaledCrop.cut(frame, last.widened(ROUND_LAST), FACE_SIDE / last.side))
        return max(found, key=last.overlap, default=None)

    def _anywhere(self, frame: NDArray[np.uint8]) -> Box | None:
        height, width = frame.shape[:2]
        whole, longer = Box(0, 0, width, height), max(height, width)
        for side in SEARCH_SIDES:
            if side <= MOST_ENLARGED * longer:
                found = self._faces(ScaledCrop.cut(frame, whole, side / longer))
                if found:
                    return max(found, key=lambda face: face.area)
        return None

    def _faces(self, crop: ScaledCrop) -> list[Box]:
        found = self._detect(crop.pixels, 0)
        return [crop.outside(Box(f.left(), f.top(), f.right() + 1, f.bottom() + 1)) for f in found]


@cache
def _landmark_model(path: Path) -> Any:  # noqa: ANN401 - dlib has no types
    """Load a model, once per process, since it takes a second."""
    try:
        return require("dlib", extra="face").shape_predictor(str(path))
    except (RuntimeError, MemoryError) as error:
        raise ConfigError(f"{path}: cannot be read as dlib's {MODEL}: {why(error)}") from error


def _installed_model() -> Path:
    # found without importing it, since the package needs a module that setuptools no longer has
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or spec.origin is None:
        raise MissingExtraError(
            "dlib's model of 68 landmarks comes with face-recognition-models; install it with: "
            "pip install 'vid2vid[face]'"
        )
    return Path(spec.origin).parent / "models" / MODEL
