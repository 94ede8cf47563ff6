"""Networks of features: loaded from files, checked, and pooled."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from vid2vid.errors import ConfigError
from vid2vid.metrics.metric_networks import image_network, pool, video_network

Save = Callable[[nn.Module, Tensor, Path], Path]


def test_files_that_hold_no_network_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"i3d\.pt: no such file.*motion_energy"):
        video_network(str(tmp_path / "i3d.pt"))
    (tmp_path / "text.pt").write_text("no network")
    with pytest.raises(ConfigError, match=r"text\.pt: not a TorchScript file"):
        image_network(tmp_path / "text.pt")
    torch.save({"weight": torch.zeros(1)}, tmp_path / "weights.pt")
    with pytest.raises(ConfigError, match=r"weights\.pt: not a TorchScript file"):
        image_network(tmp_path / "weights.pt")


def test_a_network_is_frozen_and_keeps_its_name(tmp_path: Path, save_network: Save) -> None:
    path = save_network(nn.Conv2d(3, 4, 3), torch.zeros(1, 3, 8, 8), tmp_path / "conv.pt")
    for network in (image_network(path), image_network(nn.Conv2d(3, 4, 3)), image_network("spatial_energy")):
        assert not network.training
        assert not any(parameter.requires_grad for parameter in network.parameters())
        assert image_network(network) is network
    assert image_network(path).name == str(path)
    assert image_network(nn.Conv2d(3, 4, 3)).name == "Conv2d"
    assert (image_network("spatial_energy").dimensions, image_network(path).dimensions) == (56, None)


def test_maps_are_pooled_to_means_and_deviations() -> None:
    maps = torch.tensor([[[1.0, 3.0], [5.0, 5.0]]])
    assert pool(maps).tolist() == [[2, 5, 1, 0]]
    assert pool([maps, maps[:, :1]]).tolist() == [[2, 5, 1, 0, 2, 1]]
    assert pool(maps[:, :, 0]) is not None
    assert torch.equal(pool(maps[0]), maps[0])


def test_what_is_no_vector_for_each_input_is_refused() -> None:
    network = image_network(nn.Flatten(0))
    with pytest.raises(ConfigError, match="Flatten: cannot take inputs"):
        network.vectors(torch.zeros(2, 3, 4, 4))
    with pytest.raises(ConfigError, match=r"gives \(1, 96\) for inputs \(2, 3, 4, 4\); it must give \(2, D\)"):
        network.vectors(torch.zeros(2, 3, 4, 4), torch.zeros(1, 96))


@pytest.mark.parametrize("kind", ["spatial_energy", "motion_energy"])
def test_the_built_in_networks_say_how_long_their_vectors_are(kind: str) -> None:
    make, shape = {
        "spatial_energy": (image_network, (1, 3, 32, 32)),
        "motion_energy": (video_network, (1, 3, 5, 32, 32)),
    }[kind]
    network = make(kind)
    assert network.vectors(torch.rand(shape)).shape == (1, network.dimensions)
