"""The page of `vid2vid live`: the newest frame as a stream of JPEGs (MJPEG), and its figures."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from typing import Self

import cv2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from vid2vid.errors import ConfigError
from vid2vid.live.figures import LiveFigures
from vid2vid.live.live_sinks import LiveSink
from vid2vid.studio.guard import Guard
from vid2vid.studio.serving import listening_socket, page_address, quiet_server, visitors_token
from vid2vid.visual import Picture

PARTS = {"": "text/html", "live.js": "text/javascript", "live.css": "text/css", "icon.svg": "image/svg+xml"}
"""The files of the page; the empty name is index.html."""
_BOUNDARY = "frame"
_QUALITY = 90
_SEND_BYTES = 2**16
"""Size of the send buffer of each visitor: frames that wait there for a slow one are old when they are seen."""


class LivePage(LiveSink):
    """Serves the page while its block runs; each visitor gets the newest frame whenever the one before has gone out.

    Args:
        host: Address to serve on.
        port: Port; 0: any that is free.
        title: What the page shows, as its title.
        figures: Figures to show.
        ready: Called with the address of the page when it can be opened.

    Raises:
        ConfigError: The address cannot be served on.
    """

    def __init__(self, host: str, port: int, title: str, figures: LiveFigures, ready: Callable[[str], None]) -> None:
        self._title, self._figures, self._ready, self._host = title, figures, ready, host
        own, studio = (files(f"vid2vid.{part}") / "page" for part in ("live", "studio"))
        self._parts = {
            name: ((studio if name == "icon.svg" else own) / (name or "index.html")).read_bytes() for name in PARTS
        }
        routes = [Route(f"/{name}", self._part, name=name or "index") for name in PARTS]
        routes += [Route("/stream", self._stream), Route("/figures", self._send_figures)]
        token = visitors_token(host)
        self._server = quiet_server(Guard(Starlette(routes=routes), host, token, verb="live"))
        self._listening = listening_socket(host, port)
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        self._address = page_address(self._listening, host, token)
        self._thread = threading.Thread(target=self._serve, name="page")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._newer = asyncio.Event()
        self._frame, self._number, self._visitors, self._over = b"", 0, 0, False

    def _serve(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve(sockets=[self._listening])

        asyncio.run(serve())

    def __enter__(self) -> Self:
        self._thread.start()
        waited = threading.Event()
        while not self._server.started:
            if not self._thread.is_alive():
                raise ConfigError(f"{self._address}: the page cannot be served there; give another port.")
            waited.wait(0.02)
        self._ready(self._address)
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.should_exit = True
        self._over = True
        self._publish(self._frame)
        self._thread.join()

    def write(self, picture: Picture, seconds: float) -> None:
        """Show a frame ``(H, W, 3)``; without visitors nothing is done."""
        if self._visitors:
            self._publish(cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes())

    def _publish(self, frame: bytes) -> None:
        def publish() -> None:
            self._frame, self._number = frame, self._number + 1
            self._newer.set()
            self._newer = asyncio.Event()

        if self._loop is not None:
            self._loop.call_soon_threadsafe(publish)

    async def _part(self, request: Request) -> Response:
        name = request.url.path[1:]
        return Response(self._parts[name], media_type=PARTS[name])

    async def _send_figures(self, request: Request) -> Response:
        figures = self._figures
        return JSONResponse({"title": self._title, "figures": str(figures), "drawn": figures.drawn})

    async def _stream(self, request: Request) -> Response:
        return StreamingResponse(self._frames(), media_type=f"multipart/x-mixed-replace; boundary={_BOUNDARY}")

    async def _frames(self) -> AsyncIterator[bytes]:
        self._visitors += 1
        seen = self._number
        try:
            yield f"--{_BOUNDARY}\r\n".encode()
            while not self._over:
                newer = self._newer
                if seen == self._number:
                    await newer.wait()
                    continue
                seen = self._number
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(self._frame)}\r\n\r\n".encode()
                # the boundary at once: browsers show a frame when they see its end
                yield head + self._frame + f"\r\n--{_BOUNDARY}\r\n".encode()
        finally:
            self._visitors -= 1
