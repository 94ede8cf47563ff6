"""From a source to the outputs: always the newest frame, until the end or until somebody stops it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vid2vid import Condition, Synthesizer, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.config.live import LiveConfig
from vid2vid.errors import ConfigError, DataError, MissingExtraError
from vid2vid.live import run_live
from vid2vid.synthesis import synthesize
from vid2vid.types import Frame
from vid2vid.video import frame_times, stream_frames, write_colours, write_labels, write_video

Settings = Callable[..., LiveConfig]


def test_a_slow_source_gives_the_frames_of_a_synthesis(
    edges_module: Vid2VidModule, settings: Settings, tmp_path: Path
) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (4, 32, 64, 3), np.uint8)
    write_video(tmp_path / "slow.mp4", frames, 4)
    said: list[str] = []
    given = settings(source=tmp_path / "slow.mp4", output=tmp_path / "live.mkv", show_condition=True)
    figures = run_live(edges_module, given, say=said.append)
    assert (figures.frames, figures.drawn, figures.dropped, said) == (4, 4, 0, [])
    assert 0 < figures.latency(0.5) < 250
    assert figures.rate == pytest.approx(4, rel=0.05)
    synthesize(
        edges_module,
        SynthesisConfig(source=tmp_path / "slow.mp4", output=tmp_path / "out.mkv", precision="32"),
    )
    for live, made in zip(stream_frames(tmp_path / "live.mkv"), stream_frames(tmp_path / "out.mkv"), strict=True):
        # both went through H.264, beside other pictures
        assert np.abs(live[:, 64:].astype(int) - made).mean() < 4


def test_frames_that_come_while_f_computes_are_dropped(
    edges_module: Vid2VidModule, settings: Settings, tmp_path: Path
) -> None:
    frames = np.zeros((60, 32, 64, 3), np.uint8)
    write_video(tmp_path / "fast.mp4", frames, 1000)
    figures = run_live(edges_module, settings(source=tmp_path / "fast.mp4", output=tmp_path / "out.mp4"))
    assert figures.frames == 60
    assert figures.dropped > 0
    assert figures.drawn + figures.dropped == 60
    times = frame_times(tmp_path / "out.mp4")
    assert len(list(stream_frames(tmp_path / "out.mp4"))) == figures.drawn
    # the last frame is always drawn
    assert times is None or times[-1] == pytest.approx(0.059, abs=0.002)


def test_it_ends_in_time_and_when_it_is_stopped(
    edges_module: Vid2VidModule, settings: Settings, clip: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.mp4"
    write_video(tmp_path / "long.mp4", np.zeros((100, 32, 64, 3), np.uint8), 10)
    figures = run_live(edges_module, settings(source=tmp_path / "long.mp4", output=output, seconds=0.2))
    assert 0 < figures.frames < 50
    assert len(list(stream_frames(output))) == figures.drawn
    figures = run_live(edges_module, settings(source=clip, output=tmp_path / "none.mp4"), stopped=lambda: True)
    assert figures.drawn == 0
    assert not (tmp_path / "none.mp4").exists()


def test_after_a_long_gap_f_begins_anew(
    edges_module: Vid2VidModule, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the same picture four times
    frames = np.repeat(np.random.default_rng(0).integers(0, 256, (1, 32, 64, 3), np.uint8), 4, axis=0)
    write_colours(tmp_path / "slow.mkv", frames, 5)
    given = settings(source=tmp_path / "slow.mkv", output=tmp_path / "out.mkv")

    def differences() -> list[float]:
        run_live(edges_module, given)
        first, *rest = stream_frames(tmp_path / "out.mkv")
        return [float(np.abs(frame.astype(int) - first).mean()) for frame in rest]

    carried_on = max(differences())
    monkeypatch.setattr("vid2vid.live.live_loop.FORGET", 0.1)
    assert max(differences()) < carried_on / 4


def test_the_latency_is_drawn(edges_module: Vid2VidModule, settings: Settings, clip: Path, tmp_path: Path) -> None:
    run_live(edges_module, settings(source=clip, output=tmp_path / "out.mkv", height=64, width=128, show_latency=True))
    frame = list(stream_frames(tmp_path / "out.mkv"))[-1]
    corner = frame[48:, :60].astype(int)
    assert corner.max() > 230
    assert corner.min() < 60


def test_the_warm_up_makes_frames_as_the_source_does(
    small_module: Callable[..., Vid2VidModule], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = {"foreground": "prior", "foreground_labels": ["1"]}
    module = small_module(Condition(label_ids=[0, 1]), generator=generator).eval()
    write_labels(tmp_path / "labels.mkv", np.zeros((2, 32, 64), np.uint8), 10)
    masked, step = list[bool](), Synthesizer.step

    def noted(self: Synthesizer, *given: Any) -> Frame:  # noqa: ANN401 - what a step takes
        masked.append(given[2] is not None)
        return step(self, *given)

    monkeypatch.setattr(Synthesizer, "step", noted)
    run_live(module, settings(source=tmp_path / "labels.mkv", output=tmp_path / "out.mp4", height=32, width=64))
    # a mask in place of the labels would need another exported step
    assert len(masked) > 2
    assert not any(masked)


def test_mistakes_are_explained(
    edges_module: Vid2VidModule, settings: Settings, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"clip\.mp4: frames of 2 x 2 are too small .* height and width"):
        run_live(edges_module, settings(source=clip, output="a.mp4", height=2, width=2))
    with pytest.raises(ConfigError, match=r"would be written over .*, which is read"):
        run_live(edges_module, settings(source=clip, output=clip))
    monkeypatch.setitem(__import__("sys").modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"uvicorn is not installed; .* .vid2vid\[studio"):
        run_live(edges_module, settings(source=clip))
