"""Numbers out of text that others have written."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError, why


def parse_json(text: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what a JSON text says.

    Raises:
        DataError: It is none, e.g. because it was cut off.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"is not JSON, or damaged: {why(error)}") from error


def finite(values: Any, what: str) -> NDArray[np.float32]:  # noqa: ANN401 - whatever stands there
    """Turn nested lists of numbers into an array.

    Args:
        values: Lists of numbers.
        what: What they are, for messages.

    Raises:
        DataError: They are not numbers, of uneven lengths, or not finite as float32.
    """
    try:
        with np.errstate(over="ignore"):
            array = np.array(values, np.float64).astype(np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{what} must be numbers: {why(error)}") from error
    if not np.isfinite(array).all():
        raise DataError(f"{what} must be finite, but number {int(np.argmin(np.isfinite(array)))} is not.")
    return array
