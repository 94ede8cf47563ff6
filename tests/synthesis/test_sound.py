"""The sound of a synthesised video."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vid2vid import Condition, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError, VideoError
from vid2vid.keypoints.keypoint_layout import PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.synthesis import retarget, synthesize
from vid2vid.synthesis.retarget import RetargetedFiles
from vid2vid.synthesis.sound import output_sound
from vid2vid.video import Header, VideoWriter, frame_times, has_sound, join_videos, open_frames

Film = Callable[..., Path]


@pytest.fixture
def module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    return small_module(Condition("edges"))


def test_the_sound_of_the_source_unless_its_pace_changes(film: Film, module: Vid2VidModule, tmp_path: Path) -> None:
    source = film(tmp_path / "loud.mp4", "aac", 0.2)
    synthesize(module, SynthesisConfig(source=source, output=tmp_path / "out.mp4"))
    assert has_sound(tmp_path / "out.mp4")
    synthesize(module, SynthesisConfig(source=source, output=tmp_path / "slow.mp4", fps=5))
    assert not has_sound(tmp_path / "slow.mp4")


def test_the_sound_of_another_video(film: Film, module: Vid2VidModule, tmp_path: Path) -> None:
    loud = film(tmp_path / "loud.mp4", "aac", 0.2)
    synthesize(module, SynthesisConfig(source=loud, output=tmp_path / "mute.mp4", fps=20))
    for name, fps in (("out.mkv", 0), ("slow.mkv", 5)):
        synthesize(module, SynthesisConfig(source=tmp_path / "mute.mp4", output=tmp_path / name, sound=loud, fps=fps))
        assert has_sound(tmp_path / name)
        assert len(open_frames(tmp_path / name)) == 5


def test_a_sound_that_cannot_be_there(film: Film, module: Vid2VidModule, tmp_path: Path) -> None:
    loud = film(tmp_path / "loud.mp4", "aac", 0.2)
    synthesize(module, SynthesisConfig(source=loud, output=tmp_path / "mute.mp4", fps=20))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ConfigError, match=r"mute\.mp4: has no sound"):
        synthesize(module, SynthesisConfig(source=loud, output=tmp_path / "out.mp4", sound=tmp_path / "mute.mp4"))
    with pytest.raises(VideoError, match=r"none\.mp4"):
        synthesize(module, SynthesisConfig(source=loud, output=tmp_path / "out.mp4", sound=tmp_path / "none.mp4"))
    with pytest.raises(ConfigError, match="images have no sound"):
        synthesize(module, SynthesisConfig(source=loud, output=tmp_path / "images", sound=loud))
    with (tmp_path / "pipe").open("wb") as pipe, pytest.raises(ConfigError, match="resume, intermediates or sound"):
        synthesize(module, SynthesisConfig(source=loud, output=pipe, sound=loud))
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "pipe"])


TIMES = np.array([0, 0.1, 0.2, 1.3, 1.4, 1.5])


@pytest.fixture
def uneven(film: Film, tmp_path: Path) -> Path:
    """A video with sound, whose frames come at `TIMES`."""
    path = tmp_path / "uneven.mp4"
    with VideoWriter(tmp_path / "mute.mp4", 10, times=TIMES) as writer:
        for value in range(6):
            writer.write(np.full((16, 16, 3), 40 * value, np.uint8))
    join_videos([tmp_path / "mute.mp4"], path, film(tmp_path / "loud.mp4", "aac", 2), TIMES)
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_frames_of_a_variable_rate_keep_their_times_and_their_sound(
    uneven: Path, module: Vid2VidModule, suffix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    output = tmp_path / f"out{suffix}"
    config = SynthesisConfig(source=uneven, output=output, segment=4, intermediates=True)
    assert synthesize(module, config) == 6
    for path in (output, tmp_path / f"out.flow{suffix}"):
        assert frame_times(path) == pytest.approx(TIMES, abs=1e-3)
    with av.open(str(output)) as container:
        heard = max(frame.time or 0 for frame in container.decode(audio=0))
    assert TIMES[-1] < heard < TIMES[-1] + 0.3
    assert "frame rate" not in caplog.text


def test_outputs_without_times_are_resampled_and_say_so(
    uneven: Path, module: Vid2VidModule, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    synthesize(module, SynthesisConfig(source=uneven, output=tmp_path / "images"))
    assert "uneven.mp4: has a variable frame rate" in caplog.text
    assert "a constant frame rate of 10." in caplog.text
    images = [image.read_bytes() for image in sorted((tmp_path / "images").iterdir())]
    assert len(images) == 16
    assert len(set(images[2:13])) == 1
    with (tmp_path / "pipe").open("wb") as pipe:
        synthesize(module, SynthesisConfig(source=uneven, output=pipe))
    assert (tmp_path / "pipe").stat().st_size == 16 * 16 * 16 * 3


def test_a_given_rate_gives_each_frame_once_without_sound(
    uneven: Path, module: Vid2VidModule, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rate = Header.read(uneven).fps
    synthesize(module, SynthesisConfig(source=uneven, output=tmp_path / "out.mp4", fps=rate))
    assert frame_times(tmp_path / "out.mp4") is None
    assert not has_sound(tmp_path / "out.mp4")
    assert "changes its pace: its sound is left out" in caplog.text
    synthesize(module, SynthesisConfig(source=uneven, output=tmp_path / "images", fps=10))
    assert len(list((tmp_path / "images").iterdir())) == 6


@pytest.mark.parametrize(
    ("output", "changed", "heard"),
    [
        ("out.mp4", {}, True),
        ("images", {}, False),
        ("out.mp4", {"fps": 5.0}, False),
        ("out.mp4", {"fps": 25.0}, True),
    ],
)
def test_keypoints_have_no_sound_and_videos_have_theirs(
    output: str, changed: dict[str, Any], heard: bool, film: Film, tmp_path: Path
) -> None:
    loud, other = film(tmp_path / "loud.mp4", "aac", 0.2), film(tmp_path / "other.mp4", "aac", 0.2)
    Keypoints(np.ones((5, 1, PERSON_POINTS, 3), np.float32)).save(tmp_path / "mute.npz")
    for source, sound in ((loud, loud if heard else None), (tmp_path / "mute.npz", None)):
        config = SynthesisConfig(source=source, output=tmp_path / output, **changed)
        assert output_sound(config) == sound
        if output == "out.mp4":
            assert output_sound(replace(config, sound=other)) == other


def test_a_retargeted_video_has_the_sound_of_its_source(
    film: Film, small_module: Callable[..., Vid2VidModule], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding a person in the video, which has none, is left out."""
    Keypoints(np.ones((5, 1, PERSON_POINTS, 3), np.float32), (16, 16), 25).save(tmp_path / "person.npz")
    monkeypatch.setattr(retarget, "retarget_files", lambda *_, **__: RetargetedFiles(tmp_path / "person.npz"))
    loud = film(tmp_path / "loud.mp4", "aac", 0.2)
    config = SynthesisConfig(source=loud, output=tmp_path / "out.mp4", retarget=tmp_path / "target.npz")
    assert synthesize(small_module(Condition("pose")), config) == 5
    assert has_sound(tmp_path / "out.mp4")
