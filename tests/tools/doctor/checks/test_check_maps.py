"""Maps that lossy compression has changed, maps and masks that show nothing, and missing ones."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import pytest

from vid2vid.condition import Condition, planes_of
from vid2vid.config import GeneratorConfig
from vid2vid.data.manifest import Manifest
from vid2vid.keypoints.keypoint_layout import PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.tools.doctor.checks.check_maps import lossy_kind
from vid2vid.video import open_labels, write_ids, write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder

PALETTE = np.array([[70, 130, 180], [128, 64, 128], [0, 0, 142]], np.uint8)

PRIOR = GeneratorConfig(downsamples=2, past_frames=1, foreground="prior")
FLAT = np.zeros((10, 32, 48), np.uint8)


def painted(labels: np.ndarray, palette: np.ndarray = PALETTE) -> np.ndarray:
    """Return maps of 0, 7, 8 in colours."""
    return palette[np.searchsorted([0, 7, 8], labels)]


@pytest.mark.parametrize("colour", [True, False], ids=["colour", "grey"])
def test_jpeg_maps_are_refused(builder: "DatasetBuilder", colour: bool) -> None:
    folder = builder.folder / "maps"
    folder.mkdir()
    labels = builder.label_film() * 20
    for t, frame in enumerate(painted(builder.label_film()) if colour else labels):
        (folder / f"{t:03d}.jpg").write_bytes(cv2.imencode(".jpg", frame)[1].tobytes())
    builder.add("a", source=folder)
    builder.examine()
    assert builder.one("lossy_files").severity == "warning"
    (finding,) = builder.report_of("error")
    assert "lossy compression" in finding.what if colour else "JPEG alters ids" in finding.what


def test_a_lossy_label_video_is_recognised(builder: "DatasetBuilder", tmp_path: Path) -> None:
    path = tmp_path / "labels.mp4"
    write_video(path, np.repeat(builder.label_film()[..., None] * np.uint8(20), 3, axis=-1), 25, crf=30)
    builder.condition = Condition(label_ids=list(range(256)))
    builder.add("a", source=path)
    builder.examine()
    assert builder.one("lossy_files").where == str(path)
    assert "in a lossy format, h264" in builder.one("lossy_files").what


def spoilt(labels: np.ndarray, how: str) -> np.ndarray:
    """Return maps as somebody might have stored them without loss, but too late."""
    if how == "interpolated":
        return np.stack([cv2.resize(frame, None, fx=0.7, fy=0.7) for frame in labels])
    coded = [cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])[1] for frame in labels]
    return np.stack([np.asarray(cv2.imdecode(frame, cv2.IMREAD_GRAYSCALE)) for frame in coded])


@pytest.mark.parametrize(
    ("how", "severity", "what"),
    [("interpolated", "error", "were resized by interpolation"), ("jpeg", "warning", "as scattered pixels")],
)
def test_ids_that_are_none_are_recognised(
    builder: "DatasetBuilder", street_root: Path, how: str, severity: str, what: str
) -> None:
    builder.condition = Condition(label_ids=list(range(256)))
    street = Manifest.load(street_root).sequences[0]
    labels = open_labels(street.source).read(range(10))
    builder.add("good", target=street.target, source=street.source, instance=street.instance)
    builder.add("bad", source=spoilt(labels, how), target=builder.film(height=64, width=128))
    builder.examine()
    finding = builder.one("spoilt_ids")
    assert finding.where.endswith("bad-labels")
    assert finding.severity == severity
    assert what in finding.what


def test_lossless_kinds_are_told_from_lossy_ones(builder: "DatasetBuilder", tmp_path: Path) -> None:
    sequence = builder.add("a")
    assert lossy_kind(sequence.target) == lossy_kind(sequence.source) == ""
    frames = builder.film()
    for name, options, lossy in (("lossless", {"qp": "0"}, ""), ("lossy", {"crf": "20"}, "h264")):
        with av.open(str(tmp_path / f"{name}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=25, options=options)
            stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode(None))
        assert lossy_kind(tmp_path / f"{name}.mp4") == lossy
    for quality, lossy in ((101, ""), (80, "webp")):
        folder = tmp_path / f"webp{quality}"
        folder.mkdir()
        coded = cv2.imencode(".webp", frames[0], [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
        (folder / "0.webp").write_bytes(coded.tobytes())
        assert lossy_kind(folder) == lossy


def test_instance_maps_in_a_lossy_video_are_doubtful(builder: "DatasetBuilder", tmp_path: Path) -> None:
    write_video(tmp_path / "ids.mp4", np.repeat(builder.label_film()[..., None], 3, axis=-1), 25)
    builder.add("a", instance=tmp_path / "ids.mp4")
    builder.examine()
    assert "holds ids (instance) in a lossy format" in builder.one("lossy_files").what


@pytest.mark.parametrize(("value", "word"), [(0, "0"), (255, "255")])
@pytest.mark.parametrize(("generator", "severity"), [(GeneratorConfig(), "warning"), (PRIOR, "error")])
def test_masks_that_show_nothing(
    builder: "DatasetBuilder", value: int, word: str, generator: GeneratorConfig, severity: str
) -> None:
    mask = builder.store("mask", FLAT + np.uint8(value))
    for split in ("train", "val"):
        builder.add(split, split, foreground=mask)
    builder.examine(generator)
    finding = builder.one("empty_masks")
    assert (finding.severity, finding.where) == (severity, str(mask))
    assert f"the foreground maps are {word} everywhere" in finding.what


def test_masks_that_show_nothing_at_times_are_noted(builder: "DatasetBuilder") -> None:
    mask = builder.label_film() // 8 * np.uint8(255)
    mask[6:] = 0
    builder.add("a", foreground=builder.store("mask", mask))
    builder.examine()
    finding = builder.one("empty_masks")
    assert finding.severity == "note"
    assert "in 40% of the frames" in finding.what


@pytest.mark.parametrize(("edges", "severity"), [(False, "warning"), (True, "error")])
def test_instance_maps_of_one_id(builder: "DatasetBuilder", tmp_path: Path, edges: bool, severity: str) -> None:
    write_ids(tmp_path / "ids.mkv", np.full((10, 32, 48), 70_000), 25)
    for split in ("train", "val"):
        builder.add(split, split, instance=tmp_path / "ids.mkv")
    builder.examine(instance_edges=edges)
    finding = builder.one("empty_masks")
    assert finding.severity == severity
    assert "the instance maps are 70000 everywhere" in finding.what


def test_instance_maps_of_16_bits_are_read(builder: "DatasetBuilder") -> None:
    from PIL import Image

    folder = builder.folder / "ids"
    folder.mkdir()
    for t, labels in enumerate(builder.label_film().astype(np.uint16) * 1000):
        Image.fromarray(labels).save(folder / f"{t:03d}.png")
    builder.add("a", instance=folder)
    builder.examine()
    assert not builder.serious()


def test_empty_densepose_maps_are_found(builder: "DatasetBuilder") -> None:
    builder.condition = Condition(kind="pose", densepose=True)
    path = builder.folder / "points.npz"
    Keypoints(builder.points(PERSON_POINTS), size=(32, 48)).save(path)
    maps = builder.store("densepose", np.repeat(FLAT[..., None], 3, axis=-1))
    for split in ("train", "val"):
        builder.add(split, split, source=path, densepose=maps)
    builder.examine()
    assert builder.one("empty_masks").severity == "error"


@pytest.mark.parametrize(
    ("generator", "loader", "role"),
    [(PRIOR, {}, "foreground"), (GeneratorConfig(), {"instance_edges": True}, "instance")],
)
def test_maps_that_the_settings_need_are_missed(
    builder: "DatasetBuilder", generator: GeneratorConfig, loader: dict[str, Any], role: str
) -> None:
    other = builder.store("other", builder.label_film())
    builder.add("a", instance=other if role == "foreground" else None, foreground=other if role == "instance" else None)
    builder.examine(generator, **loader)
    assert {finding.severity for finding in builder.found("missing_maps")} == {"error"}
    assert f"has no {role} maps" in builder.found("missing_maps")[0].what


@pytest.mark.parametrize(
    ("labels", "severity", "message"),
    [
        (["car"], None, ""),
        (["cat"], "warning", "occurred in the training frames"),
        (["crat"], "error", "generator.foreground_labels='crat' is unknown"),
    ],
)
def test_labels_of_the_foreground_must_be_there(
    builder: "DatasetBuilder", labels: list[str], severity: str | None, message: str
) -> None:
    builder.condition = Condition(label_ids=[0, 7, 8, 9], label_names=["sky", "road", "car", "cat"])
    generator = GeneratorConfig(downsamples=2, past_frames=1, foreground="prior", foreground_labels=labels)
    builder.examine(generator)
    assert not builder.found("missing_maps")
    assert [f.severity for f in builder.found("foreground_labels")] == [severity] * bool(severity)
    assert all(message in finding.what for finding in builder.found("foreground_labels"))


def test_planes_that_do_not_fit_or_show_nothing(builder: "DatasetBuilder") -> None:
    builder.condition = replace(builder.condition, planes=planes_of(["roughness"]))
    rough = builder.store("rough", FLAT)
    ramp = np.arange(32 * 48, dtype=np.uint8).reshape(1, 32, 48).repeat(10, 0)
    builder.add("flat", planes={"roughness": rough})
    builder.add("missing")
    builder.add("short", planes={"roughness": builder.store("short-rough", ramp[:7])})
    builder.add("right", planes={"roughness": builder.store("right-rough", ramp)})
    builder.examine()
    found = {(finding.severity, finding.what) for finding in builder.found("wrong_planes")}
    assert found >= {
        ("warning", "the plane 'roughness' is 0 everywhere in all frames that were looked at."),
        ("error", "the sequence 'missing' has no plane 'roughness' (it has none), which data.planes asks for."),
        ("error", f"the plane 'roughness' has 7 frames of 48 x 32, but {builder.folder / 'short'} has 10 of 48 x 32."),
    }
