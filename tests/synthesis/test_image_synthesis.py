"""The image generator at synthesis: alone, and for F's first frames."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Condition, ImageModule, Synthesizer, Vid2VidDataModule, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.evaluation.held_out import evaluate
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.image_quality import PSNR, SSIM, Detail
from vid2vid.metrics.temporal import WarpingError
from vid2vid.ops import to_images
from vid2vid.synthesis import ImageSynthesizer, synthesize
from vid2vid.video import VideoWriter, stream_frames
from vid2vid.visual import to_pixels

Images = Callable[..., ImageModule]
Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
FRAMES, PAST = 12, 2
# short flows: long ones make the roll-out of an untrained F chaotic, so that roundings grow in it
TAME = {"flow_scale": 1.0}


@pytest.fixture
def module(small_module: Modules) -> Vid2VidModule:
    return small_module(generator=TAME).eval()


@pytest.fixture
def image(small_image: Images) -> ImageModule:
    return small_image().eval()


def source_of(street: VideoSequence, condition: Condition) -> torch.Tensor:
    table = np.zeros(256, np.uint8)
    table[condition.label_ids] = np.arange(len(condition.label_ids))
    return torch.from_numpy(table[read(street.source)[..., 0]])[None, :, None]


def read(path: Path) -> NDArray[np.uint8]:
    return np.stack(list(stream_frames(path)))


def assert_written(path: Path, wanted: torch.Tensor) -> None:
    """The file holds these frames, as compressed as when they are written as they are."""
    again = path.with_name("again.mp4")
    with VideoWriter(again, 10) as writer:
        for frame in wanted:
            writer.write(to_pixels(frame))
    found, compressed = read(path).astype(int), read(again)
    assert found.shape == compressed.shape
    assert np.abs(found - compressed).mean(axis=(1, 2, 3)).max() < 2
    assert np.abs(found[1:] - compressed[:-1]).mean() > 4, "the frames are too alike for this test to tell"


@pytest.mark.parametrize("batch", [1, 2])
def test_its_frames_come_first_and_f_goes_on_from_them(batch: int, module: Vid2VidModule, image: ImageModule) -> None:
    source = torch.randint(9, (batch, 6, 1, 18, 25), dtype=torch.uint8)
    synthesizer = Synthesizer(module, image)
    frames = [synthesizer.step(source[:, t]) for t in range(6)]
    with torch.no_grad():
        first = [image(source[:, t : t + 1])[:, 0] for t in range(PAST)]
        rollout = module(source, torch.stack(first, dim=1))
    for frame, wanted in zip(frames, first, strict=False):
        assert torch.equal(frame.fake, wanted)
        assert not frame.mask.any()
    made = torch.stack([frame.fake for frame in frames[PAST:]], dim=1)
    torch.testing.assert_close(made, rollout.fake, atol=1e-5, rtol=1e-5)
    with torch.no_grad():
        others = [module(source).fake[:, PAST:], module(source, torch.zeros(batch, PAST, 3, 18, 25)).fake]
    for other in others:
        assert (made - other).abs().max() > 1e-3


def test_reset_begins_anew(module: Vid2VidModule, image: ImageModule) -> None:
    source = torch.randint(9, (1, 5, 1, 18, 25), dtype=torch.uint8)
    synthesizer = Synthesizer(module, image)
    fresh = [synthesizer.step(source[:, t]).fake for t in range(5)]
    for times in (1, 4):
        synthesizer.reset(image)
        assert all(torch.equal(synthesizer.step(source[:, t]).fake, fresh[t]) for t in range(times))


def test_alone_it_streams_what_it_makes_of_the_whole(image: ImageModule) -> None:
    source = torch.randint(9, (2, 4, 1, 18, 25), dtype=torch.uint8)
    synthesizer = ImageSynthesizer(image)
    frames = torch.stack([synthesizer.step(source[:, t]).fake for t in range(4)], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(frames, image(source), atol=1e-5, rtol=1e-5)


def test_every_frame_is_written(
    module: Vid2VidModule, image: ImageModule, street: VideoSequence, tmp_path: Path
) -> None:
    source = source_of(street, module.condition)
    with torch.no_grad():
        alone = torch.cat([image(source[:, t : t + 1])[0] for t in range(FRAMES)])
        begun = torch.cat([alone[:PAST], module(source, alone[None, :PAST]).fake[0]])
    assert synthesize(image, SynthesisConfig(source=street.source, output=tmp_path / "image.mp4")) == FRAMES
    assert_written(tmp_path / "image.mp4", alone)
    assert (
        synthesize(module, SynthesisConfig(source=street.source, output=tmp_path / "begun.mp4"), image=image) == FRAMES
    )
    assert_written(tmp_path / "begun.mp4", begun)


def test_instances_are_streamed_to_it(small_image: Images, street: VideoSequence, tmp_path: Path) -> None:
    image = small_image({"label_ids": list(range(64)), "instance_edges": True})
    assert (
        synthesize(image, SynthesisConfig(source=street.source, output=tmp_path / "out.mp4", instance=street.instance))
        == FRAMES
    )


def test_it_is_evaluated_as_f_is(image: ImageModule, street_data: DataModules, tmp_path: Path) -> None:
    content = evaluate(image, street_data(clip_frames=12, val_frames=8), tmp_path)
    assert set(content) >= {"pix2pixHD", "frozen", "label_mean", "nearest", "real"}
    assert (content["synthesised_frames"], content["given_frames"]) == (16, PAST)
    assert json.loads((tmp_path / "metrics.json").read_text()) == content
    data = street_data(val_frames=8)
    data.setup("fit")
    (clip,) = data.val_dataloader()
    with torch.no_grad():
        video = image(clip.source)
    for metric in (PSNR(), SSIM(), WarpingError(), Detail()):
        metric.update(video, ReferenceClip(to_images(clip.real), clip.flows[1], PAST))
        (name,) = metric.measures
        assert content["pix2pixHD"][name] == pytest.approx(float(metric.compute()), rel=1e-3), name
    frames = read(tmp_path / "synthesis.mp4")
    assert frames.shape == (16, 32, 3 * 64 + 4, 3)
    written = {"metrics.json", "metrics.md", "sheet.png", "sheet_2.png", "synthesis.mp4"}
    assert {path.name for path in tmp_path.iterdir()} == {*written, "curves.png"}


def test_a_clip_without_flow_is_evaluated_by_the_estimators(
    image: ImageModule, street_root: Path, street_data: DataModules, tmp_path: Path
) -> None:
    data = street_data(val_frames=4)
    for sequence in data.prepare_manifest().sequences:
        object.__setattr__(sequence, "flow", None)
    data.loader.flow_cache = False
    assert evaluate(image, data, tmp_path)["pix2pixHD"]["warping_error"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("first", ["given", "empty", "image"])
def test_each_way_to_begin_is_evaluated_on_the_same_frames(
    first: str, module: Vid2VidModule, image: ImageModule, street_data: DataModules, tmp_path: Path
) -> None:
    content = evaluate(module, street_data(val_frames=6), tmp_path, image if first == "image" else first)
    data = street_data(val_frames=6)
    data.setup("fit")
    (clip,) = data.val_dataloader()
    real = to_images(clip.real)
    with torch.no_grad():
        begin = {"given": real[:, :PAST], "empty": None, "image": image(clip.source[:, :PAST])}[first]
        fake = module(clip.source, begin).fake
    errors = (fake[:, -(6 - PAST) :] - real[:, PAST:]).square().mean(dim=(2, 3, 4)) / 4
    assert content["vid2vid"]["psnr"] == pytest.approx(float((-10 * errors.log10()).mean()), abs=1e-2)
    made = 6 - PAST if first == "given" else 6
    assert (content["synthesised_frames"], content["given_frames"]) == (2 * made, PAST)
    assert len(read(tmp_path / "synthesis.mp4")) == 2 * made
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    # the fifth of six rows, after a margin with the names
    shown = sheet[4 * 34 : 4 * 34 + 32, 96 : 96 + 64, ::-1].astype(int)
    beginning = fake if begin is None or first == "given" else begin
    assert np.abs(shown - to_pixels(beginning[0, 0])).max() <= 1


# ---- refusals ------------------------------------------------------------------------------------------------------


def test_other_conditions_are_refused(
    module: Vid2VidModule, small_image: Images, street: VideoSequence, street_data: DataModules, tmp_path: Path
) -> None:
    edges = small_image(Condition(kind="edges"))
    message = r"the image generator: was trained on conditions of 1 channels \(edges\)"
    with pytest.raises(CheckpointError, match=message):
        Synthesizer(module, edges)
    with pytest.raises(CheckpointError, match=message):
        synthesize(module, SynthesisConfig(source=street.source, output=tmp_path / "out.mp4"), image=edges)
    with pytest.raises(CheckpointError, match=message):
        evaluate(module, street_data(), tmp_path / "evaluation", edges)
    assert not list(tmp_path.iterdir())


def test_an_image_generator_takes_no_first_frames(
    image: ImageModule, street: VideoSequence, street_data: DataModules, tmp_path: Path
) -> None:
    config = SynthesisConfig(source=street.source, output=tmp_path / "out.mp4")
    for given, other in (
        (replace(config, first=street.target), None),
        (config, image),
        (replace(config, foreground=street.target), None),
    ):
        with pytest.raises(ConfigError, match="first frames or a foreground mask have no effect on it"):
            synthesize(image, given, image=other)
    with pytest.raises(ConfigError, match="which takes no first frames"):
        evaluate(image, street_data(), tmp_path / "evaluation", "empty")
    assert not list(tmp_path.iterdir())
