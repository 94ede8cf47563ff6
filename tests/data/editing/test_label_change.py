"""Label maps of training clips change at random, alike in all frames."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid.condition import Condition, planes_of
from vid2vid.config import AugmentConfig
from vid2vid.data.clips import ClipDataset, Window
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError
from vid2vid.flow.store import FlowStore

WINDOW = Window(0, 2, 4, draw=(0, 0))


def clips(root: Path, augment: AugmentConfig, condition: Condition | None = None) -> ClipDataset:
    manifest = Manifest.load(root)
    sequences = manifest.split("train")
    flows = [None if s.flow is None else FlowStore(s.flow) for s in sequences]
    return ClipDataset(sequences, condition or manifest.condition, CropResize(32, 64), flows, [1], augment)


@pytest.mark.parametrize(
    "augment", [{"drop_objects": 1.0}, {"move_borders": 3}, {"coarse_labels": 7}, {"sketch_objects": 1.0}]
)
def test_only_label_maps_of_training_clips_change(street_root: Path, augment: dict[str, int]) -> None:
    data, plain = clips(street_root, AugmentConfig(**augment)), clips(street_root, AugmentConfig())
    windows = [replace_draw(place) for place in range(3)]
    changes = [data[w] for w in windows]
    for w, clip in zip(windows, changes, strict=True):
        before = plain[w]
        assert torch.equal(clip.real, before.real)
        assert torch.equal(clip.flows[1].vectors, before.flows[1].vectors)
        again = data[w]
        assert torch.equal(again.source, clip.source)
        assert values(clip.source) <= values(before.source)
    shares = [float((c.source != plain[w].source).float().mean()) for w, c in zip(windows, changes, strict=True)]
    assert 0 < max(shares) < 0.5
    undrawn = WINDOW._replace(draw=None)
    assert torch.equal(data[undrawn].source, plain[undrawn].source)


def values(tensor: torch.Tensor) -> set[int]:
    return set(tensor.flatten().tolist())


def replace_draw(place: int) -> Window:
    return WINDOW._replace(draw=(0, place))


def test_dropped_objects_are_gone_from_all_frames(street_root: Path) -> None:
    plain = clips(street_root, AugmentConfig())[WINDOW]
    clip = clips(street_root, AugmentConfig(drop_objects=1.0))[WINDOW]
    assert plain.instance is not None
    assert clip.instance is not None
    counts = Counter(plain.instance.flatten().tolist())
    small = {i for i, count in counts.items() if count < plain.instance.numel() / 8}
    assert small
    assert values(clip.instance) == set(counts) - small
    changed = clip.source != plain.source
    gone = torch.isin(plain.instance, torch.tensor(sorted(small)))
    assert not (changed & ~gone).any()
    # half of the time is not always
    some = [clips(street_root, AugmentConfig(drop_objects=0.5))[replace_draw(place)].instance for place in range(4)]
    assert len({frozenset(values(ids)) for ids in some if ids is not None}) > 1


def test_some_clips_keep_their_labels(street_root: Path) -> None:
    plain, always, sometimes = (
        clips(street_root, each)
        for each in (
            AugmentConfig(),
            AugmentConfig(sketch_objects=1.0),
            AugmentConfig(sketch_objects=1.0, changed_labels=0.5),
        )
    )
    kept = []
    for window in map(replace_draw, range(8)):
        found = sometimes[window].source
        kept.append(torch.equal(found, plain[window].source))
        assert kept[-1] or torch.equal(found, always[window].source)
    assert 0 < sum(kept) < len(kept)


def test_other_changes_stay_what_they_were(street_root: Path) -> None:
    spatial = AugmentConfig(flip=0.5, zoom=1.5, colour=0.3)
    one = clips(street_root, spatial)[WINDOW]
    other = clips(street_root, replace(spatial, coarse_labels=3))[WINDOW]
    assert torch.equal(one.real, other.real)


def test_labels_are_needed(street_root: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.augment\.drop_objects.*'edges'"):
        clips(street_root, AugmentConfig(move_borders=1), Condition(kind="edges"))
    for wrong in ({"drop_objects": 1.5}, {"move_borders": -1}, {"coarse_labels": -1}):
        with pytest.raises(ConfigError, match=f"data.augment.{next(iter(wrong))}"):
            AugmentConfig(**wrong)
    with pytest.raises(ConfigError, match=r"data\.augment\.changed_labels=0\.5 has no effect"):
        AugmentConfig(changed_labels=0.5, flip=0.5)


def test_sketched_objects_are_those_of_labels_with_several(street_root: Path) -> None:
    plain = clips(street_root, AugmentConfig())[WINDOW]
    clip = clips(street_root, AugmentConfig(sketch_objects=1.0))[WINDOW]
    assert plain.instance is not None
    assert clip.instance is not None
    ground = plain.instance < 1000
    moved = clip.instance != plain.instance
    assert moved.float().mean() > 0.02
    assert (clip.instance[moved & ground] >= 1000).float().mean() > 0.9
    assert values(clip.instance) <= values(plain.instance)


def test_objects_are_sketched_by_their_ids(street_root: Path) -> None:
    manifest = Manifest.load(street_root)
    unknown = [replace(sequence, instance=None) for sequence in manifest.sequences]
    with pytest.raises(ConfigError, match=r"data\.augment\.sketch_objects=0\.5: .* no instance maps"):
        ClipDataset(unknown, manifest.condition, CropResize(32, 64), [], [1], AugmentConfig(sketch_objects=0.5))


@pytest.mark.parametrize("augment", [{"drop_objects": 0.5}, {"move_borders": 3}, {"sketch_objects": 0.5}])
def test_changed_labels_are_marked_where_a_plane_asks_for_it(street_root: Path, augment: dict[str, Any]) -> None:
    condition = replace(Manifest.load(street_root).condition, planes=planes_of(["rough"]))
    plain = clips(street_root, AugmentConfig(), condition)
    marked = 0.0
    for place in range(4):
        window = replace_draw(place)
        before, clip = plain[window], clips(street_root, AugmentConfig(**augment), condition)[window]
        assert before.planes is not None
        assert clip.planes is not None
        assert before.planes.eq(0).all()
        assert clip.planes.shape == clip.source.shape
        assert values(clip.planes) <= {0, 1}
        assert clip.planes[clip.source != before.source].eq(1).all()
        marked += float(clip.planes.mean()) / 4
    assert 0 < marked < 0.9


def test_motion_vectors_follow_changed_labels(street_root: Path) -> None:
    condition = replace(Manifest.load(street_root).condition, planes=planes_of(["motion"]))
    plain, changed = (
        clips(street_root, AugmentConfig(drop_objects=chance), condition)[WINDOW] for chance in (0.0, 1.0)
    )
    assert plain.planes is not None
    assert changed.planes is not None
    assert plain.instance is not None
    assert changed.instance is not None
    same = (plain.instance == changed.instance).expand_as(plain.planes)
    assert not same.all()
    assert torch.equal(plain.planes[same], changed.planes[same])
    assert not torch.equal(plain.planes, changed.planes)
