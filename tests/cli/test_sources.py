"""The sources and outputs of ``vid2vid synthesize``."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl

from vid2vid import Condition, Vid2VidModule
from vid2vid.cli.sources import split_sources
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError
from vid2vid.video import open_frames, write_labels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a2.mkv", "a10.mkv", "b.mp4", "images/1.png", "images/2.png", "more/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def found(source: object, **settings: Any) -> list[tuple[Path, Path]]:  # noqa: ANN401 - any setting
    configs = split_sources(SynthesisConfig(**{"source": source, "output": "out", **settings}))
    return [(Path(config.source), Path(config.output)) for config in configs]


def test_one_source(folder: Path) -> None:
    assert found("a.mp4", output="b.mp4") == [(Path("a.mp4"), Path("b.mp4"))]
    assert found([f"{folder}/b.mp4"]) == [(folder / "b.mp4", Path("out"))]
    # the frames of one video
    assert found(f"{folder}/images/*.png") == [(folder / "images/*.png", Path("out"))]


def test_several_sources(folder: Path) -> None:
    several = [(folder / "a2.mkv", Path("out/a2.mp4")), (folder / "a10.mkv", Path("out/a10.mp4"))]
    assert found(f"{folder}/*.mkv") == several
    assert found([f"{folder}/a2.mkv", f"{folder}/a10.mkv"]) == several
    assert found([f"{folder}/*.mkv", f"{folder}/images"]) == [*several, (folder / "images", Path("out/images.mp4"))]
    assert found([f"{folder}/images", f"{folder}/more"])[1] == (folder / "more", Path("out/more.mp4"))


def test_contradictions_are_refused(folder: Path) -> None:
    (folder / "b.mkv").touch()
    two = [f"{folder}/a2.mkv", f"{folder}/a10.mkv"]
    mistakes: dict[str, dict[str, Any]] = {
        r"nothing/\*: there is no such file, and no file matches it as a pattern": {"source": f"{folder}/nothing/*"},
        "instance belong to one source: synthesise the 2 sources one by one": {"source": two, "instance": "a"},
        r"output=out\.mp4: for 2 sources give a folder": {"source": two, "output": "out.mp4"},
        "output=-: for 2 sources give a folder": {"source": two, "output": "-"},
        r"b\.m..: another source would be written to out/b\.mp4": {"source": f"{folder}/b.*"},
        "source=- cannot be one of several": {"source": ["-", two[0]]},
    }
    for message, settings in mistakes.items():
        with pytest.raises(ConfigError, match=message):
            found(**settings)


def test_several_videos_are_made_once(
    vid2vid: Callable[..., CompletedProcess[str]], small_module: Callable[..., Vid2VidModule], tmp_path: Path
) -> None:
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    trainer.strategy.connect(small_module(Condition(label_ids=[0, 1])))
    trainer.save_checkpoint(tmp_path / "small.ckpt", weights_only=True)
    for name, frames in (("a", 2), ("b", 3)):
        maps = np.random.default_rng(0).integers(2, size=(frames, 16, 16), dtype=np.uint8)
        write_labels(tmp_path / "labels" / f"{name}.mkv", maps, 10)
    command = [f"checkpoint={tmp_path}/small.ckpt", f"source={tmp_path}/labels/*.mkv", "output=made", "device=cpu"]
    done = vid2vid("synthesize", *command)
    assert done.stdout == "made/a.mp4: 2 frames\nmade/b.mp4: 3 frames\n", done.stderr
    Path("made/b.mp4").unlink()
    again = vid2vid("synthesize", *command, "resume=true", "intermediates=true")
    assert again.stdout == "made/b.mp4: 3 frames\n"
    assert "made/a.mp4: is already finished; delete it to make it again" in again.stderr
    names = ["a.mp4", "b.flow.mp4", "b.hallucinated.mp4", "b.mask.mp4", "b.mp4", "b.warped.mp4"]
    assert sorted(path.name for path in Path("made").iterdir()) == names
    assert all(len(open_frames(Path("made") / name)) == 3 for name in names[1:])


def test_sources_are_not_written_over(folder: Path) -> None:
    link = folder / "out"
    link.mkdir()
    (link / "a2.mp4").symlink_to(folder / "b.mp4")
    two = [f"{folder}/a2.mkv", f"{folder}/a10.mkv"]
    for source, settings, reason in (
        (two, {"output": folder}, "is the folder of the source"),
        (f"{folder}/a*.mkv", {"output": folder / "images" / ".."}, "is the folder of the source"),
        ([f"{folder}/a2.mkv", f"{folder}/b.mp4"], {"output": link}, r"a2\.mp4: would be written over .*b\.mp4"),
        (two, {"output": link, "sound": folder / "b.mp4"}, r"a2\.mp4: would be written over .*b\.mp4"),
        ([f"{folder}/images", f"{folder}/a2.mkv"], {"output": folder / "images"}, "into the folder .*images, which"),
        (f"{folder}/b.mp4", {"output": link / ".." / "b.mp4"}, "would be written over"),
    ):
        with pytest.raises(ConfigError, match=reason):
            found(source, **settings)
