"""F as a stream gives what the module's own roll-out gives."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid import Condition, Synthesizer, Vid2VidModule
from vid2vid.types import Frame

Modules = Callable[..., Vid2VidModule]
PARTS = ("fake", "hallucinated", "warped", "flow", "mask")
FRAMES, HEIGHT, WIDTH = 7, 18, 25
LABELS: dict[str, Any] = {"label_ids": [7, 11, 23]}
CASES: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "labels": (LABELS, {}),
    "L = 1": (LABELS, {"generator": {"past_frames": 1}}),
    "L = 3": (LABELS, {"generator": {"past_frames": 3}}),
    "no flow": (LABELS, {"generator": {"use_flow": False}}),
    "batch norm": (LABELS, {"generator": {"norm": "batch"}}),
    "instance edges": ({**LABELS, "instance_edges": True}, {}),
    "two scales": (LABELS, {"generator": {"scales": 2}}),
    "foreground": (LABELS, {"generator": {"foreground": "prior", "foreground_labels": ["11"], "scales": 2}}),
    "edges": ({"kind": "edges"}, {}),
    "image": ({"kind": "image"}, {}),
}


@pytest.fixture(params=CASES)
def module(request: pytest.FixtureRequest, small_module: Modules) -> Vid2VidModule:
    condition, parts = CASES[request.param]
    # short flows: long ones on noise make a roll-out chaotic, so that roundings grow in it
    return small_module(
        Condition(**condition), **{**parts, "generator": {"flow_scale": 1, **parts.get("generator", {})}}
    )


def conditions(module: Vid2VidModule, batch: int) -> tuple[Tensor, Tensor | None]:
    kind = module.condition.kind
    high, channels = {"labels": (3, 1), "edges": (256, 1), "image": (256, 3)}[kind]
    source = torch.randint(high, (batch, FRAMES, channels, HEIGHT, WIDTH), dtype=torch.uint8)
    instance = torch.randint(4, (batch, FRAMES, 1, HEIGHT, WIDTH)) if module.condition.instance_edges else None
    return source, instance


def first_frames(module: Vid2VidModule, batch: int) -> Tensor:
    return torch.rand(batch, module.generator.config.past_frames, 3, HEIGHT, WIDTH) * 2 - 1


def stream(synthesizer: Synthesizer, source: Tensor, instance: Tensor | None) -> list[Frame]:
    return [
        synthesizer.step(source[:, t], None if instance is None else instance[:, t]) for t in range(source.shape[1])
    ]


@pytest.mark.parametrize("given", [True, False])
def test_the_stream_is_the_roll_out(given: bool, module: Vid2VidModule) -> None:
    source, instance = conditions(module, batch=2)
    first = first_frames(module, batch=2) if given else None
    frames = stream(Synthesizer(module, first), source, instance)
    with torch.no_grad():
        rollout = module(source, first, instance)
    assert len(frames) == FRAMES
    synthesised = frames[-rollout.fake.shape[1] :]
    for name in PARTS:
        streamed = torch.stack([getattr(frame, name) for frame in synthesised], dim=1)
        torch.testing.assert_close(streamed, getattr(rollout, name), atol=1e-5, rtol=1e-5)
    if first is not None:
        for t in range(first.shape[1]):
            assert torch.equal(frames[t].fake, first[:, t])
            assert not frames[t].mask.any()


def test_two_streams_at_once_are_two_streams(module: Vid2VidModule) -> None:
    source, instance = conditions(module, batch=2)
    first = first_frames(module, batch=2)
    together = stream(Synthesizer(module, first), source, instance)
    for b in range(2):
        own = slice(b, b + 1)
        alone = stream(Synthesizer(module, first[own]), source[own], None if instance is None else instance[own])
        for one, both in zip(alone, together, strict=True):
            torch.testing.assert_close(one.fake, both.fake[own], atol=1e-4, rtol=0)


@pytest.fixture
def labels(small_module: Modules) -> Vid2VidModule:
    return small_module(Condition(**LABELS))


def test_reset_begins_anew(labels: Vid2VidModule) -> None:
    source, _ = conditions(labels, batch=1)
    other, _ = conditions(labels, batch=1)
    first = first_frames(labels, batch=1)
    synthesizer = Synthesizer(labels, first)
    fresh = [frame.fake for frame in stream(synthesizer, source, None)]
    stream(synthesizer, other, None)
    synthesizer.reset(first)
    assert all(torch.equal(a, b.fake) for a, b in zip(fresh, stream(synthesizer, source, None), strict=True))
    synthesizer.reset()
    without = stream(Synthesizer(labels), source, None)
    assert all(torch.equal(a.fake, b.fake) for a, b in zip(without, stream(synthesizer, source, None), strict=True))


def test_the_past_is_let_go(labels: Vid2VidModule) -> None:
    source, _ = conditions(labels, batch=1)
    synthesizer = Synthesizer(labels)
    kept = [weakref.ref(synthesizer.step(source[:, t]).fake) for t in range(FRAMES)]
    assert not any(reference() for reference in kept)


def test_synthesis_neither_trains_nor_remembers_gradients(labels: Vid2VidModule) -> None:
    labels.train()
    frame = Synthesizer(labels).step(conditions(labels, batch=1)[0][:, 0])
    assert not labels.training
    assert not frame.fake.requires_grad


def test_the_number_of_first_frames_is_checked(labels: Vid2VidModule) -> None:
    with pytest.raises(ValueError, match="2 first frames are needed, but 3 were given"):
        Synthesizer(labels, torch.zeros(1, 3, 3, HEIGHT, WIDTH))
    with pytest.raises(ValueError, match="2 first frames are needed, but 1 were given"):
        Synthesizer(labels).reset(torch.zeros(1, 1, 3, HEIGHT, WIDTH))
