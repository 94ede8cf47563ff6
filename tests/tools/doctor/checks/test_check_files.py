"""Files that do not belong together or are misread, and the sizes at which frames are seen."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import pytest

from vid2vid.condition import Condition
from vid2vid.config import GeneratorConfig
from vid2vid.keypoints.keypoint_layout import FACE_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.video import write_labels, write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder


def test_files_of_other_lengths_are_named(builder: "DatasetBuilder") -> None:
    builder.add("long", source=builder.label_film(12))
    builder.add("short", target=builder.film(8), source=builder.label_film(8))
    builder.examine()
    assert [(Path(finding.where).name, finding.severity) for finding in builder.found("file_lengths")] == [
        ("long-labels", "error"),
        ("short", "error"),
        ("short-labels", "error"),
    ]
    assert "has 12 frames, but the sequence 'long' needs 10" in builder.found("file_lengths")[0].what


def test_a_part_of_a_longer_video_is_fine(builder: "DatasetBuilder") -> None:
    builder.add("part", target=builder.film(20), source=builder.label_film(20), start=3, frames=9)
    builder.examine()
    assert not builder.found("file_lengths")


def test_conditions_of_another_size_are_named(builder: "DatasetBuilder") -> None:
    builder.add("a", source=builder.label_film(height=16, width=24))
    builder.examine()
    assert "is for pictures of 24 x 16 pixels" in builder.one("file_sizes").what
    assert builder.one("file_sizes").severity == "error"


def test_keypoints_of_another_size_are_named(builder: "DatasetBuilder") -> None:
    builder.condition = Condition(kind="face")
    points = builder.folder / "points.npz"
    spread = builder.points(FACE_POINTS)
    Keypoints(spread, size=(64, 96)).save(points)
    builder.add("a", source=points)
    healthy = builder.folder / "healthy.npz"
    Keypoints(spread, size=(32, 48)).save(healthy)
    builder.add("b", "val", source=healthy)
    builder.examine()
    assert builder.one("file_sizes").where == str(points)


def test_images_of_another_size_inside_a_folder_are_named(builder: "DatasetBuilder") -> None:
    sequence = builder.add("a")
    odd = sequence.target / "000004.png"
    (builder.store("larger", builder.film(1, height=64, width=96)) / "000000.png").replace(odd)
    builder.examine()
    assert builder.one("reading").where == str(odd)
    assert "is 96x64, but the first image of its folder is 48x32" in builder.one("reading").what


def test_a_condition_at_another_frame_rate_is_doubtful(builder: "DatasetBuilder", tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", builder.film(), 25)
    write_labels(tmp_path / "a.mkv", builder.label_film(), 30)
    builder.add("a", target=tmp_path / "a.mp4", source=tmp_path / "a.mkv")
    builder.examine()
    assert builder.one("frame_rates").severity == "warning"
    assert "30 frames a second" in builder.one("frame_rates").what


def test_a_video_that_is_read_from_a_copy_is_told(builder: "DatasetBuilder", tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "12"})
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for frame in builder.film(30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    builder.add("a", target=path, frames=30, source=builder.label_film(30))
    builder.examine()
    (found,) = [finding for finding in builder.found("exact_reading") if finding.where == str(path)]
    assert found.severity == "note"
    assert "is read from a lossless copy in the cache: files of the format avi" in found.what


def test_what_readers_do_not_reproduce_is_told(builder: "DatasetBuilder", tmp_path: Path) -> None:
    path = tmp_path / "hdr.mp4"
    with av.open(str(path), "w") as container:
        options = {"x264-params": "transfer=smpte2084"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p10le"
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, pixels in enumerate(builder.film(10)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = 40 * index + 500 * (index > 5), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    builder.add("a", target=path, frames=10, source=builder.label_film(10))
    builder.examine()
    told = [f.what for f in builder.found("exact_reading") if f.where == str(path) and f.severity == "warning"]
    assert len(told) == 3
    for what, about in zip(told, ("HDR transfer function PQ", "10 bits a channel", "variable frame rate"), strict=True):
        assert about in what


@pytest.mark.parametrize(
    ("loader", "severity", "what"),
    [
        ({"height": 32, "width": 32}, "warning", "everything 1.50 times higher"),
        ({"height": 16, "width": 48}, "warning", "everything 2.00 times wider"),
        ({"height": 32, "width": 47}, "note", "everything 1.02 times higher"),
        ({"height": 16, "width": 24}, None, ""),
        ({"height": 32, "width": 32, "fit": "crop"}, None, ""),
        ({"height": 32, "width": 32, "crop": [0, 8, 32, 40]}, None, ""),
        ({}, None, ""),
    ],
)
def test_a_change_of_proportions_is_told(
    builder: "DatasetBuilder", loader: dict[str, Any], severity: str | None, what: str
) -> None:
    builder.add("a")
    builder.add("b", "val", target=builder.sequences[0].target)
    builder.examine(**loader)
    assert [finding.severity for finding in builder.found("stretched")] == [severity] * bool(severity)
    for finding in builder.found("stretched"):
        assert what in finding.what
        assert "data.fit=crop" in finding.advice


def test_enlarging_is_told(builder: "DatasetBuilder") -> None:
    builder.examine(height=64, width=96)
    assert {finding.severity for finding in builder.found("enlarged")} == {"warning"}
    assert "the frames are enlarged 2.0 times" in builder.found("enlarged")[0].what
    builder.examine(height=32, width=48)
    assert not builder.found("enlarged")


@pytest.mark.parametrize(
    ("generator", "severity", "what"),
    [
        (GeneratorConfig(downsamples=4), None, ""),
        (GeneratorConfig(downsamples=5), "error", "too small for F, which needs more than 32 pixels"),
        (GeneratorConfig(downsamples=3, scales=3), "error", "too small for F"),
    ],
)
def test_frames_too_small_for_f(
    builder: "DatasetBuilder", generator: GeneratorConfig, severity: str | None, what: str
) -> None:
    builder.examine(generator)
    assert [finding.severity for finding in builder.found("network_sizes")] == [severity] * bool(severity)
    assert all(what in finding.what for finding in builder.found("network_sizes"))


def test_padding_inside_of_f_is_noted(builder: "DatasetBuilder") -> None:
    builder.examine(height=30, width=45)
    finding = builder.one("network_sizes")
    assert finding.severity == "note"
    assert "padded inside F to multiples of 4" in finding.what
    assert finding.advice == "data.height=32 data.width=44 data.fit=crop would fit."


def test_frames_of_several_sizes(builder: "DatasetBuilder") -> None:
    builder.add("small", target=builder.film(height=16, width=24), source=builder.label_film(height=16, width=24))
    builder.add("large")
    builder.examine(batch_size=2)
    assert builder.one("different_sizes").severity == "error"
    assert "2 sizes: 24 x 16 (small), 48 x 32 (large)" in builder.one("different_sizes").what
    builder.examine(batch_size=1)
    assert builder.one("different_sizes").severity == "note"
    builder.examine(batch_size=2, height=16, width=24)
    assert not builder.found("different_sizes")


def test_videos_at_several_rates(builder: "DatasetBuilder", tmp_path: Path) -> None:
    for name, fps in (("a", 25), ("b", 30)):
        write_video(tmp_path / f"{name}.mp4", builder.film(seed=fps), fps)
        builder.add(name, target=tmp_path / f"{name}.mp4")
    builder.examine()
    assert "25 (a), 30 (b)" in builder.one("different_rates").what


def test_a_crop_outside_of_the_frames_is_an_error(builder: "DatasetBuilder") -> None:
    report = builder.examine(crop=[0, 0, 64, 48])
    assert report.status() == 2
    assert any("crop=[0, 0, 64, 48] lies outside frames of 32 x 48" in f.what for f in report.of("error"))
