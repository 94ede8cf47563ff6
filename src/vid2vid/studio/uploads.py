"""Uploads of visitors: the files that a model takes, where they are kept, and the settings that name them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from vid2vid.config.studio import StudioConfig
from vid2vid.data.plane_files import ARRAYS
from vid2vid.errors import choose
from vid2vid.keypoints.keypoint_formats import ENDINGS as KEYPOINT_ENDINGS
from vid2vid.studio.request_values import RequestError, whole_number
from vid2vid.studio.session import Session
from vid2vid.studio.timeline import StudioModel
from vid2vid.video.exr_images import EXR_ENDING
from vid2vid.video.images import IMAGE_ENDINGS, VIDEO_ENDINGS

PLANE = "plane-"


@dataclass(frozen=True)
class UploadPart:
    """Files that a model takes: one video, or a file for each frame.

    Attributes:
        name: Its name in requests.
        title: What the page calls it.
        needed: Whether the model needs them.
        frames: Endings of the names of files that hold one frame.
        whole: Endings of the names of files that hold all frames.
    """

    name: str
    title: str
    needed: bool
    frames: tuple[str, ...] = IMAGE_ENDINGS
    whole: tuple[str, ...] = VIDEO_ENDINGS


def upload_parts(model: StudioModel) -> list[UploadPart]:
    """Return everything that a model takes, its conditions first."""
    condition = model.condition
    keypoints = condition.from_keypoints
    frames = (*IMAGE_ENDINGS, *KEYPOINT_ENDINGS) if keypoints else IMAGE_ENDINGS
    parts = [UploadPart("source", "Conditions", True, frames, (*VIDEO_ENDINGS, ARRAYS) if keypoints else VIDEO_ENDINGS)]
    if condition.needs_instances:
        parts.append(UploadPart("instance", "Object ids", not condition.class_in_red))
    if condition.appended:
        parts.append(UploadPart(condition.appended, condition.appended.capitalize(), True))
    parts += [
        UploadPart(
            f"{PLANE}{plane.name}",
            plane.name.capitalize(),
            not plane.can_be_missing,
            (*IMAGE_ENDINGS, ARRAYS, EXR_ENDING),
        )
        for plane in condition.planes
    ]
    # an image generator has no foreground
    if getattr(model.module.generator.config, "needs_masks", False):
        parts.append(UploadPart("foreground", "Foreground masks", True))
    if model.given:
        parts.append(UploadPart("first", "First frames", False))
    return parts


class Uploads:
    """Takes the files of all sessions.

    Args:
        model: The model that is given them.
        config: The settings: how many frames, and how many megabytes.

    Attributes:
        parts: All that may be uploaded, by name.
    """

    def __init__(self, model: StudioModel, config: StudioConfig) -> None:
        self.parts = {part.name: part for part in upload_parts(model)}
        self._writing = asyncio.Semaphore(2)
        self._most_frames, self._most_megabytes = config.frames, config.upload_mb

    async def keep(self, request: Request, session: Session) -> None:
        """Keep the file of a request in the session's folder; the first one of a part replaces those before.

        The files of a session come one after the other (`Session.uploading`), since what was kept counts.

        Raises:
            ConfigError: There is no such part, or no such kind of file.
            RequestError: The part has become too large, or its files do not go together.
        """
        part = self.parts[choose(request.path_params["part"], self.parts, "part")]
        ending = Path(request.query_params.get("name", "")).suffix.lower()
        choose(ending, [*part.whole, *part.frames], "ending of the file's name")
        number = whole_number(request.query_params.get("number", 0), "number")
        if number >= self._most_frames:
            raise RequestError(400, f"A video has at most {self._most_frames} frames here.")
        if not number:
            for file in _kept(session, part):
                file.unlink()
        before = _kept(session, part)
        whole, endings = ending in part.whole, {ending, *(one.suffix for one in before[:1])}
        if before and (whole or not (len(endings) == 1 or endings <= set(IMAGE_ENDINGS))):
            raise RequestError(400, f"{part.title}: give one video, or files of one kind, one for each frame.")
        path = session.folder / (f"{part.name}{ending}" if whole else f"{part.name}/{number:06d}{ending}")
        path.parent.mkdir(exist_ok=True)
        left = self._most_megabytes * 1e6 - sum(one.stat().st_size for one in before)
        async with self._writing:
            with path.open("wb") as target:
                async for chunk in request.stream():
                    left -= len(chunk)
                    if left < 0:
                        path.unlink()
                        raise RequestError(413, f"{part.title}: larger than {self._most_megabytes:g} MB.")
                    target.write(chunk)

    def settings(self, session: Session, chosen: Sequence[object]) -> dict[str, object]:
        """Return the settings of a synthesis from uploaded parts.

        Raises:
            RequestError: Something is missing that the model needs.
        """
        found = {name: path for name, part in self.parts.items() if name in chosen and (path := _path(session, part))}
        if "source" not in found:
            raise RequestError(400, "Choose a file first.")
        missing = [part.title for name, part in self.parts.items() if part.needed and name not in found]
        if missing:
            raise RequestError(
                400, f"This model needs more than the conditions: choose files for {', '.join(missing)}."
            )
        given: dict[str, object] = {name: found.get(name) for name in self.parts if not name.startswith(PLANE)}
        planes = {name.removeprefix(PLANE): path for name, path in found.items() if name.startswith(PLANE)}
        return {**NO_FILES, **given, "planes": planes}


NO_FILES: dict[str, object] = dict.fromkeys(
    ("source", "instance", "foreground", "background", "densepose", "first", "planes")
)
"""The settings of files, all of them empty."""


def _kept(session: Session, part: UploadPart) -> list[Path]:
    """Return the files of a part."""
    return [*session.folder.glob(f"{part.name}.*"), *session.folder.glob(f"{part.name}/*")]


def _path(session: Session, part: UploadPart) -> Path | None:
    """Return the video or folder of a part; None: nothing was uploaded."""
    kept = _kept(session, part)
    return None if not kept else kept[0] if kept[0].parent == session.folder else kept[0].parent
