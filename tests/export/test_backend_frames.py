"""Synthesis in other back-ends than torch makes the same video."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from vid2vid import Condition, Synthesizer, Vid2VidModule
from vid2vid.errors import ConfigError, MissingExtraError
from vid2vid.export.backend_frames import BackendFrames

HEIGHT, WIDTH, FRAMES = 18, 25, 300
BOUND = 1e-4
"""Of frames in [-1, 1], flow and mask, from a small random F."""
Case = Callable[[str], Vid2VidModule]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cubic", "statistics of the batch", "efficient"])
def test_300_frames_are_those_of_torch(name: str, case: Case, small_module: Callable[..., Vid2VidModule]) -> None:
    # instance norm makes untrained weights chaotic: each rounding grows until the videos have nothing in common
    cubic = {"interpolation": "cubic", "norm": "batch", "flow_scale": 1}
    module = small_module(Condition(label_ids=[7, 11, 23]), generator=cubic) if name == "cubic" else case(name)
    expected = Synthesizer(module)
    made = {backend: Synthesizer(module, backend=backend) for backend in ("onnxruntime", "openvino")}
    rows, columns = torch.arange(HEIGHT)[:, None] // 7, torch.arange(WIDTH)
    for t in range(30 if name == "efficient" else FRAMES):
        planes = ((rows + (columns + t // 2) // 6) % 3).to(torch.uint8)[None, None]
        instance = planes.int() if module.condition.needs_instances else None
        if instance is not None:
            # an object whose motion is seen
            instance[..., 4:10, 1 + t % 9 : 8 + t % 9] = 7
        # depth and small motion vectors
        values = torch.stack([planes[0, 0] + 2.0, planes[0, 0] / 4 + 0.1, planes[0, 0] / 8])[None]
        if t > 20:
            # later the motion is not known
            values[:, 1:] = torch.nan
        given = values if module.condition.planes else None
        one = expected.step(planes, instance, planes=given)
        for backend, synthesizer in made.items():
            other = synthesizer.step(planes, instance, planes=given)
            for a, b in zip(one.tensors, other.tensors, strict=True):
                torch.testing.assert_close(a, b, rtol=0, atol=BOUND)
            if t == 5:
                # goes on from a state
                made[backend] = Synthesizer(module, backend=backend)
                made[backend].load_state(synthesizer.state())


@pytest.mark.slow
def test_two_videos_and_a_mask(case: Case) -> None:
    module = case("foreground mask")
    expected, made = Synthesizer(module), Synthesizer(module, backend="onnxruntime")
    for _ in range(3):
        planes, masks = (torch.randint(256, (2, 1, HEIGHT, WIDTH), dtype=torch.uint8) for _ in range(2))
        one, other = (synthesizer.step(planes, None, masks) for synthesizer in (expected, made))
        torch.testing.assert_close(one.fake, other.fake, rtol=0, atol=BOUND)
    with pytest.raises(ConfigError, match=r"needs generator\.foreground_labels"):
        made.step(planes)


@pytest.mark.slow
def test_a_step_is_exported_once(case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path))
    module, planes = case("labels"), torch.zeros(1, 1, HEIGHT, WIDTH, dtype=torch.uint8)
    Synthesizer(module, backend="onnxruntime").step(planes)
    (written,) = (tmp_path / "exports").glob("*.onnx")
    at = written.stat().st_mtime_ns
    Synthesizer(module, backend="openvino").step(planes)
    assert [path.stat().st_mtime_ns for path in (tmp_path / "exports").glob("*.onnx")] == [at]
    with torch.no_grad():
        next(module.generator.parameters()).flatten()[0] += 1
    Synthesizer(module, backend="onnxruntime").step(planes)
    assert len(list((tmp_path / "exports").glob("*.onnx"))) == 2


def test_what_a_back_end_cannot_do_is_refused(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"precision=bf16: backend=onnxruntime computes in float32"):
        BackendFrames(case("labels"), "onnxruntime", "bf16")
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vid2vid\[openvino\]'"):
        BackendFrames(case("labels"), "openvino")
