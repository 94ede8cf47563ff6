"""From an image generator to a video that begins with its frames, on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import torch

from vid2vid import ImageModule, load
from vid2vid.data.manifest import Manifest
from vid2vid.video import stream_frames

Run = Callable[..., CompletedProcess[str]]


@pytest.mark.slow
def test_an_image_generator_begins_a_video(vid2vid: Run, small: list[str], street_root: Path) -> None:
    sequence = Manifest.load(street_root).split("val")[0]
    data = ["data=manifest", f"data.path={street_root}", "data.num_workers=0", "data.clip_frames=5"]
    image, video = "image/checkpoints/last.ckpt", "video/checkpoints/last.ckpt"
    begin = ["rollout.first_frame=image", f"rollout.image_checkpoint={image}"]
    commands = [
        ["train", "model=image", *data, *small, "run_dir=image"],
        ["synthesize", f"checkpoint={image}", f"source={sequence.source}", "output=image.mp4"],
        ["evaluate", f"checkpoint={image}"],
        ["train", *data, *small, *begin, "run_dir=video"],
        ["synthesize", f"checkpoint={video}", f"source={sequence.source}", "output=cold.mp4"],
        ["synthesize", f"checkpoint={video}", f"image_checkpoint={image}", f"source={sequence.source}", "output=a.mp4"],
        ["evaluate", f"checkpoint={video}", "first=image", f"image_checkpoint={image}"],
    ]
    for command in commands:
        done = vid2vid(*command)
        assert done.returncode == 0, (command, done.stderr)
    assert {path.name for path in Path("image/previews").iterdir()} == {"epoch_0001.png", "epoch_0001.mp4"}
    assert "val/psnr" in Path("image/metrics.csv").read_text()
    assert load(image, ImageModule).generator.config.base_channels == 4
    # the image generator's run has nothing of F's, and F's none of its weights
    assert set(torch.load(image, weights_only=True)["hyper_parameters"]) >= {"image", "discriminator"}
    assert {name.split(".")[0] for name in torch.load(video, weights_only=True)["state_dict"]} == {
        "generator",
        "discriminators",
    }
    assert "pix2pixHD" in json.loads(Path("image/evaluation/metrics.json").read_text())
    judged = json.loads(Path("video/evaluation/metrics.json").read_text())
    assert (judged["given_frames"], judged["synthesised_frames"]) == (2, 2 * 12)
    alone, cold, begun = (read(Path(name)) for name in ("image.mp4", "cold.mp4", "a.mp4"))
    assert alone.shape == cold.shape == begun.shape == (12, 32, 64, 3)
    assert np.abs(begun[:2] - alone[:2]).mean() < 8
    assert np.abs(begun[:2] - cold[:2]).mean() > 1.5 * np.abs(begun[:2] - alone[:2]).mean()


def read(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int_]]:
    return np.stack(list(stream_frames(path))).astype(int)


def test_contradictions_are_explained(vid2vid: Run, small: list[str], street_root: Path) -> None:
    train = ["train", "data=manifest", f"data.path={street_root}", "data.num_workers=0", *small, "run_dir=run"]
    mistakes = {
        "train model=imgae": "model='imgae' is unknown. Did you mean 'image'?",
        "train image=smal": "Did you mean image=small?",
        "train image.block=3": "Did you mean image.blocks?",
        "synthesize checkpoint=a source=b output=c first=d image_checkpoint=e": "give one of them",
        "evaluate checkpoint=a first=image": "first=image needs image_checkpoint",
        "evaluate checkpoint=a image_checkpoint=b": "image_checkpoint is used with first=image only",
        "evaluate checkpoint=a first=imgae": "first='imgae' is unknown. Did you mean 'image'?",
    }
    outcomes = {text: (vid2vid(*text.split()), message) for text, message in mistakes.items()}
    for rollout, message in {
        "rollout.first_frame=image": "rollout.first_frame=image needs rollout.image_checkpoint",
        "rollout.image_checkpoint=a.ckpt": "rollout.image_checkpoint is used with rollout.first_frame=image only",
    }.items():
        outcomes[rollout] = vid2vid(*train, rollout), message
    gone = ["rollout.first_frame=image", "rollout.image_checkpoint=none.ckpt"]
    outcomes["a missing file"] = vid2vid(*train, *gone), "none.ckpt: there is no such checkpoint"
    for text, (outcome, message) in outcomes.items():
        assert outcome.returncode == 2, text
        assert message in outcome.stderr, text
        assert "Traceback" not in outcome.stderr, text
