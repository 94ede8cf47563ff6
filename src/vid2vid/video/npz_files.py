"""Archives of arrays (.npz), read without pickle and up to a size limit, since small files can unpack to any size."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import NOT_ARRAYS, DataError, why


def read_npz(path: Path, what: str, max_bytes: int) -> dict[str, NDArray[Any]]:
    """Read the arrays of a file by name.

    Args:
        path: The file.
        what: What it should hold, for messages.
        max_bytes: Largest number of bytes that it may unpack to.

    Raises:
        DataError: The file is missing, damaged, too large or of another kind.
    """
    try:
        with path.open("rb") as file:
            # numpy would report other files as pickled
            if not zipfile.is_zipfile(file):
                raise ValueError("it is not an .npz file, or was cut off")
            unpacked = sum(entry.file_size for entry in zipfile.ZipFile(file).infolist())
        if unpacked > max_bytes:
            raise ValueError(f"it unpacks to {unpacked} bytes, more than the {max_bytes} that are read")
        with np.load(path, allow_pickle=False) as archive:
            return dict(archive)
    except NOT_ARRAYS as error:
        raise DataError(f"{path}: cannot be read as {what}: {why(error)}.") from error
