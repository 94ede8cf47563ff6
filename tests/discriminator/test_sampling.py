"""φ_I and φ_V pick exactly the frames that the paper names, on videos whose pixels are their own frame number."""

from collections import Counter
from itertools import accumulate, pairwise

import pytest
import torch
from torch import Tensor

from vid2vid.discriminator.sampling import (
    all_videos,
    draw_image,
    draw_video,
    phi_image,
    phi_video,
    sparse_videos,
    video_span,
)

DRAWS = 600


def numbered_video(frames: int) -> Tensor:
    """Return ``(1, T, 3, 2, 4)`` whose frame t is t everywhere."""
    return torch.arange(frames).view(1, frames, 1, 1, 1).expand(1, frames, 3, 2, 4).float()


def numbered_flows(frames: int, stride: int) -> Tensor:
    """Return ``(1, T - k, 2, 2, 4)`` whose x component is the frame that a flow starts from, y the one it leads to."""
    older = torch.arange(frames - stride).float()
    both = torch.stack([older + stride, older], dim=1)
    return both.view(1, -1, 2, 1, 1).expand(1, frames - stride, 2, 2, 4)


def test_phi_image_returns_the_frame_and_its_condition() -> None:
    video = numbered_video(5)
    for i in range(5):
        image, source = phi_image(video, 100 + video, i)
        assert image.shape == (1, 3, 2, 4)
        assert torch.equal(image, torch.full_like(image, i))
        assert torch.equal(source, torch.full_like(source, 100 + i))


@pytest.mark.parametrize("stride", [1, 3, 9])
@pytest.mark.parametrize("discriminator_frames", [2, 3, 4])
def test_phi_video_returns_every_kth_frame_and_the_flows_between(stride: int, discriminator_frames: int) -> None:
    frames = video_span(discriminator_frames, stride) + 3
    video, flows = numbered_video(frames), numbered_flows(frames, stride)
    for last in range(frames - 4, frames):
        images, motion = phi_video(video, flows, last, discriminator_frames, stride)
        chosen = [last - stride * back for back in reversed(range(discriminator_frames))]
        assert images.shape == (1, discriminator_frames, 3, 2, 4)
        assert images[0, :, 0, 0, 0].tolist() == chosen
        # each flow leads from a chosen frame to the one chosen before it
        assert motion[0, :, 0, 0, 0].tolist() == chosen[1:]
        assert motion[0, :, 1, 0, 0].tolist() == chosen[:-1]


@pytest.mark.parametrize("stride", [1, 3])
def test_phi_video_of_the_shortest_video_is_all_of_it(stride: int) -> None:
    frames = video_span(3, stride)
    video, flows = numbered_video(frames), numbered_flows(frames, stride)
    images, motion = phi_video(video, flows, frames - 1, 3, stride)
    assert torch.equal(images, video[:, ::stride])
    assert torch.equal(motion, flows[:, ::stride])


@pytest.mark.parametrize(("last", "stride"), [(1, 1), (-1, 1), (6, 1), (5, 3)])
def test_a_window_that_does_not_fit_is_refused(last: int, stride: int) -> None:
    with pytest.raises(IndexError, match="does not fit a video of 6 frames"):
        phi_video(numbered_video(6), numbered_flows(6, stride), last, 3, stride)


@pytest.mark.parametrize(("discriminator_frames", "stride", "span"), [(3, 1, 3), (3, 3, 7), (3, 9, 19), (2, 4, 5)])
def test_the_span_counts_the_frames_in_between(discriminator_frames: int, stride: int, span: int) -> None:
    assert video_span(discriminator_frames, stride) == span


def drawn(frames: int, stride: int = 1, newest: int = 0) -> Counter[int | None]:
    """Count what K = 3 draws over many seeds."""
    seeds = (torch.Generator().manual_seed(seed) for seed in range(DRAWS))
    return Counter(draw_video(frames, 3, stride, newest, seed) for seed in seeds)


# The paper draws i in K+1 .. T+1 and looks at the frames i-K .. i-1, counted from 1: the last of them is one of K .. T,
# counted from 0 one of K-1 .. T-1.
# With 600 draws of up to 6 values the chance to miss one of them is 6 · (5/6)^600 < 1e-46.
@pytest.mark.parametrize(
    ("frames", "stride", "newest", "allowed"),
    [
        (8, 1, 0, range(2, 8)),
        (3, 1, 0, range(2, 3)),
        (10, 3, 0, range(6, 10)),
        (20, 9, 0, range(18, 20)),
        (8, 1, 5, range(5, 8)),
        (8, 1, 1, range(2, 8)),
    ],
)
def test_draw_video_returns_all_that_is_allowed_and_nothing_else(
    frames: int, stride: int, newest: int, allowed: range
) -> None:
    assert set(drawn(frames, stride, newest)) == set(allowed)


@pytest.mark.parametrize(("frames", "stride", "newest"), [(2, 1, 0), (6, 3, 0), (18, 9, 0), (8, 1, 8)])
def test_draw_video_returns_none_when_no_window_fits(frames: int, stride: int, newest: int) -> None:
    assert set(drawn(frames, stride, newest)) == {None}


def asked(chunks: list[int], discriminator_frames: int, stride: int) -> list[int]:
    """Return the ends of all windows that D_V is asked about while a clip arrives in chunks of so many frames."""
    stops = list(accumulate(chunks))
    pairs = zip([0, *stops], stops, strict=False)
    return [end for start, stop in pairs for end in sparse_videos(stop, discriminator_frames, stride, newest=start)]


@pytest.mark.parametrize("stride", [1, 3, 9])
@pytest.mark.parametrize("discriminator_frames", [2, 3])
def test_sparse_windows_do_not_depend_on_the_chunks(stride: int, discriminator_frames: int) -> None:
    frames = 90
    whole = sparse_videos(frames, discriminator_frames, stride)
    for size in (1, 2, 3, 4, 10, 17, frames):
        assert asked([size] * (frames // size) + [frames % size], discriminator_frames, stride) == whole
    for seed in range(20):
        places = torch.randperm(frames - 1, generator=torch.Generator().manual_seed(seed))
        cuts = sorted((places[:9] + 1).tolist())
        assert asked([b - a for a, b in pairwise([0, *cuts, frames])], discriminator_frames, stride) == whole


@pytest.mark.parametrize("stride", [1, 3, 9])
@pytest.mark.parametrize("discriminator_frames", [2, 3])
def test_sparse_windows_share_no_frame(stride: int, discriminator_frames: int) -> None:
    frames = 90
    ends = sparse_videos(frames, discriminator_frames, stride)
    seen = [end - stride * back for end in ends for back in reversed(range(discriminator_frames))]
    # every frame of the grid that belongs to a whole window, once
    assert seen == list(range(0, frames, stride))[: len(seen)]
    assert len(ends) == frames // (discriminator_frames * stride)
    for end in ends:
        images, _ = phi_video(numbered_video(frames), numbered_flows(frames, stride), end, discriminator_frames, stride)
        assert images.shape[1] == discriminator_frames


def test_sparse_windows_are_fewer_than_all() -> None:
    starts = range(2, 56, 3)
    every = [len(all_videos(start + 3, 3, 9, newest=start)) for start in starts]
    few = [len(sparse_videos(start + 3, 3, 9, newest=start)) for start in starts]
    # D_V of stride 9 is asked in each chunk as soon as its window fits, or twice in 56 frames: up to the 18th, the 45th
    assert (sum(every), sum(few)) == (13, 2)


@pytest.mark.parametrize(("frames", "stride", "newest"), [(2, 1, 0), (6, 3, 0), (18, 9, 0), (8, 1, 6), (8, 1, 8)])
def test_there_are_no_sparse_windows_when_none_ends_in_time(frames: int, stride: int, newest: int) -> None:
    assert sparse_videos(frames, 3, stride, newest) == []


def test_every_place_is_drawn_equally_often() -> None:
    counts = drawn(8)
    # 100 expected each, standard deviation 9.1; the seeds are fixed, 5 deviations leave room for another generator
    assert all(abs(count - DRAWS / 6) < 46 for count in counts.values())


def test_what_is_drawn_can_be_picked() -> None:
    for frames in (3, 7, 12):
        for stride in (1, 3):
            last = draw_video(frames, 3, stride)
            if last is not None:
                images, motion = phi_video(numbered_video(frames), numbered_flows(frames, stride), last, 3, stride)
                assert images.shape[1] == 3
                assert motion.shape[1] == 2


def test_draw_image_covers_every_frame() -> None:
    seeds = (torch.Generator().manual_seed(seed) for seed in range(DRAWS))
    assert {draw_image(6, seed) for seed in seeds} == set(range(6))


def test_the_global_seed_makes_draws_repeatable() -> None:
    torch.manual_seed(3)
    first = [(draw_image(50), draw_video(50, 3)) for _ in range(5)]
    torch.manual_seed(3)
    assert [(draw_image(50), draw_video(50, 3)) for _ in range(5)] == first
