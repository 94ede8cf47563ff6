"""Future prediction on the command line: a predictor is trained and evaluated, and frames are synthesised."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from omegaconf import OmegaConf

from vid2vid.video import Header, stream_frames, stream_labels

Run = Callable[..., CompletedProcess[str]]


@pytest.mark.slow
def test_a_street_goes_on(vid2vid: Run, small: list[str], street_root: Path) -> None:
    data = [
        "data=manifest",
        f"data.path={street_root}",
        "data.num_workers=0",
        "data.clip_frames=4",
        "data.val_frames=6",
    ]
    few = [*data, *small, "trainer.limit_train_batches=2"]
    predictor, video = "predictor/checkpoints/last.ckpt", "video/checkpoints/last.ckpt"
    street = street_root / "source" / "val-00000.mkv"
    film = street_root / "target" / "val-00000.mp4"
    objects = street_root / "instance" / "val-00000.mkv"
    prediction = ["predict", f"checkpoint={predictor}", f"source={street}", "given=3", "frames=4"]
    edges = ["data.instance_edges=true", "generator.past_frames=2", "output.preview_every=0"]
    for command in (
        ["train", "model=predictor", *few, "run_dir=predictor"],
        ["train", "model=predictor", "run_dir=predictor", "resume=true", "trainer.max_epochs=2"],
        ["evaluate", f"checkpoint={predictor}", "bootstrap=10"],
        ["train", *few, *edges, "run_dir=video"],
        [*prediction, f"synthesizer={video}", f"first={film}", f"instance={objects}", "output=future"],
    ):
        done = vid2vid(*command)
        assert done.returncode == 0, (command, done.stderr)
    assert OmegaConf.load("predictor/config.yaml").data.flow_strides == [1]
    assert {path.name for path in Path("predictor/previews").iterdir()} >= {"epoch_0001.png", "epoch_0001.mp4"}
    assert "val/miou" in Path("predictor/metrics.csv").read_text()
    judged = json.loads(Path("predictor/evaluation/metrics.json").read_text())
    assert {"predictor", "repeat", "extrapolate"} < set(judged)
    assert len(judged["curves"]["miou"]["predictor"]) == 4
    assert "| predictor |" in Path("predictor/evaluation/metrics.md").read_text()
    assert len(list(stream_labels(Path("future/labels.mkv")))) == 7
    assert len(list(stream_frames(Path("future/frames.mp4")))) == 7
    assert Header.read(Path("future/labels.mp4")).fps == 10
    _refusals(vid2vid, prediction, predictor, video)


def _refusals(vid2vid: Run, prediction: list[str], predictor: str, video: str) -> None:
    again = [*prediction, "output=again"]
    for command, message in (
        (["synthesize", f"checkpoint={predictor}", "source=a", "output=b.mp4"], "this is a predictor"),
        (
            ["evaluate", f"checkpoint=[{predictor},{video}]"],
            "predictors of label maps can only be compared with each other",
        ),
        (["train", "model=predictor", "stages=[{epochs:1}]"], "stages: model=predictor has one spatial scale"),
        ([*again, f"checkpoint={video}"], "this is a video model; a predictor"),
        ([*again, f"synthesizer={video}"], "its condition has edges or motion of objects: give instance=PATH"),
        ([*again, f"synthesizer={predictor}"], "synthesizer must be a video model or an image generator"),
        ([*again, "first=a.mp4"], "first has an effect on a video model only"),
        ([*again, "height=32"], "give both height and width"),
    ):
        outcome = vid2vid(*command)
        assert outcome.returncode == 2, (command, outcome.stderr)
        assert message in outcome.stderr, command
        assert "Traceback" not in outcome.stderr, command
    assert not Path("again").exists()
