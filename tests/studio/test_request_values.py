"""What a request holds is taken only as far as it fits."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from vid2vid.studio.request_values import RequestError, body_of, list_of, mapping_of, whole_number


def request(*parts: bytes) -> Request:
    waiting: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def test_a_body_is_read_as_far_as_it_may_be() -> None:
    assert asyncio.run(body_of(request(b"ab", b"c"), 3)) == b"abc"
    with pytest.raises(RequestError, match="larger than 2 bytes") as refused:
        asyncio.run(body_of(request(b"ab", b"c"), 2))
    assert refused.value.status == 413


@pytest.mark.parametrize(("body", "message"), [(b"{", "not JSON"), (b"\xff", "not JSON"), (b"[1]", "not a mapping")])
def test_what_is_no_mapping_is_refused(body: bytes, message: str) -> None:
    assert asyncio.run(mapping_of(request(b'{"a": 1}'))) == {"a": 1}
    with pytest.raises(RequestError, match=message):
        asyncio.run(mapping_of(request(body)))


def test_lists_are_lists() -> None:
    assert list_of({"a": [1]}, "a") == [1]
    assert list_of({}, "a") == []
    with pytest.raises(RequestError, match="a must be a list"):
        list_of({"a": "bc"}, "a")


def test_numbers_are_whole_and_at_least_0() -> None:
    assert whole_number("7", "first") == 7
    for wrong in ("x", "-1", "1.5", None, 2**31):
        with pytest.raises(RequestError, match="first"):
            whole_number(wrong, "first")
