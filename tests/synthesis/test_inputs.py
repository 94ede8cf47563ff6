"""Unusual sources and outputs of a synthesis: each works or is refused, and nothing half-written is left."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Condition, Synthesizer, Vid2VidModule
from vid2vid.condition import planes_of
from vid2vid.config import DepthConfig, SynthesisConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.synthesis import synthesize
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import RawVideo, open_frames, stream_frames, write_frames, write_labels, write_video
from vid2vid.visual import to_pixels

Modules = Callable[..., Vid2VidModule]
Maps = NDArray[np.uint8]
FRAMES, HEIGHT, WIDTH = 9, 16, 24
LABELS = [7, 11, 23]


@pytest.fixture(scope="module")
def module(small_module: Modules) -> Vid2VidModule:
    torch.manual_seed(0)
    return small_module(Condition(label_ids=LABELS), generator={"flow_scale": 1.0})


@pytest.fixture(scope="module")
def maps() -> Maps:
    picture = np.random.default_rng(0).choice(LABELS, (HEIGHT // 4, WIDTH // 4)).repeat(4, 0).repeat(4, 1)
    return np.stack([np.roll(picture, t, 1) for t in range(FRAMES)]).astype(np.uint8)


@pytest.fixture
def source(maps: Maps, tmp_path: Path) -> Path:
    write_labels(tmp_path / "labels.mkv", maps, 10)
    return tmp_path / "labels.mkv"


def read(path: Path) -> NDArray[np.uint8]:
    return np.stack(list(stream_frames(path)))


def indices(maps: Maps) -> torch.Tensor:
    return torch.from_numpy(np.searchsorted(LABELS, maps).astype(np.uint8))[None, :, None]


def test_frames_are_those_of_the_roll_out(module: Vid2VidModule, maps: Maps, source: Path, tmp_path: Path) -> None:
    assert synthesize(module, SynthesisConfig(source=source, output=tmp_path / "images", segment=4)) == FRAMES
    found = read(tmp_path / "images")
    with torch.no_grad():
        rollout = module.eval()(indices(maps)).fake[0]
    wanted = np.stack([to_pixels(image) for image in rollout])
    # the roll-out codes all its conditions at once, which rounds now and then otherwise
    assert np.abs(found.astype(int) - wanted).max() <= 1
    synthesizer = Synthesizer(module)
    for t, picture in enumerate(found):
        np.testing.assert_array_equal(picture, to_pixels(synthesizer.step(indices(maps)[:, t]).fake[0]))


def test_segments_are_joined_without_a_seam(module: Vid2VidModule, source: Path, tmp_path: Path) -> None:
    synthesize(module, SynthesisConfig(source=source, output=tmp_path / "images"))
    pictures = read(tmp_path / "images")
    for segment, ending in ((100, ".mp4"), (2, ".mkv"), (2, ".mov")):
        assert (
            synthesize(module, SynthesisConfig(source=source, output=tmp_path / f"many{ending}", segment=segment))
            == FRAMES
        )
        wanted = []
        for start in range(0, FRAMES, segment):
            write_video(tmp_path / f"one{ending}", pictures[start : start + segment], 10, crf=18)
            wanted.append(read(tmp_path / f"one{ending}"))
        np.testing.assert_array_equal(read(tmp_path / f"many{ending}"), np.concatenate(wanted))
    assert open_frames(tmp_path / "many.mkv").fps == pytest.approx(10)


def test_conditions_can_be_changed_on_the_way(module: Vid2VidModule, maps: Maps, source: Path, tmp_path: Path) -> None:
    seen = []

    def mirror(planes: Maps, ids: NDArray[np.int32] | None, frame: int) -> tuple[Maps, NDArray[np.int32] | None]:
        assert planes.shape == (1, HEIGHT, WIDTH)
        seen.append(frame)
        return planes[:, :, ::-1], ids

    def darken(planes: Maps, ids: NDArray[np.int32] | None, frame: int) -> tuple[Maps, NDArray[np.int32] | None]:
        return np.minimum(planes, 1), ids

    synthesize(module, SynthesisConfig(source=source, output=tmp_path / "changed"), transforms=[mirror, darken])
    assert seen == list(range(FRAMES))
    write_labels(tmp_path / "mirrored.mkv", np.minimum(maps[:, :, ::-1], LABELS[1]), 10)
    synthesize(module, SynthesisConfig(source=tmp_path / "mirrored.mkv", output=tmp_path / "wanted"))
    np.testing.assert_array_equal(read(tmp_path / "changed"), read(tmp_path / "wanted"))


def test_what_belongs_to_the_source_has_as_many_frames(
    small_module: Modules, maps: Maps, source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    module = small_module(Condition(label_ids=LABELS, instance_edges=True))
    ids = tmp_path / "ids"
    write_frames(ids, maps)
    write_frames(tmp_path / "half", maps[::2])
    with pytest.raises(DataError, match=r"ids: has 9 frames, but .*half has 5; give as many"):
        synthesize(module, SynthesisConfig(source=tmp_path / "half", output=tmp_path / "out.mp4", instance=ids))
    # of both there are as many as are asked for
    few = SynthesisConfig(source=tmp_path / "half", output=tmp_path / "few.mp4", instance=ids, frames=5)
    assert synthesize(module, few) == 5
    # the header of the source does not tell
    write_labels(tmp_path / "short.mkv", maps[:5], 10)
    for given, warned in ((tmp_path / "short.mkv", True), (source, False)):
        caplog.clear()
        synthesize(module, SynthesisConfig(source=given, output=tmp_path / "out.mp4", instance=ids))
        assert (f"{ids}: has more frames than {given}" in caplog.text) == warned


def test_what_an_edit_changes_is_marked_beside_the_marks_that_are_given(source: Path, tmp_path: Path) -> None:
    condition = Condition(label_ids=LABELS, planes=planes_of(["rough"]))
    marks = np.zeros((FRAMES, HEIGHT, WIDTH), np.uint8)
    marks[:, 0, 0] = 255
    write_labels(tmp_path / "rough.mkv", marks, 10)
    edit = ["*->23 in 8,8,9,9 from 1"]
    given: dict[str, Path]
    for given in ({}, {"rough": tmp_path / "rough.mkv"}):
        config = SynthesisConfig(source=source, edit=edit, planes=given)
        plain = SynthesisConfig(source=source, planes=given)
        for before, after in zip(InputSource(plain, condition), InputSource(config, condition), strict=True):
            assert before.planes is not None
            assert after.planes is not None
            assert before.planes.sum() == len(given)
            changed = (before.source != after.source).nonzero().tolist()
            wanted = before.planes.clone()
            for *_, row, column in changed:
                wanted[..., row - 2 : row + 3, column - 2 : column + 3] = 1
            assert torch.equal(after.planes, wanted)


def test_settings_without_effect_are_told(
    module: Vid2VidModule, source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for given in ({"background": source}, {"densepose": source}, {"depth": DepthConfig("depth.onnx")}):
        with pytest.raises(ConfigError, match="has no effect on this model: leave it out"):
            InputSource(SynthesisConfig(source=source, **given), module.condition)
    with pytest.raises(ConfigError, match="foreground has no effect on this model"):
        synthesize(module, SynthesisConfig(source=source, output=tmp_path / "out.mp4", foreground=source))
    edits = ["7->11", "7->11 in 0,0,4,4", "*->7 from 99"]
    synthesize(module, SynthesisConfig(source=source, output=tmp_path / "out.mp4", edit=edits))
    told = [record.getMessage() for record in caplog.records if "has changed nothing" in record.getMessage()]
    assert [message.split("'")[1] for message in told] == edits[1:]


def test_colours_of_objects_that_never_appear_are_told(
    small_module: Modules, maps: Maps, source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    condition = Condition(label_ids=LABELS, instance_edges=True)
    module = small_module(condition, generator={"object_memory": True})
    write_frames(tmp_path / "ids", maps)
    colours: dict[Any, Any] = {LABELS[0]: [200, 30, 30], 999: [30, 30, 200], str(LABELS[1]): [[1, 2, 3]]}
    output, ids = tmp_path / "out.mp4", tmp_path / "ids"
    synthesize(module, SynthesisConfig(source=source, output=output, instance=ids, object_colours=colours))
    assert "object_colours: no frame has an object 999." in caplog.text


# ---- pipes ---------------------------------------------------------------------------------------------------------


@contextmanager
def piped(data: bytes, height: int = HEIGHT) -> Iterator[RawVideo]:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    yield RawVideo(height, WIDTH, 10, reading)
    os.close(reading)


def test_raw_frames_in_and_out(module: Vid2VidModule, maps: Maps, source: Path, tmp_path: Path) -> None:
    synthesize(module, SynthesisConfig(source=source, output=tmp_path / "wanted"))
    with piped(maps.tobytes()) as pipe, (tmp_path / "raw").open("wb") as output:
        assert synthesize(module, SynthesisConfig(source=pipe, output=output)) == FRAMES
    frames = np.frombuffer((tmp_path / "raw").read_bytes(), np.uint8).reshape(FRAMES, HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(frames, read(tmp_path / "wanted"))


@pytest.mark.parametrize(("kind", "channels"), [("grey", 1), ("image", 3), ("edges", 3)])
def test_raw_frames_are_as_the_condition_needs_them(
    kind: str, channels: int, small_module: Modules, tmp_path: Path
) -> None:
    module = small_module(Condition(kind=kind), generator={"flow_scale": 1.0})
    pictures = np.random.default_rng(0).integers(256, size=(3, HEIGHT, WIDTH, channels), dtype=np.uint8)
    with piped(pictures.tobytes()) as pipe:
        assert synthesize(module, SynthesisConfig(source=pipe, output=tmp_path / "raw")) == 3
    write_frames(tmp_path / "source", pictures.repeat(3 // channels, axis=3))
    synthesize(module, SynthesisConfig(source=tmp_path / "source", output=tmp_path / "wanted"))
    np.testing.assert_array_equal(read(tmp_path / "raw"), read(tmp_path / "wanted"))


def test_the_standard_input_needs_a_size(module: Vid2VidModule) -> None:
    def source(**settings: Any) -> object:  # noqa: ANN401 - any setting
        return InputSource(SynthesisConfig(source="-", **settings), module.condition).source

    assert source(raw_height=4, raw_width=6, height=8, width=12) == RawVideo(4, 6, 25)
    assert source(height=8, width=12, fps=10) == RawVideo(8, 12, 10)
    with pytest.raises(ConfigError, match="raw frames do not say their size: give raw_height and raw_width"):
        source(raw_height=4)


def test_pipes_that_end_too_soon_are_refused(module: Vid2VidModule, maps: Maps, tmp_path: Path) -> None:
    for data, message in (
        (b"", r"no data arrived; frames of 16 x 24 \(height x width\), gray8, have 384 bytes each"),
        (maps.tobytes()[:-1], r"ended after 383 bytes of frame 8; .* Check the size"),
    ):
        with piped(data) as pipe, pytest.raises(DataError, match=message):
            synthesize(module, SynthesisConfig(source=pipe, output=tmp_path / "out.mp4"))
        assert not list(tmp_path.iterdir())
    reading, writing = os.pipe()
    os.close(reading)
    with (
        piped(maps.tobytes()) as pipe,
        pytest.raises(DataError, match=r"standard output: frames cannot be written: .*[Bb]roken pipe"),
        os.fdopen(writing, "wb", buffering=0) as output,
    ):
        synthesize(module, SynthesisConfig(source=pipe, output=output))
    with piped(b"") as pipe, (tmp_path / "raw").open("wb") as output, pytest.raises(ConfigError, match="alone, once"):
        synthesize(module, SynthesisConfig(source=pipe, output=output, resume=True))


# ---- odd ones ------------------------------------------------------------------------------------------------------


def spoilt(path: Path, maps: Maps) -> Path:
    write_labels(path, maps.repeat(20, axis=0), 10)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = b"\xff" * 200
    path.write_bytes(data)
    return path


def empty(path: Path) -> Path:
    path.mkdir()
    return path


def labels(path: Path, maps: Maps) -> Path:
    write_labels(path, maps, 10)
    return path


def coloured(path: Path, maps: Maps) -> Path:
    write_video(path, np.stack([maps * 9, maps, maps // 2], axis=-1), 10)
    return path


ODD: dict[str, tuple[Callable[[Path, Maps], dict[str, Any]], str]] = {
    "no frames": (lambda root, maps: {"source": empty(root / "none")}, "none: the folder holds no images"),
    "corrupt middle": (lambda root, maps: {"source": spoilt(root / "spoilt.mkv", maps)}, r"spoilt\.mkv: .*"),
    "wrong kind": (
        lambda root, maps: {"source": coloured(root / "c.mp4", maps)},
        r"c\.mp4: frame 0 is not a label map",
    ),
    "too small": (
        lambda root, maps: {"source": labels(root / "s.mkv", maps[:, :2, :2])},
        r"s\.mkv: frames of 2 x 2 are too small",
    ),
    "other size": (
        lambda root, maps: {"first": coloured(root / "first.mp4", maps[:, :8])},
        r"first\.mp4: its frames are 8 x 24, those of the source 16 x 24",
    ),
    "a file for a folder": (lambda root, maps: {"output": root / "labels.mkv" / "out.mp4"}, r"out\.mp4: cannot be wr"),
    "folder with images": (lambda root, maps: {"output": taken(root / "taken")}, "taken: exists already"),
    "unknown ending": (lambda root, maps: {"output": root / "out.gif"}, r"out\.gif: a video is written to \.mp4"),
}


def taken(path: Path) -> Path:
    write_frames(path, [np.zeros((8, 8, 3), np.uint8)])
    return path


@pytest.mark.parametrize("case", ODD)
def test_odd_ones_are_refused(case: str, module: Vid2VidModule, maps: Maps, source: Path, tmp_path: Path) -> None:
    prepare, message = ODD[case]
    changes = prepare(tmp_path, maps)
    before = sorted(tmp_path.rglob("*"))
    given = {"source": source, "output": tmp_path / "out.mp4", **changes}
    with pytest.raises(DataError, match=message):
        synthesize(module, SynthesisConfig(source=given.pop("source"), output=given.pop("output"), **given))
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_lost_of_the_source_is_said(
    module: Vid2VidModule, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "hdr.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"x264-params": "transfer=smpte2084"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p10le"
        container.mux(stream.encode(av.VideoFrame(WIDTH, HEIGHT, "yuv420p10le")))
        container.mux(stream.encode(None))
    InputSource(SynthesisConfig(source=path, first=path), Condition("edges")).warn_of_doubts()
    assert caplog.text.count("hdr.mp4: has the HDR transfer function PQ") == 2
    assert caplog.text.count("hdr.mp4: has 10 bits a channel, of which 8 are read") == 2


def test_one_frame_and_another_size_and_rate(module: Vid2VidModule, maps: Maps, source: Path, tmp_path: Path) -> None:
    write_labels(tmp_path / "one.mkv", maps[:1], 10)
    assert synthesize(module, SynthesisConfig(source=tmp_path / "one.mkv", output=tmp_path / "one.mp4")) == 1
    assert read(tmp_path / "one.mp4").shape == (1, HEIGHT, WIDTH, 3)
    synthesize(module, SynthesisConfig(source=source, output=tmp_path / "large.mp4", height=20, width=36, fps=29.97))
    assert read(tmp_path / "large.mp4").shape == (FRAMES, 20, 36, 3)
    assert open_frames(tmp_path / "large.mp4").fps == pytest.approx(29.97)


@pytest.mark.parametrize("output", ["out.mp4", "images"])
@pytest.mark.skipif(os.name == "nt", reason="limits of Unix")
def test_a_full_disk_is_named(output: str, module: Vid2VidModule, source: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, limits[1]))
    try:
        with pytest.raises(DataError, match=rf"{output}.*: cannot be written: .*File too large"):
            synthesize(module, SynthesisConfig(source=source, output=tmp_path / output))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(tmp_path.iterdir()) == before
    assert synthesize(module, SynthesisConfig(source=source, output=tmp_path / output)) == FRAMES
