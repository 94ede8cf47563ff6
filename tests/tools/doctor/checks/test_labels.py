"""Label maps with wrong ids, too many, too few, in colours, or spoilt by compression."""

from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.data.manifest import Manifest
from vid2vid.tools.doctor.checks.lossy import lossy_kind
from vid2vid.video import open_labels, write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import Clinic

PALETTE = np.array([[70, 130, 180], [128, 64, 128], [0, 0, 142]], np.uint8)


def painted(labels: np.ndarray, palette: np.ndarray = PALETTE) -> np.ndarray:
    """Return maps of 0, 7, 8 in colours."""
    return palette[np.searchsorted([0, 7, 8], labels)]


def test_an_unknown_id_is_named_with_its_first_frame_and_share(clinic: "Clinic") -> None:
    labels = clinic.label_film()
    labels[4, :3, :5] = 33
    labels[6, 0, 0] = 34
    clinic.add("a", source=labels)
    clinic.examine()
    finding = clinic.one("unknown_labels")
    assert finding.severity == "error"
    assert finding.where.endswith("a-labels, frame 4")
    assert "33 (0.0977 %), 34 (0.00651 %)" in finding.what
    assert "condition.label_ids" in finding.advice


def test_ids_outside_of_the_crop_do_not_matter(clinic: "Clinic") -> None:
    labels = clinic.label_film()
    labels[4, :3, :5] = 33
    clinic.add("a", source=labels)
    clinic.examine(crop=[4, 0, 32, 48])
    assert not clinic.found("unknown_labels")


def test_shades_of_grey_are_recognised(clinic: "Clinic") -> None:
    clinic.condition = Condition(label_ids=[0, 1, 2])
    shades = np.searchsorted([0, 7, 8], clinic.label_film()).astype(np.uint8)
    clinic.add("a", source=shades * 100)
    clinic.add("b", "val", source=shades)
    clinic.examine()
    assert "divided by 100 they would be ids" in clinic.one("unknown_labels").advice


def test_labels_that_never_occur_are_noted(clinic: "Clinic") -> None:
    clinic.condition = Condition(label_ids=[0, 7, 8, 9, 10], label_names=["sky", "road", "car", "cat", "dog"])
    clinic.add("a")
    labels = clinic.label_film()
    labels[:, :6, :6] = 10
    clinic.add("b", "val", source=labels)
    clinic.examine()
    nowhere, in_val = clinic.found("absent_labels")
    assert (nowhere.severity, in_val.severity) == ("note", "note")
    assert nowhere.what.startswith("cat of the condition's labels did not occur")
    assert in_val.what.startswith("dog occurred in sequences of the split val only")


def test_rare_labels_are_noted_with_their_share(clinic: "Clinic") -> None:
    clinic.condition = Condition(label_ids=[0, 7, 8, 9])
    labels = clinic.label_film()
    labels[:, 0, 0] = 9
    clinic.add("a", source=labels)
    clinic.examine()
    assert "9 0.065 %" in clinic.one("rare_labels").what


def test_maps_in_colours_are_recognised(clinic: "Clinic") -> None:
    clinic.add("a", source=painted(clinic.label_film()))
    clinic.examine()
    finding = clinic.one("coloured_maps")
    assert finding.where.endswith("a-labels, frame 0")
    assert "a drawing of labels in 3 colours" in finding.what
    assert "[70, 130, 180]" in finding.what
    assert "condition.colour_coded" in finding.advice
    assert {f.check for f in clinic.report_of("error")} == {"coloured_maps"}


def test_colours_that_the_condition_knows_are_fine(clinic: "Clinic") -> None:
    clinic.condition = Condition(label_ids=[0, 7, 8], palette=PALETTE.tolist(), colour_coded=True)
    clinic.add("a", source=painted(clinic.label_film()))
    clinic.add("b", "val", source=painted(clinic.label_film()))
    clinic.examine()
    assert not clinic.serious()
    other = painted(clinic.label_film(), PALETTE + np.uint8(1))
    clinic.add("c", source=other)
    clinic.examine()
    finding = clinic.one("unknown_labels")
    assert "label colours that are none" in finding.what
    assert "[71, 131, 181]" in finding.what


@pytest.mark.parametrize("colour", [True, False], ids=["colour", "grey"])
def test_jpeg_maps_are_refused(clinic: "Clinic", colour: bool) -> None:
    folder = clinic.folder / "maps"
    folder.mkdir()
    labels = clinic.label_film() * 20
    for t, frame in enumerate(painted(clinic.label_film()) if colour else labels):
        (folder / f"{t:03d}.jpg").write_bytes(cv2.imencode(".jpg", frame)[1].tobytes())
    clinic.add("a", source=folder)
    clinic.examine()
    assert clinic.one("lossy_files").severity == "warning"
    (finding,) = clinic.report_of("error")
    assert "lossy compression" in finding.what if colour else "JPEG alters ids" in finding.what


def test_a_lossy_label_video_is_recognised(clinic: "Clinic", tmp_path: Path) -> None:
    path = tmp_path / "labels.mp4"
    write_video(path, np.repeat(clinic.label_film()[..., None] * np.uint8(20), 3, axis=-1), 25, crf=30)
    clinic.condition = Condition(label_ids=list(range(256)))
    clinic.add("a", source=path)
    clinic.examine()
    assert clinic.one("lossy_files").where == str(path)
    assert "in a lossy format, h264" in clinic.one("lossy_files").what


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
    clinic: "Clinic", street_root: Path, how: str, severity: str, what: str
) -> None:
    clinic.condition = Condition(label_ids=list(range(256)))
    street = Manifest.load(street_root).sequences[0]
    labels = open_labels(street.source).read(range(10))
    clinic.add("good", target=street.target, source=street.source, instance=street.instance)
    clinic.add("bad", source=spoilt(labels, how), target=clinic.film(height=64, width=128))
    clinic.examine()
    finding = clinic.one("spoilt_ids")
    assert finding.where.endswith("bad-labels")
    assert finding.severity == severity
    assert what in finding.what


def test_lossless_kinds_are_told_from_lossy_ones(clinic: "Clinic", tmp_path: Path) -> None:
    sequence = clinic.add("a")
    assert lossy_kind(sequence.target) == lossy_kind(sequence.source) == ""
    frames = clinic.film()
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


def test_instance_maps_in_a_lossy_video_are_doubtful(clinic: "Clinic", tmp_path: Path) -> None:
    write_video(tmp_path / "ids.mp4", np.repeat(clinic.label_film()[..., None], 3, axis=-1), 25)
    clinic.add("a", instance=tmp_path / "ids.mp4")
    clinic.examine()
    assert "holds ids (instance) in a lossy format" in clinic.one("lossy_files").what


def test_indexed_images_are_maps_of_ids(clinic: "Clinic") -> None:
    from PIL import Image

    folder = clinic.folder / "indexed"
    folder.mkdir()
    for t, labels in enumerate(clinic.label_film()):
        image = Image.fromarray(labels)
        image.putpalette(np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes())
        image.save(folder / f"{t:03d}.png")
    clinic.add("a", source=folder)
    clinic.examine(batch_size=1)
    assert not clinic.serious()
