"""An exported file in the place of a checkpoint makes the same video; what it cannot do is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Vid2VidModule
from vid2vid.condition import planes_of
from vid2vid.config import ExportConfig, SynthesisConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.export import export_step
from vid2vid.street import street_condition
from vid2vid.synthesis import StoppedError, synthesize
from vid2vid.synthesis.exported_synthesizer import open_exported
from vid2vid.video import stream_frames, write_labels

HEIGHT, WIDTH = 18, 26


@pytest.fixture(scope="module")
def folder(small_module: Callable[..., Vid2VidModule], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two exported steps of a model, and label maps."""
    torch.manual_seed(0)
    path, size = tmp_path_factory.mktemp("exported"), {"scales": 2, "flow_scale": 1}
    module = small_module(generator=size).eval()
    torch.save(module.state_dict(), path / "weights.pt")
    export_step(module, ExportConfig(Path("a.ckpt"), path / "m.onnx", height=HEIGHT, width=WIDTH))
    export_step(module, ExportConfig(Path("a.ckpt"), path / "m.xml", "openvino", HEIGHT, WIDTH))
    ids = np.array(module.condition.label_ids, np.uint8)
    rows, columns, times = np.arange(HEIGHT)[:, None] // 5, np.arange(WIDTH) // 6, np.arange(7)[:, None, None]
    write_labels(path / "labels.mkv", ids[(rows + columns + times) % len(ids)], 10)
    return path


@pytest.fixture
def module(folder: Path, small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    module = small_module(generator={"scales": 2, "flow_scale": 1})
    module.load_state_dict(torch.load(folder / "weights.pt", weights_only=True))
    return module.eval()


def config(folder: Path, checkpoint: str, output: Path, **more: Any) -> SynthesisConfig:  # noqa: ANN401 - any setting
    return SynthesisConfig(checkpoint=folder / checkpoint, source=folder / "labels.mkv", output=output, **more)


def frames(path: Path) -> NDArray[np.int64]:
    return np.stack(list(stream_frames(path))).astype(int)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "backend"), [("m.onnx", "torch"), ("m.onnx", "openvino"), ("m.xml", "torch")])
@pytest.mark.parametrize("first", [False, True])
def test_the_video_is_that_of_the_checkpoint(
    name: str, backend: str, first: bool, folder: Path, module: Vid2VidModule, tmp_path: Path
) -> None:
    more: dict[str, Any] = {"first": folder / "labels.mkv"} if first else {}
    assert synthesize(module, config(folder, "a.ckpt", tmp_path / "a", precision="32", **more)) == 7
    # stopped and resumed
    asked = count()
    settings = config(folder, name, tmp_path / "b", backend=backend, segment=2, **more)
    step = open_exported(settings)
    assert step is not None
    with pytest.raises(StoppedError):
        synthesize(step, settings, stopped=lambda: next(asked) > 4)
    assert synthesize(step, replace(settings, resume=True)) == 7
    plain = frames(tmp_path / "a")
    assert plain.std() > 1
    assert np.abs(frames(tmp_path / "b") - plain).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "more", "error", "message"),
    [
        ("m.pt2", {}, CheckpointError, r"m\.pt2: is not read, since a \.pt2 file could run code"),
        ("b.onnx", {}, CheckpointError, r"b\.onnx: there is no such file"),
        ("m.xml", {"backend": "onnxruntime"}, ConfigError, r"backend=onnxruntime reads \.onnx files"),
        (
            "m.onnx",
            {"precision": "bf16"},
            ConfigError,
            r"precision=bf16: .*m\.onnx has precision 32; leave precision out, or export another",
        ),
        ("m.xml", {"device": "cuda"}, ConfigError, "give neither compile nor device"),
        ("m.xml", {"key_every": 9}, ConfigError, "does not take first frames of an image generator"),
        ("m.xml", {"style": "random"}, ConfigError, "does not take other styles than the average one"),
        ("m.xml", {"foreground": Path("mask.mkv")}, ConfigError, "does not take a mask of the foreground"),
    ],
)
def test_what_it_cannot_do_is_told(
    name: str, more: dict[str, Any], error: type[Exception], message: str, folder: Path, tmp_path: Path
) -> None:
    settings = config(folder, name, tmp_path / "out", **more)
    with pytest.raises(error, match=message):  # noqa: PT012 - some are refused when they are opened
        step = open_exported(settings)
        assert step is not None
        synthesize(step, settings)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_description_must_be_there_and_of_this_version(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes((folder / "m.onnx").read_bytes())
    settings = SynthesisConfig(checkpoint=path)
    with pytest.raises(CheckpointError, match=r"m\.onnx\.json: is missing; it belongs to m\.onnx"):
        open_exported(settings)
    described = json.loads((folder / "m.onnx.json").read_text())
    (tmp_path / "m.onnx.json").write_text(json.dumps({**described, "format": "vid2vid step 0"}))
    with pytest.raises(CheckpointError, match="does not describe an exported step of this version"):
        open_exported(settings)


def test_other_checkpoints_are_none() -> None:
    assert open_exported(SynthesisConfig(checkpoint=Path("a.ckpt"))) is None


@pytest.mark.slow
def test_motion_and_memory_of_objects_and_planes_go_into_the_step(
    small_module: Callable[..., Vid2VidModule], tmp_path: Path
) -> None:
    """Of a new street, which has objects that move."""
    condition = replace(street_condition(), instance_edges=True, object_motion=True)
    condition = replace(condition, planes=planes_of(["depth", "normals", "motion"]))
    size = {"form": "efficient", "downsamples": 2, "base_channels": 8, "flow_scale": 1, "object_memory": True}
    module = small_module(condition, generator=size).eval()
    export_step(module, ExportConfig(Path("a.ckpt"), tmp_path / "m.onnx", height=32, width=64))
    for name, model in (("a", module), ("b", None)):
        settings = SynthesisConfig(
            checkpoint=tmp_path / "m.onnx", output=tmp_path / name, frames=6, height=32, width=64, precision="32"
        )
        chosen = model or open_exported(settings)
        assert chosen is not None
        assert synthesize(chosen, settings) == 6
    assert np.abs(frames(tmp_path / "a") - frames(tmp_path / "b")).max() <= 1
