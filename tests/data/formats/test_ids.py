"""Ids as they come in files, indexed and of 16 bits, all the way into a clip."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vid2vid import Vid2VidDataModule
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize

Save = Callable[..., Path]


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
