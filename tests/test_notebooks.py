"""The notebooks run from top to bottom, on a small setting."""

import os
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from numpy.typing import NDArray

from vid2vid.data.video import write_video

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def film(frames: int = 48) -> list[NDArray[np.uint8]]:
    """A bright square that wanders over a dark ground."""
    pictures = np.full((frames, 64, 64, 3), 40, np.uint8)
    for t, picture in enumerate(pictures):
        picture[20:40, t // 2 : t // 2 + 20] = (220, 120, 60)
    return list(pictures)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_shows_pictures(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_video(tmp_path / "clip.mp4", film(), fps=12)
    monkeypatch.setenv("VID2VID_NOTEBOOK_VIDEO", str(tmp_path / "clip.mp4"))
    monkeypatch.setenv("VID2VID_NOTEBOOK_STREETS", "2")
    monkeypatch.setenv("VID2VID_NOTEBOOK_EPOCHS", "1")
    monkeypatch.setenv("VID2VID_NOTEBOOK_DATA", str(tmp_path / "street"))
    monkeypatch.setenv("JUPYTER_PATH", os.environ.get("JUPYTER_PATH", ""))
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 3
