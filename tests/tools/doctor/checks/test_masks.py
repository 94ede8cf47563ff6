"""Masks and maps in which there is nothing, and those that are missing."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.config import GeneratorConfig
from vid2vid.keypoints import PERSON_POINTS, Keypoints
from vid2vid.video import write_ids

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import Clinic

PRIOR = GeneratorConfig(downsamples=2, past_frames=1, foreground="prior")
FLAT = np.zeros((10, 32, 48), np.uint8)


@pytest.mark.parametrize(("value", "word"), [(0, "0"), (255, "255")])
@pytest.mark.parametrize(("generator", "severity"), [(GeneratorConfig(), "warning"), (PRIOR, "error")])
def test_masks_that_show_nothing(
    clinic: "Clinic", value: int, word: str, generator: GeneratorConfig, severity: str
) -> None:
    mask = clinic.store("mask", FLAT + np.uint8(value))
    for split in ("train", "val"):
        clinic.add(split, split, foreground=mask)
    clinic.examine(generator)
    finding = clinic.one("empty_masks")
    assert (finding.severity, finding.where) == (severity, str(mask))
    assert f"the foreground maps are {word} everywhere" in finding.what


def test_masks_that_show_nothing_at_times_are_noted(clinic: "Clinic") -> None:
    mask = clinic.label_film() // 8 * np.uint8(255)
    mask[6:] = 0
    clinic.add("a", foreground=clinic.store("mask", mask))
    clinic.examine()
    finding = clinic.one("empty_masks")
    assert finding.severity == "note"
    assert "in 40% of the frames" in finding.what


@pytest.mark.parametrize(("edges", "severity"), [(False, "warning"), (True, "error")])
def test_instance_maps_of_one_id(clinic: "Clinic", tmp_path: Path, edges: bool, severity: str) -> None:
    write_ids(tmp_path / "ids.mkv", np.full((10, 32, 48), 70_000), 25)
    for split in ("train", "val"):
        clinic.add(split, split, instance=tmp_path / "ids.mkv")
    clinic.examine(instance_edges=edges)
    finding = clinic.one("empty_masks")
    assert finding.severity == severity
    assert "the instance maps are 70000 everywhere" in finding.what


def test_instance_maps_of_16_bits_are_read(clinic: "Clinic") -> None:
    from PIL import Image

    folder = clinic.folder / "ids"
    folder.mkdir()
    for t, labels in enumerate(clinic.label_film().astype(np.uint16) * 1000):
        Image.fromarray(labels).save(folder / f"{t:03d}.png")
    clinic.add("a", instance=folder)
    clinic.examine()
    assert not clinic.serious()


def test_empty_densepose_maps_are_found(clinic: "Clinic") -> None:
    clinic.condition = Condition(kind="pose", densepose=True)
    path = clinic.folder / "points.npz"
    Keypoints(clinic.points(PERSON_POINTS), size=(32, 48)).save(path)
    maps = clinic.store("densepose", np.repeat(FLAT[..., None], 3, axis=-1))
    for split in ("train", "val"):
        clinic.add(split, split, source=path, densepose=maps)
    clinic.examine()
    assert clinic.one("empty_masks").severity == "error"


@pytest.mark.parametrize(
    ("generator", "loader", "role"),
    [(PRIOR, {}, "foreground"), (GeneratorConfig(), {"instance_edges": True}, "instance")],
)
def test_maps_that_the_settings_need_are_missed(
    clinic: "Clinic", generator: GeneratorConfig, loader: dict[str, Any], role: str
) -> None:
    other = clinic.store("other", clinic.label_film())
    clinic.add("a", instance=other if role == "foreground" else None, foreground=other if role == "instance" else None)
    clinic.examine(generator, **loader)
    assert {finding.severity for finding in clinic.found("missing_maps")} == {"error"}
    assert f"has no {role} maps" in clinic.found("missing_maps")[0].what


@pytest.mark.parametrize(
    ("labels", "severity", "message"),
    [
        (["car"], None, ""),
        (["cat"], "warning", "occurred in the training frames"),
        (["crat"], "error", "generator.foreground_labels='crat' is unknown"),
    ],
)
def test_labels_of_the_foreground_must_be_there(
    clinic: "Clinic", labels: list[str], severity: str | None, message: str
) -> None:
    clinic.condition = Condition(label_ids=[0, 7, 8, 9], label_names=["sky", "road", "car", "cat"])
    generator = GeneratorConfig(downsamples=2, past_frames=1, foreground="prior", foreground_labels=labels)
    clinic.examine(generator)
    assert not clinic.found("missing_maps")
    assert [f.severity for f in clinic.found("foreground_labels")] == [severity] * bool(severity)
    assert all(message in finding.what for finding in clinic.found("foreground_labels"))
