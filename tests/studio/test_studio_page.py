"""The page in a real browser: painted on by mouse and by keys, played, and compared with the command line's pixels."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Condition, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.config.studio import StudioConfig
from vid2vid.studio.server import Studio
from vid2vid.studio.timeline import StudioModel
from vid2vid.synthesis import synthesize
from vid2vid.video import stream_frames

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

WAIT = 180.0  # seconds; on a busy machine a browser takes its time
Pixels = NDArray[np.uint8]


class Visitor:
    """Somebody in front of the page."""

    def __init__(self, browser: "Chrome", address: str, first: int | None = 2) -> None:
        self.browser = browser
        browser.get(address)
        if first is not None:
            self.sees(first)

    def js(self, script: str) -> object:
        return self.browser.execute_script(script)

    def until(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + WAIT
        while not condition():
            assert time.monotonic() < end, f"{what}; the page says: {self.status()}"
            time.sleep(0.02)

    def status(self) -> object:
        return self.js("return document.getElementById('status').textContent")

    def edits(self) -> object:
        return self.js("return document.getElementById('edits').textContent")

    def frame(self) -> object:
        return self.js("return Number(document.getElementById('frame-0')?.dataset.frame ?? -1)")

    def sees(self, frame: int) -> None:
        self.until(lambda: self.frame() == frame, f"frame {frame} is not shown")

    def pixels(self, canvas: str = "frame-0") -> Pixels:
        """Read the pixels of a canvas, ``(H, W, 3)``."""
        script = f"const c = document.getElementById('{canvas}');"
        script += "return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        return np.array(self.js(script), np.uint8).reshape(64, 128, 4)[..., :3]

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser).send_keys(*keys).perform()

    def go(self, frame: int) -> None:
        self.js(f"const f = document.getElementById('frame'); f.value = {frame}; f.oninput()")
        self.sees(frame)

    def paints(self, act: Callable[[], None]) -> None:
        """Do something that paints, and wait until the frame has followed."""
        self.js("delete document.getElementById('status').dataset.latency")
        act()
        asked = "return document.getElementById('status').dataset.latency"
        self.until(lambda: self.js(asked), "no frame follows the brush")
        # until nothing more comes
        shown = self.pixels()
        while True:
            time.sleep(0.3)
            if (now := self.pixels()).tobytes() == shown.tobytes():
                return
            shown = now

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag the pen over the map from a pixel (column, row) to another."""
        from selenium.webdriver.common.action_chains import ActionChains

        canvas = self.browser.find_element("id", "map")
        self.js("document.getElementById('map').scrollIntoView({block: 'center'})")
        scale = canvas.size["width"] / 128
        (x, y), (to_x, to_y) = ([round((c + 0.5) * scale) for c in point] for point in (start, end))
        left, top = round(canvas.size["width"] / 2), round(canvas.size["height"] / 2)
        chain = ActionChains(self.browser, duration=20).move_to_element_with_offset(canvas, x - left, y - top)
        chain.click_and_hold().move_by_offset(to_x - x, to_y - y).release().perform()


@pytest.fixture
def visitor(browser: "Chrome", address: str) -> Iterator[Visitor]:
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    yield Visitor(browser, address)
    browser.get("about:blank")


def errors(visitor: Visitor) -> list[dict[str, str]]:
    """Return what the browser complains of."""
    entries = list(visitor.browser.get_log("browser"))  # type: ignore[no-untyped-call]
    return [entry for entry in entries if entry["level"] == "SEVERE"]


@pytest.mark.slow
def test_the_frame_changes_where_it_is_painted_and_undo_takes_it_back(visitor: Visitor) -> None:
    visitor.go(6)
    before = visitor.pixels()
    visitor.press("5")
    visitor.paints(lambda: visitor.drag((50, 20), (70, 20)))
    # the map has the colour of vegetation under the pen
    assert visitor.pixels("map")[20, 60].tolist() == [107, 142, 35]
    after = visitor.pixels()
    changed = np.abs(after.astype(int) - before).mean(axis=2)
    assert changed[16:25, 50:71].mean() > 20
    assert changed[40:].mean() < 2
    visitor.paints(lambda: visitor.press("u"))
    np.testing.assert_array_equal(visitor.pixels(), before)
    visitor.paints(lambda: visitor.press("y"))
    np.testing.assert_array_equal(visitor.pixels(), after)
    # after the page was reloaded all is there again, but for what could be undone
    painted = visitor.pixels("map")
    visitor.browser.refresh()
    visitor.sees(6)
    np.testing.assert_array_equal(visitor.pixels(), after)
    np.testing.assert_array_equal(visitor.pixels("map"), painted)
    undo = visitor.browser.find_element("id", "undo")
    visitor.until(lambda: "frame 6: " in str(visitor.edits()), "the edit is not listed")
    assert not undo.is_enabled()
    visitor.paints(lambda: visitor.drag((80, 20), (90, 20)))
    assert undo.is_enabled()
    visitor.paints(lambda: visitor.press("u"))
    np.testing.assert_array_equal(visitor.pixels(), after)
    assert errors(visitor) == []


def test_frames_are_those_of_the_command_line(
    visitor: Visitor, street: StudioModel, config: StudioConfig, tmp_path: Path
) -> None:
    visitor.browser.find_element("id", "line").send_keys("building->vegetation from 3\n")
    shown = "return document.getElementById('command').textContent"
    visitor.until(lambda: "edit=" in str(visitor.js(shown)), "the command lacks the line")
    output = tmp_path / "out"
    settings = SynthesisConfig(checkpoint=config.checkpoint, output=output, precision="32", seed=config.seed, frames=6)
    settings.height, settings.width, settings.edit = config.height, config.width, "building->vegetation from 3"
    settings.fps = config.fps
    synthesize(street.module, settings)
    for t, frame in enumerate(stream_frames(output)):
        visitor.go(t)
        np.testing.assert_array_equal(visitor.pixels(), frame)


@pytest.mark.slow
def test_a_hundred_frames_are_played_and_paused(visitor: Visitor) -> None:
    visitor.press(" ")
    visitor.sees(101)
    visitor.until(lambda: visitor.js("return document.getElementById('play').textContent") == "Play", "does not end")
    # from the beginning again, all of them there already
    visitor.press(" ")
    visitor.until(lambda: 5 < int(str(visitor.frame())) < 95, "does not begin anew")
    visitor.press(" ")
    time.sleep(0.3)
    still = visitor.frame()
    time.sleep(0.3)
    assert visitor.frame() == still
    assert errors(visitor) == []


@pytest.mark.slow
def test_the_keyboard_alone_paints(visitor: Visitor) -> None:
    from selenium.webdriver.common.keys import Keys

    visitor.go(4)
    visitor.press("9", "m", *[Keys.ARROW_RIGHT] * 20, *[Keys.ARROW_DOWN] * 30)
    shown = visitor.js("return document.getElementById('pointed').textContent")
    assert str(shown).startswith("row 30, column 20: ")
    visitor.paints(lambda: visitor.press(Keys.ENTER, *[Keys.ARROW_RIGHT] * 6, Keys.ENTER))
    assert visitor.pixels("map")[30, 20:27].tolist() == [[0, 0, 142]] * 7
    before = visitor.pixels("map")
    visitor.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    np.testing.assert_array_equal(visitor.pixels("map"), before)
    # a whole area by the bucket
    visitor.paints(lambda: visitor.press("7", "g", Keys.ENTER))
    assert visitor.pixels("map")[30, 20].tolist() == [70, 130, 180]


def test_strokes_reach_the_server_though_another_frame_is_shown(visitor: Visitor) -> None:
    from selenium.webdriver.common.keys import Keys

    visitor.go(4)
    visitor.go(5)
    # the frame before is shown while the answers to the strokes are still on their way
    visitor.press("9", "m", *[Keys.ARROW_RIGHT] * 20, *[Keys.ARROW_DOWN] * 30)
    visitor.press(Keys.ENTER, *[Keys.ARROW_RIGHT] * 6, Keys.ENTER, ",")
    visitor.sees(4)
    visitor.until(lambda: "frame 5: " in str(visitor.edits()), "the edit is not listed")
    time.sleep(1)
    visitor.browser.refresh()
    visitor.until(lambda: visitor.frame() != -1, "nothing is shown")
    visitor.go(5)
    assert visitor.pixels("map")[30, 20:27].tolist() == [[0, 0, 142]] * 7


def test_a_broken_file_is_explained(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "broken.mkv"
    path.write_bytes(b"no video at all")
    visitor.browser.find_element("css selector", "#upload summary").click()
    for part in ("source", "instance"):
        visitor.browser.find_element("id", f"file-{part}").send_keys(str(path))
    visitor.browser.find_element("id", "open-files").click()
    visitor.until(lambda: "source.mkv: " in str(visitor.status()), "nothing is said")
    # what was there goes on
    visitor.go(5)


@pytest.mark.slow
def test_two_visitors_have_videos_of_their_own(visitor: Visitor, address: str) -> None:
    browser = visitor.browser
    visitor.go(5)
    before = visitor.pixels()
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    other = Visitor(browser, address)
    other.go(5)
    np.testing.assert_array_equal(other.pixels(), before)
    other.paints(lambda: other.drag((50, 20), (70, 20)))
    browser.close()
    browser.switch_to.window(first)
    visitor.go(6)
    visitor.go(5)
    np.testing.assert_array_equal(visitor.pixels(), before)


def test_a_narrow_window_shows_everything(visitor: Visitor) -> None:
    visitor.browser.set_window_size(400, 800)
    try:
        wide = visitor.js("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0
        visitor.browser.find_element("id", "zoom-fit").click()
        visitor.paints(lambda: visitor.drag((50, 20), (70, 20)))
    finally:
        visitor.browser.set_window_size(1280, 900)


@pytest.mark.slow
def test_what_the_camera_records_is_synthesised_in_a_style(
    browser: "Chrome",
    serve: Callable[[Studio], AbstractContextManager[str]],
    small_module: Callable[..., Vid2VidModule],
) -> None:
    from selenium.webdriver.common.keys import Keys

    encoder = {"features": 2, "base_channels": 4, "downsamples": 1}
    module = small_module(Condition("edges"), generator={"norm": "batch"}, encoder=encoder).eval()
    model = StudioModel("edges", module)
    config = StudioConfig(Path("edges"), frames=1500, height=64, width=128, precision="32")
    with serve(Studio([model], config)) as address:
        visitor = Visitor(browser, address, first=None)
        visitor.until(lambda: "source" in str(visitor.status()), "nothing says that there is no video yet")
        button = browser.find_element("id", "camera-button")
        visitor.until(button.is_displayed, "no camera is offered")
        button.click()
        record = browser.find_element("id", "record")
        visitor.until(record.is_displayed, "the camera does not open")
        record.click()
        visitor.until(lambda: record.text == "Stop", "nothing is recorded")
        time.sleep(1)
        record.click()
        visitor.sees(0)
        # edges of the moving test picture, drawn and synthesised
        assert 0.005 < (visitor.pixels("map") > 0).mean() < 0.5
        visitor.go(2)
        average = visitor.pixels()
        assert average.std() > 0
        # the keyboard alone moves a slider: the frame follows, and then the whole video
        visitor.press("s", "a")
        sliders = browser.find_element("id", "sliders")
        visitor.until(sliders.is_displayed, "no sliders are offered")
        visitor.js("document.querySelector('#sliders input').focus()")
        visitor.press(*[Keys.ARROW_RIGHT] * 3)
        visitor.until(lambda: visitor.pixels().tobytes() != average.tobytes(), "the frame does not follow")
        visitor.until(lambda: "style of all: 0.03, 0" in str(visitor.edits()), "the style is not listed")
        shown = "return document.getElementById('command').textContent"
        visitor.until(lambda: "style_classes={all:[0.03,0]}" in str(visitor.js(shown)), "the command lacks the style")
        visitor.press("u")
        visitor.until(lambda: visitor.pixels().tobytes() == average.tobytes(), "the style is not taken back")
        assert errors(visitor) == []
        browser.get("about:blank")
