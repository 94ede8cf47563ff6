"""Keypoints of a real talking head against those of the same frames, moved and blackened."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from torch import Tensor

from vid2vid.config import EvaluationConfig
from vid2vid.errors import ConfigError
from vid2vid.evaluation import Footage, Jury
from vid2vid.evaluation.keypoints import NEAR, KeypointJudge
from vid2vid.ops import to_images
from vid2vid.types import Flow
from vid2vid.video import stream_frames


@pytest.fixture(scope="module")
def head(samples: Path) -> Tensor:
    """Two frames of a talking head, ``(1, 2, 3, 240, 320)``."""
    (folder,) = (samples / "face/images").iterdir()
    frames = np.stack(list(stream_frames(folder))[:2])[:, ::2, ::2]
    return to_images(torch.from_numpy(frames.copy()).permute(0, 3, 1, 2))[None]


def footage(real: Tensor, given: int = 1) -> Footage:
    vectors = torch.zeros(1, real.shape[1] - 1, 2, *real.shape[-2:])
    return Footage(real, Flow(vectors, torch.ones_like(vectors[:, :, :1])), given)


@pytest.fixture(autouse=True)
def _dlib(absent: Callable[[str], NoReturn]) -> None:
    for module in ("dlib", "face_recognition_models"):
        if importlib.util.find_spec(module) is None:
            absent(f"{module} is not installed")


def test_what_moves_away_is_off_by_as_much_and_what_is_gone_is_not_right(head: Tensor) -> None:
    moved = {f"by {shift}": head.roll(shift, dims=-1) for shift in (0, 8, 16)}
    judge = KeypointJudge("dlib")
    judge.begin()
    judge.see({**moved, "gone": torch.full_like(head, -1)}, footage(head))
    found = judge.figures()
    assert found["by 0"]["keypoint_error"].value == 0
    assert found["by 0"]["keypoints_right"].value == 1
    near, far = (found[f"by {shift}"]["keypoint_error"].value for shift in (8, 16))
    assert NEAR < near < 0.2
    assert far == pytest.approx(2 * near, rel=0.1)
    assert found["by 16"]["keypoints_right"].value == 0
    assert found["gone"]["keypoints_right"].value == 0
    assert "keypoint_error" not in found["gone"]


def test_they_stand_in_the_verdict_when_asked_for(head: Tensor) -> None:
    jury = Jury(EvaluationConfig(bootstrap=0, keypoints="dlib", window=1), shortest=1)
    jury.begin()
    jury.see({"same": head[..., ::2, ::2].repeat_interleave(2, -1).repeat_interleave(2, -2)}, footage(head))
    verdict = jury.verdict(["same"], [], 1, {})
    assert 0 <= verdict.figures["same"]["keypoint_error"].value < NEAR
    assert "keypoint error" in verdict.markdown()


def test_a_finder_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"keypoints.*dilb"):
        KeypointJudge("dilb")
