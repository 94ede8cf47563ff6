"""Reference flows on disk: written once, by the renderer or a flow estimator, and read a few frames at a time."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import dtype_to_descr, write_array_header_1_0
from numpy.typing import NDArray

from vid2vid.errors import NOT_ARRAYS, DataError, why
from vid2vid.files import naming, replacing

KINDS = ("flow", "confidence")


class FlowStore:
    """The flows of one sequence, for one or more temporal strides.

    The files for each stride k are ``FOLDER/k.flow.npy``, ``(N, 2, H, W)`` float16 pixels, and
    ``FOLDER/k.confidence.npy``, ``(N, 1, H, W)`` uint8 0..255. Entry j belongs to frame j + k and points back to frame
    j. Float16 represents a flow of 32 pixels to within 0.02. The files are plain arrays, read without pickle, and are
    memory-mapped, so that only the bytes of a clip are read.

    Args:
        folder: The folder of the files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, stride: int) -> bool:
        """Whether the flows of a stride exist; the confidence is written last."""
        return self._path(stride, "confidence").is_file()

    def write(self, stride: int, vectors: NDArray[np.float32], confidence: NDArray[np.float32]) -> None:
        """Write the flows of a whole sequence, each file atomically.

        Args:
            stride: Temporal stride k in frames.
            vectors: ``(N, 2, H, W)`` pixels.
            confidence: ``(N, 1, H, W)`` in [0, 1].
        """
        self.write_stream(stride, len(vectors), iter([(vectors, confidence)]))

    def write_stream(
        self, stride: int, count: int, parts: Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]
    ) -> None:
        """Write the flows of a whole sequence part by part, like `write`, without holding all in memory.

        Args:
            stride: Temporal stride k in frames.
            count: N, the total number of entries.
            parts: Vectors and confidences of consecutive entries.

        Raises:
            ValueError: The parts do not have ``count`` entries in total.
            OSError: A file cannot be written.
        """
        done = 0
        with ExitStack() as replaced:
            # left in the opposite order: the confidence is renamed last
            renamed = [replaced.enter_context(replacing(self._path(stride, kind))) for kind in reversed(KINDS)]
            # not through a map of the file, by which a full disk would end the process
            with naming(self.folder), ExitStack() as stack:
                files = [stack.enter_context(partial.open("wb")) for partial in reversed(renamed)]
                for vectors, confidence in parts:
                    levels = np.round(confidence * 255).astype(np.uint8)
                    arrays: list[NDArray[Any]] = [vectors.astype(np.float16), levels]
                    for file, array in zip(files, arrays, strict=True):
                        if not file.tell():
                            header = {"descr": dtype_to_descr(array.dtype), "fortran_order": False}
                            write_array_header_1_0(file, {**header, "shape": (count, *array.shape[1:])})
                        file.write(array.tobytes())
                    done += len(vectors)
            if done != count:
                raise ValueError(f"{self.folder}: {done} flows were given for {count} entries")

    def entries(self, stride: int) -> int:
        """Return the number of flows of a stride.

        Raises:
            DataError: The file is missing or damaged.
        """
        return len(self._mapped(stride, "confidence"))

    def read(self, stride: int, start: int, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Read the entries ``start .. start + count - 1``.

        Returns:
            Vectors ``(count, 2, H, W)`` in pixels and confidence ``(count, 1, H, W)`` in [0, 1].

        Raises:
            DataError: The file is missing or damaged, or has too few entries.
        """
        vectors = self._load(stride, "flow", start, count).astype(np.float32)
        confidence = self._load(stride, "confidence", start, count).astype(np.float32) / np.float32(255)
        return vectors, confidence

    def _path(self, stride: int, kind: str) -> Path:
        return self.folder / f"{stride}.{kind}.npy"

    def _mapped(self, stride: int, kind: str) -> NDArray[np.generic]:
        path = self._path(stride, kind)
        try:
            array: NDArray[np.generic] = np.load(path, mmap_mode="r", allow_pickle=False)
            if array.ndim != 4 or array.dtype.kind not in "fu":
                raise ValueError(f"its entries are {array.dtype} of the shape {array.shape}")
        except NOT_ARRAYS as error:
            raise DataError(
                f"{path}: cannot be read as flow ({why(error)}); delete the folder to have it made again."
            ) from error
        return array

    def _load(self, stride: int, kind: str, start: int, count: int) -> NDArray[np.generic]:
        array = self._mapped(stride, kind)
        if start + count > len(array):
            raise DataError(
                f"{self._path(stride, kind)}: holds {len(array)} flows, but entry {start + count - 1} is needed; "
                "delete the folder to have it made again."
            )
        return np.asarray(array[start : start + count])
