"""What a training would be, told from two batches of it."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from vid2vid import Vid2VidModule, load
from vid2vid.cli.preflight import BatchTimer, costs
from vid2vid.config import LoaderConfig
from vid2vid.config.commands import Train
from vid2vid.config.data import ManifestData
from vid2vid.data.data_module import Vid2VidDataModule

Run = Callable[..., CompletedProcess[str]]
DATA = [
    "data.street.root=street",
    "data.street.height=32",
    "data.street.width=64",
    "data.street.train_sequences=2",
    "data.street.val_sequences=1",
    "data.street.frames=9",
    "data.street.render_workers=1",
    "data.num_workers=0",
    "data.clip_frames=4",
    "data.batch_size=1",
]


@pytest.mark.slow
def test_it_tells_sizes_schedule_and_costs_and_writes_nothing(vid2vid: Run, small: list[str]) -> None:
    growing = [
        "trainer.max_epochs=4",
        "data.clip_double_every=2",
        "data.clip_frames_max=8",
        "discriminators.temporal_strides=[1,3]",
    ]
    told = vid2vid("train", *DATA, *small, *growing, "run_dir=run", "preflight=true")
    assert told.returncode == 0, told.stderr
    # the streets that it trains on, and no more
    assert [path.name for path in Path().iterdir()] == ["street"]
    lines = told.stdout.splitlines()
    assert lines[0] == "run: 64 x 32, 4 epochs of 4 batches or less"
    rows = [line.split() for line in lines]
    assert [row for row in rows if row[:1] in (["0"], ["2"], ["3"])] == [
        ["0", "to", "1", "4", "4", "all", "scales", "0.0002"],
        ["2", "2", "8", "all", "scales", "0.0002"],
        ["3", "2", "8", "all", "scales", "0.0002", "falling", "to", "0"],
    ]
    assert any(line.startswith("a batch") and line.endswith("the second batch, clips of 4 frames") for line in lines)
    assert any(line.startswith("peak memory") for line in lines)
    assert any(line.startswith("all epochs") for line in lines)
    assert "learnt alone" not in told.stdout

    done = vid2vid("train", *DATA, *small, "discriminators.temporal_strides=[1,3]", "run_dir=run")
    assert done.returncode == 0, done.stderr
    module = load("run/checkpoints/last.ckpt", Vid2VidModule)
    discriminators = {
        "D_V, stride 1": module.discriminators.video["1"],
        "D_V, stride 3": module.discriminators.video["3"],
    }
    for name, network in {"generator": module.generator, "D_I": module.discriminators.image, **discriminators}.items():
        count = sum(weight.numel() for weight in network.parameters())
        assert any(line.startswith(name) and line.endswith(f" {count:,}") for line in lines), name


@pytest.mark.slow
def test_each_stage_is_tried_out(vid2vid: Run, small: list[str]) -> None:
    stages = (
        "stages=[{height:16,width:32,epochs:2},{height:32,width:64,scales:2,epochs:3,freeze_coarse_epochs:1,lr:0.0001}]"
    )
    told = vid2vid("train", *DATA, *small, stages, "run_dir=run", "preflight=true")
    assert told.returncode == 0, told.stderr
    assert not Path("run").exists()
    heads = [line for line in told.stdout.splitlines() if line.startswith("run/")]
    assert heads == [
        "run/stage_1: 32 x 16, 2 epochs of 4 batches or less",
        "run/stage_2: 64 x 32, 3 epochs of 4 batches or less",
    ]
    assert "finest scale only" in told.stdout
    assert "0.0001 falling to 0" in told.stdout
    assert told.stdout.count("the finest scale learnt alone") == 1
    begun = vid2vid("train", *DATA, *small, stages, "init_from=none.ckpt", "run_dir=run", "preflight=true")
    assert (begun.returncode, "none.ckpt" in begun.stderr) == (2, True)


@pytest.mark.slow
def test_the_limits_of_a_training_count(vid2vid: Run, small: list[str]) -> None:
    limits = ["trainer.limit_train_batches=3", "trainer.max_time=00:01:00:00", "data.clip_frames=3"]
    told = vid2vid("train", *DATA, *small, *limits, "run_dir=run", "preflight=true")
    assert told.returncode == 0, told.stderr
    assert "1 epochs of 3 batches or less" in told.stdout
    assert "00:01:00:00" in told.stdout
    for nothing in ("trainer.limit_train_batches=0", "trainer.max_epochs=0"):
        told = vid2vid("train", *DATA, *small, nothing, "run_dir=run", "preflight=true")
        assert (told.returncode, "there is no batch to train" in told.stderr) == (2, True)
        assert nothing in told.stderr


def test_the_estimate_adds_up_batches_and_frames() -> None:
    data = Vid2VidDataModule("nowhere", LoaderConfig(clip_frames=4, clip_double_every=2, clip_frames_max=8))
    timer = BatchTimer()
    timer.batches, timer.seconds, timer.frames = 2, 10.0, 4
    settings = Train(data=ManifestData(path="nowhere"), run_dir="run")
    # (100 + 100) batches of 4 frames, (50 + 50) of 8: 400 times 10 s
    assert "about 1 h 07 min" in costs(settings, data, [100, 100, 50, 50], timer)


@pytest.mark.slow
def test_an_image_generator_is_tried_out(vid2vid: Run, small: list[str]) -> None:
    told = vid2vid("train", "model=image", *DATA, *small, "run_dir=run", "preflight=true")
    assert told.returncode == 0, told.stderr
    assert "D_I" in told.stdout
    assert "D_V" not in told.stdout
    assert not Path("run").exists()


def test_a_training_that_goes_on_is_not_tried_out(vid2vid: Run, small: list[str]) -> None:
    told = vid2vid("train", *DATA, *small, "run_dir=run", "preflight=true", "resume=true")
    assert told.returncode == 2
    assert "preflight=true" in told.stderr
    assert "resume" in told.stderr
