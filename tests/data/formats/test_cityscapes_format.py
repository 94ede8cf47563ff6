"""Cityscapes: many snippets in the folder of a city, several images for each frame in that of its labels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Condition, Vid2VidDataModule
from vid2vid.config import FolderConfig, GeneratorConfig
from vid2vid.data.formats import FolderSource
from vid2vid.data.manifest import Manifest
from vid2vid.errors import DataError
from vid2vid.video import list_images, open_ids, open_labels

Save = Callable[..., Path]
THINGS = ["person", "rider", "car", "truck", "bus", "caravan", "trailer", "train", "motorcycle", "bicycle"]


def manifest(root: Path, **config: object) -> Manifest:
    return FolderSource(FolderConfig(str(root), **config)).prepare()  # type: ignore[arg-type]


def test_a_gap_begins_another_snippet(root: Path, save_cityscapes: Save) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(4)), ("000001", range(4)))
    save_cityscapes(root, "train", "bochum", ("000000", range(285, 290)), ("000000", range(600, 604)))
    save_cityscapes(root, "val", "lindau", ("000000", range(3)))
    found = {s.name: (s.split, s.start, s.frames) for s in manifest(root).sequences}
    assert found == {
        "aachen_000000_000000": ("train", 0, 4),
        "aachen_000001_000000": ("train", 4, 4),
        "bochum_000000_000285": ("train", 0, 5),
        "bochum_000000_000600": ("train", 5, 4),
        "lindau_000000_000000": ("val", 0, 3),
    }


def test_labels_and_instances_are_those_of_the_frames(root: Path, save_cityscapes: Save) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(4)), ("000001", range(9, 14)))
    save_cityscapes(root, "val", "lindau", ("000000", range(3)))
    second = manifest(root).sequences[1]
    assert second.instance is not None
    names = [path.name for path in list_images(second.target)[second.start :]]
    assert names == [f"aachen_000001_{t:06d}_leftImg8bit.png" for t in range(9, 14)]
    for path, kind in ((second.source, "labelIds"), (second.instance, "instanceIds")):
        chosen = [file.name for file in list_images(path)[second.start :]]
        assert chosen == [name.replace("leftImg8bit", f"gtFine_{kind}") for name in names]
    labels = open_labels(second.source).read([second.start + 2])
    assert set(np.unique(labels)) == {7, 24, 26}
    np.testing.assert_array_equal(open_ids(second.instance).read([second.start + 2]), labels.astype(int) * 1000 + 3)


def test_all_its_labels_are_known_without_looking(root: Path, save_cityscapes: Save, cache: Path) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(4)))
    save_cityscapes(root, "val", "lindau", ("000000", range(4)))
    condition = manifest(root).condition
    assert condition.label_ids == [*range(34), 255]
    assert condition.palette[26] == [0, 0, 142]
    assert not (cache / "labels").exists()
    foreground = condition.label_channels(THINGS, "generator.foreground_labels")
    assert foreground == list(range(24, 34))
    assert GeneratorConfig(foreground="prior", foreground_labels=THINGS)
    fewer = manifest(root, label_ids=[7, 24, 26]).condition
    assert fewer == Condition(
        "labels", [7, 24, 26], ["road", "person", "car"], [[128, 64, 128], [220, 20, 60], [0, 0, 142]]
    )


def test_one_set_is_divided(root: Path, save_cityscapes: Save) -> None:
    save_cityscapes(root, "train", "aachen", *((f"{i:06d}", range(3)) for i in range(10)))
    splits = [sequence.split for sequence in manifest(root, holdout=0.2).sequences]
    assert splits == ["train"] * 8 + ["val"] * 2


def test_gt_fine_alone_is_not_enough(root: Path, save_cityscapes: Save) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(6)), labelled=3)
    with pytest.raises(DataError) as caught:
        manifest(root)
    message = str(caught.value)
    assert message.startswith(f"{root / 'gtFine' / 'train' / 'aachen'}: has label maps for 2 of 6 frames")
    assert "the first without one is" in message
    assert "aachen_000000_000001_leftImg8bit.png" in message
    assert "segmentation network" in message


def test_the_folder_with_most_labels_is_taken(
    root: Path, save_cityscapes: Save, save_images: Save, labels: Callable[..., NDArray[np.uint8]]
) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(6)), labelled=3)
    everything = root / "gtFine_sequence" / "train" / "aachen"
    save_images(everything, name="aachen_000000_{:06d}_gtFine_labelIds.png", images=labels())
    train, val = manifest(root).sequences
    assert train.source == val.source == everything / "*_labelIds.png"
    assert (train.instance, train.frames, val.start) == (None, 3, 3)


def test_edges_need_no_labels(root: Path, save_images: Save) -> None:
    save_images(root / "leftImg8bit_sequence" / "train" / "aachen", name="aachen_000000_{:06d}_leftImg8bit.png")
    assert manifest(root, condition="edges").condition == Condition("edges")
    with pytest.raises(DataError, match="has no folder of labels; add one, such as gtFine/"):
        manifest(root)
    with pytest.raises(DataError, match="no conditions of the kind 'face'"):
        manifest(root, condition="face")


def test_files_that_do_not_fit_are_named(root: Path, save_cityscapes: Save, save_images: Save) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(6)))
    stray = root / "gtFine" / "train" / "aachen"
    save_images(stray, 1, "aachen_000007_{:06d}_gtFine_labelIds.png")
    with pytest.raises(DataError, match=r"aachen_000007_000000_gtFine_labelIds\.png: there is no such frame"):
        manifest(root)
    (stray / "aachen_000007_000000_gtFine_labelIds.png").unlink()
    (stray / "aachen_000000_000002_gtFine_instanceIds.png").unlink()
    with pytest.raises(DataError, match=r"aachen_000000_000003_gtFine_instanceIds\.png: .*000002_leftImg8bit\.png"):
        manifest(root)
    save_images(root / "leftImg8bit_sequence" / "train" / "aachen", 1, "holiday.png")
    with pytest.raises(DataError, match=r"holiday\.png: is not named <city>_<sequence>_<frame>"):
        manifest(root)


def test_a_city_without_labels_can_be_left_out(root: Path, save_cityscapes: Save, save_images: Save) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(6)))
    save_images(root / "leftImg8bit_sequence" / "train" / "ulm", name="ulm_000000_{:06d}_leftImg8bit.png")
    source = FolderSource(FolderConfig(str(root), on_broken="skip"))
    assert {sequence.target.name for sequence in source.prepare().sequences} == {"aachen"}
    (warning,) = source.warnings
    assert warning.left_out
    assert "has label maps for 0 of 6 frames" in str(warning)


def test_snippets_of_one_city(root: Path, save_cityscapes: Save, loader: dict[str, Any]) -> None:
    save_cityscapes(root, "train", "aachen", ("000000", range(4)), ("000001", range(9, 14)))
    save_cityscapes(root, "val", "lindau", ("000000", range(2)), ("000001", range(3)))
    data = Vid2VidDataModule.folder(root, {**loader, "instance_edges": True, "val_frames": 2}, label_ids=[7, 24, 26])
    data.setup("fit")
    first, second = data.val_dataloader()
    assert (first.names, second.names) == (["lindau_000000_000000:0"], ["lindau_000001_000000:2"])
    for clip in (*data.train_dataloader(), first, second):
        labels = np.array([7, 24, 26])[clip.source.numpy()]
        np.testing.assert_array_equal(clip.instance, labels * 1000 + 3)
