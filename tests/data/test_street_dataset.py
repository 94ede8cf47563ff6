"""Data sets of streets: written, read again, resumed, and refused where the settings differ."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vid2vid.condition import PLANES
from vid2vid.data import street_dataset as dataset
from vid2vid.data.manifest import Manifest
from vid2vid.data.planes import PlaneFrames
from vid2vid.data.street_dataset import render_dataset
from vid2vid.errors import ConfigError, DataError
from vid2vid.flow.store import FlowStore
from vid2vid.street import SKY_DEPTH, Street, StreetConfig, street_condition
from vid2vid.street.sequence_renderer import RenderJob, render_sequence
from vid2vid.video import as_ids, as_labels, open_frames


def _config(root: Path) -> StreetConfig:
    return StreetConfig(str(root), 32, 64, train_sequences=2, val_sequences=1, frames=5, seed=3, render_workers=1)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished data set."""
    folder = tmp_path_factory.mktemp("street") / "data"
    render_dataset(_config(folder))
    return folder


def _times(root: Path) -> dict[str, int]:
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix]
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in files}


def test_the_manifest_lists_what_was_written(root: Path) -> None:
    manifest = Manifest.load(root)
    assert manifest.condition == street_condition()
    assert manifest.fps == 10.0
    assert [sequence.name for sequence in manifest.split("train")] == ["train-00000", "train-00001"]
    assert [sequence.name for sequence in manifest.split("val")] == ["val-00000"]
    for sequence in manifest.sequences:
        assert sequence.frames == 5
        for path in (sequence.target, sequence.source, sequence.instance, sequence.planes["depth"]):
            assert path is not None
            assert len(open_frames(path)) == 5
    assert not list(root.rglob("*.partial"))


def test_the_files_hold_what_the_street_shows(root: Path) -> None:
    sequence = Manifest.load(root).split("train")[1]
    assert sequence.instance is not None
    street = Street(3 * 100_000 + 1, 32, 64)
    frames = [street.render(t) for t in range(5)]
    order = list(range(5))
    labels = as_labels(open_frames(sequence.source).read(order), sequence.source)
    np.testing.assert_array_equal(labels, [frame.label for frame in frames])
    np.testing.assert_array_equal(as_ids(open_frames(sequence.instance).read(order)), [f.instance for f in frames])
    depth = as_ids(open_frames(sequence.planes["depth"]).read(order)) / 1000
    np.testing.assert_allclose(depth, [frame.depth for frame in frames], atol=6e-4)
    assert depth.max() == SKY_DEPTH
    rgb = open_frames(sequence.target).read(order).astype(float)
    assert np.abs(rgb - [frame.rgb for frame in frames]).mean() < 5


def test_the_flow_is_that_of_the_street(root: Path) -> None:
    sequence = Manifest.load(root).split("train")[0]
    assert sequence.flow is not None
    store, street = FlowStore(sequence.flow), Street(3 * 100_000, 32, 64)
    assert [stride for stride in (1, 3, 9) if store.has(stride)] == [1, 3]
    vectors, confidence = store.read(3, 0, 2)
    for entry in range(2):
        expected, seen = street.flow(entry + 3, 3)
        np.testing.assert_array_equal(confidence[entry, 0] > 0, seen)
        np.testing.assert_allclose(vectors[entry][:, seen], expected[:, seen], rtol=1e-3, atol=1e-3)
    assert np.isfinite(vectors).all()


def test_a_finished_data_set_is_returned_at_once(root: Path) -> None:
    before = _times(root)
    manifest = render_dataset(replace(_config(root), render_workers=0))
    assert _times(root) == before
    assert manifest == Manifest.load(root)


def test_only_missing_sequences_are_rendered_again(tmp_path: Path) -> None:
    config = _config(tmp_path)
    render_dataset(config)
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "done" / "val-00000").unlink()
    (tmp_path / "source" / "val-00000.mkv").unlink()
    before = _times(tmp_path)
    render_dataset(config)
    after = _times(tmp_path)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed >= {"manifest.json", "source/val-00000.mkv", "target/val-00000.mp4"}
    assert all("val-00000" in name or name == "manifest.json" for name in changed)


def test_the_manifest_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_in_validation(job: RenderJob) -> int:
        if job.split == "val":
            raise KeyboardInterrupt
        return render_sequence(job)

    monkeypatch.setattr(dataset, "render_sequence", fail_in_validation)
    with pytest.raises(KeyboardInterrupt):
        render_dataset(_config(tmp_path))
    assert not (tmp_path / "manifest.json").exists()
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["train-00000", "train-00001"]


def test_other_settings_are_refused(root: Path) -> None:
    before = _times(root)
    with pytest.raises(DataError, match=r"data: .*data\.street\.frames was 5, is 6.*data\.street\.root"):
        render_dataset(replace(_config(root), frames=6))
    with pytest.raises(DataError, match=r"data\.street\.flow_strides was \[1, 3, 9\], is \[1\]"):
        render_dataset(replace(_config(root), flow_strides=[1]))
    assert _times(root) == before


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match=r"street\.json"):
        render_dataset(_config(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("text", ["{", "[]"])
def test_damaged_settings_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "street.json").write_text(text)
    with pytest.raises(DataError, match=r"street\.json"):
        render_dataset(_config(tmp_path))


def test_the_settings_are_kept_beside_the_files(root: Path) -> None:
    kept = json.loads((root / "street.json").read_text())
    assert kept["seed"] == 3
    assert "root" not in kept
    assert "render_workers" not in kept


def test_no_two_splits_or_seeds_share_a_street(tmp_path: Path) -> None:
    many = replace(_config(tmp_path), train_sequences=50_000, val_sequences=50_000)
    seeds = [job.seed for seed in (0, 1) for job in dataset._jobs(tmp_path, replace(many, seed=seed), False)]
    assert len(set(seeds)) == len(seeds) == 200_000


def test_several_processes_write_the_same(root: Path, tmp_path: Path) -> None:
    render_dataset(replace(_config(tmp_path), render_workers=2))
    for name in ("source/train-00001.mkv", "depth/val-00000.mkv", "target/val-00000.mp4"):
        one, other = (open_frames(folder / name).read(list(range(5))) for folder in (tmp_path, root))
        np.testing.assert_array_equal(one, other)
    for name in ("1.flow.npy", "3.confidence.npy"):
        one, other = (np.load(folder / "flow" / "train-00000" / name) for folder in (tmp_path, root))
        np.testing.assert_array_equal(one, other)


def test_normals_are_added_to_a_data_set_that_has_none(tmp_path: Path) -> None:
    config = replace(_config(tmp_path), train_sequences=1, val_sequences=1, frames=2, flow_strides=[])
    assert set(render_dataset(config).sequences[0].planes) == {"depth"}
    sequence = render_dataset(config, ["depth", "normals"]).sequences[0]
    found = PlaneFrames(sequence.planes["normals"], PLANES["normals"]).read([1])[0]
    street = Street(config.seed * 100_000, config.height, config.width)
    np.testing.assert_allclose(found, street.normals(1), atol=1 / 254)
    depth = PlaneFrames(sequence.planes["depth"], PLANES["depth"]).read([1])[0, 0]
    np.testing.assert_allclose(depth, street.render(1).depth, atol=6e-4)
    assert set(Manifest.load(tmp_path).sequences[0].planes) == {"depth", "normals"}
    with pytest.raises(ConfigError, match=r"data\.planes=motion: add 1 to data\.street\.flow_strides, which is \[\]"):
        render_dataset(config, ["motion"])
    with pytest.raises(ConfigError, match=r"data\.planes=albedo: rendered streets have depth, normals, motion"):
        render_dataset(config, ["albedo"])


def test_headings_are_written_of_streets_with_crossings_alone(tmp_path: Path) -> None:
    config = replace(_config(tmp_path / "crossings"), crossings=True, val_sequences=0, train_sequences=1)
    manifest = render_dataset(config)
    heading = manifest.sequences[0].heading
    assert heading is not None
    street = Street(config.seed * 100_000, config.height, config.width, crossings=True)
    wanted = [{str(car): angle for car, angle in street.headings(t).items()} for t in range(config.frames)]
    assert json.loads(heading.read_text()) == wanted
    assert heading in manifest.files
    with pytest.raises(DataError, match=r"data\.street\.crossings was True, is None"):
        render_dataset(replace(config, crossings=False))


def test_a_data_set_from_before_there_were_crossings_is_used(tmp_path: Path) -> None:
    config = replace(_config(tmp_path), train_sequences=0)
    assert render_dataset(config).sequences[0].heading is None
    assert "crossings" not in json.loads((tmp_path / "street.json").read_text())
