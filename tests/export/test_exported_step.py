"""Exported steps run without torch, as docs/export.md shows; files that are no steps are refused."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vid2vid import Condition, Vid2VidModule
from vid2vid.config import ExportConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.export import ExportedStep, StepDescription, export_step
from vid2vid.visual import to_pixels

DOCS = Path(__file__).parents[2] / "docs" / "export.md"
FRAMES, HEIGHT, WIDTH = 4, 16, 24


@pytest.fixture(scope="module")
def module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    torch.manual_seed(0)
    return small_module(Condition(label_ids=[7, 11, 23]), generator={"flow_scale": 1}).eval()


@pytest.fixture(scope="module")
def exported(module: Vid2VidModule, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "street.onnx"
    export_step(module, ExportConfig(Path("a.ckpt"), path, height=HEIGHT, width=WIDTH))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_the_example_of_the_documents_runs_without_torch(
    runtime: str, module: Vid2VidModule, exported: Path, tmp_path: Path
) -> None:
    example, in_openvino = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    if runtime == "openvino":
        whole, _, rest = example.partition("import onnxruntime")
        example = whole + in_openvino + rest[rest.index("\n\n\nabout") :]
    indices = np.random.default_rng(0).integers(3, size=(FRAMES, HEIGHT, WIDTH))
    (tmp_path / "labels").mkdir()
    for number, ids in enumerate(np.array([7, 11, 23], np.uint8)[indices]):
        Image.fromarray(ids).save(tmp_path / "labels" / f"{number}.png")
    for path in (exported, StepDescription.path_of(exported)):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    blocked = "import sys\nsys.modules['torch'] = sys.modules['vid2vid'] = None\n"
    command = [sys.executable, "-c", blocked + example]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with torch.no_grad():
        rollout = module(torch.from_numpy(indices[None, :, None]).to(torch.uint8))
    for number in range(FRAMES):
        made = np.array(Image.open(tmp_path / "frames" / f"{number}.png")).astype(int)
        assert np.abs(made - to_pixels(rollout.fake[0, number])).max() <= 1


def test_what_is_no_step_is_refused(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.onnx"
    with pytest.raises(CheckpointError, match=r"b\.onnx: there is no such file"):
        ExportedStep(path, "onnxruntime")
    path.write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=r"b\.onnx\.json: is missing; it belongs to b\.onnx"):
        ExportedStep(path, "onnxruntime")
    StepDescription.path_of(path).write_bytes(StepDescription.path_of(exported).read_bytes())
    for backend in ("onnxruntime", "openvino"):
        with pytest.raises(CheckpointError, match=rf"b\.onnx: {backend} cannot read it"):
            ExportedStep(path, backend)
    with pytest.raises(ConfigError, match=r"backend=onnxruntime reads \.onnx files"):
        ExportedStep(tmp_path / "b.xml", "onnxruntime")


def test_its_fingerprint_changes_with_the_description(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / exported.name
    for file in (exported, StepDescription.path_of(exported)):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = ExportedStep(path, "onnxruntime").fingerprint()
    assert before == ExportedStep(exported, "onnxruntime").fingerprint()
    replace(ExportedStep(path, "onnxruntime").description, class_colours={"7": [[255, 0, 0]]}).write(path)
    assert ExportedStep(path, "onnxruntime").fingerprint() != before


def test_inputs_of_the_wrong_type_are_refused(exported: Path) -> None:
    step = ExportedStep(exported, "onnxruntime")
    inputs = {name: np.zeros([*map(int, one.shape)], one.dtype) for name, one in step.description.inputs.items()}
    assert step(inputs)["picture"].shape == (HEIGHT, WIDTH, 3)
    with pytest.raises(ValueError, match="the input past_0 must be given as float32"):
        step({**inputs, "past_0": inputs["past_0"].astype(np.float64)})
