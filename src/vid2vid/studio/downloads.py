"""Downloads: the video, its frames, the edited maps, and the command that makes the same video."""

import json
import shlex
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from vid2vid.data.conditions import kind_of
from vid2vid.data.planes import split_planes
from vid2vid.errors import ConfigError
from vid2vid.studio.session import Session
from vid2vid.studio.timeline import pixels_of
from vid2vid.studio.uploads import NO_FILES
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.video import write_colours, write_frames, write_ids, write_labels, write_video

LABELS, OBJECTS, MASKS, FIRST, COMMAND = "labels.mkv", "objects.mkv", "foreground.mkv", "first", "command.txt"


def write_mp4(session: Session, path: Path, frames: Mapping[int, bytes]) -> None:
    """Write the frames of the first model, given as PNG, as a video.

    Raises:
        VideoError: It cannot be written.
    """
    write_video(path, (pixels_of(frames[t]) for t in sorted(frames)), session.opened.fps, crf=18)


def write_pngs(session: Session, path: Path, frames: Mapping[int, bytes]) -> None:
    """Write the frames of the first model as a zip of PNG images."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for t, frame in sorted(frames.items()):
            archive.writestr(f"{t:06d}.png", frame)


def gives_maps(session: Session) -> bool:
    """Whether the conditions can be given back as maps; others are made from files of other kinds."""
    condition = session.models[0].condition
    return bool(session.brushes) and not (condition.from_frames or condition.class_in_red)


def write_maps(session: Session, path: Path, frames: Mapping[int, bytes]) -> None:
    """Write the edited conditions as a zip, with all that belongs to them, and the command that uses them.

    Raises:
        ConfigError: Conditions of this kind are made from other files.
        VideoError: A file cannot be written.
    """
    condition, fps = session.models[0].condition, session.opened.fps
    if not gives_maps(session):
        raise ConfigError("this model's conditions are made from other files, and cannot be given back as maps.")
    with TemporaryDirectory(dir=session.folder) as name:
        folder = Path(name)
        if condition.has_labels and not condition.holds_ids:
            write_colours(folder / LABELS, map(kind_of(condition).picture, _planes(session)), fps)
        else:
            write_labels(folder / LABELS, _maps(session), fps)
        if condition.needs_instances:
            write_ids(folder / OBJECTS, _ids(session), fps)
        if session.settings.foreground:
            write_labels(folder / MASKS, _masks(session), fps)
        _write_planes(session, folder)
        if given := session.timelines[0].given:
            write_frames(folder / FIRST, (pixels_of(frames[t]) for t in range(given)))
        (folder / COMMAND).write_text(f"{command(session, maps=True)}\n", encoding="utf-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(folder))


def command(session: Session, maps: bool = False) -> str:
    """Return the command that makes the same video without the page.

    Args:
        session: The session.
        maps: Whether it uses the maps that `write_maps` writes even where it could do without.
    """
    given, source = session.settings, session.opened.inputs.source
    arguments: dict[str, object] = {"checkpoint": session.config.checkpoint, "output": "out.mp4"}
    if given.precision != "auto":
        arguments["precision"] = given.precision
    if session.style_classes:
        if session.config.styles:
            arguments["styles"] = session.config.styles
        arguments["style_classes"] = _as_override(session.style_classes)
    form = {name: value for name in ("frames", "height", "width", "fps") if (value := getattr(given, name))}
    if isinstance(source, RenderedStreet) and not (maps or session.edits.painted):
        arguments |= ({"seed": given.seed} if given.seed else {}) | form
        if lines := session.edits.lines:
            arguments["edit"] = lines[0] if len(lines) == 1 else "[" + ",".join(f'"{line}"' for line in lines) + "]"
    elif gives_maps(session):
        arguments |= _map_settings(session)
    else:
        # the visitor has these files
        arguments |= {name: value.name for name in NO_FILES if isinstance(value := getattr(given, name), Path)} | form
        if given.planes:
            arguments["planes"] = _as_override({name: Path(path).name for name, path in given.planes.items()})
    return _command_line(arguments)


def _map_settings(session: Session) -> dict[str, object]:
    """Return the settings that name the files of `write_maps`."""
    condition, arguments = session.models[0].condition, dict[str, object](source=LABELS)
    if condition.needs_instances:
        arguments["instance"] = OBJECTS
    if known := session.opened.known_planes(condition.planes):
        arguments["planes"] = _as_override(dict(zip(known, known, strict=True)))
    if session.settings.foreground:
        arguments["foreground"] = MASKS
    if session.timelines[0].given:
        arguments["first"] = FIRST
    return arguments


def _as_override(given: Mapping[str, object]) -> str:
    """Return a mapping as the command line takes it, ``{car:[0.2,-1.0],road:3}``."""
    values = {name: json.dumps(value, separators=(",", ":")).strip('"') for name, value in given.items()}
    return "{" + ",".join(f"{name}:{value}" for name, value in values.items()) + "}"


def _write_planes(session: Session, folder: Path) -> None:
    """Write the planes of the video as arrays, a folder for each."""
    planes = session.models[0].condition.planes
    known = session.opened.known_planes(planes)
    for t in range(session.opened.length):
        values = session.inputs(t).planes
        if values is None:
            return
        for plane, own in split_planes(planes, values[0]):
            if plane.name not in known:
                continue
            path = folder / plane.name / f"{t:06d}.npz"
            path.parent.mkdir(exist_ok=True)
            np.savez_compressed(path, own.movedim(0, -1).numpy())


def _command_line(arguments: dict[str, object]) -> str:
    return "vid2vid synthesize " + " ".join(shlex.quote(f"{name}={value}") for name, value in arguments.items())


def _planes(session: Session) -> Iterator[NDArray[np.uint8]]:
    return (session.condition(t)[0] for t in range(session.opened.length))


def _maps(session: Session) -> Iterator[NDArray[np.uint8]]:
    """Yield the maps ``(H, W)`` as files have them: label ids, or grey values."""
    condition = session.models[0].condition
    values = np.array(condition.label_ids if condition.has_labels else range(256), np.uint8)
    return (values[planes[0]] for planes in _planes(session))


def _masks(session: Session) -> Iterator[NDArray[np.uint8]]:
    for t in range(session.opened.length):
        mask = session.inputs(t).foreground
        if mask is not None:
            yield mask[0, 0].numpy()


def _ids(session: Session) -> Iterator[NDArray[np.int32]]:
    for t in range(session.opened.length):
        ids = session.condition(t)[1]
        if ids is not None:
            yield ids
