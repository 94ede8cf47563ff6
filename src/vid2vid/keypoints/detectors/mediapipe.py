"""Starting mediapipe's models, which no list of dependencies can bring."""

import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import MissingExtraError, why

INSTALL = (
    "pip install absl-py attrs flatbuffers matplotlib 'protobuf>=6.31.1,<7' && pip install --no-deps mediapipe==0.10.21"
)
"""Its own list of dependencies asks for versions that others here cannot live with, but does not need them."""


class Solution:
    """One of mediapipe's models, with tracking from frame to frame.

    Args:
        module: Its module among mediapipe's solutions, e.g. ``pose``.
        name: Its class, e.g. ``Pose``.
        **options: As mediapipe has them.

    Raises:
        MissingExtraError: mediapipe is not installed, does not run, or has no such solution.
    """

    def __init__(self, module: str, name: str, **options: Any) -> None:  # noqa: ANN401 - mediapipe has no types
        self._model: Any = _start(module, name, options)
        self._started = False

    def __call__(self, frame: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - mediapipe has no types
        """Return what mediapipe finds in the next frame ``(H, W, 3)`` RGB."""
        frame = np.ascontiguousarray(frame)
        if self._started:
            return self._model.process(frame)
        with _quiet():
            found = self._model.process(frame)
        self._started = True
        return found


def pixels(landmarks: Any, frame: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ANN401 - mediapipe has no types
    """Return mediapipe's landmarks as ``(N, 2)``: x and y in pixels of the frame that they were found in."""
    height, width = frame.shape[:2]
    return np.array([[point.x * width, point.y * height] for point in landmarks.landmark], np.float32)


def _start(module: str, name: str, options: dict[str, Any]) -> Any:  # noqa: ANN401 - mediapipe has no types
    try:
        with _quiet():
            return getattr(importlib.import_module(f"mediapipe.python.solutions.{module}"), name)(**options)
    # the last two: other versions of it, or of protobuf, which it is built upon
    except (ImportError, AttributeError, TypeError) as error:
        raise MissingExtraError(
            f"mediapipe 0.10.21 is not installed as it should be ({why(error)}). It runs with Python 3.11 and 3.12 on "
            f"Linux (x86), macOS and Windows; install it with: {INSTALL}"
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep from the terminal what mediapipe's native code writes there while it starts; show it after an error.

    A dozen lines of warnings that nobody can act on, and the trace of an error that it handles.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        terminal = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(terminal, kept.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
