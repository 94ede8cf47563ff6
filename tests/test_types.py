"""Clips and roll-outs: stacking, moving, and what is kept with them."""

import torch

from vid2vid.types import Clip, ConditionWindow, Flow, Frame, FrameInputs, Rollout


def clip(value: int, instance: bool = True) -> Clip:
    """Return a clip of 4 frames whose every number is ``value``."""
    flow = Flow(torch.full((1, 3, 2, 5, 6), float(value)), torch.full((1, 3, 1, 5, 6), value / 10))
    return Clip(
        source=torch.full((1, 4, 1, 5, 6), value, dtype=torch.uint8),
        real=torch.full((1, 4, 3, 5, 6), value, dtype=torch.uint8),
        instance=torch.full((1, 4, 1, 5, 6), value, dtype=torch.int32) if instance else None,
        flows={1: flow},
        names=[f"clip {value}"],
    )


def test_stacking_keeps_everything_in_order() -> None:
    both = Clip.stack([clip(1), clip(2)])
    assert both.names == ["clip 1", "clip 2"]
    assert both.instance is not None
    for tensor in (both.source, both.real, both.instance, both.flows[1].vectors):
        assert tensor.shape[0] == 2
        assert [tensor[b].unique().tolist() for b in range(2)] == [[1], [2]]  # type: ignore[no-untyped-call]
    assert both.flows[1].confidence.shape == (2, 3, 1, 5, 6)


def test_stacking_works_without_instances_and_flows() -> None:
    plain = [Clip(c.source, c.real, names=c.names) for c in (clip(1), clip(2))]
    both = Clip.stack(plain)
    assert both.instance is None
    assert both.flows == {}


def test_moving_moves_every_tensor_and_keeps_the_names() -> None:
    # the meta device is the one that every machine has besides the CPU
    moved = clip(1).to("meta")
    assert moved.instance is not None
    tensors = [moved.source, moved.real, moved.instance, moved.flows[1].vectors, moved.flows[1].confidence]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert moved.names == ["clip 1"]
    assert clip(1, instance=False).to("meta").instance is None


def test_a_rollout_stacks_frames_along_time() -> None:
    channels = {"fake": 3, "hallucinated": 3, "warped": 3, "flow": 2, "mask": 1}
    steps = [Frame.of(torch.rand(2, c, 4, 5) for c in (*channels.values(), 3)) for _ in range(3)]
    rollout = Rollout.stack(steps)
    assert isinstance(rollout, Rollout)
    for name, c in channels.items():
        stacked = getattr(rollout, name)
        assert stacked.shape == (2, 3, c, 4, 5)
        assert all(torch.equal(stacked[:, t], getattr(step, name)) for t, step in enumerate(steps))
    assert torch.equal(rollout.coarser[0][:, 1], steps[1].coarser[0])
    assert [scale.shape for scale in rollout.scales] == [(2, 3, 3, 4, 5)] * 2


def test_a_slice_of_a_rollout_keeps_the_same_times_of_every_part() -> None:
    times = torch.arange(4.0)[None, :, None, None, None]
    rollout = Rollout.of(times.expand(1, 4, channels, 2, 2) for channels in (3, 3, 3, 2, 1, 3))
    part = rollout[1:3]
    for name, channels in (("fake", 3), ("hallucinated", 3), ("warped", 3), ("flow", 2), ("mask", 1)):
        assert getattr(part, name).shape == (1, 2, channels, 2, 2)
        assert getattr(part, name)[0, :, 0, 0, 0].tolist() == [1, 2]
    assert part.coarser[0][0, :, 0, 0, 0].tolist() == [1, 2]


def test_given_images_are_frames_of_which_nothing_was_made() -> None:
    images = torch.rand(2, 4, 3, 5, 6)
    rollout = Rollout.given(images)
    assert all(part is images for part in (rollout.fake, rollout.hallucinated, rollout.warped))
    assert (rollout.flow.shape, rollout.mask.shape) == ((2, 4, 2, 5, 6), (2, 4, 1, 5, 6))
    assert not rollout.flow.any()
    assert not rollout.mask.any()
    assert rollout[1:3].fake.shape == (2, 2, 3, 5, 6)
    assert Frame.given(images[:, 0]).mask.shape == (2, 1, 5, 6)


def test_the_first_condition_stands_for_the_time_before_it() -> None:
    window, seen = None, []
    for t in range(4):
        one = torch.full((2, 1, 2, 3), t)
        window = ConditionWindow.after(window, FrameInputs(one, one + 10), 3)
        assert window.planes is None
        assert window.instance is not None
        assert torch.equal(window.instance, window.source + 10)
        seen.append(window.source[1, :, 0, 0, 0].tolist())
    assert seen == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [1, 2, 3]]


def test_the_windows_of_some_videos_are_joined_again() -> None:
    inputs = FrameInputs(torch.rand(3, 1, 2, 3), planes=torch.rand(3, 2, 2, 3))
    window = ConditionWindow.after(None, inputs, 2)
    again = ConditionWindow.join([window[i : i + 1] for i in range(3)])
    assert torch.equal(again.source, window.source)
    assert torch.equal(again.last(1).planes[:, 0], inputs[[0, 1, 2]].planes)  # type: ignore[index, arg-type]
    assert (again.instance, inputs[1:].foreground) == (None, None)
    assert inputs[1:].source.shape[0] == 2
