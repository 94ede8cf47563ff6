"""The notebooks run from top to bottom, on a small setting."""

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_layout import PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.outline import person_outline
from vid2vid.keypoints.skeleton import draw_skeleton
from vid2vid.video import write_labels, write_video

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def film(frames: int = 48) -> list[NDArray[np.uint8]]:
    """A bright square that wanders over a dark ground."""
    pictures = np.full((frames, 64, 64, 3), 40, np.uint8)
    for t, picture in enumerate(pictures):
        picture[20:40, t // 2 : t // 2 + 20] = (220, 120, 60)
    return list(pictures)


def dance(root: Path, frames: int = 24) -> None:
    """Two videos of somebody who waves, in a bright skin on a grey ground, with keypoints and outlines."""
    body = np.zeros((frames, 1, PERSON_POINTS, 3), np.float32)
    # nose, neck, shoulder, elbow, wrist, the same of the left arm, hips, then knees and ankles
    stands = [(32, 12), (32, 20), (26, 20), (22, 27), (18, 34), (38, 20), (42, 27), (46, 34), (32, 38)]
    stands += [(28, 38), (27, 47), (27, 57), (36, 38), (37, 47), (37, 57)]
    body[:, 0, : len(stands), :2] = stands
    body[:, 0, : len(stands), 2] = 1
    body[:, 0, 4, 1] -= 10 * (1 + np.sin(np.arange(frames) / 3))
    for name in ("a", "b"):
        keypoints = Keypoints(body, (64, 64), 12)
        skins = np.stack([draw_skeleton(people, (64, 64)) for people in body])
        Path(root / "source").mkdir(parents=True, exist_ok=True)
        keypoints.save(root / "source" / f"{name}.npz")
        write_video(root / "target" / f"{name}.mp4", list(np.maximum(skins, 60)), fps=12)
        outlines = [person_outline(people, (64, 64), torso=18) for people in body]
        write_labels(root / "foreground" / f"{name}.mkv", outlines, fps=12)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelManager]:
    """One process for all notebooks, as its imports take longer than they; with small data and short trainings."""
    home = tmp_path_factory.mktemp("notebooks")
    write_video(home / "clip.mp4", film(), fps=12)
    dance(home / "dance")
    settings = {
        "VIDEO": home / "clip.mp4",
        "DANCE": home / "dance",
        "DATA": "street",
        "STREETS": 2,
        "EPOCHS": 1,
        "FRAMES": 8,
    }
    environment = {f"VID2VID_NOTEBOOK_{name}": str(value) for name, value in settings.items()}
    manager = KernelManager()
    manager.start_kernel(
        cwd=str(home), env={**os.environ, **environment, "PL_TRAINER_LIMIT_TRAIN_BATCHES": "3", "OMP_NUM_THREADS": "1"}
    )
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_shows_pictures(path: Path, kernel: KernelManager, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    # nothing is left of the notebook before
    # processes that it starts look for the name of the module that they come from
    fresh = f"%reset -f\n__spec__ = None\nimport os\nos.chdir({str(tmp_path)!r})\ndel os"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(fresh))  # type: ignore[no-untyped-call]
    NotebookClient(notebook, km=kernel, timeout=300).execute(cleanup_kc=False)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 3
