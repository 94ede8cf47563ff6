"""The page in a real browser: opened as a file, voted on by keys and buttons as a viewer would."""

import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from vid2vid.tools.user_study import StudyKey, StudyResults, gather_scenes, make_user_study, read_votes

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

WAIT = 90.0  # seconds; on a busy machine a browser takes its time


class Viewer:
    """Somebody in front of the page."""

    def __init__(self, browser: "Chrome", page: Path) -> None:
        self.browser, self.page = browser, page
        self.begin_anew()

    def begin_anew(self) -> None:
        """Open the page as somebody who was never there.

        The browser itself forgets: what a page clears may reach the store after what the next page has put there.
        """
        self.browser.get("about:blank")
        self.browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "file://", "storageTypes": "all"})
        self.browser.get(self.page.as_uri())

    def js(self, script: str) -> object:
        return self.browser.execute_script(script)

    def reload(self) -> None:
        """Load the page anew, and wait until it is there: on a busy machine the driver comes back before."""
        # what the page has stored goes to another process
        time.sleep(0.3)
        self.js("window.old = true")
        self.browser.refresh()
        self.until(lambda: self.js("return !window.old && document.readyState === 'complete'"), "the page is not there")

    def log(self, kind: str) -> list[dict[str, str]]:
        """Return what the browser has noted since it was asked last."""
        entries = self.browser.get_log(kind)  # type: ignore[no-untyped-call]
        assert isinstance(entries, list)
        return entries

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for something to be so."""
        end = time.monotonic() + WAIT
        while not condition():
            assert time.monotonic() < end, f"{what}; {self.screen()}, videos: {self.videos()}"
            time.sleep(0.02)

    def videos(self) -> object:
        """Return how the videos stand."""
        asked = "({src, readyState, networkState, seeking, paused, ended, currentTime, error}) => "
        asked += "({src, readyState, networkState, seeking, paused, ended, currentTime, error: error?.message})"
        return self.js(f"return [...document.querySelectorAll('#vote video')].map({asked})")

    def click(self, name: str) -> None:
        self.browser.find_element("id", name).click()

    def press(self, key: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser).send_keys(key).perform()

    def screen(self) -> str:
        return str(self.js("return [...document.querySelectorAll('main')].find(m => !m.hidden).id"))

    def begin(self, name: str) -> None:
        self.browser.find_element("id", "viewer").send_keys(name)
        self.browser.find_element("css selector", "#begin button").click()
        self.sees_pair()

    def sees_pair(self) -> None:
        """Wait until both videos can be seen and chosen from."""
        asked = "return document.querySelectorAll('#vote:not([hidden]) .choice:not([aria-disabled])').length"
        self.until(lambda: self.screen() == "end" or self.js(asked) == 2, "the videos do not begin")

    def position(self) -> str:
        return self.browser.find_element("id", "position").text

    def files(self) -> list[str]:
        """Return what is on the left and on the right."""
        files = self.js("return ['left', 'right'].map(id => document.getElementById(id).src.split('/').pop())")
        assert isinstance(files, list)
        return files

    def redder(self) -> str:
        """Look at the pixels: which side shows the redder video?"""
        shots = [self.browser.find_element("id", side).screenshot_as_png for side in ("left", "right")]
        pixels = [cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR) for shot in shots]
        reds = [float(image[-20:, ..., 2].mean() - image[-20:, ..., 0].mean()) for image in pixels if image is not None]
        assert max(reds) > 60 > -60 > min(reds), "there are no two videos of different colours"
        return "left" if reds[0] > reds[1] else "right"

    def times(self) -> list[float]:
        times = self.js("return [...document.querySelectorAll('#vote video')].map(v => v.currentTime)")
        assert isinstance(times, list)
        return [float(seconds) for seconds in times]

    def saved(self, folder: Path) -> Path:
        """Save the votes and return the file."""
        self.click("save")
        self.until(lambda: list(folder.glob("*.csv")), "no file is saved")
        (path,) = folder.glob("*.csv")
        return path


@pytest.fixture
def viewer(browser: "Chrome", comparison: Path) -> Viewer:
    return Viewer(browser, comparison / "page" / "index.html")


@pytest.mark.slow
def test_votes_by_keys_and_buttons_survive_a_reload_and_are_tallied(
    viewer: Viewer, comparison: Path, downloads: Path
) -> None:
    from selenium.webdriver.common.keys import Keys

    assert viewer.screen() == "start"
    viewer.begin('Ann "A", ä')
    assert viewer.position() == "1 of 3"
    # by the arrow keys, looking at nothing but the pixels
    viewer.press({"left": Keys.ARROW_LEFT, "right": Keys.ARROW_RIGHT}[viewer.redder()])
    viewer.sees_pair()
    assert viewer.position() == "2 of 3"
    second = viewer.files()

    viewer.reload()
    viewer.sees_pair()
    assert (viewer.position(), viewer.files()) == ("2 of 3", second)
    viewer.click(f"choose-{viewer.redder()}")
    viewer.sees_pair()

    # a vote that was cast by mistake is taken back
    viewer.press({"left": "b", "right": "A"}[viewer.redder()])
    assert viewer.screen() == "end"
    viewer.reload()
    assert viewer.screen() == "end"
    viewer.click("last")
    viewer.sees_pair()
    assert viewer.position() == "3 of 3"
    viewer.press({"left": "a", "right": "B"}[viewer.redder()])
    assert viewer.screen() == "end"

    path = viewer.saved(downloads)
    assert path.name == "votes-Ann_A_ä.csv"
    key = StudyKey.load(comparison / "key.json")
    votes = read_votes([path], key)
    assert {vote.viewer for vote in votes} == {'Ann "A", ä'}
    assert {vote.pair for vote in votes} == set(key.matches)
    assert all(0 < vote.seconds < 60 for vote in votes)
    # the red ones are ours
    ((model, rival, rate),) = StudyResults(key, votes).preferences()
    assert (model, rival, rate.chosen, rate.votes) == ("ours", "theirs", 3, 3)
    assert viewer.log("browser") == []


def test_a_page_knows_nothing_but_itself(viewer: Viewer, comparison: Path) -> None:
    viewer.log("performance")
    viewer.reload()
    viewer.begin("Ann")
    events = [json.loads(entry["message"])["message"] for entry in viewer.log("performance")]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    page = comparison / "page"
    videos = {url for url in asked if url.startswith(f"{(page / 'videos').as_uri()}/")}
    assert len(videos) == 3
    assert asked - videos <= {(page / "index.html").as_uri(), "data:,"}
    text = viewer.browser.page_source + viewer.browser.find_element("tag name", "body").text
    assert "theirs" not in text
    assert "Real" in text


@pytest.mark.slow
def test_videos_play_muted_over_and_over_together(viewer: Viewer) -> None:
    viewer.begin("Ann")
    assert viewer.js("return [...document.querySelectorAll('#vote video')].every(v => v.muted && !v.paused)")
    samples = []
    for _ in range(25):
        samples.append(viewer.times())
        time.sleep(0.06)
    positions = [sample[0] for sample in samples]
    assert sum(later < earlier for earlier, later in pairwise(positions)) >= 2
    # but for the moments at which the one is already back and the other is not
    apart = sorted(max(sample) - min(sample) for sample in samples)
    assert apart[len(apart) // 2] < 1 / 16
    assert all(len(sample) == 3 for sample in samples)

    viewer.press(" ")
    viewer.until(lambda: len(set(viewer.times())) == 1, "paused videos do not show the same moment")
    still = viewer.times()
    time.sleep(0.15)
    assert viewer.times() == still
    viewer.press(" ")
    viewer.until(lambda: viewer.times() != still, "the videos do not go on")


def test_keys_that_mean_something_else_do_not_vote(viewer: Viewer) -> None:
    viewer.browser.find_element("id", "viewer").send_keys("ab")
    assert viewer.screen() == "start"
    viewer.begin("ba")
    # a key held down, one with control, one before the videos can be seen
    viewer.js("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', repeat: true}))")
    viewer.js("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'b', ctrlKey: true}))")
    assert viewer.position() == "1 of 3"
    viewer.js("for (const _ of [1, 2]) document.dispatchEvent(new KeyboardEvent('keydown', {key: 'a'}))")
    assert viewer.position() == "2 of 3"


@pytest.mark.slow
def test_viewers_have_orders_and_sides_of_their_own(viewer: Viewer) -> None:
    seen = set()
    for name in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo"):
        viewer.begin_anew()
        viewer.begin(name)
        seen.add(tuple(viewer.files()))
    assert len({frozenset(files) for files in seen}) > 1
    assert len(seen) > len({frozenset(files) for files in seen})


def test_another_viewer_begins_anew(viewer: Viewer) -> None:
    viewer.begin("Ann")
    for _ in range(3):
        viewer.press("a")
        viewer.sees_pair()
    viewer.click("again")
    viewer.browser.switch_to.alert.dismiss()
    assert viewer.screen() == "end"
    viewer.click("again")
    viewer.browser.switch_to.alert.accept()
    assert viewer.screen() == "start"
    viewer.begin("Bo")
    assert viewer.position() == "1 of 3"


def test_a_video_that_is_missing_is_named(browser: "Chrome", two: dict[str, Path], tmp_path: Path) -> None:
    models = {model: folder / "scene0.mp4" for model, folder in two.items()}
    make_user_study(gather_scenes(models, {}), tmp_path / "out")
    missing = next((tmp_path / "out" / "page" / "videos").iterdir())
    missing.unlink()
    viewer = Viewer(browser, tmp_path / "out" / "page" / "index.html")
    viewer.browser.find_element("id", "viewer").send_keys("Ann\n")
    notice = viewer.browser.find_element("id", "notice")
    viewer.until(lambda: notice.is_displayed(), "nothing is said")
    assert notice.text == f"videos/{missing.name} cannot be played."
    viewer.press("a")
    assert viewer.screen() == "vote"
