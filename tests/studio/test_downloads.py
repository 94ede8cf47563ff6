"""What is taken away is what the command line makes."""

import shlex
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.config import SynthesisConfig
from vid2vid.config.studio import StudioConfig
from vid2vid.studio.carrying import Layer
from vid2vid.studio.downloads import command, write_maps, write_mp4, write_pngs
from vid2vid.studio.painted_edits import ObjectChange
from vid2vid.studio.session import Session
from vid2vid.studio.timeline import StudioModel, pixels_of
from vid2vid.synthesis import synthesize
from vid2vid.training import Vid2VidModule
from vid2vid.video import Header, stream_frames, write_labels, write_video

Make = Callable[[Session, int], bytes]


def arguments(text: str) -> dict[str, str]:
    program, verb, *given = shlex.split(text)
    assert (program, verb) == ("vid2vid", "synthesize")
    return dict(argument.split("=", 1) for argument in given)


def made(session: Session, folder: Path, given: dict[str, str]) -> list[bytes]:
    """Run a command, with images in place of the video, and return its frames' pixels."""
    named = ("source", "instance", "foreground", "first")
    settings: dict[str, Any] = {name: folder / given[name] for name in named if name in given}
    settings |= {name: int(given[name]) for name in ("seed", "frames", "height", "width") if name in given}
    pairs = [pair.split(":") for pair in given.get("planes", "").strip("{}").split(",") if pair]
    settings["planes"] = {name: folder / path for name, path in pairs}
    config = SynthesisConfig(output=folder / "out", precision="32", edit=given.get("edit", ""))
    synthesize(session.models[0].module, replace(config, **settings))
    return [frame.tobytes() for frame in stream_frames(folder / "out")]


def test_the_command_with_maps_makes_the_same_pixels(session: Session, make: Make, tmp_path: Path) -> None:
    size = session.opened.size
    painted = np.zeros(size, bool)
    painted[10:25, 20:30] = True
    values, objects = np.full(size, 4, np.uint8), np.full(size, 2**24 - 2, np.int32)
    session.paint(Layer(4, values, painted, objects, "piece", 3, 8), 4)
    (car, *_) = np.unique(objects[painted])
    session.set_rules(["building->vegetation from 6"], [ObjectChange(int(car) - 1, 0, 0, 11)])
    make(session, 11)
    write_maps(session, tmp_path / "maps.zip", session.timelines[0].frames)
    with zipfile.ZipFile(tmp_path / "maps.zip") as archive:
        assert {"labels.mkv", "objects.mkv", "first/000001.png", "command.txt"} <= set(archive.namelist())
        archive.extractall(tmp_path)
    text = (tmp_path / "command.txt").read_text(encoding="utf-8").strip()
    assert text == command(session)
    frames = made(session, tmp_path, arguments(text))
    assert frames == [pixels_of(make(session, t)).tobytes() for t in range(12)]


def test_a_street_that_is_edited_by_lines_needs_no_files(session: Session, make: Make, tmp_path: Path) -> None:
    session.set_rules(["building->vegetation from 4"], [])
    make(session, 11)
    given = arguments(command(session))
    assert given == {
        "checkpoint": "street",
        "output": "out.mp4",
        "seed": "3",
        "frames": "12",
        "height": "32",
        "width": "64",
        "edit": "building->vegetation from 4",
    }
    assert made(session, tmp_path, given) == [pixels_of(make(session, t)).tobytes() for t in range(12)]
    session.set_rules(["remove car", "building->road"], [])
    assert arguments(command(session))["edit"] == '["remove car","building->road"]'


def test_video_and_frames_are_written(session: Session, make: Make, tmp_path: Path) -> None:
    make(session, 11)
    write_mp4(session, tmp_path / "video.mp4", session.timelines[0].frames)
    header = Header.read(tmp_path / "video.mp4")
    assert header.frames == 12
    assert header.fps == pytest.approx(session.opened.fps)
    write_pngs(session, tmp_path / "frames.zip", session.timelines[0].frames)
    with zipfile.ZipFile(tmp_path / "frames.zip") as archive:
        assert archive.read("000007.png") == make(session, 7)


def opened(module: Vid2VidModule, config: StudioConfig, **given: Any) -> Session:  # noqa: ANN401 - settings
    session = Session([StudioModel("model", module.eval(), "32")], config)
    form: dict[str, Any] = {"frames": 3, "height": 16, "width": 32}
    session.open(SynthesisConfig(checkpoint=config.checkpoint, output="", precision="32", **form, **given))
    return session


def test_without_maps_the_command_names_the_files(
    small_module: Callable[..., Vid2VidModule], config: StudioConfig, make: Make, tmp_path: Path
) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (6, 32, 64, 3), np.uint8)
    write_video(tmp_path / "source.mp4", pictures, 10)
    session = opened(small_module(Condition("edges")), config, source=tmp_path / "source.mp4")
    frames = made(session, tmp_path, arguments(command(session)))
    assert frames == [pixels_of(make(session, t)).tobytes() for t in range(3)]


def test_masks_are_given_back_at_the_size_of_the_maps(
    small_module: Callable[..., Vid2VidModule], config: StudioConfig, make: Make, tmp_path: Path
) -> None:
    drawn = np.random.default_rng(1).integers(0, 2, (2, 6, 32, 64), np.uint8)
    write_labels(tmp_path / "given.mkv", drawn[0], 10)
    write_labels(tmp_path / "masks.mkv", 255 * drawn[1], 10)
    module = small_module(Condition("labels", label_ids=[0, 1]), generator={"foreground": "prior"})
    session = opened(module, config, source=tmp_path / "given.mkv", foreground=tmp_path / "masks.mkv")
    wanted = [pixels_of(make(session, t)).tobytes() for t in range(3)]
    write_maps(session, tmp_path / "maps.zip", session.timelines[0].frames)
    with zipfile.ZipFile(tmp_path / "maps.zip") as archive:
        archive.extractall(tmp_path)
    assert made(session, tmp_path, arguments(command(session))) == wanted
