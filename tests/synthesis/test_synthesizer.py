"""Frames of a synthesizer are those of the roll-out of the module."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from vid2vid import Condition, ImageModule, Synthesizer, Vid2VidModule
from vid2vid.errors import ConfigError
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
    "object motion": ({**LABELS, "instance_edges": True, "object_motion": True}, {}),
    "object motion, efficient": (
        {**LABELS, "object_motion": True},
        {"generator": {"form": "efficient", "downsamples": 2, "scales": 2}},
    ),
    "object memory": ({**LABELS, "instance_edges": True}, {"generator": {"object_memory": True}}),
    "object memory, efficient": (
        {**LABELS, "instance_edges": True},
        {"generator": {"object_memory": True, "form": "efficient", "downsamples": 2, "scales": 2}},
    ),
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
    if not module.condition.needs_instances:
        return source, None
    instance = torch.randint(4, (batch, FRAMES, 1, HEIGHT, WIDTH))
    for t in range(FRAMES):
        # objects whose motion is seen
        instance[:, t, :, 2:8, 1 + 2 * t : 8 + 2 * t] = 5
        instance[:, t, :, 9 : 14 + t // 2, 6:12] = 6
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


def test_an_object_has_the_colour_that_is_asked_for(small_module: Modules) -> None:
    condition = Condition(**LABELS, instance_edges=True)
    module = small_module(condition, generator={"object_memory": True})
    source, instance = conditions(module, batch=1)
    plain, red = (
        stream(Synthesizer(module, object_colours=colours), source, instance) for colours in (None, {5: [255, 0, 0]})
    )
    # the memory is new in all frames, also in the first one
    assert not torch.equal(plain[0].fake, red[0].fake)
    synthesizer = Synthesizer(module, object_colours={5: [255, 0, 0]})
    synthesizer.load_state(synthesizer.state())
    assert torch.equal(stream(synthesizer, source, instance)[-1].fake, red[-1].fake)
    with pytest.raises(ConfigError, match="object_colours: this model was trained without"):
        Synthesizer(small_module(condition), object_colours={5: [255, 0, 0]})


def test_an_object_of_a_class_has_one_of_its_colours_from_when_it_is_first_drawn(small_module: Modules) -> None:
    condition = Condition(**LABELS, instance_edges=True)
    module = small_module(condition, generator={"object_memory": True})
    source, instance = conditions(module, batch=1)
    source[:], instance = 1, torch.full_like(source, 5, dtype=torch.int64)
    first = first_frames(module, batch=1)

    def seen(colours: Any, first: Tensor | None = None) -> Tensor:  # noqa: ANN401 - by ids or by classes
        return stream(Synthesizer(module, first, object_colours=colours), source, instance)[2].fake

    red, blue, asked = seen({5: [255, 0, 0]}), seen({5: [0, 0, 255]}), seen({"11": [[255, 0, 0]], "7": [[0, 0, 255]]})
    torch.testing.assert_close(asked, red, atol=1e-4, rtol=0)
    assert (asked - blue).abs().max() > 1e-3
    # an object of the first frames keeps the colour that it has there
    assert torch.equal(seen({"11": [[255, 0, 0]]}, first), seen(None, first))
    with pytest.raises(ConfigError, match="object_colours"):
        seen({"unicorn": [[255, 0, 0]]})


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


def test_what_would_be_misread_is_refused(labels: Vid2VidModule) -> None:
    first = first_frames(labels, batch=1)
    for wrong in (first.to(torch.uint8), first[0]):
        with pytest.raises(ValueError, match=r"first frames must be \(B, 2, 3, H, W\), floats in \[-1, 1\], but are"):
            Synthesizer(labels, wrong)
    source = torch.zeros(2, 1, HEIGHT, WIDTH, dtype=torch.uint8)
    with pytest.raises(ValueError, match="2 conditions for the first frames of 1 videos"):
        Synthesizer(labels, first).step(source)
    ids = torch.full_like(source, max(labels.condition.label_ids))
    with pytest.raises(ValueError, match="label maps hold class indices, 0 to 2 in the order"):
        Synthesizer(labels).step(ids)


def test_the_number_of_first_frames_is_checked(labels: Vid2VidModule) -> None:
    with pytest.raises(ValueError, match="2 first frames are needed, but 3 were given"):
        Synthesizer(labels, torch.zeros(1, 3, 3, HEIGHT, WIDTH))
    with pytest.raises(ValueError, match="2 first frames are needed, but 1 were given"):
        Synthesizer(labels).reset(torch.zeros(1, 1, 3, HEIGHT, WIDTH))


@pytest.mark.parametrize("at", [0, 1, 4])
def test_a_refused_step_changes_nothing(at: int, small_module: Modules) -> None:
    module = small_module(
        Condition(**LABELS, instance_edges=True),
        generator={"foreground": "prior", "foreground_labels": ["11"]},
    )
    source, instance = conditions(module, batch=1)
    assert instance is not None
    mask = torch.randint(256, source.shape, dtype=torch.uint8)
    first = first_frames(module, batch=1) if at else None

    def steps(synthesizer: Synthesizer, times: range) -> list[Frame]:
        return [synthesizer.step(source[:, t], instance[:, t], mask[:, t]) for t in times]

    whole = steps(Synthesizer(module, first), range(FRAMES))
    synthesizer = Synthesizer(module, first)
    steps(synthesizer, range(at))
    good = source[:, at], instance[:, at], mask[:, at]
    small = tuple(each[..., :-1] for each in good)
    refused: list[tuple[Tensor | None, ...]] = [
        (torch.cat([good[0]] * 2), good[1], good[2]),
        (good[0][0], good[1], good[2]),
        (good[0].expand(-1, 2, -1, -1), good[1], good[2]),
        (good[0], None, good[2]),
        (good[0], small[1], good[2]),
        (good[0], good[1], small[2]),
        (good[0] + 3, good[1], good[2]),
    ]
    # the size is that of the frames before
    refused += [small] if at else []
    for bad in refused:
        with pytest.raises((ValueError, RuntimeError, IndexError)):
            synthesizer.step(*bad)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="first frames are"):
        Synthesizer(module, first_frames(module, batch=1)).step(*small)
    for a, b in zip(whole[at:], steps(synthesizer, range(at, FRAMES)), strict=True):
        assert all(torch.equal(one, two) for one, two in zip(a.tensors, b.tensors, strict=True))


# ---- states and streams --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "at"), [(True, 1), (False, 4)])
def test_a_saved_state_goes_on_with_the_same_frames(given: bool, at: int, module: Vid2VidModule) -> None:
    source, instance = conditions(module, batch=2)
    first = first_frames(module, batch=2) if given else None
    synthesizer = Synthesizer(module, first)
    whole = stream(synthesizer, source, instance)
    synthesizer.reset(first)
    stream(synthesizer, source[:, :at], None if instance is None else instance[:, :at])
    saved = load_tensors(save_tensors(synthesizer.state()))
    other = Synthesizer(module)
    other.load_state(saved)
    rest = stream(other, source[:, at:], None if instance is None else instance[:, at:])
    for a, b in zip(whole[at:], rest, strict=True):
        assert all(torch.equal(one, two) for one, two in zip(a.tensors, b.tensors, strict=True))


def test_a_state_of_an_image_generators_beginning_needs_it_again(
    labels: Vid2VidModule, small_image: Callable[..., ImageModule]
) -> None:
    source, _ = conditions(labels, batch=1)
    image = small_image(Condition(**LABELS))
    synthesizer = Synthesizer(labels, image)
    whole = [frame.fake for frame in stream(synthesizer, source, None)]
    synthesizer.reset(image)
    synthesizer.step(source[:, 0])
    state = synthesizer.state()
    with pytest.raises(ValueError, match="started with an image generator"):
        Synthesizer(labels).load_state(state)
    other = Synthesizer(labels, image)
    other.load_state(state)
    rest = [frame.fake for frame in stream(other, source[:, 1:], None)]
    assert all(torch.equal(a, b) for a, b in zip(whole[1:], rest, strict=True))


@pytest.mark.parametrize("given", [True, False])
def test_one_stream_of_several_begins_anew(given: bool, module: Vid2VidModule) -> None:
    source, instance = conditions(module, batch=3)
    first = first_frames(module, batch=1) if given else None
    synthesizer = Synthesizer(module)
    before = slice(0, 3)
    stream(synthesizer, source[:, before], None if instance is None else instance[:, before])
    synthesizer.reset(first, stream=1)
    after = slice(3, FRAMES)
    together = stream(synthesizer, source[:, after], None if instance is None else instance[:, after])
    for b in range(3):
        own = slice(b, b + 1)
        begin = 3 if b == 1 else 0
        alone = stream(
            Synthesizer(module, first if b == 1 else None),
            source[own, begin:],
            None if instance is None else instance[own, begin:],
        )
        for one, all_of_them in zip(alone[-len(together) :], together, strict=True):
            # a batch of another size is summed in another order
            for a, c in zip(one.tensors, all_of_them.tensors, strict=True):
                torch.testing.assert_close(a, c[own], atol=2e-4, rtol=0)


def test_streams_that_are_not_there_are_refused(labels: Vid2VidModule) -> None:
    source, _ = conditions(labels, batch=3)
    synthesizer = Synthesizer(labels)
    with pytest.raises(ValueError, match="no stream 0: the last step had 0 videos"):
        synthesizer.reset(stream=0)
    synthesizer.step(source[:2, 0])
    with pytest.raises(ValueError, match="no stream 2: the last step had 2 videos"):
        synthesizer.reset(stream=2)
    with pytest.raises(ValueError, match="3 conditions for 2 videos"):
        synthesizer.step(source[:, 1])


def test_key_frames_are_made_anew_and_followed(labels: Vid2VidModule, small_image: Callable[..., ImageModule]) -> None:
    image, every = small_image(labels.condition), 4
    source, _ = conditions(labels, 2)
    frames = stream(Synthesizer(labels, image, key_every=every), source, None)
    own = image(source)
    for t, frame in enumerate(frames):
        if t % every < 2:
            torch.testing.assert_close(frame.fake, own[:, t], atol=1e-5, rtol=0)
        else:
            assert (frame.fake - own[:, t]).abs().max() > 0.01
    # what F makes after them is what it makes of them as first frames
    again = stream(Synthesizer(labels, own[:, every : every + 2]), source[:, every:], None)
    torch.testing.assert_close(frames[every + 2].fake, again[2].fake, atol=1e-4, rtol=0)


def test_key_frames_come_at_their_time_after_a_pause(
    labels: Vid2VidModule, small_image: Callable[..., ImageModule]
) -> None:
    image = small_image(labels.condition)
    source, _ = conditions(labels, 1)
    whole = stream(Synthesizer(labels, image, key_every=3), source, None)
    first, then = Synthesizer(labels, image, key_every=3), Synthesizer(labels, image, key_every=3)
    stream(first, source[:, :4], None)
    then.load_state(load_tensors(save_tensors(first.state())))
    for frame, expected in zip(stream(then, source[:, 4:], None), whole[4:], strict=True):
        torch.testing.assert_close(frame.fake, expected.fake, atol=1e-5, rtol=0)


def test_key_frames_need_an_image_generator_and_room_for_f(
    labels: Vid2VidModule, small_image: Callable[..., ImageModule]
) -> None:
    with pytest.raises(ConfigError, match="image generator"):
        Synthesizer(labels, key_every=4)
    with pytest.raises(ConfigError, match="key_every must be 0 or above 2"):
        Synthesizer(labels, small_image(labels.condition), key_every=2)


def test_what_is_no_video_model_in_float32_is_refused(small_module: Modules) -> None:
    with pytest.raises(TypeError, match=r"not 'street': load one"):
        Synthesizer("street")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"must be float32: give precision='16'"):
        Synthesizer(small_module().half())
