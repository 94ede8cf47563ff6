"""Small models and short videos, and cameras of the network that break off."""

import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

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


_PACKETS, _PACKET = 7, 188
_MPEG_TS = 33
_DESCRIPTION = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track\r\n"


def _transport_stream(frames: NDArray[np.uint8]) -> bytes:
    """Encode frames ``(T, H, W, 3)`` as MPEG-TS."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], "yuv420p"
        stream.options = {"g": "5"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _serve(connection: socket.socket, data: bytes) -> None:
    """Speak RTSP (RFC 2326): the stream goes in RTP packets, between the messages on the one connection."""
    requests = connection.makefile("rb")
    while line := requests.readline():
        verb = line.split()[0].decode()
        headers = {}
        while (header := requests.readline().strip()) != b"":
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        answer, body = ["RTSP/1.0 200 OK", f"CSeq: {headers['cseq']}"], b""
        if verb == "DESCRIBE":
            body = _DESCRIPTION
            answer += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif verb == "OPTIONS":
            answer += ["Public: DESCRIBE, SETUP, PLAY, TEARDOWN"]
        else:
            answer += ["Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]
        connection.sendall("\r\n".join([*answer, "", ""]).encode() + body)
        if verb == "PLAY":
            for number, start in enumerate(range(0, len(data), _PACKETS * _PACKET)):
                part = data[start : start + _PACKETS * _PACKET]
                packet = struct.pack(">BBHII", 0x80, _MPEG_TS, number, number * 900, 1) + part
                connection.sendall(struct.pack(">BBH", 0x24, 0, len(packet)) + packet)
                time.sleep(0.005)
            return


@pytest.fixture
def rtsp_camera() -> Iterator[str]:
    """The address of an RTSP stream of ever brighter frames, which breaks off; it can be asked for again."""
    frames = np.zeros((40, HEIGHT, WIDTH, 3), np.uint8)
    frames += np.linspace(0, 234, 40).astype(np.uint8)[:, None, None, None]
    data = _transport_stream(frames)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            # closing the socket ends it
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        _serve(connection, data)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{listening.getsockname()[1]}/camera"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)
