"""How quickly the frame follows the brush on the page of `vid2vid studio`, frames a second, and memory over time.

    python benchmarks/studio.py --strokes 60 --minutes 10
    python benchmarks/studio.py --visits 12 --frames 16

Serves the studio in a process of its own, and works on its page in Chromium (`make browser`): strokes on one frame,
each from the event of the pen to the drawn frame; the whole video played; then both in turn for some minutes, each time
in a new session, after which the memory of the server is read (Linux). With --visits no browser is used: so many
visitors come and go, each of whom sees so many frames. Processor times are those of the server's process and of the
page's main thread: on a busy machine they tell what the wall-clock times would be on an idle one. Writes studio.json.
"""

import json
import shutil
import time
from argparse import Namespace
from typing import Any
from urllib.request import Request, urlopen

import numpy as np

from served.server_process import ServerProcess, parser_of, write_found


def arguments() -> Namespace:
    """Read the command line."""
    parser = parser_of(__doc__, precision="32", minutes=0.0, output="runs/studio.json")
    parser.add_argument("--strokes", type=int, default=60)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--visits", type=int, default=0)
    return parser.parse_args()


class Server(ServerProcess):
    """`vid2vid studio`."""

    def __init__(self, options: Namespace) -> None:
        super().__init__("studio", options, f"frames={options.frames}", "seed=2", pipe="stdout")
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().split()[2]


class Page:
    """The page in Chromium."""

    def __init__(self, address: str) -> None:
        from selenium.webdriver import Chrome, ChromeOptions
        from selenium.webdriver.chrome.service import Service

        options = ChromeOptions()
        options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        options.add_argument("--window-size=1400,1000")
        self.browser = Chrome(options, Service(shutil.which("chromedriver") or ""))
        self.browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        self.begin(address)

    def begin(self, address: str) -> None:
        """Leave the session, and begin another."""
        self.browser.get("about:blank")
        self.browser.get(address)
        self.until("document.getElementById('frame-0')?.dataset.frame === '2'")

    def js(self, script: str) -> Any:  # noqa: ANN401 - any JSON
        """Run a script."""
        return self.browser.execute_script(script)

    def until(self, condition: str) -> None:
        """Wait until a condition is true on the page."""
        end = time.monotonic() + 600
        while not self.js(f"return Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.005)

    def seconds(self) -> float:
        """Return the processor time of the main thread so far."""
        metrics = self.browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    def go(self, frame: int) -> None:
        """Show a frame."""
        self.js(f"const f = document.getElementById('frame'); f.value = {frame}; f.oninput()")
        self.until(f"document.getElementById('frame-0').dataset.frame === '{frame}'")

    def stroke(self, column: int, row: int) -> float:
        """Set the pen down and lift it; return the milliseconds until the frame has followed."""
        self.js(f"""
            const map = document.getElementById("map"), box = map.getBoundingClientRect();
            map.setPointerCapture = () => {{}};
            const at = (x, y) => ({{ button: 0, pointerId: 1, bubbles: true,
                clientX: box.left + (x + 0.5) * box.width / map.width,
                clientY: box.top + (y + 0.5) * box.height / map.height }});
            delete document.getElementById("status").dataset.latency;
            map.dispatchEvent(new PointerEvent("pointerdown", at({column}, {row})));
            map.dispatchEvent(new PointerEvent("pointerup", at({column}, {row})));""")
        self.until("document.getElementById('status').dataset.latency")
        return float(self.js("return document.getElementById('status').dataset.latency"))

    def play(self, last: int) -> None:
        """Play from the first frame to the last."""
        self.go(0)
        self.js("document.getElementById('play').click()")
        self.until(f"document.getElementById('frame-0').dataset.frame === '{last}'")
        self.until("document.getElementById('play').textContent === 'Play'")


def painted(server: Server, page: Page, strokes: int) -> dict[str, float]:
    """Measure strokes on one frame."""
    page.go(20)
    page.stroke(128, 90)
    began, drawn = server.seconds(), page.seconds()
    places = np.random.default_rng(0).integers((20, 20), (236, 108), (strokes, 2)).tolist()
    took = [page.stroke(column, row) for column, row in places]
    return {
        "median ms": float(np.median(took)),
        "p95 ms": float(np.quantile(took, 0.95)),
        "least ms": min(took),
        "server ms of processor": 1000 * (server.seconds() - began) / strokes,
        "page ms of processor": 1000 * (page.seconds() - drawn) / strokes,
    }


def played(server: Server, page: Page, frames: int) -> dict[str, float]:
    """Measure a video that is made while it is played."""
    page.js("document.getElementById('new-street').click()")
    page.until("document.getElementById('status').textContent === ''")
    page.until("document.getElementById('frame-0')?.dataset.frame === '2'")
    began, drawn, start = server.seconds(), page.seconds(), time.perf_counter()
    page.play(frames - 1)
    return {
        "frames a second": frames / (time.perf_counter() - start),
        "server ms of processor": 1000 * (server.seconds() - began) / frames,
        "page ms of processor": 1000 * (page.seconds() - drawn) / frames,
    }


def visited(server: Server, visits: int, frames: int) -> list[int]:
    """Let visitors come and go, each of whom sees a video; return the megabytes after each."""
    megabytes = []
    for _ in range(visits):
        with urlopen(Request(f"{server.address}session", b"{}")) as answer:
            place = f"{server.address}s/{json.load(answer)['session']}"
        for frame in range(frames):
            urlopen(f"{place}/frame/{frame}/0").close()
        urlopen(Request(f"{place}/leave", b"")).close()
        megabytes.append(round(server.megabytes()))
    return megabytes


def main() -> None:
    """Measure, print and write."""
    options = arguments()
    server = Server(options)
    try:
        if options.visits:
            write_found({"megabytes": visited(server, options.visits, options.frames)}, options.output)
            return
        page = Page(server.address)
        found: dict[str, Any] = {"megabytes": [server.megabytes()]}
        found["played"] = played(server, page, options.frames)
        found["painted"] = painted(server, page, options.strokes)
        found["megabytes"].append(server.megabytes())
        end = time.monotonic() + 60 * options.minutes
        while time.monotonic() < end:
            page.begin(server.address)
            played(server, page, options.frames)
            painted(server, page, 10)
            found["megabytes"].append(server.megabytes())
            print(f"{server.megabytes():.0f} MB", flush=True)
        page.browser.quit()
        write_found(found, options.output)
    finally:
        server.process.terminate()


if __name__ == "__main__":
    main()
