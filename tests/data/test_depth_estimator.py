"""Depth that a network estimates: kept for a training, the same from the source of a synthesis, refused where unfit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.condition import PLANES
from vid2vid.config import DepthConfig, SynthesisConfig
from vid2vid.data.depth_estimator import DepthEstimator
from vid2vid.data.planes import PlaneFrames
from vid2vid.errors import ConfigError
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import write_frames

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 16, 24, 3), np.uint8)
PLAIN: dict[str, Any] = {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0]}


class Brightness(nn.Module):
    """Takes what is dark for far: metres from 1 to 11."""

    def forward(self, pictures: Tensor) -> Tensor:
        return 11 - 10 * pictures.mean(1)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("networks") / "depth.pt"
    torch.jit.trace(Brightness(), torch.rand(1, 3, 16, 24)).save(path)  # type: ignore[no-untyped-call]
    return path


def test_metric_depth_is_in_metres_and_relative_depth_spans_its_range(network: Path) -> None:
    metres = DepthEstimator(DepthConfig(str(network), **PLAIN), PLANES["depth"])(PICTURES[0])
    np.testing.assert_allclose(metres[0], 11 - PICTURES[0].mean(-1) / 25.5, atol=1e-4)
    relative = DepthConfig(str(network), "relative", height=8, width=12)
    spread = DepthEstimator(relative, PLANES["disparity"])(PICTURES[0])
    assert spread.shape == (1, 16, 24)
    assert (spread.min(), spread.max()) == (0, 1)
    assert 0.01 < (spread == 1).mean() < 0.1


def test_an_onnx_file_gives_the_same(network: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    nodes = [
        onnx.helper.make_node("ReduceMean", ["x", "axes"], ["m"], keepdims=0),
        onnx.helper.make_node("Mul", ["m", "scale"], ["s"]),
        onnx.helper.make_node("Add", ["s", "shift"], ["y"]),
    ]
    constants = {"axes": np.array([1]), "scale": np.array([-10], np.float32), "shift": np.array([11], np.float32)}
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "depth",
        [onnx.helper.make_tensor_value_info("x", kind, [1, 3, 16, 24])],
        [onnx.helper.make_tensor_value_info("y", kind, [1, 16, 24])],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [onnx.helper.make_opsetid("", 20)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10), tmp_path / "depth.onnx")
    one = DepthEstimator(DepthConfig(str(network)), PLANES["depth"])
    other = DepthEstimator(DepthConfig(str(tmp_path / "depth.onnx")), PLANES["depth"])
    np.testing.assert_allclose(other(PICTURES[1]), one(PICTURES[1]), atol=1e-4)
    assert one.name != other.name
    with pytest.raises(ConfigError, match=r"cannot take pictures \(1, 3, 8, 24\) .* depth\.height, depth\.width"):
        other(PICTURES[1, :8])


def test_a_training_and_a_synthesis_see_the_same_depth(
    network: Path, small_module: Callable[..., Vid2VidModule], tmp_path: Path
) -> None:
    """Of one's own video: its edges, and depth that nobody has written."""
    write_frames(tmp_path / "a", PICTURES)
    clips = {"clip_frames": 3, "batch_size": 1, "num_workers": 0, "flow_strides": [1], "height": 8, "width": 12}
    depth = {"network": str(network), **PLAIN}
    loader = {**clips, "planes": ["depth"], "depth": depth, "flow_cache": False, "val_frames": 3}
    data = Vid2VidDataModule.video(tmp_path / "a", loader, shortest=2, holdout=0.5)
    data.prepare_data()
    data.setup("fit")
    assert [plane.name for plane in data.condition.planes] == ["depth"]
    clip = next(iter(data.val_dataloader()))
    assert clip.planes is not None
    place = data.prepare_manifest().split("val")[0].planes["depth"]
    np.testing.assert_allclose(
        PlaneFrames(place, PLANES["depth"]).read([5])[0, 0], 11 - PICTURES[5].mean(-1) / 25.5, atol=5e-3
    )
    # what is kept is not estimated again
    changed = place.stat().st_mtime_ns
    data.estimate_depth()
    assert place.stat().st_mtime_ns == changed
    module = small_module(data.condition)
    config = SynthesisConfig(source=tmp_path / "a", height=8, width=12, depth=DepthConfig(str(network), **PLAIN))
    streamed = [inputs.planes for inputs in InputSource(config, module.condition)]
    assert len(streamed) == 6
    torch.testing.assert_close(
        torch.stack([one for one in streamed[3:] if one is not None], 1), clip.planes, rtol=0, atol=1e-6
    )
    with pytest.raises(ConfigError, match=r"holds no pictures to estimate depth from; .* planes=\{depth:path\}"):
        list(InputSource(replace(config, source="-", raw_height=8, raw_width=12), module.condition))


def test_what_is_no_estimator_is_refused(network: Path, tmp_path: Path) -> None:
    torch.jit.trace(nn.Identity(), torch.rand(1, 3, 4, 4)).save(tmp_path / "three.pt")  # type: ignore[no-untyped-call]
    with pytest.raises(ConfigError, match=r"must return finite numbers \(1, h, w\) .* returned \(1, 3, 16, 24\)"):
        DepthEstimator(DepthConfig(str(tmp_path / "three.pt")), PLANES["depth"])(PICTURES[0])
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    for name, message in (("none.pt", "cannot be read"), ("bad.onnx", "is not an ONNX file with one input")):
        with pytest.raises(ConfigError, match=message):
            DepthEstimator(DepthConfig(str(tmp_path / name)), PLANES["depth"])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"height": 8}, "belong together"),
        ({"std": [1.0, 0.0, 1.0]}, r"those of depth\.std must be above 0"),
        ({"output": "feet"}, r"depth\.output"),
    ]
    for settings, message in wrong:
        with pytest.raises(ConfigError, match=message):
            DepthConfig(**settings)
    of_files = {"planes": [{"name": "depth", "factor": 0.01}], "depth": {"network": str(network)}}
    with pytest.raises(ConfigError, match=r"'depth' is estimated by data\.depth\.network; leave out its channel"):
        Vid2VidDataModule.video(tmp_path, of_files)
    with pytest.raises(ConfigError, match=r"estimates the plane 'disparity'; add it to data\.planes=\[disparity\]"):
        Vid2VidDataModule.video(tmp_path, {"depth": {"network": str(network), "output": "relative"}})
