"""Exported steps make what F makes, in ONNX Runtime and in OpenVINO; files are data."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor

from vid2vid import Condition, Vid2VidModule
from vid2vid.config import ExportConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.export import ExportedStep, StepDescription, export_step
from vid2vid.export.step_graph import StepGraph

HEIGHT, WIDTH = 16, 24
Case = Callable[[str], Vid2VidModule]


def drawn(graph: StepGraph, height: int = HEIGHT, width: int = WIDTH) -> dict[str, Tensor]:
    """Draw inputs of a step."""
    inputs = dict(zip(graph.input_names, graph.example(height, width), strict=True))
    labels = torch.tensor([*graph.condition.label_ids, 99] if graph.condition.has_labels else range(256))
    for name, tensor in inputs.items():
        if name == "conditions":
            inputs[name] = labels[torch.randint(len(labels), tensor.shape)].to(torch.uint8)
        elif name in ("instance", "foreground"):
            inputs[name] = torch.randint(200, tensor.shape).to(tensor.dtype)
        elif tensor.dtype == torch.float32:
            inputs[name] = torch.rand_like(tensor) * 2 - 1
    return {**inputs, "no_past": torch.tensor([False])}


def assert_runs_alike(step: ExportedStep, graph: StepGraph, inputs: Mapping[str, Tensor], bound: float = 2e-5) -> None:
    """Compare the outputs of an exported step with those of torch."""
    with torch.no_grad():
        expected = dict(zip(graph.output_names, graph(*inputs.values()), strict=True))
    made = step({name: tensor.numpy() for name, tensor in inputs.items()})
    assert list(made) == graph.output_names
    for name, tensor in expected.items():
        assert made[name].dtype == tensor.numpy().dtype, name
        # a level of 255 may be rounded the other way
        allowed = 1 if name == "picture" else bound
        assert np.abs(made[name].astype(float) - tensor.numpy().astype(float)).max() <= allowed, name


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["cubic, residual heads", "statistics of the batch", "foreground mask", "styles", "efficient"]
)
def test_a_step_as_onnx_makes_the_same(name: str, case: Case, tmp_path: Path) -> None:
    module, path = case(name), tmp_path / "step.onnx"
    description = export_step(module, ExportConfig(tmp_path / "a.ckpt", path, height=HEIGHT, width=WIDTH))
    graph = StepGraph(module)
    steps = [ExportedStep(path, backend, threads=1) for backend in ("onnxruntime", "openvino")]
    for step in steps:
        assert step.description == description
        inputs = drawn(graph)
        assert_runs_alike(step, graph, inputs)
        black = {key: torch.zeros_like(tensor) if key.startswith("past_") else tensor for key, tensor in inputs.items()}
        assert_runs_alike(step, graph, {**black, "no_past": torch.tensor([True])})
    with pytest.raises(ConfigError, match=r"frames of 16 x 32: this step was exported for 16 x 24"):
        steps[0]({key: tensor.numpy() for key, tensor in drawn(graph, 16, 32).items()})
    # nothing tells where it was made
    assert str(Path(torch.__file__).parents[1]).encode() not in path.read_bytes()


@pytest.mark.slow
def test_a_step_of_any_size(case: Case, tmp_path: Path) -> None:
    module, path = case("cubic, residual heads"), tmp_path / "step.onnx"
    config = ExportConfig(tmp_path / "a.ckpt", path, height=HEIGHT, width=WIDTH, dynamic=True)
    description = export_step(module, config)
    assert description.inputs["past_0"].shape[2:] == [3, "height / 2", "width / 2"]
    assert description.outputs["picture"].shape == ["height", "width", 3]
    for backend in ("onnxruntime", "openvino"):
        step, graph = ExportedStep(path, backend, threads=1), StepGraph(module)
        for height, width in ((HEIGHT, WIDTH), (28, 20)):
            assert_runs_alike(step, graph, drawn(graph, height, width))
    with pytest.raises(ConfigError, match="takes multiples of 4 as height and width"):
        step({key: tensor.numpy() for key, tensor in drawn(graph, 18, 24).items()})


@pytest.mark.slow
def test_a_step_as_openvino_makes_the_same(case: Case, tmp_path: Path) -> None:
    module, path = case("image without flow"), tmp_path / "step.xml"
    export_step(module, ExportConfig(tmp_path / "a.ckpt", path, "openvino", HEIGHT, WIDTH))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["step.bin", "step.xml", "step.xml.json"]
    graph = StepGraph(module)
    assert_runs_alike(ExportedStep(path, "openvino", threads=1), graph, drawn(graph))
    with pytest.raises(ConfigError, match=r"backend=onnxruntime reads \.onnx files"):
        ExportedStep(path, "onnxruntime")


@pytest.mark.slow
def test_half_precision_keeps_the_last_layers(case: Case, tmp_path: Path) -> None:
    module, path = case("foreground prior"), tmp_path / "step.onnx"
    export_step(module, ExportConfig(tmp_path / "a.ckpt", path, height=HEIGHT, width=WIDTH, precision="16"))
    model = onnx.load(path)
    onnx.checker.check_model(model)
    types = {one.name: one.data_type for one in model.graph.initializer}
    weights = [types[node.input[1]] for node in model.graph.node if node.op_type in ("Conv", "ConvTranspose")]
    assert set(weights) == {onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT}
    assert weights.count(onnx.TensorProto.FLOAT) == 3
    graph = StepGraph(module)
    assert_runs_alike(ExportedStep(path, "onnxruntime", threads=1), graph, drawn(graph), bound=2e-2)


@pytest.mark.slow
def test_a_step_as_torch_goes_round(case: Case, tmp_path: Path) -> None:
    module, path = case("foreground prior"), tmp_path / "step.pt2"
    export_step(module, ExportConfig(tmp_path / "a.ckpt", path, "torch", HEIGHT, WIDTH, dynamic=True))
    assert zipfile.is_zipfile(path)
    described = StepDescription.read(path)
    assert described.dynamic
    # what `vid2vid info` tells of the model, without it
    assert described.known["parameters"] == f"{sum(p.numel() for p in module.generator.parameters()):,}"
    assert described.known["operations"].endswith(f"GFLOP a frame at {WIDTH} x {HEIGHT}")
    # a file of our own; one of somebody else could run code
    read, graph = torch.export.load(path).module(), StepGraph(module)
    inputs = drawn(graph, 20, 28)
    with torch.no_grad():
        for made, expected in zip(read(*inputs.values()), graph(*inputs.values()), strict=True):
            torch.testing.assert_close(made.float(), expected.float(), rtol=0, atol=2e-5)
    with pytest.raises(KeyError):
        ExportedStep(path, "torch")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"height": 2}, DataError, "frames of 2 x 24 are too small for F"),
        ({"height": 17, "dynamic": True}, ConfigError, "both must be multiples of 2 for a step with dynamic=true"),
        ({"foreground_mask": True}, ConfigError, "was trained without a foreground prior"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    settings: dict[str, Any],
    error: type[Exception],
    message: str,
    small_module: Callable[..., Vid2VidModule],
    tmp_path: Path,
) -> None:
    module = small_module(Condition(label_ids=[0, 1]))
    config = ExportConfig(tmp_path / "a.ckpt", tmp_path / "b.onnx", **{"height": HEIGHT, "width": WIDTH, **settings})
    with pytest.raises(error, match=message):
        export_step(module, config)
    assert not list(tmp_path.iterdir())
