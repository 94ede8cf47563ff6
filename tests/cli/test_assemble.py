"""Data from settings, and the settings of earlier runs."""

from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid import Vid2VidDataModule
from vid2vid.cli.assemble import (
    choose_device,
    data_of_run,
    make_data,
    read_config,
    run_config,
    run_folder,
    save_config,
)
from vid2vid.cli.assemble import whole_run_folder as whole
from vid2vid.config import FlowEstimatorConfig, StageConfig, StreetConfig
from vid2vid.config.commands import Train
from vid2vid.config.data import DataSettings, FolderData, ManifestData, StreetData, VideoData
from vid2vid.data.data_sources import ManifestSource, StreetSource, VideoSource
from vid2vid.data.formats import FolderSource
from vid2vid.errors import ConfigError


def test_each_kind_of_data_has_its_source(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "target").mkdir()
    kinds: list[tuple[DataSettings, type]] = [
        (StreetData(street=StreetConfig(frames=5)), StreetSource),
        (VideoData(path="a.mp4", cuts="ignore"), VideoSource),
        (FolderData(path=str(tmp_path)), FolderSource),
        (ManifestData(path="nowhere"), ManifestSource),
    ]
    for settings, source in kinds:
        assert type(make_data(settings, None).source) is source
    streets = make_data(kinds[0][0], None).source
    assert isinstance(streets, StreetSource)
    assert streets.config == StreetConfig(frames=5)


def test_clips_are_as_the_last_stage_has_them() -> None:
    stages = [StageConfig(height=8, width=8), StageConfig(height=32, width=64, batch_size=1)]
    data = make_data(ManifestData(path="nowhere", height=64, width=128, seed=3), FlowEstimatorConfig("raft"), stages)
    assert (data.loader.height, data.loader.width, data.loader.batch_size, data.loader.seed) == (32, 64, 1, 3)
    assert data.flow_estimator.kind == "raft"


@pytest.mark.parametrize(("every", "shortest"), [(0, 14), (5, 30)])
def test_parts_of_a_video_hold_the_longest_clips(every: int, shortest: int) -> None:
    clips: dict[str, Any] = {"clip_frames": 14, "clip_double_every": every, "clip_frames_max": 30}
    by_settings = make_data(VideoData(path="a.mp4", cuts="ignore", shortest=6, **clips), None)
    in_python = Vid2VidDataModule.video("a.mp4", clips, cuts="ignore", shortest=6)
    for source in (by_settings.source, in_python.source):
        assert isinstance(source, VideoSource)
        assert source.config.shortest == shortest


@pytest.fixture
def run(tmp_path: Path) -> Train:
    """The settings of a run that has saved them."""
    stages = [StageConfig(epochs=2), StageConfig(epochs=3)]
    run = Train(data=VideoData(path="a.mp4", clip_frames=4), stages=stages, run_dir=str(tmp_path / "run"), seed=5)
    save_config(run)
    return run


def test_the_settings_of_a_run_are_read_as_they_were(run: Train) -> None:
    folder = Path(run.run_dir)
    assert read_config(folder / "config.yaml") == run
    assert run_config(folder / "checkpoints" / "last.ckpt") == run
    changed = read_config(folder / "config.yaml", {"trainer.max_epochs": 7, "data.clip_frames": 6})
    assert (changed.trainer.max_epochs, changed.data.clip_frames, changed.seed) == (7, 6, 5)


def test_data_that_is_given_goes_before_that_of_the_run(run: Train) -> None:
    checkpoint = Path(run.run_dir) / "checkpoints" / "last.ckpt"
    assert isinstance(data_of_run(checkpoint, None).source, VideoSource)
    data = data_of_run(checkpoint, ManifestData(path="nowhere"), {"kind": "raft"})
    assert isinstance(data.source, ManifestSource)
    assert data.flow_estimator.kind == "raft"


def test_data_may_be_a_mapping() -> None:
    data = data_of_run(Path("last.ckpt"), {"kind": "street", "street": {"root": "streets"}, "height": 32, "width": 64})
    assert (data.loader.height, data.loader.width) == (32, 64)
    with pytest.raises(ConfigError, match=r"data\.kind='films' is unknown"):
        data_of_run(Path("last.ckpt"), {"kind": "films"})


def test_a_model_that_comes_with_the_package_is_not_that_of_the_current_folder(
    run: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run.run_dir)
    assert Path("config.yaml").is_file()
    with pytest.raises(ConfigError, match=r"pretrained.street.config\.yaml: there is no such file"):
        data_of_run(Path("street"), None)


def test_settings_that_are_missing_or_damaged_are_named(run: Train) -> None:
    path = Path(run.run_dir) / "config.yaml"
    path.write_text("generator: {depth: 3}")
    with pytest.raises(ConfigError, match=r"config\.yaml: .* generator\.depth is not a setting"):
        read_config(path)
    path.write_text("data: [")
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be read as the configuration of a run"):
        read_config(path)
    path.unlink()
    with pytest.raises(
        ConfigError,
        match=r"config\.yaml: there is no such file, which tells what the model was trained on; name the data",
    ):
        run_config(path.parent / "checkpoints" / "last.ckpt")


def test_the_folder_of_a_run_is_found_from_its_checkpoint(run: Train) -> None:
    folder = Path(run.run_dir)
    assert run_folder(folder / "checkpoints" / "last.ckpt") == folder
    assert run_folder(folder / "last.ckpt") == folder
    assert whole(folder / "stage_2" / "checkpoints" / "last.ckpt") == folder
    assert whole(folder / "other" / "checkpoints" / "last.ckpt") == folder / "other"


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("cuda", "device=cuda: torch finds no NVIDIA GPU .* device=cpu works without"),
        ("foo", "device=foo cannot be used .* Leave it out, or give device=cpu"),
        ("meta", "device=meta cannot be used"),
    ],
)
def test_a_device_that_is_not_there_is_refused(device: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=message):
        choose_device(device)


def test_the_given_device_or_a_gpu_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_device("cpu") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("") == "cuda"


@pytest.mark.slow
def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    steps = [f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(9)]
    path = tmp_path / "config.yaml"
    path.write_text("a: &a [1]\n" + "\n".join(steps), encoding="utf-8")
    with pytest.raises(ConfigError, match="it has aliases"):
        read_config(path)
    path.write_text("seed: " + "[" * 5000, encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read as the configuration"):
        read_config(path)
