"""What a training would be, told from two batches of it."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from vid2vid import load

Run = Callable[..., CompletedProcess[str]]
DATA = [
    "data.root=street",
    "data.height=32",
    "data.width=64",
    "data.train_sequences=2",
    "data.val_sequences=1",
    "data.frames=9",
    "data.render_workers=1",
    "data.num_workers=0",
    "data.clip_frames=4",
    "data.batch_size=1",
]


def test_it_tells_sizes_schedule_and_costs_and_writes_nothing(vid2vid: Run, small: list[str]) -> None:
    growing = [
        "trainer.max_epochs=4",
        "data.clip_double_every=2",
        "data.clip_frames_max=8",
        "critics.temporal_strides=[1,3]",
    ]
    told = vid2vid("train", *DATA, *small, *growing, "run_dir=run", "preflight=true")
    assert told.returncode == 0, told.stderr
    assert not Path("run").exists()
    assert not Path("checkpoints").exists()
    lines = told.stdout.splitlines()
    assert lines[0] == "run: 64 x 32, 4 epochs of 4 batches or less"
    rows = [line.split() for line in lines]
    assert [row for row in rows if row[:1] in (["0"], ["2"], ["3"])] == [
        ["0", "to", "1", "4", "all", "scales", "0.0002"],
        ["2", "8", "all", "scales", "0.0002"],
        ["3", "8", "all", "scales", "0.0002", "falling", "to", "0"],
    ]
    assert any(line.startswith("a batch") and line.endswith("clips of 4 frames") for line in lines)
    assert any(line.startswith("all epochs") for line in lines)

    done = vid2vid("train", *DATA, *small, "critics.temporal_strides=[1,3]", "run_dir=run")
    assert done.returncode == 0, done.stderr
    module = load("run/checkpoints/last.ckpt")
    critics = {"D_V, stride 1": module.critics.video["1"], "D_V, stride 3": module.critics.video["3"]}
    for name, network in {"generator": module.generator, "D_I": module.critics.image, **critics}.items():
        count = sum(weight.numel() for weight in network.parameters())
        assert any(line.startswith(name) and line.endswith(f" {count:,}") for line in lines), name


def test_each_stage_is_tried_out(vid2vid: Run, small: list[str]) -> None:
    stages = "stages=[{height:16,width:32,epochs:2},{height:32,width:64,scales:2,epochs:3,alone_epochs:1,lr:0.0001}]"
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
