"""Steps in int8: what they are calibrated with, which convolutions are quantised, and that they hold over time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid import Condition, Synthesizer, Vid2VidModule
from vid2vid.condition import planes_of
from vid2vid.config import ExportConfig
from vid2vid.errors import ConfigError
from vid2vid.export import ExportedStep, StepDescription, export_step
from vid2vid.export.quantization import own_inputs
from vid2vid.export.step_frames import frame_of
from vid2vid.types import FrameInputs

HEIGHT, WIDTH, FRAMES = 32, 48, 60
CONDITION = Condition(label_ids=[7, 11, 23], instance_edges=True, object_motion=True, planes=planes_of(["depth"]))


def street(frames: int) -> list[FrameInputs]:
    """Return moving stripes of labels with object ids, and an object whose motion is seen."""
    rows, columns = torch.arange(HEIGHT)[:, None] // 7, torch.arange(WIDTH)
    planes = [((rows + (columns + t // 2) // 6) % 3).to(torch.uint8)[None, None] for t in range(frames)]
    ids = [one.int() for one in planes]
    for t, one in enumerate(ids):
        one[..., 6:16, 2 + t % 20 : 16 + t % 20] = 9
    return [FrameInputs(one, own, planes=5.0 + one) for one, own in zip(planes, ids, strict=True)]


@pytest.fixture(scope="module")
def module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    torch.manual_seed(0)
    size = {
        "form": "efficient",
        "downsamples": 2,
        "base_channels": 16,
        "fine_channels": 4,
        "blocks": 2,
        "flow_scale": 1,
        "object_memory": True,
    }
    return small_module(CONDITION, generator=size).eval()


def export(module: Vid2VidModule, path: Path, frames: int = 20, **more: Any) -> ExportedStep:  # noqa: ANN401
    config = ExportConfig(Path("a.ckpt"), path, "openvino", HEIGHT, WIDTH, **more)
    export_step(module, config, street(frames))
    return ExportedStep(path, "openvino", threads=1)


@pytest.fixture(scope="module")
def full(module: Vid2VidModule, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The step in float32."""
    path = tmp_path_factory.mktemp("full") / "full.xml"
    export(module, path)
    return path


@pytest.mark.slow
def test_a_step_is_calibrated_with_its_own_roll_out(module: Vid2VidModule, full: Path) -> None:
    step, synthesizer = ExportedStep(full, "openvino", threads=1), Synthesizer(module)
    inputs = list(own_inputs(step, street(5)))
    for t, (given, frame) in enumerate(zip(inputs, street(5), strict=True)):
        assert given["no_past"] == (t == 0)
        expected = synthesizer.step(frame.source, frame.instance, planes=frame.planes).fake
        torch.testing.assert_close(frame_of(step(given)).fake, expected, rtol=0, atol=1e-4)
        if t + 1 < len(inputs):
            newest = torch.from_numpy(inputs[t + 1]["past_0"])[:, -1]
            torch.testing.assert_close(newest, expected, rtol=0, atol=1e-4)


@pytest.mark.slow
def test_int8_holds_over_time(module: Vid2VidModule, full: Path, tmp_path: Path) -> None:
    step = export(module, tmp_path / "a.xml", precision="int8", calibration="labels.mkv", calibration_frames=20)
    assert step.description.precision == "int8"
    openvino: Any = pytest.importorskip("openvino")
    model = openvino.Core().read_model(tmp_path / "a.xml")
    operations = model.get_ordered_ops()
    seen = [one.input_value(0).get_node() for one in operations if one.get_type_name() == "Convolution"]
    quantised = sum(one.get_type_name() == "FakeQuantize" for one in seen)
    # the stems and the 3x3 convolutions inside, not the 1x1 ones, not flow, mask and image, and not the narrow finish
    assert (quantised, len(seen)) == (11, 23)
    assert sum(one.get_type_name() == "FakeQuantize" for one in operations) <= quantised
    assert (tmp_path / "a.bin").stat().st_size < 0.6 * full.with_suffix(".bin").stat().st_size
    assert StepDescription.read(full).precision == "32"
    synthesizer, errors = Synthesizer(module), []
    for given, frame in zip(own_inputs(step, street(FRAMES)), street(FRAMES), strict=True):
        made = frame_of(step(given)).fake
        errors.append(
            float(
                (made - synthesizer.step(frame.source, frame.instance, planes=frame.planes).fake).square().mean().sqrt()
            )
        )
    assert 0 < errors[0] < 0.01
    assert max(errors) < 0.05


@pytest.mark.slow
def test_what_cannot_be_quantised_is_refused(
    module: Vid2VidModule, small_module: Callable[..., Vid2VidModule], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"calibration=.*: holds no frames"):
        export(module, tmp_path / "a.xml", 0, precision="int8", calibration="labels.mkv")
    with pytest.raises(ConfigError, match="all convolutions of this model have fewer than 16 channels"):
        export(small_module(CONDITION), tmp_path / "a.xml", 2, precision="int8", calibration="labels.mkv")
    assert not list(tmp_path.iterdir())
