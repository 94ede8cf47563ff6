"""Label maps with unknown ids, in colours, with labels that never or rarely occur."""

from typing import TYPE_CHECKING

import numpy as np

from vid2vid.condition import Condition

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder

PALETTE = np.array([[70, 130, 180], [128, 64, 128], [0, 0, 142]], np.uint8)


def painted(labels: np.ndarray, palette: np.ndarray = PALETTE) -> np.ndarray:
    """Return maps of 0, 7, 8 in colours."""
    return palette[np.searchsorted([0, 7, 8], labels)]


def test_an_unknown_id_is_named_with_its_first_frame_and_share(builder: "DatasetBuilder") -> None:
    labels = builder.label_film()
    labels[4, :3, :5] = 33
    labels[6, 0, 0] = 34
    builder.add("a", source=labels)
    builder.examine()
    finding = builder.one("unknown_labels")
    assert finding.severity == "error"
    assert finding.where.endswith("a-labels, frame 4")
    assert "33 (0.0977 %), 34 (0.00651 %)" in finding.what
    assert "condition.label_ids" in finding.advice


def test_ids_outside_of_the_crop_do_not_matter(builder: "DatasetBuilder") -> None:
    labels = builder.label_film()
    labels[4, :3, :5] = 33
    builder.add("a", source=labels)
    builder.examine(crop=[4, 0, 32, 48])
    assert not builder.found("unknown_labels")


def test_shades_of_grey_are_recognised(builder: "DatasetBuilder") -> None:
    builder.condition = Condition(label_ids=[0, 1, 2])
    shades = np.searchsorted([0, 7, 8], builder.label_film()).astype(np.uint8)
    builder.add("a", source=shades * 100)
    builder.add("b", "val", source=shades)
    builder.examine()
    assert "divide them by 100 to get ids" in builder.one("unknown_labels").advice


def test_labels_that_never_occur_are_noted(builder: "DatasetBuilder") -> None:
    builder.condition = Condition(label_ids=[0, 7, 8, 9, 10], label_names=["sky", "road", "car", "cat", "dog"])
    builder.add("a")
    labels = builder.label_film()
    labels[:, :6, :6] = 10
    builder.add("b", "val", source=labels)
    builder.examine()
    nowhere, in_val = builder.found("absent_labels")
    assert (nowhere.severity, in_val.severity) == ("note", "note")
    assert nowhere.what.startswith("cat of the condition's labels did not occur")
    assert in_val.what.startswith("dog occurred in sequences of the split val only")


def test_rare_labels_are_noted_with_their_share(builder: "DatasetBuilder") -> None:
    builder.condition = Condition(label_ids=[0, 7, 8, 9])
    labels = builder.label_film()
    labels[:, 0, 0] = 9
    builder.add("a", source=labels)
    builder.examine()
    assert "9 0.065 %" in builder.one("rare_labels").what


def test_maps_in_colours_are_recognised(builder: "DatasetBuilder") -> None:
    builder.add("a", source=painted(builder.label_film()))
    builder.examine()
    finding = builder.one("coloured_maps")
    assert finding.where.endswith("a-labels, frame 0")
    assert "a drawing of labels in 3 colours" in finding.what
    assert "[70, 130, 180]" in finding.what
    assert "condition.colour_coded" in finding.advice
    assert {f.check for f in builder.report_of("error")} == {"coloured_maps"}


def test_colours_that_the_condition_knows_are_fine(builder: "DatasetBuilder") -> None:
    builder.condition = Condition(label_ids=[0, 7, 8], palette=PALETTE.tolist(), colour_coded=True)
    builder.add("a", source=painted(builder.label_film()))
    builder.add("b", "val", source=painted(builder.label_film()))
    builder.examine()
    assert not builder.serious()
    other = painted(builder.label_film(), PALETTE + np.uint8(1))
    builder.add("c", source=other)
    builder.examine()
    finding = builder.one("unknown_labels")
    assert "label colours that are not among" in finding.what
    assert "[71, 131, 181]" in finding.what


def test_indexed_images_are_maps_of_ids(builder: "DatasetBuilder") -> None:
    from PIL import Image

    folder = builder.folder / "indexed"
    folder.mkdir()
    for t, labels in enumerate(builder.label_film()):
        image = Image.fromarray(labels)
        image.putpalette(np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes())
        image.save(folder / f"{t:03d}.png")
    builder.add("a", source=folder)
    builder.examine(batch_size=1)
    assert not builder.serious()
