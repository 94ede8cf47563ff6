"""Other hosts, other pages and visitors without the token are refused."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from vid2vid.studio.guard import HEADERS, Guard, is_loopback


async def hello(request: Request) -> Response:
    return Response("hello")


def visitor(host: str = "127.0.0.1", token: str = "", base_url: str = "http://127.0.0.1:8017") -> TestClient:
    app = Starlette(routes=[Route("/", hello, methods=["GET", "POST"])])
    return TestClient(Guard(app, host, token), base_url=base_url)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8017"}, 200),
        ({"Host": "[::1]:8017"}, 200),
        # a name that was bound to this machine's address
        ({"Host": "evil.example"}, 421),
        ({"Host": ""}, 421),
        ({"Host": "[::1"}, 421),
        ({"Origin": "http://127.0.0.1:8017"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_the_page_itself_may_ask(headers: dict[str, str], status: int) -> None:
    answer = visitor().post("/", headers=headers)
    assert answer.status_code == status
    assert all(answer.headers[name] == value for name, value in HEADERS.items())


def test_the_token_opens_the_page_and_leaves_the_address() -> None:
    client = visitor("0.0.0.0", "secret", "http://studio.example:8017")  # noqa: S104 - nothing is bound
    assert client.get("/").status_code == 401
    assert client.get("/?token=wrong").status_code == 401
    assert client.get("/", headers={"Cookie": "vid2vid-studio=wrong"}).status_code == 401
    assert client.get("/", headers={"Cookie": "a b=;;=\x01"}).status_code == 401
    opened = client.get("/?token=secret", follow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get("/").text == "hello"


def test_addresses_of_this_machine_are_known() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.1.2.3", "::1")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.2", "example.org")))  # noqa: S104
