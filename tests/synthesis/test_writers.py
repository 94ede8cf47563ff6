"""Syntheses that are killed and stopped, in processes of their own, are resumed with the same frames."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from safetensors import safe_open

from vid2vid import Condition, Vid2VidModule
from vid2vid.cli.main import main
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.synthesis import StoppedError, synthesize
from vid2vid.video import RawVideo, stream_frames, write_labels

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of Unix")

Modules = Callable[..., Vid2VidModule]
Maps = NDArray[np.uint8]
FRAMES, HEIGHT, WIDTH, SEGMENT = 13, 16, 24, 3
LABELS = [7, 11, 23]
SETTINGS: dict[str, Any] = {"segment": SEGMENT, "intermediates": True}
END = 60


@pytest.fixture(scope="module")
def module(small_module: Modules) -> Vid2VidModule:
    torch.manual_seed(0)
    return small_module(Condition(label_ids=LABELS), generator={"flow_scale": 1.0})


@pytest.fixture(scope="module")
def checkpoint(module: Vid2VidModule, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "small.ckpt"
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    trainer.strategy.connect(module)
    trainer.save_checkpoint(path, weights_only=True)
    return path


@pytest.fixture(scope="module")
def maps() -> Maps:
    picture = np.random.default_rng(0).choice(LABELS, (HEIGHT // 4, WIDTH // 4)).repeat(4, 0).repeat(4, 1)
    return np.stack([np.roll(picture, t, 1) for t in range(FRAMES)]).astype(np.uint8)


@pytest.fixture
def source(maps: Maps, tmp_path: Path) -> Path:
    write_labels(tmp_path / "labels.mkv", maps, 10)
    return tmp_path / "labels.mkv"


def read(path: Path) -> NDArray[np.uint8]:
    return np.stack(list(stream_frames(path)))


def run_on_a_pipe(arguments: list[str], descriptor: int, said: Path) -> None:
    """Be `vid2vid synthesize`, with the descriptor for the standard input."""
    os.dup2(descriptor, 0)
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT), 2)
    sys.stderr = os.fdopen(2, "w")
    torch.set_num_threads(1)
    sys.argv = ["vid2vid", "synthesize", *arguments]
    main()


@contextmanager
def started(arguments: list[str], maps: Maps, frames: int, said: Path) -> Iterator[BaseProcess]:
    """Start a synthesis that gets so many frames, and then waits for more."""
    reading, writing = os.pipe()
    process = get_context("fork").Process(target=run_on_a_pipe, args=(arguments, reading, said))
    process.start()
    try:
        os.write(writing, maps[:frames].tobytes())
        yield process
        process.join(END)
    finally:
        process.kill()
        os.close(writing)
        os.close(reading)


def wait_until(condition: Callable[[], bool], process: BaseProcess, said: Path) -> None:
    deadline = time.monotonic() + END
    while not condition():
        assert process.is_alive(), said.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def safe_frames(parts: Path) -> int:
    path = parts / "state.safetensors"
    if not path.exists():
        return -1
    with safe_open(path, framework="pt") as file:
        return int(file.metadata()["frames"])


@contextmanager
def piped(maps: Maps) -> Iterator[RawVideo]:
    """Give a pipe with frames whose writer has gone."""
    reading, writing = os.pipe()
    os.write(writing, maps.tobytes())
    os.close(writing)
    yield RawVideo(HEIGHT, WIDTH, 10, reading)
    os.close(reading)


@pytest.mark.parametrize(("number", "ending"), [(9, ".mp4"), (9, ""), (2, ".mp4"), (15, "")])
def test_an_interrupted_synthesis_goes_on_with_the_same_frames(
    number: int, ending: str, module: Vid2VidModule, checkpoint: Path, maps: Maps, source: Path, tmp_path: Path
) -> None:
    output, said = tmp_path / f"out{ending}", tmp_path / "said.txt"
    parts = tmp_path / f"{output.name}.parts"
    common = [f"checkpoint={checkpoint}", f"output={output}", "intermediates=true", f"segment={SEGMENT}", "fps=10"]
    common += ["source=-", f"raw_height={HEIGHT}", f"raw_width={WIDTH}"]
    with started(common, maps, 8, said) as process:
        wait_until(lambda: safe_frames(parts) == 6, process, said)
        os.kill(process.pid or 0, number)
    assert not output.exists()
    part = tmp_path / "out.part.mp4"
    if number == signal.SIGKILL:
        assert process.exitcode == -9
        assert not part.exists()
    else:
        assert process.exitcode == 128 + number, said.read_text()
        shown = part if ending else parts / "frames"
        last = said.read_text().splitlines()[-1]
        found = re.search(rf"stopped after (\d+) frames, to be seen in {shown}; resume=true goes on", last)
        assert found is not None, last
        assert len(read(shown)) == int(found[1]) in (6, 7, 8)
    with piped(maps) as pipe:
        assert (
            synthesize(module, SynthesisConfig(source=pipe, output=output, fps=10.0, resume=True, **SETTINGS)) == FRAMES
        )
    assert not part.exists()
    assert not parts.exists()
    whole = tmp_path / f"whole{ending}"
    synthesize(module, SynthesisConfig(source=source, output=whole, fps=10.0, **SETTINGS))
    for name in ("", ".flow", ".mask", ".warped", ".hallucinated"):
        again, wanted = (path.with_name(f"{path.stem}{name}{ending}") for path in (output, whole))
        np.testing.assert_array_equal(read(again), read(wanted), err_msg=name)
    assert len(read(output)) == FRAMES


def stopping_after(frames: int) -> Callable[[], bool]:
    """Return a question that is answered by yes when it has been asked so often."""
    asked = iter(range(frames + 1))
    return lambda: next(asked, frames) == frames


def stopped(module: Vid2VidModule, source: Path, output: Path, frames: int) -> None:
    with pytest.raises(StoppedError) as stop:
        synthesize(module, SynthesisConfig(source=source, output=output, **SETTINGS), stopped=stopping_after(frames))
    assert stop.value.frames == frames


def test_other_settings_are_refused_by_name(
    module: Vid2VidModule, small_module: Modules, source: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.mp4"
    stopped(module, source, output, 4)
    kept = sorted(path.name for path in tmp_path.rglob("*"))
    others: dict[str, dict[str, Any]] = {
        "fps was 0.0, is 30.0": {"fps": 30.0},
        "height was 0, is 32; width was 0, is 48": {"height": 32, "width": 48},
        "segment was 3, is 4": {"segment": 4},
        "intermediates was True, is False": {"intermediates": False},
        "edit was , is remove": {"edit": f"remove {LABELS[0]}"},
        "first was None, is .*labels.mkv": {"first": source},
    }
    for message, change in others.items():
        with pytest.raises(ConfigError, match=message):
            synthesize(module, SynthesisConfig(source=source, output=output, resume=True, **{**SETTINGS, **change}))
    config = SynthesisConfig(source=source, output=output, resume=True, **SETTINGS)
    with pytest.raises(ConfigError, match="weather was None, is winter"):
        synthesize(module, config, notes={"weather": "winter"})
    torch.manual_seed(1)
    with pytest.raises(ConfigError, match=r"checkpoint was weights \w{16}, is weights \w{16}\. Give the same"):
        synthesize(small_module(Condition(label_ids=LABELS)), config)
    assert sorted(path.name for path in tmp_path.rglob("*")) == kept
    # another source of the same name, size and time
    state, content = source.stat(), source.read_bytes()
    source.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(source, ns=(state.st_atime_ns, state.st_mtime_ns))
    with pytest.raises(
        ConfigError, match=r"source was .*labels\.mkv \(content \w{16}\), is .*labels\.mkv \(content \w{16}\)"
    ):
        synthesize(module, config)


def test_what_was_left_must_be_whole(module: Vid2VidModule, source: Path, tmp_path: Path) -> None:
    output, parts = tmp_path / "out.mp4", tmp_path / "out.mp4.parts"
    stopped(module, source, output, 7)
    (parts / "flow" / "000001.mp4").unlink()
    with pytest.raises(DataError, match=r"000001\.mp4: is missing"):
        synthesize(module, SynthesisConfig(source=source, output=output, resume=True, **SETTINGS))
    (parts / "state.safetensors").write_bytes(b"half")
    with pytest.raises(DataError, match=r"state\.safetensors: cannot be read .* delete the folder"):
        synthesize(module, SynthesisConfig(source=source, output=output, resume=True, **SETTINGS))
    # and without resume it begins anew
    assert synthesize(module, SynthesisConfig(source=source, output=output, **SETTINGS)) == FRAMES
    assert not parts.exists()


def test_an_error_leaves_what_is_safe(
    module: Vid2VidModule, maps: Maps, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoilt, output = maps.copy(), tmp_path / "out.mp4"
    spoilt[7, 0, 0] = 99
    for frames, left in ((spoilt, True), (spoilt[5:], False)):
        write_labels(tmp_path / "spoilt.mkv", frames, 10)
        with pytest.raises(DataError, match=r"spoilt\.mkv: frame . has the label id 99"):
            synthesize(module, SynthesisConfig(source=tmp_path / "spoilt.mkv", output=output, **SETTINGS))
        assert not output.exists()
        assert (tmp_path / "out.mp4.parts").exists() == left
        assert ("6 frames are done; resume=true goes on from there" in caplog.text) == left
        caplog.clear()


@pytest.mark.parametrize("resume", [False, True])
def test_a_second_synthesis_into_the_same_output_is_refused_and_leaves_the_first(
    module: Vid2VidModule, source: Path, tmp_path: Path, resume: bool
) -> None:
    config = SynthesisConfig(source=source, output=tmp_path / "out.mp4", **SETTINGS)
    refused = []

    def begin_another() -> bool:
        with pytest.raises(ConfigError, match=r"out\.mp4\.parts: another synthesis is writing there") as error:
            synthesize(module, replace(config, resume=resume))
        refused.append(error)
        return False

    assert synthesize(module, config, stopped=begin_another) == FRAMES == len(refused)
    assert len(read(tmp_path / "out.mp4")) == FRAMES
    assert not (tmp_path / "out.mp4.parts").exists()


@pytest.mark.parametrize("output", [".", "/"])
def test_an_output_without_a_name_is_refused(module: Vid2VidModule, source: Path, output: str) -> None:
    with pytest.raises(ConfigError, match=f"output={output}: give a new folder"):
        synthesize(module, SynthesisConfig(source=source, output=output))


def test_nothing_is_lost_by_stopping_before_the_first_frame(
    module: Vid2VidModule, source: Path, tmp_path: Path
) -> None:
    stopped(module, source, tmp_path / "out.mp4", 0)
    assert (
        synthesize(module, SynthesisConfig(source=source, output=tmp_path / "out.mp4", resume=True, **SETTINGS))
        == FRAMES
    )
    assert {path.name for path in tmp_path.iterdir() if path.suffix == ".parts"} == set()
