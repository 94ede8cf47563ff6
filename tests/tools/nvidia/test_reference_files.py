"""Folders of checkpoints and recordings are read, or refused by name."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from vid2vid.errors import CheckpointError, DataError
from vid2vid.tools.nvidia.reference_files import ReferenceRecording, read_checkpoints


def save_net(folder: Path, name: str, **tensors: torch.Tensor) -> None:
    folder.mkdir(exist_ok=True)
    torch.save(tensors, folder / f"{name}.pth")


def test_the_nets_of_one_epoch_are_read(tmp_path: Path) -> None:
    weight = torch.rand(2, 3)
    save_net(tmp_path, "latest_net_G0", a=weight)
    save_net(tmp_path, "latest_net_D_T0", **{"module.b": weight + 1})
    save_net(tmp_path, "20_net_G0", a=weight + 2)
    latest, early = read_checkpoints(tmp_path), read_checkpoints(tmp_path, "20")
    assert set(latest) == {"netG0/a", "netD_T0/b"}
    assert torch.equal(latest["netD_T0/b"], weight + 1)
    assert set(early) == {"netG0/a"}
    assert torch.equal(early["netG0/a"], weight + 2)


def test_folders_of_something_else_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no such folder"):
        read_checkpoints(tmp_path / "none")
    folder = tmp_path / "official"
    save_net(folder, "latest_net_G0", a=torch.zeros(1))
    with pytest.raises(CheckpointError, match=r"has no files 20_net_.*those of the epochs latest"):
        read_checkpoints(folder, "20")
    torch.save({"epoch": 3}, folder / "latest_net_D.pth")
    with pytest.raises(CheckpointError, match=r"latest_net_D\.pth: does not hold the tensors"):
        read_checkpoints(folder)
    (folder / "latest_net_D.pth").write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match=r"latest_net_D\.pth: cannot be read"):
        read_checkpoints(folder)


def test_what_was_recorded_is_found_or_missed_by_name(recording: Callable[[str], ReferenceRecording]) -> None:
    recorded = recording("a_encoder")
    assert recorded.setting("kind") == "feature_encoder"
    assert recorded.given("image") is recorded.tensors["input/image"]
    assert set(recorded.group("output")) == {"features"}
    with pytest.raises(DataError, match=r"a_encoder\.safetensors: its config has no 'rhyme'"):
        recorded.setting("rhyme")
    with pytest.raises(DataError, match=r"a_encoder\.safetensors: has no tensor 'input/rhyme'"):
        recorded.given("rhyme")


def test_other_files_are_no_recordings(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(DataError, match=r"weights\.safetensors: not a recording of the reference"):
        ReferenceRecording.read(path)
