"""RAFT without its weights (nothing may be downloaded here), and with random ones, which show that shapes fit."""

import re
from pathlib import Path

import pytest
import torch
from torchvision.models.optical_flow import raft_large

from vid2vid.config import FlowEstimatorConfig
from vid2vid.errors import ConfigError
from vid2vid.flow.loading import load_flow_estimator
from vid2vid.flow.raft import RAFT


@pytest.fixture(scope="module")
def raft(tmp_path_factory: pytest.TempPathFactory) -> RAFT:
    """RAFT with random weights, read from a file."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("raft") / "random.pth"
    network = raft_large()
    torch.save(network.state_dict(), path)
    loaded = RAFT(str(path))
    for name, weight in network.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[name], weight), name
    return loaded


@pytest.mark.parametrize("size", [(37, 53), (16, 137)])
def test_any_size_comes_back_as_it_was(raft: RAFT, size: tuple[int, int]) -> None:
    previous, current = torch.rand(2, 1, 3, *size) * 2 - 1
    flow = raft(previous, current)
    assert flow.vectors.shape == (1, 2, *size)
    assert flow.confidence.shape == (1, 1, *size)
    assert flow.vectors.isfinite().all()
    assert not flow.vectors.requires_grad


def test_nothing_of_it_learns(raft: RAFT) -> None:
    assert not any(p.requires_grad for p in raft.network.parameters())
    assert not raft.network.training


def test_the_name_tells_the_content_of_the_weights(raft: RAFT, tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one.pth", "same.pth", "other.pth"))
    one.write_bytes(b"1")
    same.write_bytes(b"1")
    other.write_bytes(b"2")
    assert RAFT.name_of(str(one)) == RAFT.name_of(str(same)) != RAFT.name_of(str(other))
    assert raft.name.startswith("raft-large-")
    # torchvision's own: the file's name ends with the first digits of its SHA-256
    assert re.search(r"-[0-9a-f]{8}$", RAFT.name_of())


# a weights-only load never runs what is in a file
@pytest.mark.parametrize("content", [None, b"", b"no weights"])
def test_missing_weights_are_named_with_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "raft.pth"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        ConfigError, match=r"raft\.pth.*cannot be read as weights of RAFT.*flow_estimator\.kind=dis"
    ) as caught:
        load_flow_estimator(FlowEstimatorConfig(kind="raft", weights=str(path)))
    assert "weights_only" not in str(caught.value), "torch's own words advise to load the file unsafely"


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save({"weight": torch.ones(2)}, path)
    with pytest.raises(ConfigError, match=r"other\.pth.*cannot be read as weights of RAFT"):
        RAFT(str(path))
