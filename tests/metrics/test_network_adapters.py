"""What known networks are shown, against Pillow's and closed forms of the preprocessing."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from vid2vid.config import EvaluationConfig
from vid2vid.errors import ConfigError
from vid2vid.metrics.clip_metric import MetricSetup, ReferenceClip
from vid2vid.metrics.feature_samples import WindowSamples
from vid2vid.metrics.frechet import VideoFrechetDistance
from vid2vid.metrics.metric_networks import image_network, video_network
from vid2vid.metrics.network_adapters import IMAGE_ADAPTERS, VIDEO_ADAPTERS, AdaptedNetwork
from vid2vid.metrics.polynomial_mmd import VideoMMD

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


class Seen(nn.Module):
    """Returns all that it is shown as one vector, and that it was asked for features."""

    def forward(self, x: Tensor, return_features: bool = False, resize: bool = True) -> Tensor:
        flags = torch.tensor([[float(return_features), float(resize)]]).expand(len(x), 2)
        return torch.cat([x.flatten(1), flags], dim=1)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("networks") / "seen.pt"
    torch.jit.script(Seen()).save(path)  # type: ignore[no-untyped-call]
    return path


def bilinear(channel: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize between pixel centres without a low-pass filter, by hand."""

    def axis(old: int, new: int) -> np.ndarray:
        weights = np.zeros((new, old))
        for i in range(new):
            at = min(max((i + 0.5) * old / new - 0.5, 0), old - 1)
            low = int(at)
            weights[i, low] += 1 - (at - low)
            weights[i, min(low + 1, old - 1)] += at - low
        return weights

    return np.asarray(axis(channel.shape[0], height) @ channel @ axis(channel.shape[1], width).T)


def pillow(channel: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize as Pillow does, which filters what shrinks; in floats."""
    return np.asarray(Image.fromarray(channel.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR))


def shown(frame: Tensor, resize: Callable[..., np.ndarray], height: int, width: int) -> np.ndarray:
    """Return a frame in [-1, 1] in [0, 1] and resized, ``(3, height, width)``."""
    return np.stack([resize((channel + 1) / 2, height, width) for channel in frame.double().numpy()])


@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_inception_sees_squares_in_its_range(seen: Path) -> None:
    images = torch.rand(2, 3, 30, 50) * 2 - 1
    found = image_network(seen, "inception").vectors(images)
    wanted = np.stack([shown(frame, bilinear, 299, 299) * 2 - 1 for frame in images])
    np.testing.assert_allclose(found[:, :-2].numpy(), wanted.reshape(2, -1), atol=2e-5)
    assert found[:, -2:].tolist() == [[0, 1]] * 2
    of_2015 = image_network(seen, "inception_2015").vectors(images)
    np.testing.assert_allclose(of_2015[:, :-2].numpy(), ((images + 1) * 127.5).flatten(1).numpy(), atol=2e-4)
    assert of_2015[:, -2:].tolist() == [[1, 1]] * 2


@pytest.mark.filterwarnings("ignore:.torch.jit")
@pytest.mark.parametrize(
    ("name", "frames", "short", "size", "resize", "time_first", "normalise"),
    [
        ("i3d", 10, 0, 224, bilinear, False, False),
        ("videomae", 16, 224, 224, pillow, True, True),
        ("vjepa", 16, 256, 224, bilinear, False, True),
        ("vjepa2", 64, 292, 256, pillow, True, True),
    ],
)
def test_video_networks_see_what_they_were_trained_on(
    seen: Path,
    name: str,
    frames: int,
    short: int,
    size: int,
    resize: Callable[..., np.ndarray],
    time_first: bool,
    normalise: bool,
) -> None:
    # larger than the networks', so that it matters how frames shrink; few frames differ, which is quicker
    video = (torch.rand(1, 3, 2, 300, 369) * 2 - 1).repeat_interleave(frames // 2, dim=2)
    network = video_network(seen, name)
    found = network.vectors(video)[0]
    height, width = (short, int(short * 369 / 300)) if short else (size, size)
    left = (width - size) // 2 if name == "videomae" else round((width - size) / 2)
    top = (height - size) // 2
    wanted = []
    for t in (0, frames - 1):
        frame = shown(video[0, :, t], resize, height, width)[:, top : top + size, left : left + size]
        frame = (frame - MEAN[:, None, None]) / STD[:, None, None] if normalise else frame * 2 - 1
        wanted.append(frame)
    shape = (frames, 3, size, size) if time_first else (3, frames, size, size)
    given = found[:-2].view(shape).transpose(0, 0 if time_first else 1)
    for t, frame in zip((0, frames - 1), wanted, strict=True):
        np.testing.assert_allclose(given[t].numpy(), frame, atol=1e-4)
    assert found[-2:].tolist() == ([1, 0] if name == "i3d" else [0, 1])


class Tokens(nn.Module):
    """Gives twelve vectors of five numbers, or as many maps."""

    def __init__(self, maps: bool = False) -> None:
        super().__init__()
        self.maps = maps

    def forward(self, x: Tensor) -> Tensor:
        values = torch.arange(60.0).view(1, 12, 5).expand(len(x), 12, 5)
        return values.mT[..., None] if self.maps else values


def test_the_mean_over_the_positions_is_the_vector() -> None:
    video = torch.zeros(2, 3, 16, 8, 8)
    wanted = [[27.5, 28.5, 29.5, 30.5, 31.5]] * 2
    for maps in (False, True):
        assert AdaptedNetwork(Tokens(maps), VIDEO_ADAPTERS["vjepa"])(video).tolist() == wanted


def test_windows_have_the_length_that_the_network_takes() -> None:
    network = video_network(Tokens(), "videomae")
    with pytest.raises(ConfigError, match="window=8: Tokens needs at least 16"):
        VideoFrechetDistance(network)
    with pytest.raises(ConfigError, match="window=20: Tokens takes 16 frames only"):
        VideoMMD(network, window=20)


@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_the_settings_choose_network_and_adapter(seen: Path) -> None:
    config = EvaluationConfig(video_network=str(seen), video_adapter="vjepa", window=16, stride=8)
    samples = WindowSamples.asked_for(MetricSetup(config, shortest=24), str(seen))
    assert samples is not None
    assert samples.network.frames == 16
    ((fake, _), (later, _)) = samples(torch.zeros(1, 24, 3, 8, 8), ReferenceClip(torch.zeros(1, 24, 3, 8, 8)))
    assert fake.shape == later.shape == (1, 3 * 16 * 224 * 224 + 2)
    short = MetricSetup(config, shortest=9)
    assert WindowSamples.asked_for(short, str(seen)) is None
    assert "needs windows of at least 16 frames, but only 9 frames" in short.notes[0]
    config = EvaluationConfig(video_network=str(seen), video_adapter="vjepa")
    with pytest.raises(ConfigError, match=r"window=8: .*takes 16 frames only; set window=16"):
        WindowSamples.asked_for(MetricSetup(config, shortest=24), str(seen))
    with pytest.raises(ConfigError, match="video_adapter=i3d: is for a TorchScript file; name it with video_network="):
        video_network("motion_energy", "i3d")
    with pytest.raises(ConfigError, match=r"image_adapter.*incepton"):
        image_network(seen, "incepton")


def test_the_settings_name_the_adapters_that_there_are() -> None:
    allowed = {each.name: each.metadata["allowed"].names for each in fields(EvaluationConfig) if each.metadata}
    assert allowed["image_adapter"] == ("none", *IMAGE_ADAPTERS)
    assert allowed["video_adapter"] == ("none", *VIDEO_ADAPTERS)
