"""The server of the studio: sessions, frames and files over HTTP, and the page."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
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
from vid2vid.street import street_condition
from vid2vid.studio.carrying import CARRIES, Layer
from vid2vid.studio.guard import Guard
from vid2vid.studio.painted_edits import ObjectChange
from vid2vid.studio.request_values import RequestError, body_of, list_of, mapping_of, whole_number
from vid2vid.studio.serving import listening_socket, page_address, quiet_server, visitors_token
from vid2vid.studio.session import Session, Sessions
from vid2vid.studio.taking_away import command, write_maps, write_mp4, write_pngs
from vid2vid.studio.timeline import StudioModel, Timeline, png
from vid2vid.studio.turns import Turns
from vid2vid.synthesis import Synthesizer
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.synthesis.styles import StyleBook
from vid2vid.video.images import FOLDER_FPS, IMAGE_ENDINGS, VIDEO_ENDINGS
from vid2vid.visual import condition_picture

TYPES = {
    "": "text/html",
    "studio.js": "text/javascript",
    "paint.js": "text/javascript",
    "studio.css": "text/css",
    "icon.svg": "image/svg+xml",
}
"""The files of the page; the empty name is index.html."""
UPLOADS = ("source", "instance", "first")
KEYPOINT_ENDINGS = (".npz", ".json")
TAKEN = {"video.mp4": write_mp4, "frames.zip": write_pngs, "maps.zip": write_maps}
_SWEEP = 10.0

Handler = Callable[[Request, Session], Awaitable[Response]]


class Studio:
    """The studio as an ASGI application (`app`).

    Args:
        models: The models, the first one's condition is edited; all see the same conditions.
        config: The settings.
        token: What visitors must know; empty: nothing.

    Raises:
        ConfigError: The models have different conditions.
    """

    def __init__(self, models: Sequence[StudioModel], config: StudioConfig, token: str = "") -> None:
        for other in models[1:]:
            if not other.condition.encodes_like(models[0].condition):
                raise ConfigError(
                    f"{other.name}: has other conditions than {models[0].name}; give a model with the same."
                )
        self.models, self.config = models, config
        self._kinds = _kinds(models[0], config)
        self.sessions, self.turns = Sessions(models, config), Turns()
        self._uploading = asyncio.Semaphore(2)
        page = files("vid2vid.studio") / "page"
        self._page = {name: (page / (name or "index.html")).read_bytes() for name in TYPES}
        routes = [Route(f"/{name}", self._file, name=name or "index") for name in TYPES]
        routes += [Route("/session", self._begin, methods=["POST"])]
        routes += [
            Route(f"/s/{{session}}/{path}", self._for(handler), methods=[method])
            for method, path, handler in (
                ("GET", "facts", self._facts),
                ("GET", "place", self._place),
                ("GET", "map/{frame:int}", self._map),
                ("GET", "condition/{frame:int}", self._condition),
                ("GET", "frame/{frame:int}/{model:int}", self._frame),
                ("GET", "inside/{frame:int}/{model:int}/{name}", self._inside),
                ("POST", "paint/{frame:int}", self._paint),
                ("POST", "rules", self._rules),
                ("POST", "style", self._restyle),
                ("GET", "style/{frame:int}/{label}/{kind:int}", self._trial),
                ("POST", "upload/{part}", self._upload),
                ("POST", "open", self._open),
                ("GET", "command", self._command),
                ("GET", "take/{name}", self._take),
                ("POST", "end", self._end),
            )
        ]
        errors: Any = {
            RequestError: lambda _, error: JSONResponse({"error": str(error)}, error.status),
            Vid2VidError: lambda _, error: JSONResponse({"error": str(error)}, 400),
        }
        inner = Starlette(routes=routes, exception_handlers=errors, lifespan=self._alive)
        self.app = Guard(inner, config.host, token)

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
        name = request.url.path[1:]
        return Response(self._page[name], media_type=TYPES[name])

    async def _begin(self, request: Request) -> Response:
        session = self.sessions.begin()
        config = self.config
        given = self._settings(session, source=config.source, instance=config.instance, first=config.first)
        error = ""
        try:
            await asyncio.to_thread(session.open, given)
        except Vid2VidError as wrong:
            error = str(wrong)
        return JSONResponse({"session": session.id, "error": error})

    def _settings(self, session: Session, **given: Any) -> SynthesisConfig:  # noqa: ANN401 - settings of any type
        config = self.config
        settings = {name: getattr(config, name) for name in ("seed", "frames", "height", "width", "fps", "precision")}
        return replace(session.settings, **{**settings, **given})

    def _for(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            session = self.sessions.find(request.path_params["session"])
            if session is None:
                raise RequestError(404, "This session is over: reload the page to begin anew.")
            return await handler(request, session)

        return handle

    async def _end(self, request: Request, session: Session) -> Response:
        self.sessions.end(session.id)
        return Response(status_code=204)

    async def _facts(self, request: Request, session: Session) -> Response:
        condition, video = self.models[0].condition, session.video
        facts: dict[str, object] = {
            "models": [{"name": model.name, "inside": list(model.inside)} for model in self.models],
            "kind": condition.kind,
            "brushes": session.brushes,
            "objects": condition.needs_instances,
            "streets": condition.without_instances().encodes_like(street_condition()),
            "street": False,
            "kinds": self._kinds,
            "upload_mb": self.config.upload_mb,
            "endings": [*VIDEO_ENDINGS, *IMAGE_ENDINGS, *KEYPOINT_ENDINGS],
            # seconds that a camera may record; 0: the condition cannot be made of its pictures
            "record": self.config.frames / FOLDER_FPS if session.takes_recordings else 0,
            "frames": 0,
        }
        if video is not None:
            height, width = video.size
            source = video.inputs.source
            facts |= {"frames": video.length, "height": height, "width": width, "fps": video.fps}
            facts |= {"given": session.timelines[0].given, "street": isinstance(source, RenderedStreet)}
            facts |= {"seed": session.settings.seed}
        return JSONResponse(facts)

    async def _place(self, request: Request, session: Session) -> Response:
        return JSONResponse({"place": self.turns.place(session.id)})

    # frames

    def _numbered(self, request: Request, session: Session) -> int:
        frame: int = request.path_params["frame"]
        if not 0 <= frame < session.opened.length:
            raise RequestError(404, f"There is no frame {frame}.")
        return frame

    async def _map(self, request: Request, session: Session) -> Response:
        """Answer with the values ``(H, W)`` uint8 and object ids ``(H, W)`` int32 without this frame's own layer."""
        frame = self._numbered(request, session)
        planes, ids = await asyncio.to_thread(session.condition, frame, False)
        data = planes[0].tobytes() + (b"" if ids is None else ids.astype("<i4").tobytes())
        headers = {"Content-Encoding": "deflate"}
        return Response(zlib.compress(data, 1), media_type="application/octet-stream", headers=headers)

    async def _condition(self, request: Request, session: Session) -> Response:
        frame = self._numbered(request, session)
        planes, _ = await asyncio.to_thread(session.condition, frame)
        return Response(png(condition_picture(self.models[0].condition, planes)), media_type="image/png")

    def _timeline(self, request: Request, session: Session) -> Timeline:
        model: int = request.path_params["model"]
        if model >= len(session.timelines):
            raise RequestError(404, "There is no such model.")
        return session.timelines[model]

    async def make(self, session: Session, timeline: Timeline, frame: int) -> bytes:
        """Return a frame as PNG; it and those before it are made if they are not there, each in a turn of its own."""
        while (made := timeline.frames.get(frame)) is None:
            await self.turns.run(session.id, session.step_towards, timeline, frame)
            if timeline not in session.timelines:
                raise RequestError(409, "Another video was opened.")
        return made

    async def _frame(self, request: Request, session: Session) -> Response:
        frame = self._numbered(request, session)
        made = await self.make(session, self._timeline(request, session), frame)
        return Response(made, media_type="image/png")

    async def _inside(self, request: Request, session: Session) -> Response:
        frame, timeline = self._numbered(request, session), self._timeline(request, session)
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
        frame = self._numbered(request, session)
        body = await body_of(request, 6 * int(np.prod(session.opened.size)))
        layer = self._layer(request, session, frame, body) if body else None
        timeline = session.timelines[0]

        def paint() -> None:
            session.paint(layer, frame)
            session.step_towards(timeline, frame)

        await self.turns.run(session.id, paint)
        return Response(await self.make(session, timeline, frame), media_type="image/png")

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
            raise RequestError(400, "The layer has a value that is none of the brushes.")
        objects = np.frombuffer(body, "<i4", offset=2 * count).reshape(size).astype(np.int32)
        if objects.min() < 0 or objects.max() >= 2**24:
            raise RequestError(400, "Object ids must be at least 0 and below 2^24.")
        carry = choose(request.query_params.get("carry", CARRIES[0]), CARRIES, "carry")
        first, last = (whole_number(request.query_params.get(name, frame), name) for name in ("first", "last"))
        return Layer(frame, values, painted_pixels, objects, carry, min(first, frame), max(last, frame))

    async def _rules(self, request: Request, session: Session) -> Response:
        """Replace the lines of edits and the objects that become another label."""
        given = await mapping_of(request)
        lines = [str(line) for line in list_of(given, "lines")][:100]
        values = {brush["value"] for brush in session.brushes}
        changes = []
        names = ("number", "value", "first", "last")
        for one in list_of(given, "objects")[:1000]:
            if not isinstance(one, dict):
                raise RequestError(400, "Each of objects must be a mapping.")
            number, value, first, last = (whole_number(one.get(name), name) for name in names)
            if value not in values:
                raise RequestError(400, "An object becomes a label that there is not.")
            changes.append(ObjectChange(number, value, first, last))
        await self.turns.run(session.id, session.set_rules, lines, changes)
        return Response(status_code=204)

    async def _restyle(self, request: Request, session: Session) -> Response:
        """Replace the kinds of the classes (``{"car": 3}``)."""
        classes = {name: whole_number(kind, "kind") for name, kind in (await mapping_of(request)).items()}
        session.opened  # noqa: B018 - a style without a video has nothing to change
        await self.turns.run(session.id, session.set_style, classes)
        return Response(status_code=204)

    async def _trial(self, request: Request, session: Session) -> Response:
        """Answer with a frame in which one class is of another kind."""
        frame, label, kind = self._numbered(request, session), request.path_params["label"], request.path_params["kind"]
        while (picture := await self.turns.run(session.id, session.trial, frame, label, kind)) is None:
            session.timelines[0].forget(frame)
            await self.make(session, session.timelines[0], frame)
        return Response(picture, media_type="image/png")

    # sources, and what is taken away

    async def _upload(self, request: Request, session: Session) -> Response:
        """Keep a file in the session's folder."""
        part = choose(request.path_params["part"], UPLOADS, "part")
        ending = Path(request.query_params.get("name", "")).suffix.lower()
        choose(ending, [*VIDEO_ENDINGS, *IMAGE_ENDINGS, *KEYPOINT_ENDINGS], "ending of the file's name")
        most = int(self.config.upload_mb * 1e6)
        for before in (*session.folder.glob(f"{part}.*"), *session.folder.glob(f"{part}/*")):
            before.unlink()
        path = session.folder / f"{part}{ending}"
        if ending in IMAGE_ENDINGS:
            path = session.folder / part / f"0{ending}"
            path.parent.mkdir(exist_ok=True)
        size = 0
        async with self._uploading:
            with path.open("wb") as file:
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > most:
                        path.unlink()
                        raise RequestError(413, f"The file is larger than {self.config.upload_mb:g} MB.")
                    file.write(chunk)
        return Response(status_code=204)

    async def _open(self, request: Request, session: Session) -> Response:
        """Begin with a new street (``{"seed": 3}``), or with uploaded files (``{"parts": ["source", "first"]}``)."""
        given = await mapping_of(request)
        if "seed" in given:
            settings = self._settings(
                session, source=None, instance=None, first=None, seed=whole_number(given["seed"], "seed")
            )
        else:
            parts = list_of(given, "parts")
            found = {part: _uploaded(session, part) if part in parts else None for part in UPLOADS}
            if found["source"] is None:
                raise RequestError(400, "Choose a file first.")
            settings = self._settings(session, **found)
        try:
            await asyncio.to_thread(session.open, settings)
        except Vid2VidError as error:
            # the visitor knows nothing of the folder
            raise RequestError(400, str(error).replace(f"{session.folder}/", "")) from error
        return Response(status_code=204)

    async def _command(self, request: Request, session: Session) -> Response:
        return JSONResponse({"command": command(session), "needs_maps": "labels.mkv" in command(session)})

    async def _take(self, request: Request, session: Session) -> Response:
        name = choose(request.path_params["name"], TAKEN, "file")
        for frame in range(session.opened.length):
            await self.make(session, session.timelines[0], frame)
        path = session.folder / name
        await asyncio.to_thread(TAKEN[name], session, path)
        return FileResponse(path, filename=name)


def _kinds(model: StudioModel, config: StudioConfig) -> dict[str, int]:
    """Return the number of kinds of each class that has some, for a model with styles.

    Raises:
        ConfigError: The styles are those of another model, or it has none.
        DataError: They cannot be read.
    """
    if config.styles is None:
        return {}
    if not isinstance(model.synthesizer, Synthesizer):
        raise ConfigError(f"styles: {model.name} has no encoder of styles.")
    module = model.synthesizer.module
    module.synthesis_generator.require_encoder()
    book = StyleBook.load(config.styles)
    book.require_fit(module)
    counts = (book.sizes > 0).sum(1).tolist()
    return {label: count for label, count in zip(book.labels, counts, strict=True) if count}


def _uploaded(session: Session, part: str) -> Path | None:
    folder = session.folder / part
    if folder.is_dir() and any(folder.iterdir()):
        return folder
    return next(session.folder.glob(f"{part}.*"), None)


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
