"""``vid2vid train encoder.features=3``, ``vid2vid styles``, ``vid2vid synthesize style=``."""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Vid2VidModule
from vid2vid.data.manifest import Manifest
from vid2vid.synthesis.styles import StyleBook
from vid2vid.training.checkpoints.serialization import save
from vid2vid.video import stream_frames

Run = Callable[..., CompletedProcess[str]]
DATA = ["data=manifest", "data.num_workers=0", "data.clip_frames=4", "data.val_frames=4"]


@pytest.fixture
def street(street_root: Path) -> Path:
    """The label map video of a held-out street."""
    return Manifest.load(street_root).split("val")[0].source


@pytest.mark.slow
@pytest.mark.usefixtures("scikit_learn")
def test_from_a_training_to_videos_in_styles(vid2vid: Run, small: list[str], street_root: Path, street: Path) -> None:
    data = [*DATA, f"data.path={street_root}"]
    encoder = ["encoder.features=3", "encoder.base_channels=4", "encoder.downsamples=1"]
    trained = vid2vid("train", *small, *data, *encoder, "run_dir=run", "trainer.limit_train_batches=2")
    assert trained.returncode == 0, trained.stderr
    checkpoint = "checkpoint=run/checkpoints/last.ckpt"

    for output in ("run/checkpoints/last.ckpt", "run/../run/config.yaml"):
        before = Path(output).read_bytes()
        refused = vid2vid("styles", checkpoint, f"output={output}")
        assert refused.returncode == 2
        assert f"{output}: would be written over" in refused.stderr
        assert Path(output).read_bytes() == before
    found = vid2vid("styles", checkpoint, "frames=9", "kinds=3")
    assert found.returncode == 0, found.stderr
    assert re.search(r"written to .*run/styles\.safetensors and .*run/styles\.png$", found.stdout.strip())
    book = StyleBook.load(Path("run/styles.safetensors"))
    for label, objects in zip(book.labels, book.objects.tolist(), strict=True):
        assert re.search(rf"^{label} +{objects} ", found.stdout, re.MULTILINE)
    assert next(stream_frames(Path("run/styles.png"))).shape[0] > 3 * 32

    def frames(*styles: str) -> NDArray[np.uint8]:
        done = vid2vid("synthesize", checkpoint, f"source={street}", "output=out.mkv", *styles)
        assert done.returncode == 0, done.stderr
        return np.stack(list(stream_frames(Path("out.mkv"))))

    drawn = "styles=run/styles.safetensors", "style=random"
    one, again, other = (frames(*drawn, f"seed={seed}") for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    road = frames(*drawn, "seed=1", "style_classes={road:0}")
    assert not np.array_equal(one, road)


def test_a_model_without_an_encoder_says_so(
    vid2vid: Run, small_module: Callable[..., Vid2VidModule], street: Path
) -> None:
    save(small_module(), Path("plain.ckpt"))
    for verb, *settings in (
        ["styles"],
        ["synthesize", f"source={street}", "output=out.mp4", "style=random"],
        ["synthesize", f"source={street}", "output=out.mp4", "style_classes={road:1}"],
    ):
        done = vid2vid(verb, "checkpoint=plain.ckpt", *settings)
        assert done.returncode == 2
        assert "no encoder of styles: train one with encoder.features=3" in done.stderr
    assert not Path("out.mp4").exists()


def test_what_cannot_be_is_refused_before_anything_is_made(vid2vid: Run, street_root: Path, small: list[str]) -> None:
    refused = vid2vid("train", *small, *DATA, f"data.path={street_root}", "model=image", "encoder.features=3")
    assert refused.returncode == 2
    assert "encoder.features: only model=video learns with an encoder of styles" in refused.stderr
    assert vid2vid("styles", "checkpoint=a.ckpt", "kinds=0").stderr == "vid2vid: kinds must be at least 1, but is 0.\n"
    missing = vid2vid("styles", "checkpoint=a.ckpt")
    assert missing.returncode == 2
    assert "a.ckpt: there is no such checkpoint" in missing.stderr
    assert not list(Path.cwd().iterdir())
