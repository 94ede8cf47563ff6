"""Our networks against recordings of the reference implementation: its weights and inputs, its outputs.

Processors with AVX-512 reproduce the recordings exactly, or to the rounding of single sums; others to what a roll-out
makes of their rounding.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from vid2vid.config import GeneratorConfig
from vid2vid.errors import DataError
from vid2vid.generator import Generator
from vid2vid.ops import foreground_mask, instance_edges, one_hot
from vid2vid.tools.nvidia.__main__ import verify_files
from vid2vid.tools.nvidia.names import generator_names
from vid2vid.tools.nvidia.reference_files import ReferenceRecording
from vid2vid.tools.nvidia.verify import BOUND, verify

Read = Callable[[str], ReferenceRecording]
Run = Callable[..., subprocess.CompletedProcess[str]]
RECORDINGS = (
    "a_D_image",
    "a_D_video",
    "a_encoder",
    "a_flow_losses",
    "a_forward",
    "a_forward_fg",
    "a_pix2pixHD_global",
    "a_pix2pixHD_local",
    "a_rollout_1scale",
    "a_rollout_1scale_fg_instance",
    "a_rollout_2scale_fg_instance",
    "a_rollout_3scale",
    "a_rollout_no_first",
    "a_rollout_noflow",
    "a_temporal_sampling",
)


def write(path: Path, config: dict[str, Any], tensors: dict[str, Tensor]) -> Path:
    """Write a recording."""
    save_file({k: v.contiguous() for k, v in tensors.items()}, path, metadata={"config": json.dumps(config)})
    return path


def test_every_recording_is_here(reference: Path) -> None:
    assert {path.stem for path in reference.glob("*.safetensors")} == set(RECORDINGS)


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_output_is_reproduced(reference: Path, recording: Read, name: str) -> None:
    errors = dict(verify(reference / f"{name}.safetensors"))
    assert set(errors) == set(recording(name).group("output"))
    assert max(errors.values()) <= BOUND, {output: error for output, error in errors.items() if error > BOUND}


@pytest.mark.parametrize("change", [1e-3, 1e-2])
def test_rounding_explains_no_wrong_weight(recording: Read, tmp_path: Path, change: float) -> None:
    recorded = recording("a_rollout_1scale")
    tensors = dict(recorded.tensors)
    name = "netG0/model_final_img.1.bias"
    tensors[name] = tensors[name] + change
    errors = dict(verify(write(tmp_path / "bad.safetensors", recorded.config, tensors)))
    assert errors["frames"] > BOUND


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process; returns its exit status and what it wrote."""

    def command(*files: Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["vid2vid.tools.nvidia", "verify", *map(str, files)])
        return subprocess.CompletedProcess(sys.argv, verify_files(), *capsys.readouterr())

    return command


def test_the_command_line_tells_equal_from_different(
    run: Run, reference: Path, recording: Read, tmp_path: Path
) -> None:
    good = reference / "a_D_image.safetensors"
    recorded = recording("a_D_image")
    tensors = dict(recorded.tensors)
    tensors["netD/scale0_layer1.0.weight"] = tensors["netD/scale0_layer1.0.weight"] + 0.01
    bad = write(tmp_path / "bad.safetensors", recorded.config, tensors)
    fine = run(good)
    assert fine.returncode == 0, fine.stderr
    lines = fine.stdout.splitlines()
    assert len(lines) == len(recorded.group("output"))
    assert all(line.startswith("ok   a_D_image: ") for line in lines)
    both = run(good, bad)
    assert both.returncode == 1
    failed = {line.split(": ")[1] for line in both.stdout.splitlines() if line.startswith("FAIL bad: ")}
    # the scale that was changed is the coarser one, which the outputs count as 1
    assert {"real_scale1_layer1", "d_real", "g_gan"} <= failed
    assert "real_scale0_layer4" not in failed


@pytest.mark.slow
def test_what_cannot_be_verified_is_named(reference: Path, recording: Read, tmp_path: Path) -> None:
    (tmp_path / "text.safetensors").write_text("no recording")
    files = [tmp_path / "text.safetensors", tmp_path / "none.safetensors", reference / "a_encoder.safetensors"]
    command = [sys.executable, "-m", "vid2vid.tools.nvidia", "verify", *map(str, files)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 2
    assert "text.safetensors: not a recording" in outcome.stderr
    assert "none.safetensors: there is no such file" in outcome.stderr
    # the others are verified all the same
    assert "ok   a_encoder: features" in outcome.stdout
    recorded = recording("a_encoder")
    strange = write(tmp_path / "strange.safetensors", {"kind": "poem"}, recorded.tensors)
    with pytest.raises(DataError, match="'poem' are unknown"):
        list(verify(strange))
    more = {**recorded.tensors, "output/rhyme": torch.zeros(1)}
    with pytest.raises(DataError, match="nothing here to compare the output 'rhyme'"):
        list(verify(write(tmp_path / "more.safetensors", recorded.config, more)))


@pytest.mark.parametrize(
    ("labels", "settings"),
    [
        (7, {"base_channels": 8, "downsamples": 3, "blocks": 4, "foreground": "overwrite", "scales": 2}),
        (3, {"base_channels": 4, "downsamples": 1, "blocks": 5, "scales": 3, "finer_blocks": 2, "norm": "batch"}),
        (2, {"base_channels": 3, "downsamples": 2, "blocks": 2, "past_frames": 1, "use_flow": False}),
        (5, {"base_channels": 4, "downsamples": 4, "blocks": 3, "past_frames": 3, "foreground": "overwrite"}),
    ],
)
def test_any_size_is_worked_out(labels: int, settings: dict[str, Any], tmp_path: Path) -> None:
    """Record an F of ours under the reference's names, and verify it: nothing but tensors tells its size."""
    config = GeneratorConfig(**{**settings, "norm": settings.get("norm", "instance")})
    generator = Generator(config, labels + 1)
    length = config.past_frames
    given = {
        "label": torch.randint(labels, (1, length + 2, 1, 32, 48), dtype=torch.uint8),
        "instance": torch.randint(3, (1, length + 2, 1, 32, 48), dtype=torch.uint8),
        "real": torch.rand(1, length + 2, 3, 32, 48) * 2 - 1,
    }
    code = torch.cat([one_hot(given["label"], labels), instance_edges(given["instance"])], dim=-3)
    foreground = foreground_mask(code[:, length:], [1]) if config.foreground != "none" else None
    with torch.no_grad():
        frames = generator(code, given["real"][:, :length], foreground=foreground).fake
    theirs = generator_names(config.finer_blocks)
    tensors = {
        **{theirs(name): value for name, value in generator.frame.state_dict().items()},
        **{f"input/{name}": value for name, value in given.items()},
        "output/frames": frames,
        "output/encoded_input_last": code[0, length],
    }
    recorded = {"kind": "rollout", "label_nc": labels, "use_instance": True, "no_first_img": False, "fg_labels": [1]}
    assert max(error for _, error in verify(write(tmp_path / "own.safetensors", recorded, tensors))) <= BOUND
