"""The server of the studio: sessions, frames and files over HTTP, and the page."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from vid2vid.config import SynthesisConfig
from vid2vid.config.studio import StudioConfig
from vid2vid.errors import ConfigError, Vid2VidError, choose
from vid2vid.studio.carrying import CARRIES, Layer
from vid2vid.studio.downloads import command, write_maps, write_mp4, write_pngs
from vid2vid.studio.guard import Guard
from vid2vid.studio.page_facts import edit_facts, page_facts, style_facts
from vid2vid.studio.painted_edits import ObjectChange
from vid2vid.studio.request_values import RequestError, body_of, list_of, mapping_of, style_of, whole_number
from vid2vid.studio.serving import listening_socket, page_address, quiet_server, visitors_token
from vid2vid.studio.session import ClassStyle, Session, Sessions
from vid2vid.studio.timeline import StudioModel, Timeline, png
from vid2vid.studio.turns import Result, Turns
from vid2vid.studio.uploads import NO_FILES, Uploads
from vid2vid.visual import condition_picture

TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""The files of the page, by the ending of their names."""
DOWNLOADS = {"video.mp4": write_mp4, "frames.zip": write_pngs, "maps.zip": write_maps}
_SWEEP = 10.0

Handler = Callable[[Request, Session], Awaitable[Response]]


class Studio:
    """The studio as an ASGI application (`app`).

    Args:
        models: The models, which see the same conditions: those of the first, which are edited.
        config: The settings.
        token: The token that visitors need; empty: none.

    Raises:
        ConfigError: The models have different conditions.
    """

    def __init__(self, models: Sequence[StudioModel], config: StudioConfig, token: str = "") -> None:
        for other in models[1:]:
            if not other.condition.takes(models[0].condition):
                raise ConfigError(
                    f"{other.name}: has other conditions than {models[0].name}; give a model with the same."
                )
        self.models, self.config = models, config
        self._styles, self._uploads = style_facts(models[0], config), Uploads(models[0], config)
        self.sessions, self.turns = Sessions(models, config), Turns()
        page = (files("vid2vid.studio") / "page").iterdir()
        self._page = {file.name: file.read_bytes() for file in page if Path(file.name).suffix in TYPES}
        routes = [
            Route("/", self._file),
            Route("/{name}", self._file),
            Route("/session", self._begin, methods=["POST"]),
            *(
                Route(f"/s/{{session}}/{path}", self._for(handler), methods=[method])
                for method, path, handler in self._session_routes()
            ),
        ]
        errors: Any = {
            RequestError: lambda _, error: JSONResponse({"error": str(error)}, error.status),
            Vid2VidError: lambda _, error: JSONResponse({"error": str(error)}, 400),
        }
        inner = Starlette(routes=routes, exception_handlers=errors, lifespan=self._alive)
        self.app = Guard(inner, config.host, token)

    def _session_routes(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of each route of a session."""
        return [
            ("GET", "facts", self._facts),
            ("GET", "edits", self._edits),
            ("GET", "place", self._place),
            ("POST", "leave", self._leave),
            # frames
            ("GET", "map/{frame:int}", self._map),
            ("GET", "condition/{frame:int}", self._condition),
            ("GET", "frame/{frame:int}/{model:int}", self._frame),
            ("GET", "inside/{frame:int}/{model:int}/{name}", self._inside),
            # edits
            ("POST", "paint/{frame:int}", self._paint),
            ("GET", "layer/{frame:int}", self._painted),
            ("POST", "rules", self._rules),
            ("POST", "style", self._restyle),
            ("POST", "style/{frame:int}", self._trial),
            # sources and downloads
            ("POST", "upload/{part}", self._upload),
            ("POST", "open", self._open),
            ("GET", "command", self._command),
            ("GET", "take/{name}", self._take),
        ]

    @asynccontextmanager
    async def _alive(self, _: Starlette) -> AsyncIterator[None]:
        async def sweep() -> None:
            while True:
                await asyncio.sleep(_SWEEP)
                self.sessions.sweep()

        sweeping = asyncio.create_task(sweep())
        yield
        sweeping.cancel()
        self.turns.close()
        self.sessions.close()

    # the page, and sessions

    async def _file(self, request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in self._page:
            raise RequestError(404, "There is no such page.")
        return Response(self._page[name], media_type=TYPES[Path(name).suffix])

    async def _begin(self, request: Request) -> Response:
        """Begin a session, or resume that of a page that has come back (``{"session": …, "reloaded": true}``)."""
        given = await mapping_of(request)
        before = self.sessions.resume(str(given.get("session")), given.get("reloaded") is True)
        if before is not None:
            return JSONResponse({"session": before.id, "error": "", "resumed": True})
        session, error = self.sessions.begin(), ""
        names = [field.name for field in fields(self.config) if field.name in NO_FILES]
        try:
            settings = self._settings(session, **{name: getattr(self.config, name) for name in names})
            await asyncio.to_thread(session.open, settings)
        except Vid2VidError as wrong:
            error = str(wrong)
        return JSONResponse({"session": session.id, "error": error, "resumed": False})

    def _settings(self, session: Session, **given: Any) -> SynthesisConfig:  # noqa: ANN401 - settings of any type
        config = self.config
        settings = {name: getattr(config, name) for name in ("seed", "frames", "height", "width", "fps", "precision")}
        return replace(session.settings, **{**settings, **given})

    def _for(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            session = self.sessions.find(request.path_params["session"])
            if session is None:
                raise RequestError(404, "This session is over: reload the page to start over.")
            try:
                return await handler(request, session)
            except asyncio.CancelledError:
                # the server ends, and would answer waiting requests with 500; there is no time for an exception
                # handler, which runs in another thread
                return JSONResponse({"error": "The studio has ended."}, 503)

        return handle

    async def _leave(self, request: Request, session: Session) -> Response:
        """Note that the page was closed or is being reloaded: the session stays, until its place is needed."""
        session.left = True
        return Response(status_code=204)

    async def _facts(self, request: Request, session: Session) -> Response:
        return JSONResponse(page_facts(session, self._uploads, self._styles))

    async def _edits(self, request: Request, session: Session) -> Response:
        return JSONResponse(edit_facts(session))

    async def _place(self, request: Request, session: Session) -> Response:
        made, frames = (len(session.timelines[0].frames), session.video.length) if session.video else (0, 0)
        return JSONResponse({"place": self.turns.place(session.id), "made": made, "frames": frames})

    # frames

    def _requested_frame(self, request: Request, session: Session) -> int:
        frame: int = request.path_params["frame"]
        if not 0 <= frame < session.opened.length:
            raise RequestError(404, f"There is no frame {frame}.")
        return frame

    async def _map(self, request: Request, session: Session) -> Response:
        """Answer with the values ``(H, W)`` uint8 and object ids ``(H, W)`` int32 without this frame's own layer."""
        frame = self._requested_frame(request, session)
        planes, ids = await asyncio.to_thread(session.condition, frame, False)
        data = planes[0].tobytes() + (b"" if ids is None else ids.astype("<i4").tobytes())
        return _compressed(data)

    async def _condition(self, request: Request, session: Session) -> Response:
        frame = self._requested_frame(request, session)
        planes, _ = await asyncio.to_thread(session.condition, frame)
        return Response(png(condition_picture(self.models[0].condition, planes)), media_type="image/png")

    def _requested_timeline(self, request: Request, session: Session) -> Timeline:
        model: int = request.path_params["model"]
        if model >= len(session.timelines):
            raise RequestError(404, "There is no such model.")
        return session.timelines[model]

    async def make(self, session: Session, timeline: Timeline, frame: int) -> bytes:
        """Return a frame as PNG; missing frames up to it are made first, each in a turn of its own."""
        while (made := timeline.frames.get(frame)) is None:
            await self.turns.run(session.id, session.step_towards, timeline, frame)
            if timeline not in session.timelines:
                raise RequestError(409, "Another video was opened.")
        return made

    async def _frame(self, request: Request, session: Session) -> Response:
        frame = self._requested_frame(request, session)
        made = await self.make(session, self._requested_timeline(request, session), frame)
        return Response(made, media_type="image/png")

    async def _inside(self, request: Request, session: Session) -> Response:
        frame, timeline = self._requested_frame(request, session), self._requested_timeline(request, session)
        name = choose(request.path_params["name"], timeline.model.inside, "picture")
        while (picture := timeline.picture(frame, name)) is None:
            timeline.forget(frame)
            await self.make(session, timeline, frame)
        return Response(picture, media_type="image/png")

    # edits

    async def _paint(self, request: Request, session: Session) -> Response:
        """Replace the layer of a frame, and answer with the frame that the first model makes of it.

        The body is empty, or ``(H, W)`` uint8 values, ``(H, W)`` uint8 whether painted, ``(H, W)`` int32 object ids.
        """
        frame, timelines = self._requested_frame(request, session), session.timelines
        body = await body_of(request, 6 * int(np.prod(session.opened.size)))
        layer = self._layer(request, session, frame, body) if body else None
        timeline = timelines[0]

        def paint() -> None:
            session.paint(layer, frame)
            session.step_towards(timeline, frame)

        await self._in_turn(session, timelines, paint)
        return Response(await self.make(session, timeline, frame), media_type="image/png")

    async def _in_turn(self, session: Session, timelines: list[Timeline], work: Callable[[], Result]) -> Result:
        """Run work on the video of these timelines in a turn of its own, and return its result.

        Raises:
            RequestError: Another video was opened before the turn came.
        """

        def work_on_it() -> Result:
            if session.timelines is not timelines:
                raise RequestError(409, "Another video was opened.")
            return work()

        return await self.turns.run(session.id, work_on_it)

    def _layer(self, request: Request, session: Session, frame: int, body: bytes) -> Layer:
        size = session.opened.size
        count = size[0] * size[1]
        if not session.brushes:
            raise RequestError(400, "Conditions of this kind cannot be painted.")
        if len(body) != 6 * count:
            raise RequestError(400, f"A layer of {size[0]} x {size[1]} has {6 * count} bytes.")
        values, painted = np.frombuffer(body, np.uint8, 2 * count).reshape(2, *size)
        painted_pixels = painted > 0
        if not set(np.unique(values[painted_pixels]).tolist()) <= {brush["value"] for brush in session.brushes}:
            raise RequestError(400, "The layer has a value that is not one of the brushes.")
        objects = np.frombuffer(body, "<i4", offset=2 * count).reshape(size).astype(np.int32)
        if objects.min() < 0 or objects.max() >= 2**24:
            raise RequestError(400, "Object ids must be at least 0 and below 2^24.")
        carry = choose(request.query_params.get("carry", CARRIES[0]), CARRIES, "carry")
        first, last = (whole_number(request.query_params.get(name, frame), name) for name in ("first", "last"))
        return Layer(frame, values, painted_pixels, objects, carry, min(first, frame), max(last, frame))

    async def _painted(self, request: Request, session: Session) -> Response:
        """Answer with the layer of a frame as `_paint` takes it; empty: nothing is painted on it."""
        carried = session.edits.layers.get(self._requested_frame(request, session))
        if carried is None:
            return Response(status_code=204)
        layer = carried.layer
        objects = layer.objects.astype("<i4")
        return _compressed(layer.values.tobytes() + layer.painted.astype(np.uint8).tobytes() + objects.tobytes())

    async def _rules(self, request: Request, session: Session) -> Response:
        """Replace the lines of edits and the objects that become another label."""
        timelines, given = session.timelines, await mapping_of(request)
        lines = [str(line) for line in list_of(given, "lines")][:100]
        values = {brush["value"] for brush in session.brushes}
        changes = []
        names = ("number", "value", "first", "last")
        for one in list_of(given, "objects")[:1000]:
            if not isinstance(one, dict):
                raise RequestError(400, "Each of objects must be a mapping.")
            number, value, first, last = (whole_number(one.get(name), name) for name in names)
            if value not in values:
                raise RequestError(400, "An object was given a label that does not exist.")
            changes.append(ObjectChange(number, value, first, last))
        await self._in_turn(session, timelines, lambda: session.set_rules(lines, changes))
        return Response(status_code=204)

    async def _restyle(self, request: Request, session: Session) -> Response:
        """Replace the styles of the classes (``{"car": 3, "road": [0.2, -1.0]}``)."""
        session.opened  # noqa: B018 - a style without a video has nothing to change
        timelines, classes = session.timelines, await _classes_of(request)
        await self._in_turn(session, timelines, lambda: session.set_style(classes))
        return Response(status_code=204)

    async def _trial(self, request: Request, session: Session) -> Response:
        """Answer with a frame in other styles, given as in `_restyle`; nothing else changes."""
        frame, timelines = self._requested_frame(request, session), session.timelines
        classes = await _classes_of(request)
        while (picture := await self._in_turn(session, timelines, lambda: session.trial(frame, classes))) is None:
            timelines[0].forget(frame)
            await self.make(session, timelines[0], frame)
        return Response(picture, media_type="image/png")

    # sources and downloads

    async def _upload(self, request: Request, session: Session) -> Response:
        async with session.uploading:
            await self._uploads.keep(request, session)
        return Response(status_code=204)

    async def _open(self, request: Request, session: Session) -> Response:
        """Begin with a new street (``{"seed": 3}``), or with uploaded files (``{"parts": ["source", "first"]}``)."""
        given = await mapping_of(request)
        if "seed" in given:
            settings = self._settings(session, **NO_FILES, seed=whole_number(given["seed"], "seed"))
        else:
            settings = self._settings(session, **self._uploads.settings(session, list_of(given, "parts")))
        try:
            await asyncio.to_thread(session.open, settings)
        except Vid2VidError as error:
            # the folder means nothing to the visitor
            raise RequestError(400, str(error).replace(f"{session.folder}/", "")) from error
        return Response(status_code=204)

    async def _command(self, request: Request, session: Session) -> Response:
        return JSONResponse({"command": command(session), "needs_maps": "labels.mkv" in command(session)})

    async def _take(self, request: Request, session: Session) -> Response:
        name = choose(request.path_params["name"], DOWNLOADS, "file")
        timeline = session.timelines[0]
        # a copy, since other requests may take frames away meanwhile
        while len(frames := dict(timeline.frames)) < session.opened.length:
            await self.make(session, timeline, next(t for t in range(session.opened.length) if t not in frames))
        path = session.folder / name
        await asyncio.to_thread(DOWNLOADS[name], session, path, frames)
        return FileResponse(path, filename=name)


async def _classes_of(request: Request) -> dict[str, ClassStyle]:
    return {name: style_of(one, name) for name, one in (await mapping_of(request)).items()}


def _compressed(data: bytes) -> Response:
    headers = {"Content-Encoding": "deflate"}
    return Response(zlib.compress(data, 1), media_type="application/octet-stream", headers=headers)


def serve(models: Sequence[StudioModel], config: StudioConfig, ready: Callable[[str], None]) -> None:
    """Serve the studio until it is interrupted.

    Args:
        models: The models.
        config: The settings.
        ready: Called with the address of the page when it can be opened.

    Raises:
        ConfigError: The address cannot be served on.
    """
    token = visitors_token(config.host)
    studio = Studio(models, config, token)
    listening = listening_socket(config.host, config.port)
    ready(page_address(listening, config.host, token))
    quiet_server(studio.app).run(sockets=[listening])
