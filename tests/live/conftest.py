"""Small models and short videos, and a camera of the network that breaks off."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from vid2vid import Vid2VidModule
from vid2vid.condition import Condition
from vid2vid.config.live import LiveConfig
from vid2vid.video import write_video

HEIGHT, WIDTH, FPS = 32, 64, 25


@pytest.fixture(scope="session")
def edges_module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    """A model of edges."""
    return small_module(Condition(kind="edges")).eval()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 12 frames in which a square moves, 0.48 seconds."""
    frames = np.full((12, HEIGHT, WIDTH, 3), 40, np.uint8)
    for t, frame in enumerate(frames):
        frame[8:24, 4 + 3 * t : 20 + 3 * t] = 220
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_video(path, frames, FPS)
    return path


@pytest.fixture(scope="session")
def settings() -> Callable[..., LiveConfig]:
    """Makes settings; keywords are fields."""

    def make(**given: object) -> LiveConfig:
        return LiveConfig(checkpoint=Path("model"), precision="32", **given)  # type: ignore[arg-type]

    return make


@pytest.fixture
def network_camera() -> Iterator[str]:
    """The address of an MJPEG stream that ends after ten frames; it can be asked for again."""
    levels = iter(range(10**6))

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for _ in range(10):
                picture = np.full((HEIGHT, WIDTH, 3), 8 * next(levels) % 256, np.uint8)
                data = cv2.imencode(".jpg", picture)[1].tobytes()
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n")
                self.wfile.write(f"Content-Length: {len(data)}\r\n\r\n".encode() + data + b"\r\n")
                time.sleep(0.02)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Camera) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://somebody:secret@127.0.0.1:{server.server_address[1]}/stream"
        server.shutdown()
        thread.join()
