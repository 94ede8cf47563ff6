"""Objects are hidden in the first frames only, and what is beside them takes their place."""

from collections.abc import Callable

import pytest
import torch

from vid2vid import Vid2VidModule
from vid2vid.errors import ConfigError
from vid2vid.training.hidden_objects import hide_objects
from vid2vid.types import Clip

SMALL, GROUND, FRAMES = 9, 4, 2


def clip(batch: int = 1) -> Clip:
    """Make clips of ground with an object of 2 x 3 pixels at the right border of the lower half."""
    ids = torch.full((batch, 5, 1, 8, 10), GROUND, dtype=torch.int32)
    ids[..., :4, :] = 0
    ids[..., 5:7, 7:] = SMALL
    source = (ids == SMALL).to(torch.uint8)
    real = source.expand(-1, -1, 3, -1, -1) * 200 + torch.arange(10, dtype=torch.uint8)
    return Clip(source, real, ids, {}, ["a"] * batch)


def test_it_is_gone_from_all_parts_of_the_first_frames_and_there_in_the_others() -> None:
    before = clip()
    after = hide_objects(before, 1.0, FRAMES)
    assert not after.source[:, :FRAMES].any()
    assert not (after.instance[:, :FRAMES] == SMALL).any()  # type: ignore[index]
    # the pixel to the left of the object
    assert (after.real[:, :FRAMES, :, 5:7, 7:] == 6).all()
    assert torch.equal(after.real[:, :FRAMES, :, :, :7], before.real[:, :FRAMES, :, :, :7])
    for name in ("source", "real", "instance"):
        assert torch.equal(getattr(after, name)[:, FRAMES:], getattr(before, name)[:, FRAMES:])
    assert (before.instance[:, 0] == SMALL).any()  # type: ignore[index]


def test_only_a_share_of_the_clips_loses_one() -> None:
    assert torch.equal(hide_objects(clip(), 0.0, FRAMES).real, clip().real)
    gone = [not hide_objects(clip(20), 0.5, FRAMES).source[i, 0].any() for _ in range(5) for i in range(20)]
    assert 25 < sum(gone) < 75


def test_ground_and_what_has_no_id_are_never_hidden() -> None:
    given = clip()
    given.instance[given.instance == SMALL] = GROUND  # type: ignore[index]
    assert torch.equal(hide_objects(given, 1.0, FRAMES).real, given.real)


@pytest.mark.parametrize("parts", [{"generator": {"object_memory": True}}, {"rollout": {"hidden_objects": 0.5}}])
def test_without_ids_there_are_no_objects(parts: dict[str, object], small_module: Callable[..., Vid2VidModule]) -> None:
    with pytest.raises(ConfigError, match=r"objects are known by their ids; set data\.instance_edges=true"):
        small_module(**parts)
