"""The evaluation: what it writes, and that the numbers of the model and of its trivial baselines are right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.config import EvaluationConfig
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError, DataError
from vid2vid.evaluation.held_out import evaluate
from vid2vid.video import open_frames, stream_frames, write_video
from vid2vid.visual import to_pixels

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Video = NDArray[np.float64]
GIVEN, FRAMES = 2, 8
NAMES = {
    "psnr",
    "ssim",
    "perceptual_distance",
    "warping_error",
    "warping_error_real",
    "flow_difference",
    "perceptual_change",
    "video_frechet_distance",
    "video_mmd",
    "image_frechet_distance",
    "image_mmd",
    "detail",
    "lattice",
    "colour_drift",
}
SHARED = {
    "real",
    "intervals",
    "per_clip",
    "differences",
    "curves",
    "notes",
    "clips",
    "synthesised_frames",
    "given_frames",
    "data",
    "weights",
}
WRITTEN = {"metrics.json", "metrics.md", "curves.png", "sheet.png", "sheet_2.png", "synthesis.mp4"}


@pytest.fixture(scope="module")
def module(small_module: Modules) -> Vid2VidModule:
    torch.manual_seed(0)
    return small_module()


@pytest.fixture(scope="module")
def result(
    module: Vid2VidModule, street_data: DataModules, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    output = tmp_path_factory.mktemp("run") / "evaluation"
    # windows of 12 frames: the training clips show every frame once
    return evaluate(module, street_data(clip_frames=12, val_frames=FRAMES), output), output


def video(path: Path, frames: int = 12) -> Video:
    """Frames (T, H, W, 3) in [0, 1]."""
    return np.stack(list(stream_frames(path)))[:frames] / 255


def psnr(fake: Video, real: Video) -> float:
    errors = np.square(fake[GIVEN:] - real[GIVEN:]).mean(axis=(1, 2, 3))
    return float(np.mean(10 * np.log10(1 / errors)))


def test_the_numbers_are_written(result: tuple[dict[str, Any], Path]) -> None:
    content, output = result
    assert json.loads((output / "metrics.json").read_text()) == content
    assert set(content) == {"vid2vid", "frozen", "label_mean", "nearest"} | SHARED
    assert (content["synthesised_frames"], content["given_frames"]) == (2 * (FRAMES - GIVEN), GIVEN)
    for name in ("vid2vid", "frozen", "label_mean", "nearest"):
        assert set(content[name]) == NAMES
        assert content[name]["warping_error_real"] == content["frozen"]["warping_error_real"]


def test_the_frozen_baseline_stands_still(result: tuple[dict[str, Any], Path], street_root: Path) -> None:
    scores = []
    for sequence in Manifest.load(street_root).split("val"):
        real = video(sequence.target, FRAMES)
        still = real.copy()
        still[GIVEN:] = real[GIVEN - 1]
        scores.append(psnr(still, real))
    assert result[0]["frozen"]["psnr"] == pytest.approx(np.mean(scores), abs=1e-3)


def test_the_label_mean_baseline_paints_each_label_in_its_training_colour(
    result: tuple[dict[str, Any], Path], street_root: Path
) -> None:
    manifest = Manifest.load(street_root)
    pixels = np.concatenate([video(sequence.target).reshape(-1, 3) for sequence in manifest.split("train")])
    labels = np.concatenate([ids(sequence.source).ravel() for sequence in manifest.split("train")])
    colours = np.zeros((256, 3))
    for label in np.unique(labels):
        colours[label] = pixels[labels == label].mean(axis=0)
    sequences = manifest.split("val")
    scores = [psnr(colours[ids(s.source)[:FRAMES]], video(s.target, FRAMES)) for s in sequences]
    assert result[0]["label_mean"]["psnr"] == pytest.approx(np.mean(scores), abs=1e-3)


def ids(path: Path) -> NDArray[np.uint8]:
    return np.stack(list(stream_frames(path)))[..., 0]


def test_the_models_numbers_are_those_of_its_roll_out(
    result: tuple[dict[str, Any], Path], module: Vid2VidModule, street_data: DataModules
) -> None:
    data = street_data(val_frames=FRAMES)
    data.setup("fit")
    (clip,) = data.val_dataloader()
    real = clip.real.float() / 127.5 - 1
    with torch.no_grad():
        fake = module.eval()(clip.source, real[:, :GIVEN]).fake
    errors = (fake - real[:, GIVEN:]).square().mean(dim=(2, 3, 4)) / 4
    assert result[0]["vid2vid"]["psnr"] == pytest.approx(float((-10 * errors.log10()).mean()), abs=1e-3)


def test_the_roll_outs_can_be_looked_at(
    result: tuple[dict[str, Any], Path], module: Vid2VidModule, street_data: DataModules
) -> None:
    _, output = result
    assert {path.name for path in output.iterdir()} == WRITTEN
    frames = np.stack(list(stream_frames(output / "synthesis.mp4")))
    assert frames.shape == (2 * (FRAMES - GIVEN), 32, 3 * 64 + 4, 3)
    assert open_frames(output / "synthesis.mp4").fps == pytest.approx(10)
    data = street_data(val_frames=FRAMES)
    data.setup("fit")
    (clip,) = data.val_dataloader()
    real = clip.real[:, GIVEN:].flatten(0, 1).permute(0, 2, 3, 1).numpy()
    assert np.abs(frames[:, :, -64:].astype(int) - real).mean() < 8
    for name, b in (("sheet.png", 0), ("sheet_2.png", 1)):
        sheet = cv2.imread(str(output / name))
        assert sheet is not None
        last = to_pixels(clip.real[b, -1].float() / 127.5 - 1)
        np.testing.assert_array_equal(sheet[-34:-2, -64:, ::-1], last)


def test_batches_do_not_matter(
    result: tuple[dict[str, Any], Path], module: Vid2VidModule, street_data: DataModules, tmp_path: Path
) -> None:
    data = street_data(batch_size=1, clip_frames=12, val_frames=FRAMES)
    content = evaluate(module, data, tmp_path)
    for name in ("vid2vid", "frozen", "label_mean", "nearest"):
        # one step of one pixel may lead an estimate of motion elsewhere
        assert content[name].pop("flow_difference") == pytest.approx(result[0][name]["flow_difference"], rel=0.05)
        assert content[name] == pytest.approx({key: result[0][name][key] for key in content[name]}, rel=1e-3)


def test_pixels_of_classes_are_measured_alone(
    module: Vid2VidModule, street_data: DataModules, tmp_path: Path, result: tuple[dict[str, Any], Path]
) -> None:
    data = street_data(clip_frames=12, val_frames=FRAMES)
    everything = list(data.prepare_manifest().condition.label_names)
    content = evaluate(module, data, tmp_path, config=EvaluationConfig(classes=everything, bootstrap=0))
    for name in ("psnr", "perceptual_distance", "flow_difference", "detail"):
        assert content["frozen"][f"class_{name}"] == pytest.approx(content["frozen"][name], rel=1e-5)
        assert content["frozen"][name] == pytest.approx(result[0]["frozen"][name], rel=1e-5)
    with pytest.raises(ConfigError, match=r"classes='cra' is unknown\. Did you mean 'car'\? Choose one of: 7, .*road"):
        evaluate(module, data, tmp_path, config=EvaluationConfig(classes=["cra"]))


def test_edges_have_no_label_colours(small_module: Modules, street_root: Path, tmp_path: Path) -> None:
    frames = [f for s in Manifest.load(street_root).sequences for f in stream_frames(s.target)]
    write_video(tmp_path / "film.mp4", frames, 10)
    loader = {"num_workers": 0, "clip_frames": 4, "flow_strides": [1], "cache": str(tmp_path / "cache")}
    data = Vid2VidDataModule.video(tmp_path / "film.mp4", loader, cache=str(tmp_path / "cache"))
    edges = small_module(data.condition)
    with pytest.raises(ConfigError, match=r"classes=\['car'\]: a condition of the kind 'edges' has no labels"):
        evaluate(edges, data, tmp_path / "evaluation", config=EvaluationConfig(classes=["car"]))
    content = evaluate(edges, data, tmp_path / "evaluation")
    assert set(content) == {"vid2vid", "frozen", "nearest"} | SHARED
    assert content["synthesised_frames"] == 9 - GIVEN


def test_clips_without_a_synthesised_frame_are_named(
    module: Vid2VidModule, street_data: DataModules, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"clips of 2 frames .*val-00000:0.*data\.val_frames"):
        evaluate(module, street_data(val_frames=2), tmp_path / "evaluation")
    assert not list(tmp_path.rglob("*.*"))


def test_no_file_of_the_data_is_written_over(module: Vid2VidModule, street_root: Path, tmp_path: Path) -> None:
    manifest = Manifest.load(street_root)
    mine = tmp_path / "synthesis.mp4"
    mine.symlink_to(manifest.sequences[-1].target)
    loader = {"num_workers": 0, "clip_frames": 4, "val_frames": 4, "cache": str(tmp_path / "cache")}
    with pytest.raises(ConfigError, match=r"synthesis\.mp4: would be written over .*val-"):
        evaluate(module, Vid2VidDataModule(manifest, loader), tmp_path)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {mine.name}
