"""Small videos of two models that differ in colour, a comparison of them, and a real browser."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.tools.user_study import gather_scenes, make_user_study
from vid2vid.video import write_video

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

COLOURS: dict[str, tuple[int, int, int]] = {
    "ours": (200, 40, 40),
    "theirs": (40, 40, 200),
    "thirds": (40, 200, 40),
}
FPS = 16


def moving(colour: Sequence[int], frames: int = 8, height: int = 32, width: int = 64) -> list[NDArray[np.uint8]]:
    """A bar that wanders over a ground of one colour."""
    film = np.full((frames, height, width, 3), colour, dtype=np.uint8)
    for i, frame in enumerate(film):
        frame[:, 4 * i : 4 * i + 4] = 255
    return list(film)


@pytest.fixture(scope="session")
def colours() -> dict[str, tuple[int, int, int]]:
    """The colour of each model's videos."""
    return COLOURS


@pytest.fixture(scope="session")
def film() -> Callable[..., None]:
    """Writes a grey video with a moving bar; keywords are ``frames``, ``height``, ``width``."""

    def write(path: Path, **sizes: int) -> None:
        write_video(path, moving((90, 90, 90), **sizes), FPS)

    return write


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each of three models a folder with the same three scenes. Not to be written to."""
    root = tmp_path_factory.mktemp("videos")
    for model, colour in COLOURS.items():
        for i in range(3):
            write_video(root / model / f"scene{i}.mp4", moving([c + 5 * i for c in colour]), FPS)
    return {model: root / model for model in COLOURS}


@pytest.fixture(scope="session")
def two(folders: dict[str, Path]) -> dict[str, Path]:
    """Two of the models."""
    return {model: folders[model] for model in ("ours", "theirs")}


@pytest.fixture(scope="session")
def comparison(two: dict[str, Path], folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of the two, with the third beside as the real video. Not to be written to."""
    output = tmp_path_factory.mktemp("comparison") / "of two"
    make_user_study(gather_scenes(two, {"Real": folders["thirds"]}), output)
    return output


@pytest.fixture
def downloads(browser: "Chrome", tmp_path: Path) -> Path:
    """The folder that the browser saves into, empty."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    return folder
