"""A folder of the reference's checkpoints becomes one of ours by the command line, and makes the recorded frames."""

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import torch

from vid2vid import Vid2VidModule, load
from vid2vid.baselines import ImageModule
from vid2vid.cli.main import main
from vid2vid.tools.nvidia.reference_files import ReferenceRecording
from vid2vid.video import stream_frames, write_ids, write_labels
from vid2vid.visual import save_png, to_pixels

Command = Callable[..., CompletedProcess[str]]
NETS = {"a_rollout_2scale_fg_instance": ("netG0", "netG1"), "a_pix2pixHD_local": ("netG",)}


def folder_of(recorded: ReferenceRecording, folder: Path, *more: tuple[str, ReferenceRecording]) -> Path:
    """Write the nets of recordings as the reference does."""
    folder.mkdir()
    nets = [(net, recorded) for net in NETS[recorded.path.stem]]
    for net, source in (*nets, *more):
        group = "netD" if net.startswith("netD") else net
        torch.save(source.group(group), folder / f"latest_net_{net.removeprefix('net')}.pth")
    return folder


@pytest.fixture(scope="module")
def recorded(reference: Path) -> ReferenceRecording:
    """Two scales with a foreground branch, batch norm and instance edges."""
    return ReferenceRecording.read(reference / "a_rollout_2scale_fg_instance.safetensors")


@pytest.fixture(scope="module")
def imported(recorded: ReferenceRecording, reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of ours that was imported by the command line, from F, D_I and one D_V."""
    home = tmp_path_factory.mktemp("import")
    video = ReferenceRecording.read(reference / "a_D_video.safetensors")
    folder = folder_of(recorded, home / "official", ("netD_T0", video))
    given = ["instance_edges=true", "foreground_labels=[1,2]"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as written:
        patch.chdir(home)
        patch.setattr(sys, "argv", ["vid2vid", "import", f"checkpoint_dir={folder}", "output=ours.ckpt", *given])
        main()
    assert written.getvalue() == "ours.ckpt: Vid2VidModule with 5 condition channels\n"
    return home / "ours.ckpt"


@torch.no_grad()
def test_it_makes_the_recorded_frames(recorded: ReferenceRecording, imported: Path) -> None:
    module = load(imported, Vid2VidModule)
    assert module.generator.config.scales == 2
    assert module.discriminators.config.temporal_strides == [1]
    assert module.discriminators.config.discriminator_frames == 3
    rollout = module(recorded.given("label"), recorded.given("real")[:, :2], recorded.given("instance"))
    errors = (rollout.fake - recorded.tensors["output/frames"]).abs().amax((0, 2, 3, 4))
    # the rounding of other processors, times ten with each frame (`vid2vid.tools.nvidia.verify`)
    assert errors[0] <= 1e-3
    assert errors[1] <= 1e-2


@torch.no_grad()
def test_the_command_line_synthesises_with_it(
    recorded: ReferenceRecording, imported: Path, vid2vid: Command, tmp_path: Path
) -> None:
    labels, instance = (recorded.given(name)[0, :, 0].numpy() for name in ("label", "instance"))
    write_labels(tmp_path / "labels.mkv", list(labels), 10)
    write_ids(tmp_path / "instance.mkv", list(instance.astype(np.int32)), 10)
    (tmp_path / "first").mkdir()
    first = [to_pixels(frame) for frame in recorded.given("real")[0, :2]]
    for i, frame in enumerate(first):
        save_png(tmp_path / "first" / f"{i}.png", frame)
    files = [f"{key}={tmp_path / name}" for key, name in (("source", "labels.mkv"), ("instance", "instance.mkv"))]
    output = tmp_path / "out.mp4"
    done = vid2vid("synthesize", f"checkpoint={imported}", *files, f"first={tmp_path / 'first'}", f"output={output}")
    assert done.returncode == 0, done.stderr
    frames = torch.from_numpy(np.stack(list(stream_frames(output)))).permute(0, 3, 1, 2) / 127.5 - 1
    given = torch.from_numpy(np.stack(first)).permute(0, 3, 1, 2)[None] / 127.5 - 1
    expected = load(imported)(recorded.given("label"), given, recorded.given("instance")).fake[0]
    assert len(frames) == 8
    # what is left is H.264 on noise
    assert (frames[2:] - expected).abs().mean() < 0.2
    assert torch.corrcoef(torch.stack([frames[2:].flatten(), expected.flatten()]))[0, 1] > 0.8


@torch.no_grad()
def test_pix2pixhd_is_imported_too(reference: Path, vid2vid: Command, tmp_path: Path) -> None:
    recorded = ReferenceRecording.read(reference / "a_pix2pixHD_local.safetensors")
    discriminator = ReferenceRecording.read(reference / "a_D_image.safetensors")
    folder = folder_of(recorded, tmp_path / "official", ("netD", discriminator))
    output = tmp_path / "image.ckpt"
    done = vid2vid("import", f"checkpoint_dir={folder}", f"output={output}", "instance_edges=false")
    assert done.returncode == 0, done.stderr
    module = load(output)
    assert isinstance(module, ImageModule)
    assert (module.images(recorded.given("source")) - recorded.tensors["output/image"]).abs().max() <= 1e-4
    weights = discriminator.tensors["netD/scale0_layer0.0.weight"]
    assert any(torch.equal(value, weights) for value in module.discriminator.state_dict().values())


def test_what_cannot_be_known_is_asked_for(recorded: ReferenceRecording, vid2vid: Command, tmp_path: Path) -> None:
    folder = folder_of(recorded, tmp_path / "official")
    given = ["import", f"checkpoint_dir={folder}", f"output={tmp_path / 'ours.ckpt'}"]
    edges = vid2vid(*given)
    assert edges.returncode == 2
    assert "sees 5 channels" in edges.stderr
    assert "instance_edges=true" in edges.stderr
    foreground = vid2vid(*given, "instance_edges=true")
    assert foreground.returncode == 2
    assert "give foreground_labels=[…], some of: 0, 1, 2, 3" in foreground.stderr
    split = vid2vid(*given, "instance_edges=true", "label_ids=[7,8,9]", "foreground_labels=[7]")
    assert split.returncode == 2
    assert "3 labels and 1 channel of instance edges would have 4" in split.stderr
    assert not (tmp_path / "ours.ckpt").exists()


def test_a_missing_tensor_is_named_and_nothing_written(
    recorded: ReferenceRecording, vid2vid: Command, tmp_path: Path
) -> None:
    folder = folder_of(recorded, tmp_path / "official")
    weights = torch.load(folder / "latest_net_G1.pth", weights_only=True)
    del weights["indv_final.1.weight"]
    torch.save(weights, folder / "latest_net_G1.pth")
    given = ["instance_edges=true", "foreground_labels=[1]"]
    done = vid2vid("import", f"checkpoint_dir={folder}", f"output={tmp_path / 'ours.ckpt'}", *given)
    assert done.returncode == 2
    assert "missing: netG1/indv_final.1.weight" in done.stderr
    assert not (tmp_path / "ours.ckpt").exists()


def test_the_references_files_stay(recorded: ReferenceRecording, vid2vid: Command, tmp_path: Path) -> None:
    net = folder_of(recorded, tmp_path / "official") / "latest_net_G0.pth"
    before = net.read_bytes()
    (tmp_path / "link.ckpt").symlink_to(net)
    for output in (net, tmp_path / "link.ckpt"):
        done = vid2vid("import", f"checkpoint_dir={tmp_path / 'official'}", f"output={output}", "instance_edges=true")
        assert done.returncode == 2
        assert f"{output}: would be written over {net}, which is read" in done.stderr
    assert net.read_bytes() == before
