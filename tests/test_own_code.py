"""The examples of docs/own_code.md run as they stand, but for sizes; each does what the page says of it."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch

PAGE = (Path(__file__).parents[1] / "docs" / "own_code.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "own_code"}
    exec(compile(text, "docs/own_code.md", "exec"), names)  # noqa: S102
    return names


def test_there_are_three() -> None:
    assert len(EXAMPLES) == 3


def test_a_loop_of_your_own_makes_frames() -> None:
    frames = run(EXAMPLES[0])["frames"]
    assert [tuple(frame.shape) for frame in frames] == [(3, 64, 128)] * 4
    assert torch.stack(frames).abs().max() <= 1
    # something is seen, and it moves
    assert torch.stack(frames).std() > 0.1
    assert not torch.equal(frames[0], frames[3])


def test_a_training_of_your_own_learns(street_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PL_TRAINER_MAX_STEPS", "4")
    street = 'Vid2VidDataModule.street("data/street", '
    assert street in EXAMPLES[1]
    names = run(EXAMPLES[1].replace(street, f"Vid2VidDataModule({str(street_root)!r}, "))
    trainer, module = names["trainer"], names["module"]
    # a step of D_V and one of the generator each
    assert trainer.global_step == 4
    assert {"train/generator", "train/D_V"} <= set(trainer.callback_metrics)
    for optimizer in trainer.optimizers:
        assert all(int(state["step"]) == 2 for state in optimizer.state.values())
    assert module.d_v.training


def test_our_measures_tell_what_was_done() -> None:
    names = run(EXAMPLES[2])
    # noise of 0.1 in pictures that span 2, clamped
    assert names["found"]["psnr"] == pytest.approx(26.2, abs=0.5)
    assert names["found"]["warping error"] > 0.2
    assert names["found"]["video Fréchet"] > 0
