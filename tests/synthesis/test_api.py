"""`synthesize`: from a video of conditions to a video file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Condition, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.ops import to_images
from vid2vid.synthesis import synthesize
from vid2vid.video import (
    VideoWriter,
    canny,
    open_frames,
    stream_frames,
    write_frames,
    write_ids,
    write_labels,
    write_video,
)
from vid2vid.visual import to_pixels

Modules = Callable[..., Vid2VidModule]
FRAMES = 12
# short flows: long ones make the roll-out of an untrained F chaotic, so that roundings grow in it
TAME = {"flow_scale": 1.0}


@pytest.fixture
def module(small_module: Modules) -> Vid2VidModule:
    return small_module(generator=TAME)


def read(path: Path) -> NDArray[np.uint8]:
    return np.stack(list(stream_frames(path)))


def indices(module: Vid2VidModule, path: Path) -> torch.Tensor:
    table = np.zeros(256, np.uint8)
    table[module.condition.label_ids] = np.arange(len(module.condition.label_ids))
    return torch.from_numpy(table[read(path)[..., 0]])[None, :, None]


def expected(module: Vid2VidModule, source: torch.Tensor, first: torch.Tensor | None = None) -> NDArray[np.uint8]:
    with torch.no_grad():
        return np.stack([to_pixels(image) for image in module.eval()(source, first).fake[0]])


def assert_alike(output: Path, wanted: NDArray[np.uint8]) -> None:
    """The same pictures as when the wanted ones are written to such a file, whose compression loses some."""
    again = output.with_name(f"wanted_{output.name}")
    with VideoWriter(again, open_frames(output).fps) as writer:
        for frame in wanted:
            writer.write(frame)
    found, wanted = read(output), read(again)
    assert found.shape == wanted.shape
    # one brightness level of rounding here and there makes the compression choose otherwise
    assert np.abs(found.astype(int) - wanted).mean() < 1
    wrong_order = np.abs(found[1:].astype(int) - wanted[:-1]).mean()
    assert wrong_order > 2, "the frames are too alike for this test to tell"


def test_every_frame_is_written(module: Vid2VidModule, street: VideoSequence, tmp_path: Path) -> None:
    output = tmp_path / "deep" / "out.mp4"
    assert synthesize(module, SynthesisConfig(source=street.source, output=output)) == FRAMES
    assert [path.name for path in output.parent.iterdir()] == ["out.mp4"]
    assert_alike(output, expected(module, indices(module, street.source)))
    assert open_frames(output).fps == pytest.approx(10)


def test_first_frames_may_be_given(module: Vid2VidModule, street: VideoSequence, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    assert (
        synthesize(module, SynthesisConfig(source=street.source, output=output, first=street.target, fps=30)) == FRAMES
    )
    real = read(street.target)
    first = to_images(torch.from_numpy(real[:2]).permute(0, 3, 1, 2))[None]
    made = expected(module, indices(module, street.source), first)
    assert_alike(output, np.concatenate([real[:2], made]))
    assert open_frames(output).fps == pytest.approx(30)
    write_frames(tmp_path / "first", real[:2])
    synthesize(
        module, SynthesisConfig(source=street.source, output=tmp_path / "again.mp4", first=tmp_path / "first", fps=30)
    )
    np.testing.assert_array_equal(read(tmp_path / "again.mp4"), read(output))


def test_edges_are_taken_from_a_video(small_module: Modules, street: VideoSequence, tmp_path: Path) -> None:
    module = small_module(Condition(kind="edges", edge_thresholds=[40, 120]), generator=TAME)
    assert synthesize(module, SynthesisConfig(source=street.target, output=tmp_path / "out.mp4")) == FRAMES
    edges = np.stack([canny(frame, 40, 120) for frame in read(street.target)])
    assert_alike(tmp_path / "out.mp4", expected(module, torch.from_numpy(edges)[None, :, None]))


def test_odd_sizes_work(module: Vid2VidModule, street: VideoSequence, tmp_path: Path) -> None:
    output, odd = tmp_path / "out.mp4", tmp_path / "odd.mkv"
    labels = np.ascontiguousarray(read(street.source)[:, 1:, 3:56, 0])
    write_labels(odd, labels, 10)
    assert synthesize(module, SynthesisConfig(source=odd, output=output)) == FRAMES
    # H.264 has even sizes only: the last row and column are there twice
    found = read(output)
    assert found.shape == (FRAMES, 32, 54, 3)
    assert_alike(output, expected(module, indices(module, odd)))
    synthesize(module, SynthesisConfig(source=street.source, output=tmp_path / "cut.mp4", crop=[1, 3, 32, 56]))
    np.testing.assert_array_equal(read(tmp_path / "cut.mp4"), found)


def test_the_source_can_be_framed(module: Vid2VidModule, street: VideoSequence, tmp_path: Path) -> None:
    crop_resize = CropResize(24, 40, (0, 0, 30, 60))
    synthesize(
        module,
        SynthesisConfig(
            source=street.source,
            output=tmp_path / "out.mp4",
            height=24,
            width=40,
            crop=[0, 0, 30, 60],
            first=street.target,
        ),
    )
    found = read(tmp_path / "out.mp4")
    assert found.shape == (FRAMES, 24, 40, 3)
    assert np.abs(found[:2].astype(int) - crop_resize.images(read(street.target)[:2])).mean() < 8


def test_instances_are_streamed_beside(small_module: Modules, street: VideoSequence, tmp_path: Path) -> None:
    module = small_module({"label_ids": list(range(64)), "instance_edges": True}, generator=TAME)
    assert street.instance is not None
    assert (
        synthesize(module, SynthesisConfig(source=street.source, output=tmp_path / "out.mp4", instance=street.instance))
        == FRAMES
    )
    ids = read(street.instance).astype(np.int32) @ np.array([1, 256, 65536], np.int32)
    source = torch.from_numpy(read(street.source)[..., 0].copy())[None, :, None]
    with torch.no_grad():
        wanted = module(source, None, torch.from_numpy(ids)[None, :, None]).fake[0]
    assert_alike(tmp_path / "out.mp4", np.stack([to_pixels(image) for image in wanted]))


@pytest.mark.parametrize(("ending", "codec"), [("avi", "libx264"), ("mp4", "libsvtav1")])
def test_sources_that_decord_misreads_are_streamed(
    ending: str, codec: Literal["libx264", "libsvtav1"], small_module: Modules, street: VideoSequence, tmp_path: Path
) -> None:
    source = tmp_path / f"source.{ending}"
    with av.open(str(source), "w") as container:
        stream = container.add_stream(codec, rate=20)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        for frame in read(street.target):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    module = small_module(Condition(kind="edges"))
    assert synthesize(module, SynthesisConfig(source=source, output=tmp_path / "out.mp4")) == FRAMES
    assert len(read(tmp_path / "out.mp4")) == FRAMES
    assert open_frames(tmp_path / "out.mp4").fps == pytest.approx(20)


# ---- refusals ------------------------------------------------------------------------------------------------------


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output of earlier, which must outlive a failure."""
    path = tmp_path / "outputs" / "out.mp4"
    path.parent.mkdir()
    path.write_text("an older video")
    return path


def refused(output: Path, message: str, work: Callable[[], object]) -> None:
    with pytest.raises(DataError, match=message):
        work()
    assert output.read_text() == "an older video"
    assert list(output.parent.iterdir()) == [output]


def test_missing_and_foreign_sources_are_named(module: Vid2VidModule, output: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    refused(
        output,
        r"none\.mkv: there is no such file",
        lambda: synthesize(module, SynthesisConfig(source=tmp_path / "none.mkv", output=output)),
    )
    refused(
        output,
        r"text\.mp4: cannot be read as a video",
        lambda: synthesize(module, SynthesisConfig(source=text, output=output)),
    )


def test_a_source_that_is_spoilt_in_the_middle_leaves_nothing(
    small_module: Modules, street: VideoSequence, output: Path, tmp_path: Path
) -> None:
    source = tmp_path / "spoilt.mp4"
    data = bytearray(street.target.read_bytes())
    data[len(data) * 4 // 10 : len(data) * 7 // 10] = b"\xff" * (len(data) * 3 // 10)
    source.write_bytes(data)
    module = small_module(Condition(kind="edges"))
    refused(
        output, r"spoilt\.mp4: frame \d+ ", lambda: synthesize(module, SynthesisConfig(source=source, output=output))
    )


def test_a_source_that_was_cut_off_leaves_nothing(
    module: Vid2VidModule, street: VideoSequence, output: Path, tmp_path: Path
) -> None:
    source = tmp_path / "cut.mkv"
    labels = np.repeat(read(street.source)[..., 0], 3, axis=0)
    write_labels(source, labels, 10)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    refused(output, r"cut\.mkv: ", lambda: synthesize(module, SynthesisConfig(source=source, output=output)))


def test_unknown_labels_are_named(module: Vid2VidModule, street: VideoSequence, output: Path, tmp_path: Path) -> None:
    source = tmp_path / "labels.mkv"
    labels = read(street.source)[..., 0].copy()
    labels[7, 4, 5] = 77
    write_labels(source, labels, 10)
    message = r"labels\.mkv: frame 7 has the label id 77 at row 4, column 5"
    refused(output, message, lambda: synthesize(module, SynthesisConfig(source=source, output=output)))
    refused(
        output,
        r"\.mp4: frame 0 is not a label map",
        lambda: synthesize(module, SynthesisConfig(source=street.target, output=output)),
    )


def test_first_frames_that_do_not_fit_are_named(
    module: Vid2VidModule, street: VideoSequence, output: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first.mp4"
    write_video(first, read(street.target)[:1], 10)
    message = r"first\.mp4: has 1 frames, but 2 first frames are needed"
    refused(
        output, message, lambda: synthesize(module, SynthesisConfig(source=street.source, output=output, first=first))
    )
    write_video(first, read(street.target)[:2, :16, :16].copy(), 10)
    refused(
        output,
        r"first\.mp4: .*16 x 16.*32 x 64",
        lambda: synthesize(module, SynthesisConfig(source=street.source, output=output, first=first)),
    )


def test_instances_that_do_not_fit_are_named(
    small_module: Modules, street: VideoSequence, output: Path, tmp_path: Path
) -> None:
    module = small_module({"label_ids": list(range(64)), "instance_edges": True})
    refused(
        output, "give instance=path", lambda: synthesize(module, SynthesisConfig(source=street.source, output=output))
    )
    ids = tmp_path / "ids.mkv"
    write_ids(ids, np.zeros((5, 32, 64), np.int32), 10)
    message = r"ids\.mkv: has fewer frames than the source"
    refused(
        output, message, lambda: synthesize(module, SynthesisConfig(source=street.source, output=output, instance=ids))
    )
    write_ids(ids, np.zeros((FRAMES, 16, 16), np.int32), 10)
    message = r"ids\.mkv: .*16 x 16.*32 x 64"
    refused(
        output, message, lambda: synthesize(module, SynthesisConfig(source=street.source, output=output, instance=ids))
    )


def test_outputs_must_be_videos(module: Vid2VidModule, street: VideoSequence, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"out\.avi: "):
        synthesize(module, SynthesisConfig(source=street.source, output=tmp_path / "out.avi"))
    with pytest.raises(DataError, match=r"crop=\[0, 0, 40, 60\] lies outside frames of 32 x 64"):
        synthesize(
            module,
            SynthesisConfig(source=street.source, output=tmp_path / "out.mp4", crop=[0, 0, 40, 60]),
        )
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("labels.mkv", {"output": "labels.mkv"}),
        ("labels.mkv", {"output": "../{}/labels.mkv"}),
        ("labels.mkv", {"output": "out.mp4", "first": "out.mp4"}),
        ("labels.mkv", {"output": "out.mp4", "sound": "out.mp4"}),
        ("labels.mkv", {"output": "out.mp4", "style": "from:out.mp4"}),
        ("labels.mkv", {"output": "out.mp4", "checkpoint": Path("out.mp4")}),
        # intermediates, and what is removed in the end
        ("labels.flow.mkv", {"output": "labels.mkv", "intermediates": True}),
        ("out.part.mp4", {"output": "out.mp4"}),
        ("out.mp4.parts/frames/1.mp4", {"output": "out.mp4"}),
        ("frames", {"output": "frames/out.mp4"}),
        ("frames/*.png", {"output": "frames"}),
    ],
)
def test_no_output_is_an_input(
    module: Vid2VidModule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, settings: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in {"out.mp4", "frames/1.png", name.replace("*", "2")} - {"frames"}:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(path)
    before = sorted(tmp_path.rglob("*"))
    settings["output"] = settings["output"].format(tmp_path.name)
    with pytest.raises(ConfigError, match="is read; choose another place for it"):
        synthesize(module, SynthesisConfig(source=name, **settings))
    assert sorted(tmp_path.rglob("*")) == before
    assert all(path.read_text() == str(path.relative_to(tmp_path)) for path in before if path.is_file())
