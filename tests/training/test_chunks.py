"""A clip rolled out in chunks: every frame once, the same frames as in one go, gradients in the chunk only."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from vid2vid import Vid2VidModule
from vid2vid.condition import Condition
from vid2vid.config import RolloutConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.generator import ObjectMemory, conditions_with_context
from vid2vid.training.chunks import ClipTensors, add_noise, remember, rollout_chunks
from vid2vid.types import Flow

FRAMES, GIVEN = 7, 2
SIZES = {1: [1, 1, 1, 1, 1], 3: [3, 2], 5: [5], 99: [5]}


@pytest.fixture
def module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    return small_module().eval()


@pytest.fixture
def remembering(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    condition = Condition("labels", label_ids=list(range(8)), instance_edges=True)
    return small_module(condition, generator={"object_memory": True}).eval()


@pytest.fixture
def clip() -> ClipTensors:
    source = torch.rand(2, FRAMES, 9, 16, 24)
    real = torch.rand(2, FRAMES, 3, 16, 24) * 2 - 1
    flows = {k: Flow(torch.zeros(2, FRAMES - k, 2, 16, 24), torch.ones(2, FRAMES - k, 1, 16, 24)) for k in (1, 2)}
    return ClipTensors(source, real, flows)


@pytest.mark.parametrize("size", SIZES)
def test_chunks_after_given_frames_are_the_roll_out(size: int, module: Vid2VidModule, clip: ClipTensors) -> None:
    chunks = list(rollout_chunks(module.generator, clip, RolloutConfig(size)))
    assert [chunk.rollout.fake.shape[1] for chunk in chunks] == SIZES[size]
    assert [chunk.start for chunk in chunks] == [GIVEN + sum(SIZES[size][:i]) for i in range(len(chunks))]
    whole = module.generator(clip.source, clip.real[:, :GIVEN])
    for name in ("fake", "hallucinated", "warped", "flow", "mask"):
        joined = torch.cat([getattr(chunk.rollout, name) for chunk in chunks], dim=1)
        torch.testing.assert_close(joined, getattr(whole, name), atol=1e-4, rtol=0)
    video = torch.cat([clip.real[:, :GIVEN], whole.fake], dim=1)
    for chunk in chunks:
        torch.testing.assert_close(chunk.fakes, video[:, : chunk.stop], atol=1e-5, rtol=0)
        assert torch.equal(chunk.real, clip.real[:, chunk.start : chunk.stop])


@pytest.mark.parametrize("size", [1, 3, 99])
def test_chunks_from_nothing_are_the_roll_out(size: int, module: Vid2VidModule, clip: ClipTensors) -> None:
    chunks = list(rollout_chunks(module.generator, clip, RolloutConfig(size, first_frame="empty")))
    assert (chunks[0].start, chunks[-1].stop) == (0, FRAMES)
    assert bool((chunks[0].rollout.mask[:, 0] == 1).all())
    whole = module.generator(conditions_with_context(clip.source, GIVEN), None)
    joined = torch.cat([chunk.rollout.fake for chunk in chunks], dim=1)
    torch.testing.assert_close(joined, whole.fake, atol=1e-5, rtol=0)


@pytest.mark.parametrize("first_frame", ["given", "empty"])
def test_a_memory_of_objects_goes_on_from_chunk_to_chunk(
    first_frame: str, remembering: Vid2VidModule, clip: ClipTensors
) -> None:
    clip = replace(clip, instance=torch.arange(3).repeat_interleave(8).expand(2, FRAMES, 1, 16, 24))
    settings = RolloutConfig(3, first_frame=first_frame, memory_ahead=0, memory_dropout=0, memory_noise=0)
    chunks = list(rollout_chunks(remembering.generator, clip, settings))
    given = clip.real[:, :GIVEN] if first_frame == "given" else None
    whole = remembering._roll_out(clip.source, given, None, clip.instance)
    joined = torch.cat([chunk.rollout.fake for chunk in chunks], dim=1)
    torch.testing.assert_close(joined, whole.fake, atol=1e-4, rtol=0)


def test_a_share_of_the_clips_begins_with_a_memory_of_all_objects(
    remembering: Vid2VidModule, clip: ClipTensors
) -> None:
    clip = replace(clip, instance=torch.arange(3).repeat_interleave(8).expand(2, FRAMES, 1, 16, 24).clone())
    clip.instance[:, :GIVEN] = 0  # type: ignore[index]
    known = ObjectMemory.empty(2, torch.device("cpu")).after_all(clip.real, clip.instance)  # type: ignore[arg-type]

    def table(first: Tensor | None, ahead: float = 0) -> Tensor:
        remembered = remember(remembering.generator, clip, first, ahead)
        assert remembered is not None
        return remembered.memory.table

    assert not table(clip.real[:, :GIVEN]).any()
    assert torch.equal(table(None, ahead=1), known.table)
    drawn = torch.cat([table(None, ahead=0.5).flatten(1).any(1) for _ in range(40)])
    assert 20 < drawn.sum() < 60


def test_a_memory_needs_the_ids_of_objects(
    remembering: Vid2VidModule, module: Vid2VidModule, clip: ClipTensors
) -> None:
    assert remember(module.generator, clip, None) is None
    with pytest.raises(DataError, match="object_memory=true needs object ids"):
        remember(remembering.generator, clip, None)


def test_every_nth_batch_begins_from_nothing(module: Vid2VidModule, clip: ClipTensors) -> None:
    config = RolloutConfig(FRAMES, empty_every=3)
    starts = [next(iter(rollout_chunks(module.generator, clip, config, batch))).start for batch in range(7)]
    assert starts == [GIVEN, GIVEN, 0, GIVEN, GIVEN, 0, GIVEN]


def test_gradients_stay_in_the_chunk(module: Vid2VidModule, clip: ClipTensors) -> None:
    _, second = rollout_chunks(module.generator, clip, RolloutConfig(3))
    weights = [p for name, p in module.generator.named_parameters() if ".past_stem." in name]
    past, own = second.fakes[:, : second.start], second.fakes[:, second.start :]
    (gradient,) = torch.autograd.grad(past.sum(), weights[:1], retain_graph=True)
    assert not gradient.any()
    (gradient,) = torch.autograd.grad(own.sum(), weights[:1])
    assert gradient.any()


def test_a_lead_in_is_made_without_learning_and_then_as_many_frames_are_learnt_from(
    module: Vid2VidModule, clip: ClipTensors
) -> None:
    whole = torch.cat([clip.real[:, :GIVEN], module.generator(clip.source, clip.real[:, :GIVEN]).fake], dim=1)
    starts: Counter[int] = Counter()
    for _ in range(60):
        # of five frames to make, two are learnt from
        chunks = list(rollout_chunks(module.generator, clip, RolloutConfig(1, lead_in=3)))
        starts[chunks[0].start] += 1
        assert [chunk.start for chunk in chunks] == [chunks[0].start, chunks[0].start + 1]
        assert all(chunk.rollout.fake.requires_grad for chunk in chunks)
        torch.testing.assert_close(chunks[-1].fakes, whole[:, : chunks[-1].stop], atol=1e-4, rtol=0)
    assert sorted(starts) == list(range(GIVEN, GIVEN + 4))
    assert starts[GIVEN] > 60 / 4


def test_a_lead_in_leaves_gradients_under_autocast(module: Vid2VidModule, clip: ClipTensors) -> None:
    # weights that were cast without gradients must not be taken for those that are learnt from; Lightning caches none
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        *_, last = rollout_chunks(module.generator, clip, RolloutConfig(2, lead_in=2))
    gradients = torch.autograd.grad(last.rollout.fake.sum(), list(module.generator.parameters()))
    assert any(gradient.any() for gradient in gradients)


def test_a_lead_in_as_long_as_the_clip_is_refused(module: Vid2VidModule, clip: ClipTensors) -> None:
    with pytest.raises(DataError, match=r"clips of 7 frames leave none .* rollout.lead_in=5: raise data.clip_frames"):
        next(rollout_chunks(module.generator, clip, RolloutConfig(1, lead_in=5)))


def test_a_noisy_history_is_what_f_sees_and_nobody_else(module: Vid2VidModule, clip: ClipTensors) -> None:
    clean, *_ = rollout_chunks(module.generator, clip, RolloutConfig(3))
    noisy, *_ = rollout_chunks(module.generator, clip, RolloutConfig(3, past_noise=0.5))
    assert (noisy.rollout.fake - clean.rollout.fake).abs().mean() > 0.01
    assert torch.equal(noisy.fakes[:, :GIVEN], clip.real[:, :GIVEN])
    # nothing is before the first frame, so nothing of it can be wrong
    empty, noisy_empty = (
        next(iter(rollout_chunks(module.generator, clip, RolloutConfig(1, first_frame="empty", past_noise=noise))))
        for noise in (0.0, 0.5)
    )
    assert torch.equal(noisy_empty.rollout.fake, empty.rollout.fake)


def test_the_noise_is_as_strong_as_asked_for_and_one_on_all_scales(small_module: Callable[..., Vid2VidModule]) -> None:
    generator = small_module(generator={"scales": 2}).generator
    past = generator.past(torch.zeros(400, 1), torch.zeros(400, GIVEN, 3, 8, 12))
    coarse, fine = add_noise(generator, past, 0.3)
    # of a standard deviation s drawn from 0 to 0.3, grain and drift have s each: a mean square of 2 s^2 = 2 * 0.3^2 / 3
    assert fine.square().mean().item() == pytest.approx(2 * 0.3**2 / 3, rel=0.15)
    assert coarse.mean((-2, -1)).flatten() @ fine.mean((-2, -1)).flatten() > 0
    strongest, weakest = fine.flatten(1).std(1).max(), fine.flatten(1).std(1).min()
    assert weakest < 0.1 * strongest


def test_a_negative_noise_is_refused() -> None:
    with pytest.raises(ConfigError, match="past_noise"):
        RolloutConfig(past_noise=-0.1)
