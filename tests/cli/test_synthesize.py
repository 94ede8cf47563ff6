"""``vid2vid synthesize`` with ``edit=`` and ``retarget=``."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Condition, Vid2VidModule
from vid2vid.data.manifest import Manifest
from vid2vid.keypoints.keypoint_layout import PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.street import Street
from vid2vid.street.street_classes import CAR, PERSON, ROAD, SKY
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.training.checkpoints.serialization import save
from vid2vid.video import stream_frames, stream_labels, write_labels

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def labels(vid2vid: Run, small_module: Callable[..., Vid2VidModule], street_root: Path) -> NDArray[np.uint8]:
    """The label maps of a street, as ``labels.mkv`` beside a model in ``m.ckpt``."""
    save(small_module(), Path("m.ckpt"))
    maps = np.stack(list(stream_labels(Manifest.load(street_root).split("val")[0].source)))[:4]
    write_labels(Path("labels.mkv"), maps, 10)
    return maps


def frames(vid2vid: Run, source: object, *more: str, output: str = "out.mp4") -> NDArray[np.uint8]:
    done = vid2vid("synthesize", "checkpoint=m.ckpt", f"source={source}", f"output={output}", "device=cpu", *more)
    assert done.returncode == 0, done.stderr
    return np.stack(list(stream_frames(Path(output))))


def test_an_edit_is_as_if_the_labels_had_been_drawn_so(vid2vid: Run, labels: NDArray[np.uint8]) -> None:
    plain = frames(vid2vid, "labels.mkv")
    late = labels.copy()
    late[2:, :10][late[2:, :10] == SKY] = ROAD
    write_labels(Path("late.mkv"), late, 10)
    made = frames(vid2vid, "labels.mkv", "edit=sky->road in 0,0,10,64 from 2 to 3")
    np.testing.assert_array_equal(made, frames(vid2vid, "late.mkv"))
    np.testing.assert_array_equal(made[:2], plain[:2])
    assert np.abs(made[2:].astype(int) - plain[2:]).mean() > 2
    several = late.copy()
    several[several == CAR] = PERSON
    write_labels(Path("several.mkv"), several, 10)
    edits = f'edit=["sky->road in 0,0,10,64 from 2",{{what: {CAR}, into: person}}]'
    np.testing.assert_array_equal(frames(vid2vid, "labels.mkv", edits), frames(vid2vid, "several.mkv"))


@pytest.mark.slow
@pytest.mark.usefixtures("labels")
@pytest.mark.parametrize(
    ("settings", "most"),
    [
        # the pictures of two runtimes may be rounded to neighbouring levels
        (("backend=onnxruntime", "precision=32"), 2),
        (("backend=openvino", "precision=32"), 2),
        (("backend=openvino", "precision=bf16"), 40),
        (("precision=bf16", "threads=1"), 40),
    ],
)
def test_other_ways_to_compute_give_the_same_video(
    vid2vid: Run, settings: tuple[str, ...], most: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for setting in settings:
        if setting.startswith("backend="):
            pytest.importorskip(setting.removeprefix("backend="))
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path / "cache"))
    # lossless pictures, not a coded video
    plain, other = (
        frames(vid2vid, "labels.mkv", *given, output=output).astype(int)
        for given, output in ((("precision=32",), "plain"), (settings, "other"))
    )
    assert plain.std() > 1, "a grey video would prove nothing"
    assert np.abs(other - plain).max() <= most


@pytest.mark.slow
@pytest.mark.usefixtures("labels")
def test_an_exported_file_needs_no_checkpoint(vid2vid: Run) -> None:
    plain = frames(vid2vid, "labels.mkv", "precision=32", output="plain").astype(int)
    height, width = plain.shape[1:3]
    for output, form in (("m.xml", "openvino"), ("m.onnx", "onnx")):
        size = [f"height={height}", f"width={width}"]
        done = vid2vid("export", "checkpoint=m.ckpt", f"format={form}", f"output={output}", *size)
        assert done.returncode == 0, done.stderr
    Path("m.ckpt").unlink()
    for checkpoint in ("m.xml", "m.onnx"):
        output = f"of_{checkpoint[2:]}"
        arguments = [f"checkpoint={checkpoint}", "source=labels.mkv", f"output={output}"]
        done = vid2vid("synthesize", *arguments, "threads=1")
        assert done.returncode == 0, done.stderr
        made = np.stack(list(stream_frames(Path(output)))).astype(int)
        assert np.abs(made - plain).max() <= 2
    done = vid2vid("synthesize", "checkpoint=m.xml", "source=labels.mkv", "output=large", "height=64", "width=64")
    assert done.returncode == 2
    assert f"this step was exported for {height} x {width}; give height={height} width={width}" in done.stderr
    assert not list(Path().glob("large*"))


@pytest.mark.usefixtures("labels")
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("remove cra", "edit: label='cra' is unknown. Did you mean 'car'?"),
        ("remove", "is not an edit. Write 'LABEL->LABEL'"),
        ("remove car in 0,0,90,90", "lies outside of the frames"),
    ],
)
def test_a_wrong_edit_is_explained(vid2vid: Run, edit: str, message: str) -> None:
    arguments = ["checkpoint=m.ckpt", "source=labels.mkv", "output=out.mp4", "device=cpu"]
    done = vid2vid("synthesize", *arguments, f"edit={edit}")
    assert done.returncode == 2
    assert message in done.stderr
    assert not list(Path().glob("out*"))


def person(scale: float) -> Keypoints:
    random = np.random.default_rng(0).uniform(-10, 10, (PERSON_POINTS, 2))
    points = np.ones((4, 1, PERSON_POINTS, 3), np.float32)
    points[:, 0, :, :2] = scale * (random + 16 + np.arange(4)[:, None, None])
    return Keypoints(points, (round(40 * scale), round(48 * scale)), 10)


def test_a_stranger_becomes_the_models_own(vid2vid: Run, small_module: Callable[..., Vid2VidModule]) -> None:
    module = small_module(Condition("pose"), generator={"foreground": "prior"})
    save(module, Path("m.ckpt"))
    person(1).save(Path("target.npz"))
    person(2).save(Path("driver.npz"))
    made = frames(vid2vid, "driver.npz", "retarget=target.npz")
    assert made.shape == (4, 40, 48, 3)
    np.testing.assert_array_equal(made, frames(vid2vid, "target.npz", "retarget=target.npz", output="own.mp4"))
    # a mask of one's own goes before the outline
    write_labels(Path("mask.mkv"), np.zeros((4, 40, 48), np.uint8), 10)
    masked = frames(vid2vid, "driver.npz", "retarget=target.npz", "foreground=mask.mkv")
    assert np.abs(masked.astype(int) - made).mean() > 0.5


@pytest.mark.usefixtures("labels")
def test_streets_are_not_retargeted(vid2vid: Run) -> None:
    arguments = ["checkpoint=m.ckpt", "source=labels.mkv", "output=out.mp4", "device=cpu"]
    done = vid2vid("synthesize", *arguments, "retarget=labels.mkv")
    assert done.returncode == 2
    assert (
        "retarget: only faces and poses can be retargeted, but this model's condition is of the kind 'labels'"
        in done.stderr
    )


def detail(frames: NDArray[np.uint8]) -> float:
    """The mean absolute difference of neighbouring pixels."""
    grey = frames.astype(np.float32).mean(-1)
    return float(np.abs(np.diff(grey, axis=-1)).mean() + np.abs(np.diff(grey, axis=-2)).mean())


@pytest.mark.slow
def test_a_new_street_by_the_model_that_comes_with_vid2vid(vid2vid: Run) -> None:
    """It looks like a street: each class has about the colour that it has in a rendered one, and is not a flat area."""
    done = vid2vid("synthesize", "checkpoint=street", "output=new.mp4", "seed=4", "frames=24")
    assert done.returncode == 0, done.stderr
    made = np.stack(list(stream_frames(Path("new.mp4"))))
    assert made.shape == (24, 128, 256, 3)
    # the same street as the renderer draws it
    street = Street(RenderedStreet(4).street_seed)
    rendered = [street.render(t) for t in range(24)]
    real, labels = np.stack([frame.rgb for frame in rendered]), np.stack([frame.label for frame in rendered])
    apart = [
        np.abs(made[labels == label].mean(0) - real[labels == label].mean(0)).mean()
        for label in np.unique(labels)
        if (labels == label).mean() > 0.02
    ]
    assert np.median(apart) < 20
    assert np.mean(apart) < 30
    assert 0.6 < detail(made) / detail(real) < 1.4
    # it moves as much as the real one does, and does not flicker
    changes = [np.abs(np.diff(video.astype(np.float32), axis=0)).mean() for video in (made, real)]
    assert 0.5 < changes[0] / changes[1] < 1.5
