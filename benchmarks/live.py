"""Latency, frames a second and memory of `vid2vid live`, on a video that is played at its own pace as by a camera.

    python benchmarks/live.py --minutes 5
    python benchmarks/live.py --minutes 1 --fps 30

Renders a street of 120 frames, and writes its label maps and object ids forwards and backwards for so many minutes.
`vid2vid live` plays them in a process of its own and serves its page, whose stream is read here as a browser reads it.
Prints what it says at the end (latency from a frame's turn in the video to its being out, frames/s, what was dropped),
the frames that the reader got, the memory after the first ten seconds, after each minute from then on, and at the
end (Linux), and the processor time a frame, which on a busy machine tells what an idle one would take. Writes
live.json.
"""

import re
import tempfile
import threading
import time
import urllib.request
from argparse import Namespace
from itertools import chain, cycle, islice
from pathlib import Path

from served.server_process import ServerProcess, parser_of, write_found
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.video import write_ids, write_labels, write_video

FRAMES = 120
WARM_SECONDS = 10.0


def arguments() -> Namespace:
    """Read the command line."""
    parser = parser_of(__doc__, precision="auto", minutes=5.0, output="runs/live.json")
    parser.add_argument("--fps", type=float, default=10.0)
    return parser.parse_args()


def write_camera(folder: Path, fps: float, seconds: float) -> list[str]:
    """Write what the camera shows, and return the settings that name it."""
    street = RenderedStreet(1, FRAMES)
    rendered = [(labels, ids) for labels, ids, _ in street.conditions()]
    # never the same frame twice in a row
    order = list(islice(cycle(chain(range(FRAMES), range(FRAMES - 2, 0, -1))), round(fps * seconds)))
    write_labels(folder / "labels.mkv", (rendered[t][0] for t in order), fps)
    write_ids(folder / "ids.mkv", (rendered[t][1] for t in order), fps)
    write_video(folder / "first.mp4", street.first_frames(2), fps)
    return [f"source={folder / 'labels.mkv'}", f"instance={folder / 'ids.mkv'}", f"first={folder / 'first.mp4'}"]


class Live(ServerProcess):
    """`vid2vid live`, and a reader of its page."""

    def __init__(self, options: Namespace, camera: list[str]) -> None:
        super().__init__("live", options, *camera, pipe="stderr")
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + self.process.stderr.read()
        self.address, self.seen = found[0], 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with urllib.request.urlopen(f"{self.address}stream") as stream:
            for line in stream:
                self.seen += line == b"Content-Type: image/jpeg\r\n"


def main() -> None:
    """Measure, print and write."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        live = Live(options, write_camera(Path(folder), options.fps, 60 * options.minutes))
        time.sleep(WARM_SECONDS)
        start, began, seen = time.monotonic(), live.seconds(), live.seen
        memory, used = [live.megabytes()], began
        end = memory[0]
        while live.process.poll() is None:
            try:
                end, used = live.megabytes(), live.seconds()
            except (OSError, IndexError):
                # it has just ended
                break
            if time.monotonic() - start > 60 * len(memory):
                memory.append(end)
            time.sleep(0.5)
        _, said = live.process.communicate()
    found = {
        "live": said.strip().splitlines()[-1],
        "seen by the reader": live.seen,
        "megabytes": [round(one) for one in [*memory, end]],
        "ms of processor a frame": round(1000 * (used - began) / max(live.seen - seen, 1), 1),
    }
    write_found(found, options.output)


if __name__ == "__main__":
    main()
