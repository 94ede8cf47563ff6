"""Pictures of a data set are detected as ids, as colours of a palette, or as no labels at all."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vid2vid import Condition, Vid2VidDataModule
from vid2vid.config import FolderConfig
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.formats import FolderSource
from vid2vid.errors import ConfigError, DataError
from vid2vid.video import write_labels, write_video

Save = Callable[..., Path]
Labels = Callable[..., NDArray[np.uint8]]
ROAD, SKY = [128, 64, 128], [70, 130, 180]


def condition(root: Path, **config: object) -> Condition:
    return FolderSource(FolderConfig(str(root), **config)).condition  # type: ignore[arg-type]


@pytest.fixture
def made(root: Path, save_images: Save) -> Callable[[NDArray[Any]], Path]:
    """Makes a data set with one sequence of given conditions."""

    def make(conditions: NDArray[Any], ending: str = "png") -> Path:
        save_images(root / "target" / "x")
        save_images(root / "source" / "x", images=conditions, name=f"{{:06d}}.{ending}")
        return root

    return make


@pytest.fixture
def palette(tmp_path: Path) -> str:
    """A file with two labels."""
    path = tmp_path / "palette.csv"
    path.write_text("id,name,r,g,b\n7,road,128,64,128\n23,sky,70,130,180\n")
    return str(path)


def coloured(maps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = np.zeros((256, 3), np.uint8)
    colours[[7, 23]] = ROAD, SKY
    return colours[maps]


def test_all_maps_are_looked_at_for_ids(made: Callable[..., Path], labels: Labels) -> None:
    maps = labels((7, 24))
    maps[3, 5, 5] = 255
    assert condition(made(maps)) == Condition("labels", [7, 24, 255])


def test_maps_are_looked_at_once(made: Callable[..., Path], labels: Labels, cache: Path) -> None:
    root = made(labels((7, 24)))
    assert condition(root).label_ids == [7, 24]
    (memory,) = (cache / "labels").iterdir()
    # what is remembered is believed
    memory.write_text(json.dumps(json.loads(memory.read_text()) | {"answer": [1, 2]}))
    assert condition(root).label_ids == [1, 2]
    changed = root / "source" / "x" / "000002.png"
    before, state = changed.read_bytes(), changed.stat()
    # exported anew: other bytes, the same size and time
    changed.write_bytes(before[:-1] + b"?")
    os.utime(changed, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert condition(root).label_ids == [7, 24]
    assert len(list((cache / "labels").iterdir())) == 2
    memory.write_text("{")
    changed.write_bytes(before)
    with pytest.raises(DataError, match=rf"{memory.name}: is not a cached answer .* delete it"):
        condition(root)


def test_given_ids_need_no_look(made: Callable[..., Path], labels: Labels, cache: Path) -> None:
    root = made(labels((7, 24)))
    assert condition(root, label_ids=[7, 24, 25], label_names=["road", "person", "rider"], mirrored=[[24, 25]]) == (
        Condition("labels", [7, 24, 25], ["road", "person", "rider"], mirrored=[[24, 25]])
    )
    assert not (cache / "labels").exists()


def test_a_palette_brings_ids_names_and_colours(made: Callable[..., Path], labels: Labels, palette: str) -> None:
    root = made(labels((7, 23)))
    wanted = Condition("labels", [7, 23], ["road", "sky"], [ROAD, SKY])
    assert condition(root, palette=palette) == wanted
    assert condition(root, palette=palette, label_ids=[23, 7]) == Condition(
        "labels", [23, 7], ["sky", "road"], [SKY, ROAD]
    )
    with pytest.raises(ConfigError, match=r"data\.label_ids: the palette .*palette\.csv has no label 8, 9"):
        condition(root, palette=palette, label_ids=[7, 8, 9])


def test_maps_in_colours_are_read_with_a_palette(
    made: Callable[..., Path], labels: Labels, palette: str, loader: dict[str, Any]
) -> None:
    maps = labels((7, 23))
    data = Vid2VidDataModule.folder(made(coloured(maps)), loader, palette=palette)
    assert data.condition == Condition("labels", [7, 23], ["road", "sky"], [ROAD, SKY], colour_coded=True)
    data.setup("fit")
    clip = next(iter(data.val_dataloader()))
    np.testing.assert_array_equal(np.array([7, 23])[clip.source[0, :, 0]], maps[3:])
    # of labels that share a colour the first one stands for all
    fewer = condition(Path(data.source.config.path), palette="cityscapes")  # type: ignore[attr-defined]
    assert fewer.colour_coded
    assert 0 in fewer.label_ids
    assert not {1, 2, 3, 18, 255} & set(fewer.label_ids)


def test_colours_without_a_palette_are_images(made: Callable[..., Path], labels: Labels) -> None:
    root = made(coloured(labels((7, 23))))
    assert condition(root) == Condition("image")
    with pytest.raises(DataError, match=r"is not a label map.* If these are labels in colours, give data.palette"):
        condition(root, condition="labels")


def test_indexed_images_hold_their_indices(root: Path, save_images: Save, labels: Labels) -> None:
    save_images(root / "target" / "x")
    (root / "source" / "x").mkdir(parents=True)
    for t, ids in enumerate(labels((7, 23))):
        image = Image.fromarray(ids).convert("P")
        image.putpalette(np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes())
        image.save(root / "source" / "x" / f"{t:06d}.png")
    assert condition(root) == Condition("labels", [7, 23])


def test_photographs_and_drawings_in_grey_are_no_labels(made: Callable[..., Path], labels: Labels) -> None:
    photograph = np.arange(6 * 32 * 48).reshape(6, 32, 48).astype(np.uint8)
    assert condition(made(photograph)) == Condition("grey")
    drawing = labels((0, 255))
    assert condition(made(drawing)) == Condition("grey")
    assert condition(made(drawing), condition="labels") == Condition("labels", [0, 255])
    assert condition(made(drawing), condition="image") == Condition("image")


def test_jpeg_holds_no_labels(made: Callable[..., Path], labels: Labels) -> None:
    root = made(labels((7, 24)), ending="jpg")
    for png in (root / "source" / "x").glob("*.png"):
        png.unlink()
    assert condition(root) == Condition("grey")
    with pytest.raises(DataError, match=r"000000\.jpg: JPEG alters ids"):
        condition(root, condition="labels")


def test_what_lies_in_a_folder_of_label_maps_is_labels(root: Path, save_images: Save, labels: Labels) -> None:
    save_images(root / "images" / "x")
    save_images(root / "seg_maps" / "x", images=labels((0, 255)))
    assert condition(root) == Condition("labels", [0, 255])


def test_videos_of_labels_and_of_colours(root: Path, save_images: Save, labels: Labels, palette: str) -> None:
    save_images(root / "target" / "x")
    write_labels(root / "source" / "x.mkv", labels((7, 23)), fps=25)
    assert condition(root) == Condition("labels", [7, 23])
    (root / "source" / "x.mkv").unlink()
    write_video(root / "source" / "x.mp4", coloured(labels((7, 23))), fps=25)
    assert condition(root) == Condition("image")


def test_indexed_maps_are_read_as_indices(
    root: Path, save_images: Save, labels: Callable[..., NDArray[np.uint8]], loader: dict[str, Any]
) -> None:
    maps = labels((7, 23))
    save_images(root / "target" / "x")
    folder = root / "source" / "x"
    folder.mkdir(parents=True)
    for t, ids in enumerate(maps):
        image = Image.fromarray(ids).convert("P")
        image.putpalette(np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes())
        image.save(folder / f"{t:06d}.png")
    data = Vid2VidDataModule.folder(root, loader)
    data.setup("fit")
    clip = next(iter(data.val_dataloader()))
    np.testing.assert_array_equal(np.array([7, 23])[clip.source[0, :, 0]], maps[3:])
    streamed = np.concatenate(list(kind_of(data.condition).stream(folder, CropResize())))
    np.testing.assert_array_equal(np.array([7, 23])[streamed[:, 0]], maps)


def test_densepose_in_one_split_only(root: Path, save_images: Save, save_people: Save) -> None:
    for split in ("train", "test"):
        save_images(root / f"{split}_img" / "x")
        save_people(root / f"{split}_openpose" / "x")
    save_images(root / "train_densepose" / "x")
    with pytest.raises(DataError, match=r"test_img/x: has no DensePose maps, but other sequences have"):
        condition(root)
    assert not condition(root, densepose=False).densepose


@pytest.mark.parametrize("given", [{}, {"label_ids": list(range(256))}])
def test_interpolated_maps_are_refused(made: Callable[..., Path], labels: Labels, given: dict[str, Any]) -> None:
    small = labels((7, 24, 200))
    smooth = np.stack([cv2.resize(one[::2, ::2], one.shape[::-1], interpolation=cv2.INTER_LINEAR) for one in small])
    root = made(smooth)
    for kind in ("auto", "labels"):
        with pytest.raises(DataError, match=r"ids, such as .*, only occur along borders.* with nearest neighbour"):
            condition(root, condition=kind, **given)
    assert condition(root, condition="grey").kind == "grey"


def test_a_map_with_few_small_objects_is_none_that_was_interpolated(made: Callable[..., Path], labels: Labels) -> None:
    maps = labels((7, 24))
    maps[:, 3, 5:8] = (1, 2, 3)
    assert condition(made(maps)).label_ids == [1, 2, 3, 7, 24]


@pytest.mark.parametrize("objects", [False, True])
def test_maps_with_the_class_in_red_are_refused(made: Callable[..., Path], labels: Labels, objects: bool) -> None:
    classes = labels((7, 24))
    maps = np.zeros((*classes.shape, 3), np.uint8)
    maps[..., 0] = classes
    if objects:
        maps[:, 8:16, :, 1] = 150
        maps[:, :, 8:24, 2] = 3
    root = made(maps)
    with pytest.raises(DataError, match=r"the class in the red channel.*as grey PNG.*condition=image"):
        condition(root)
    with pytest.raises(DataError, match=r"colour channels differ.*the class in the red channel"):
        condition(root, condition="labels")
    assert condition(root, condition="image").kind == "image"
