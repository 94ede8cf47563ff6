"""What a training leaves to look at: previews, metrics.csv, TensorBoard's and wandb's files, the progress bar."""

import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import WandbLogger

from vid2vid import ImageModule, Vid2VidDataModule, Vid2VidModule
from vid2vid.config import LoggerConfig
from vid2vid.errors import ConfigError, MissingExtraError
from vid2vid.training.callbacks.previews import PreviewCallback
from vid2vid.training.loggers import make_loggers
from vid2vid.types import Clip
from vid2vid.video import stream_frames
from vid2vid.visual import condition_picture, to_pixels

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]


def test_a_preview_shows_the_first_held_out_clip(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    module, data = small_module(), street_data(val_frames=8, batch_size=1)
    preview = PreviewCallback(tmp_path / "previews", fps=5)
    quiet_trainer(limit_train_batches=1, callbacks=[preview]).fit(module, data)
    assert sorted(path.name for path in (tmp_path / "previews").iterdir()) == ["epoch_0001.mp4", "epoch_0001.png"]
    clip: Clip = next(iter(data.val_dataloader()))
    scene = module.clip_tensors(clip)
    with torch.no_grad():
        rollout = module.eval()(clip.source, scene.real[:, :2])
    frames = np.stack(list(stream_frames(tmp_path / "previews" / "epoch_0001.mp4")))
    # condition | synthesised | real, with two white columns between them
    assert frames.shape == (6, 32, 64 * 3 + 4, 3)
    for t in range(6):
        shown = {
            0: condition_picture(module.condition, clip.source[0, 2 + t]),
            66: to_pixels(rollout.fake[0, t]),
            132: to_pixels(scene.real[0, 2 + t]),
        }
        for left, picture in shown.items():
            assert np.abs(frames[t, :, left : left + 64].astype(int) - picture).mean() < 14, (t, left)
    sheet = cv2.imread(str(tmp_path / "previews" / "epoch_0001.png"))
    assert sheet is not None
    assert sheet.shape == (22 + 6 * 34, 96 + 6 * 66 - 2, 3)
    last = sheet[-34:-2, -64:, ::-1]
    np.testing.assert_array_equal(last, to_pixels(scene.real[0, -1]))


def test_a_preview_of_an_image_generator_shows_every_frame(
    small_image: Callable[..., ImageModule], street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    module, data = small_image(), street_data(val_frames=4)
    quiet_trainer(limit_train_batches=1, callbacks=[PreviewCallback(tmp_path)]).fit(module, data)
    assert len(list(stream_frames(tmp_path / "epoch_0001.mp4"))) == 4
    clip: Clip = next(iter(data.val_dataloader()))
    with torch.no_grad():
        fake = module.eval()(clip.source[:1])[0]
    sheet = cv2.imread(str(tmp_path / "epoch_0001.png"))
    assert sheet is not None
    assert sheet.shape == (22 + 3 * 34, 96 + 4 * 66 - 2, 3)
    for row, picture in ((0, condition_picture(module.condition, clip.source[0, 0])), (1, to_pixels(fake[0]))):
        shown = sheet[22 + row * 34 : 22 + row * 34 + 32, 96 : 96 + 64, ::-1].astype(int)
        assert np.abs(shown - picture).max() <= 1


def test_previews_come_every_so_many_epochs(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    preview = PreviewCallback(tmp_path / "previews", every_epochs=2)
    trainer = quiet_trainer(max_epochs=4, limit_train_batches=1, num_sanity_val_steps=1, callbacks=[preview])
    trainer.fit(small_module(), street_data(val_frames=4))
    stems = {path.stem for path in (tmp_path / "previews").iterdir()}
    assert stems == {"epoch_0002", "epoch_0004"}


def test_metrics_csv_is_always_written(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    loggers = make_loggers(LoggerConfig(), tmp_path / "run")
    trainer = quiet_trainer(max_epochs=2, logger=loggers, log_every_n_steps=1, limit_val_batches=1)
    trainer.fit(small_module(), street_data(val_frames=4))
    with (tmp_path / "run" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    steps = [float(row["train/F/L_W"]) for row in rows if row["train/F/L_W"]]
    assert len(steps) == 6
    assert min(steps) > 0
    assert [row["epoch"] for row in rows if row["val/psnr"]] == ["0", "1"]


def test_tensorboard_gets_numbers_and_the_sheet(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    loggers = make_loggers(LoggerConfig("tensorboard"), tmp_path / "run")
    preview = PreviewCallback(tmp_path / "run" / "previews")
    trainer = quiet_trainer(logger=loggers, log_every_n_steps=1, callbacks=[preview])
    trainer.fit(small_module(), street_data(val_frames=4))
    found = events.EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    assert len(found.Scalars("train/F/L_I")) == 3
    assert len(found.Scalars("val/psnr")) == 1
    (image,) = found.Images("preview")
    picture = cv2.imdecode(np.frombuffer(image.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    written = cv2.imread(str(tmp_path / "run" / "previews" / "epoch_0001.png"))
    assert picture is not None
    assert written is not None
    np.testing.assert_array_equal(picture, written)
    assert (tmp_path / "run" / "metrics.csv").is_file()


@pytest.mark.slow
def test_wandb_offline_gets_numbers_and_the_video(
    small_module: Modules,
    street_data: DataModules,
    quiet_trainer: Trainers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import wandb

    for name in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "wandb_home"))
    monkeypatch.setenv("WANDB_SILENT", "true")
    loggers = make_loggers(LoggerConfig("wandb", project="test"), tmp_path / "run")
    preview = PreviewCallback(tmp_path / "run" / "previews")
    trainer = quiet_trainer(logger=loggers, log_every_n_steps=1, limit_train_batches=1, callbacks=[preview])
    try:
        trainer.fit(small_module(), street_data(val_frames=4))
    finally:
        wandb.finish()
    (folder,) = (tmp_path / "run" / "wandb").glob("offline-run-*")
    (video,) = folder.rglob("*.mp4")
    assert video.read_bytes() == (tmp_path / "run" / "previews" / "epoch_0001.mp4").read_bytes()
    (sheet,) = folder.rglob("*.png")
    assert sheet.read_bytes() == (tmp_path / "run" / "previews" / "epoch_0001.png").read_bytes()
    (record,) = folder.glob("*.wandb")
    # another process writes it, and may still be at it
    patience = time.monotonic() + 30
    while b"train/F/L_W" not in record.read_bytes():
        assert time.monotonic() < patience, "wandb wrote no numbers"
        time.sleep(0.2)
    # `wandb sync` uploads the files that the record names
    assert str(video.relative_to(folder / "files")).encode() in record.read_bytes()
    assert (tmp_path / "run" / "metrics.csv").is_file()
    # a training that is resumed goes on with the run, one that begins anew does not
    wandb_id = folder.name.rsplit("-", 1)[1]
    for resumed in (True, False):
        logger = make_loggers(LoggerConfig("wandb", project="test"), tmp_path / "run", resumed)[1]
        assert isinstance(logger, WandbLogger)
        try:
            logger.log_metrics({"train/F/L_I": 1.0}, step=1)
            assert (logger.experiment.id == wandb_id) == resumed
        finally:
            wandb.finish()
    assert len(list((tmp_path / "run" / "wandb").glob(f"offline-run-*-{wandb_id}"))) == 2


def test_wandb_online_needs_an_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"logger\.mode=online needs an account: run `wandb login`"):
        make_loggers(LoggerConfig("wandb", mode="online"), tmp_path)


def test_tensorboard_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vid2vid\[tensorboard\]'"):
        make_loggers(LoggerConfig("tensorboard"), tmp_path)
