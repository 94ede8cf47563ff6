"""Where the foreground of Eq. 9 comes from: labels by name or id, or a soft mask beside the conditions."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from vid2vid import Condition, Vid2VidDataModule, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError, DataError
from vid2vid.synthesis import synthesize
from vid2vid.types import Clip
from vid2vid.video import stream_frames, write_labels

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]


def first_clip(data: Vid2VidDataModule) -> Clip:
    """Load the first batch of held-out clips."""
    data.prepare_data()
    data.setup("fit")
    clip: Clip = next(iter(data.val_dataloader()))
    return clip


@pytest.mark.parametrize("labels", [["car", "person"], ["26", "24"]])
def test_labels_are_given_by_name_or_id(labels: list[str], small_module: Modules, street_data: DataModules) -> None:
    clip = first_clip(street_data())
    module = small_module(generator={"foreground": "prior", "foreground_labels": labels})
    mask = module.clip_tensors(clip).foreground
    assert mask is not None
    ids = np.array(module.condition.label_ids)[clip.source[:, :, 0].numpy()]
    assert torch.equal(mask[:, :, 0], torch.from_numpy(np.isin(ids, [26, 24])).float())
    assert 0 < mask.mean() < 1


def test_a_wrong_label_is_refused_with_the_near_one(small_module: Modules) -> None:
    with pytest.raises(ConfigError, match=r"generator\.foreground_labels='cra' is unknown\. Did you mean 'car'"):
        small_module(generator={"foreground": "prior", "foreground_labels": ["cra"]})
    with pytest.raises(ConfigError, match="the kind 'edges' has no labels"):
        small_module(Condition(kind="edges"), generator={"foreground": "prior", "foreground_labels": ["car"]})


def test_without_labels_and_mask_the_names_are_offered(small_module: Modules, street_data: DataModules) -> None:
    module = small_module(generator={"foreground": "prior"})
    with pytest.raises(ConfigError, match=r"needs generator\.foreground_labels \(road, .*, car\), or data with"):
        module.clip_tensors(first_clip(street_data()))


@pytest.fixture(scope="module")
def with_masks(street_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny streets with soft masks in their manifest: frame t has the value 20 t everywhere."""
    folder, manifest = tmp_path_factory.mktemp("masks"), Manifest.load(street_root)
    sequences = []
    for sequence in manifest.sequences:
        path = folder / f"{sequence.name}.mkv"
        write_labels(path, [np.full((32, 64), 20 * t, np.uint8) for t in range(sequence.frames)], 10)
        sequences.append(replace(sequence, foreground=path))
    replace(manifest, sequences=sequences).save(folder / "manifest.json")
    return folder


def test_a_mask_beside_the_conditions_goes_before_labels(small_module: Modules, with_masks: Path) -> None:
    clip = first_clip(Vid2VidDataModule(with_masks, {"num_workers": 0, "batch_size": 2}))
    assert clip.foreground is not None
    assert clip.foreground.dtype == torch.uint8
    module = small_module(generator={"foreground": "prior", "foreground_labels": ["car"]})
    mask = module.clip_tensors(clip).foreground
    assert mask is not None
    assert mask.shape == (2, 12, 1, 32, 64)
    torch.testing.assert_close(mask[0, :, 0, 3, 5], torch.arange(12) * 20 / 255)


def test_a_mask_is_streamed_beside_the_source(small_module: Modules, with_masks: Path, tmp_path: Path) -> None:
    module = small_module(generator={"foreground": "prior", "flow_scale": 1}).eval()
    sequence = Manifest.load(with_masks).split("val")[0]
    assert sequence.foreground is not None
    output = tmp_path / "out.mp4"
    assert (
        synthesize(module, SynthesisConfig(source=sequence.source, output=output, foreground=sequence.foreground)) == 12
    )
    clip = first_clip(Vid2VidDataModule(with_masks, {"num_workers": 0, "batch_size": 1}))
    with torch.no_grad():
        wanted = module(clip.source, foreground=clip.foreground).fake[0]
    made = torch.from_numpy(np.stack(list(stream_frames(output)))).permute(0, 3, 1, 2) / 127.5 - 1
    assert (made - wanted).abs().mean() < 0.1
    short = tmp_path / "short.mkv"
    write_labels(short, [np.zeros((32, 64), np.uint8)] * 3, 10)
    with pytest.raises(DataError, match=r"short\.mkv: has fewer frames than the source"):
        synthesize(module, SynthesisConfig(source=sequence.source, output=tmp_path / "none.mp4", foreground=short))
    assert not (tmp_path / "none.mp4").exists()


def test_instance_edges_are_a_setting_of_the_data(street_data: DataModules, street_root: Path, tmp_path: Path) -> None:
    data = street_data(instance_edges=True)
    assert data.condition.channels == street_data().condition.channels + 1
    assert first_clip(data).instance is not None
    manifest = Manifest.load(street_root)
    bare = [replace(sequence, instance=None) for sequence in manifest.sequences]
    replace(manifest, sequences=bare).save(tmp_path / "manifest.json")
    with pytest.raises(DataError, match="has no instance map"):
        Vid2VidDataModule(tmp_path, {"instance_edges": True, "num_workers": 0}).setup("fit")
