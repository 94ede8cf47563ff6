"""The page: a stream of JPEGs over HTTP, its figures, who may see them, and the page in a real browser."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from threading import Event, Thread
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from vid2vid.errors import ConfigError
from vid2vid.live import LiveFigures
from vid2vid.live.live_page import LivePage
from vid2vid.studio.serving import listening_socket

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


def picture(level: int) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
    return np.full((32, 64, 3), level, np.uint8)


@pytest.fixture
def showing() -> Iterator[tuple[LivePage, str]]:
    """A page, and its address."""
    addresses: list[str] = []
    figures = LiveFigures(frames=3, drawn=2, dropped=1)
    with LivePage("127.0.0.1", 0, "camera 0", figures, addresses.append) as page:
        yield page, addresses[0]


def test_the_newest_frame_is_sent(showing: tuple[LivePage, str]) -> None:
    page, address = showing
    # nobody looks: nothing is coded
    page.write(picture(10), 0.0)
    with urllib.request.urlopen(f"{address}stream", timeout=20) as stream:  # noqa: S310 - on this machine
        assert stream.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
        assert stream.headers["Cache-Control"] == "no-store"
        assert stream.readline() == b"--frame\r\n"
        for level in (50, 200):
            page.write(picture(level), 0.0)
            assert stream.readline() == b"Content-Type: image/jpeg\r\n"
            length = int(re.fullmatch(rb"Content-Length: (\d+)\r\n", stream.readline())[1])  # type: ignore[index]
            stream.readline()
            decoded = cv2.imdecode(np.frombuffer(stream.read(length), np.uint8), cv2.IMREAD_COLOR)
            assert decoded is not None
            np.testing.assert_allclose(decoded, picture(level), atol=2)
            assert (stream.readline(), stream.readline()) == (b"\r\n", b"--frame\r\n")


def test_a_slow_visitor_gets_no_old_frames(showing: tuple[LivePage, str]) -> None:
    page, address = showing
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), np.uint8)
    with urllib.request.urlopen(f"{address}stream", timeout=20) as stream:  # noqa: S310 - on this machine
        stream.readline()
        for level in range(60):
            noise[:64, :64] = 4 * level
            page.write(noise, 0.0)
            time.sleep(0.005)
        levels: list[int] = []
        while not levels or levels[-1] < 59:
            stream.readline()
            length = int(stream.readline().split(b":")[1])
            stream.readline()
            data = np.frombuffer(stream.read(length), np.uint8)
            stream.readline(), stream.readline()
            decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
            assert decoded is not None
            levels.append(round(decoded[16:48, 16:48].mean() / 4))
    assert levels == sorted(levels)
    assert len(levels) < 40


def test_the_page_tells_its_figures_and_answers_nobody_else(showing: tuple[LivePage, str]) -> None:
    _, address = showing
    with urllib.request.urlopen(f"{address}figures", timeout=20) as answer:  # noqa: S310 - on this machine
        told = answer.read().decode()
    assert '"title":"camera 0"' in told
    assert "3 frames in, 2 drawn, 1 dropped" in told
    strange = urllib.request.Request(f"{address}stream", headers={"Host": "elsewhere.example"})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(strange, timeout=20)  # noqa: S310 - on this machine
    assert refused.value.code == 421
    assert refused.value.read() == b"This host does not serve vid2vid live."


def test_on_other_hosts_a_token_is_needed_and_the_address_must_be_free() -> None:
    addresses: list[str] = []
    with LivePage("0.0.0.0", 0, "", LiveFigures(), addresses.append):  # noqa: S104 - with a token
        address, _, token = addresses[0].replace("0.0.0.0", "127.0.0.1").partition("?token=")  # noqa: S104
        assert len(token) > 20
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{address}stream", timeout=20)  # noqa: S310 - on this machine
    with listening_socket("127.0.0.1", 0) as taken, pytest.raises(ConfigError, match="cannot be served there"):
        LivePage("127.0.0.1", taken.getsockname()[1], "", LiveFigures(), print)


def test_the_picture_follows_in_a_browser(showing: tuple[LivePage, str], browser: "Chrome") -> None:
    page, address = showing
    over = Event()
    level = [40]

    def write() -> None:
        while not over.wait(0.05):
            page.write(picture(level[0]), 0.0)

    thread = Thread(target=write)
    thread.start()
    try:
        browser.get(address)
        script = (
            "const c = document.createElement('canvas'), f = document.getElementById('frame');"
            "c.width = 1; c.height = 1; c.getContext('2d').drawImage(f, 0, 0, 1, 1);"
            "return c.getContext('2d').getImageData(0, 0, 1, 1).data[0]"
        )
        for wanted in (40, 220):
            level[0] = wanted
            end = time.monotonic() + 60
            while abs(int(browser.execute_script(script)) - wanted) > 3:
                assert time.monotonic() < end, "the picture does not follow"
                time.sleep(0.05)
        told = "return document.getElementById('figures').textContent"
        assert str(browser.execute_script(told)).startswith("3 frames in")
        entries = list(browser.get_log("browser"))  # type: ignore[no-untyped-call]
        assert [entry for entry in entries if entry["level"] == "SEVERE"] == []
    finally:
        over.set()
        thread.join()
        browser.get("about:blank")
