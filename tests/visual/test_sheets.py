"""Contact sheets: the pictures stand where they should, and come back from the file."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.visual import contact_sheet, save_png, side_by_side

HEIGHT, WIDTH, GAP, MARGIN, TITLE = 20, 30, 2, 96, 22


def pictures(count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    random = np.random.default_rng(seed)
    return [random.integers(0, 250, (HEIGHT, WIDTH, 3), dtype=np.uint8) for _ in range(count)]


def place(sheet: NDArray[np.uint8], row: int, column: int, top: int = 0) -> NDArray[np.uint8]:
    y, x = top + row * (HEIGHT + GAP), MARGIN + column * (WIDTH + GAP)
    return sheet[y : y + HEIGHT, x : x + WIDTH]


def test_pictures_stand_in_their_rows_in_order() -> None:
    rows = {"real": pictures(4), "synthesised": pictures(4, seed=1)}
    sheet = contact_sheet(rows)
    assert sheet.shape == (2 * (HEIGHT + GAP), MARGIN + 4 * (WIDTH + GAP) - GAP, 3)
    for row, images in enumerate(rows.values()):
        for column, image in enumerate(images):
            np.testing.assert_array_equal(place(sheet, row, column), image)
    # the rows' names are written beside them, in dark letters on white
    assert sheet[:HEIGHT, :MARGIN].min() < 100 < np.median(sheet[:HEIGHT, :MARGIN])


def test_long_rows_are_thinned_evenly() -> None:
    images = pictures(10)
    sheet = contact_sheet({"real": images, "mask": images[:2]}, columns=4, title="epoch 3")
    assert sheet.shape == (TITLE + 2 * (HEIGHT + GAP), MARGIN + 4 * (WIDTH + GAP) - GAP, 3)
    for column, index in enumerate((0, 3, 6, 9)):
        np.testing.assert_array_equal(place(sheet, 0, column, TITLE), images[index])
    assert (place(sheet, 1, 2, TITLE) == 255).all()
    assert sheet[:TITLE].min() < 100


def test_side_by_side_leaves_a_white_line() -> None:
    first, second = pictures(2)
    joined = side_by_side([first, second])
    assert joined.shape == (HEIGHT, 2 * WIDTH + GAP, 3)
    np.testing.assert_array_equal(joined[:, :WIDTH], first)
    np.testing.assert_array_equal(joined[:, WIDTH + GAP :], second)
    assert (joined[:, WIDTH : WIDTH + GAP] == 255).all()
    np.testing.assert_array_equal(side_by_side([first]), first)


def test_a_png_comes_back_as_it_was(tmp_path: Path) -> None:
    (picture,) = pictures(1)
    path = tmp_path / "new" / "sheet.png"
    save_png(path, picture)
    found = cv2.imread(str(path))
    assert found is not None
    np.testing.assert_array_equal(found[..., ::-1], picture)
    assert [entry.name for entry in path.parent.iterdir()] == ["sheet.png"]
