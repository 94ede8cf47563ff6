"""Precision and threads of a synthesis."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid import Condition, ImageModule, Synthesizer, Vid2VidModule
from vid2vid.errors import ConfigError
from vid2vid.synthesis import ImageSynthesizer
from vid2vid.synthesis.computation import Computation, computing_threads
from vid2vid.types import Frame

Modules = Callable[..., Vid2VidModule]
FRAMES, CLASSES = 6, 20
FORMS: dict[str, dict[str, Any]] = {
    "one scale": {},
    "two scales": {"scales": 2},
    "foreground": {"foreground": "prior", "foreground_labels": ["3"]},
    "no flow": {"use_flow": False},
    "efficient": {"form": "efficient", "base_channels": 8, "downsamples": 2, "fine_channels": 4},
}


def labels() -> Tensor:
    return (
        torch.randint(CLASSES, (1, FRAMES, 1, 5, 7), dtype=torch.uint8).repeat_interleave(4, 3).repeat_interleave(4, 4)
    )


def stream(synthesizer: Synthesizer, source: Tensor) -> list[Frame]:
    return [synthesizer.step(source[:, t]) for t in range(source.shape[1])]


@pytest.fixture(params=FORMS)
def module(request: pytest.FixtureRequest, small_module: Modules) -> Vid2VidModule:
    generator = {"flow_scale": 1, **FORMS[request.param]}
    return small_module(Condition(label_ids=list(range(CLASSES))), generator=generator)


def test_half_precision_differs_a_little_and_returns_float32(module: Vid2VidModule) -> None:
    source = labels()
    full, half = (stream(Synthesizer(module, precision=precision), source) for precision in ("32", "bf16"))
    for one, other in zip(full, half, strict=True):
        assert all(part.dtype == torch.float32 for part in other.tensors)
        assert not torch.equal(one.fake, other.fake)
        assert (one.fake - other.fake).abs().mean() < 0.02


def test_the_weights_in_half_precision_give_what_autocast_gives(
    module: Vid2VidModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = labels()
    frame = Synthesizer(module, precision="bf16").step(source[:, 0])
    monkeypatch.setattr(Computation, "of", lambda _, generator: generator)
    expected = Synthesizer(module, precision="bf16").step(source[:, 0])
    for one, other in zip(frame.tensors, expected.tensors, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert all(parameter.dtype == torch.float32 for parameter in module.parameters()), "the module itself stays"


@pytest.mark.parametrize("precision", ["32", "bf16"])
def test_a_saved_state_goes_on_in_its_precision(module: Vid2VidModule, precision: str) -> None:
    source = labels()
    whole = stream(Synthesizer(module, precision=precision), source)
    begun, other = (Synthesizer(module, precision=precision) for _ in range(2))
    stream(begun, source[:, :3])
    other.load_state(begun.state())
    for one, two in zip(whole[3:], stream(other, source[:, 3:]), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one.tensors, two.tensors, strict=True))


def test_image_generators_have_a_precision_too(small_image: Callable[..., ImageModule]) -> None:
    image = small_image(Condition(label_ids=list(range(CLASSES))))
    source = labels()
    full, half = (ImageSynthesizer(image, precision).step(source[:, 0]).fake for precision in ("32", "bf16"))
    assert half.dtype == torch.float32
    assert not torch.equal(full, half)
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        expected = image(source[:, :1])[:, 0]
    assert torch.equal(half, expected.float())


def test_float16_on_a_cpu_is_refused(module: Vid2VidModule) -> None:
    with pytest.raises(ConfigError, match="precision=16 needs a GPU"):
        Synthesizer(module, precision="16")


def test_in_float32_nothing_is_copied(module: Vid2VidModule) -> None:
    assert Computation(torch.device("cpu")).of(module.generator) is module.generator


@pytest.mark.parametrize("count", [0, 1, 3])
def test_threads_are_set_and_set_back(count: int) -> None:
    before = torch.get_num_threads()
    with computing_threads(count):
        assert torch.get_num_threads() == (count or before)
    assert torch.get_num_threads() == before
