"""The models that come with vid2vid: small, described, and good at what they are for."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Vid2VidModule, load
from vid2vid.street import Street
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.training.checkpoints.model_folder import CARD, SHIPPED, ModelFolder, shipped_models
from vid2vid.video import stream_frames

SEED, FRAMES = 4, 24


def test_they_are_small_and_described() -> None:
    assert shipped_models() == ["street"]
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 8e6
    for name in shipped_models():
        folder = ModelFolder.find(name)
        assert folder is not None
        card = (folder.path / CARD).read_text(encoding="utf-8")
        assert all(f"## {part}" in card for part in ("Use", "Data", "Training", "Measured", "Limits"))
        assert f"checkpoint={name}" in card


def detail(frames: NDArray[np.uint8]) -> float:
    """The mean absolute difference of neighbouring pixels."""
    grey = frames.astype(np.float32).mean(-1)
    return float(np.abs(np.diff(grey, axis=-1)).mean() + np.abs(np.diff(grey, axis=-2)).mean())


def test_a_new_street(vid2vid: Callable[..., CompletedProcess[str]]) -> None:
    """It looks like a street: each class has about the colour that it has in a rendered one, and is not a flat area."""
    done = vid2vid("synthesize", "checkpoint=street", "output=new.mp4", f"seed={SEED}", f"frames={FRAMES}")
    assert done.returncode == 0, done.stderr
    made = np.stack(list(stream_frames(Path("new.mp4"))))
    assert made.shape == (FRAMES, 128, 256, 3)
    # the same street as the renderer draws it
    street = Street(RenderedStreet(SEED).street_seed)
    rendered = [street.render(t) for t in range(FRAMES)]
    real, labels = np.stack([frame.rgb for frame in rendered]), np.stack([frame.label for frame in rendered])
    apart = [
        np.abs(made[labels == label].mean(0) - real[labels == label].mean(0)).mean()
        for label in np.unique(labels)
        if (labels == label).mean() > 0.02
    ]
    assert max(apart) < 60
    assert np.mean(apart) < 35
    assert 0.6 < detail(made) / detail(real) < 1.4
    # it moves as much as the real one does, and does not flicker
    changes = [np.abs(np.diff(video.astype(np.float32), axis=0)).mean() for video in (made, real)]
    assert 0.5 < changes[0] / changes[1] < 1.5


def test_it_is_a_video_model_of_streets() -> None:
    module = load("street", Vid2VidModule)
    assert module.condition.object_motion
    assert module.generator.config.form == "efficient"


def test_an_empty_folder_of_that_name_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("street").mkdir()
    assert load("street").kind == "video"
