"""Reading requests: their bodies, JSON mappings, lists and numbers; malformed ones are refused."""

from typing import Any

from starlette.requests import Request

from vid2vid.files import parse_json

MOST_JSON = 2**18
"""Bytes of the largest mapping."""


class RequestError(Exception):
    """A request cannot be answered.

    Attributes:
        status: The status of the answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def body_of(request: Request, most: int) -> bytes:
    """Return the body of a request.

    Raises:
        RequestError: It is larger than it may be.
    """
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise RequestError(413, f"The request is larger than {most} bytes.")
        parts.append(chunk)
    return b"".join(parts)


async def mapping_of(request: Request) -> dict[str, Any]:
    """Return the JSON mapping that a request holds; an empty request holds an empty one.

    Raises:
        RequestError: It holds something else.
    """
    try:
        given = parse_json((await body_of(request, MOST_JSON)).decode() or "{}")
    except ValueError as error:
        raise RequestError(400, "The request is not JSON.") from error
    if not isinstance(given, dict):
        raise RequestError(400, "The request is not a mapping.")
    return given


def list_of(given: dict[str, Any], name: str) -> list[Any]:
    """Return a list in a mapping; empty where it is missing.

    Raises:
        RequestError: It is not a list.
    """
    found = given.get(name, [])
    if not isinstance(found, list):
        raise RequestError(400, f"{name} must be a list.")
    return found


def style_of(given: object, name: str) -> int | list[float]:
    """Return the style of a class: the number of a kind, or features.

    Raises:
        RequestError: It is neither.
    """
    if isinstance(given, list) and all(isinstance(one, int | float) for one in given):
        return given
    return whole_number(given, name)


def whole_number(given: object, name: str) -> int:
    """Return a whole number of a request, at least 0.

    Raises:
        RequestError: It is not such a number.
    """
    try:
        number = int(str(given))
    except ValueError as error:
        raise RequestError(400, f"{name} must be a whole number.") from error
    if not 0 <= number < 2**31:
        raise RequestError(400, f"{name} must lie in 0..{2**31 - 1}, but is {number}.")
    return number
