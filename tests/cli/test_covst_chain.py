"""From an image generator to COVST, judged on held-out videos, on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import cv2
import pytest
import torch
from omegaconf import OmegaConf

from vid2vid import CovstModule, load

Run = Callable[..., CompletedProcess[str]]


@pytest.mark.slow
def test_covst_begins_with_an_image_generator_and_is_judged(vid2vid: Run, small: list[str], street_root: Path) -> None:
    data = [
        "data=manifest",
        f"data.path={street_root}",
        "data.num_workers=0",
        "data.clip_frames=4",
        "data.val_frames=5",
    ]
    few = [*data, *small, "trainer.limit_train_batches=2"]
    image, covst = "image/checkpoints/last.ckpt", "covst/checkpoints/last.ckpt"
    commands = [
        ["train", "model=image", *few, "run_dir=image"],
        ["train", "model=covst", *few, f"init_from={image}", "run_dir=covst", "covst.mask_channels=4"],
        ["evaluate", f"checkpoint={covst}"],
    ]
    said = []
    for command in commands:
        done = vid2vid(*command)
        assert done.returncode == 0, (command, done.stderr)
        said.append(done.stderr)
    own = load(image).state_dict()
    assert f"begins with {image}: {len(own)} of {len(own) + 6} tensors fit" in said[1]
    assert "not in it, starts untrained: generator.mask (6 tensors)" in said[1]
    module = load(covst)
    assert isinstance(module, CovstModule)
    assert module.generator.covst.mask_channels == 4
    # without any D_V no other flow is looked at
    assert OmegaConf.load("covst/config.yaml").data.flow_strides == [1]
    assert {path.name for path in Path("covst/previews").iterdir()} == {"epoch_0001.png", "epoch_0001.mp4"}
    assert "val/warping_error" in Path("covst/metrics.csv").read_text()
    judged = json.loads(Path("covst/evaluation/metrics.json").read_text())
    assert {"COVST", "frozen", "nearest", "label_mean"} < set(judged)
    assert judged["COVST"]["warping_error"] > 0
    assert (judged["given_frames"], judged["synthesised_frames"]) == (2, 2 * 5)
    sheet = cv2.imread("covst/evaluation/sheet.png")
    assert sheet is not None
    # condition, mask, synthesised, real
    assert sheet.shape[0] == 4 * (32 + 2)
    # nothing is carried on to the first frame
    assert sheet[36, 100].min() == 255
    _refusals(vid2vid, covst)


def _refusals(vid2vid: Run, covst: str) -> None:
    outcomes = {
        "synthesize": (
            vid2vid("synthesize", f"checkpoint={covst}", "source=a", "output=b.mp4"),
            "flow of the real video",
        ),
        "evaluate": (
            vid2vid("evaluate", f"checkpoint={covst}", "first=empty"),
            "is COVST, which takes no first frames",
        ),
    }
    for verb, (outcome, message) in outcomes.items():
        assert outcome.returncode == 2, verb
        assert message in outcome.stderr, verb
        assert "Traceback" not in outcome.stderr, verb


def test_it_is_tried_out_and_grows_in_stages(vid2vid: Run, small: list[str], street_root: Path) -> None:
    data = ["data=manifest", f"data.path={street_root}", "data.num_workers=0", "data.clip_frames=4"]
    train = ["train", "model=covst", *data, *small, "output.preview_every=0", "trainer.limit_train_batches=2"]
    tried = vid2vid(*train, "run_dir=tried", "preflight=true")
    assert tried.returncode == 0, tried.stderr
    assert "D_I" in tried.stdout
    assert "D_V" not in tried.stdout
    assert not Path("tried").exists()
    stages = "stages=[{scales:1,epochs:1,height:16,width:32},{scales:2,epochs:1}]"
    grown = vid2vid(*train, stages, "run_dir=grown")
    assert grown.returncode == 0, grown.stderr
    module = load("grown/checkpoints/last.ckpt")
    assert isinstance(module, CovstModule)
    assert len(module.generator.scales) == 2
    assert torch.load("grown/stage_2/checkpoints/last.ckpt", weights_only=True)["global_step"] == 2
