"""A spatially progressive training in one command, and trainings that begin with the weights of another."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from subprocess import CompletedProcess
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf
from torch import Tensor

from vid2vid import load
from vid2vid.cli.composition import check, conf_dir, register
from vid2vid.cli.stages import Outcome, plan, run_stages
from vid2vid.config import StageConfig
from vid2vid.config.commands import Train
from vid2vid.errors import ConfigError
from vid2vid.files import write_text
from vid2vid.video import stream_frames

Run = Callable[..., CompletedProcess[str]]
DATA = [
    "data.street.root=street",
    "data.street.height=48",
    "data.street.width=96",
    "data.street.train_sequences=2",
    "data.street.val_sequences=1",
    "data.street.frames=9",
    "data.street.render_workers=1",
    "data.num_workers=0",
    "data.clip_frames=4",
    "data.val_frames=4",
]
STAGES = [
    "{height:12,width:24,epochs:2}",
    "{height:24,width:48,scales:2,epochs:3,freeze_coarse_epochs:1,lr:0.0001}",
    "{height:48,width:96,scales:3,epochs:3,freeze_coarse_epochs:1,lr:0.00005,batch_size:1,image_discriminator_scales:3}",
]
RATES: list[list[tuple[float, float]]] = [
    [(2e-4, 1), (2e-4, 1)],
    [(1e-4, 1), (1e-4, 1), (1e-4, 2 / 3)],
    [(5e-5, 1), (5e-5, 1), (5e-5, 2 / 3)],
]


def progressive(small: list[str], *stages: str) -> list[str]:
    return [*DATA, *small, "trainer.progress=false", f"stages=[{','.join(stages or STAGES)}]"]


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = torch.load(path, weights_only=True)
    return content


def same(first: dict[str, Tensor], second: dict[str, Tensor], prefix: str) -> set[bool]:
    return {torch.equal(first[name], second[name]) for name in first if name.startswith(prefix)}


@pytest.mark.slow
def test_three_stages_in_one_command(vid2vid: Run, small: list[str]) -> None:
    command = progressive(small)
    every = ["output.checkpoint_every=1", "output.keep_checkpoints=-1", "optimizer.discriminator_lr=0.0004"]
    done = vid2vid("train", *command, *every, "run_dir=run")
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stderr.splitlines() if line[:2] in ("1 ", "2 ", "3 ")] == [
        ["1", "24", "x", "12", "1", "2", "0", "0.0002", "nothing"],
        ["2", "48", "x", "24", "2", "3", "1", "0.0001", "run/stage_1/checkpoints/last.ckpt"],
        ["3", "96", "x", "48", "3", "3", "1", "5e-05", "run/stage_2/checkpoints/last.ckpt"],
    ]
    assert "vid2vid: begins with run/stage_1/checkpoints/last.ckpt: " in done.stderr
    assert "not in it, starts untrained: generator.frame.scales.1 (" in done.stderr
    assert "not in it, starts untrained: discriminators.image.scales.2 (" in done.stderr
    folders = [Path(f"run/stage_{i}/checkpoints") for i in (1, 2, 3)]
    for folder, rates in zip(folders, RATES, strict=True):
        for epoch, (rate, factor) in enumerate(rates):
            content = read(folder / f"epoch_{epoch:04d}.ckpt")
            found = [
                group["lr"] for optimizer in content["optimizer_states"].values() for group in optimizer["param_groups"]
            ]
            assert found == pytest.approx([rate * factor, 2 * rate * factor, 2 * rate * factor])
    for before, after in pairwise(folders):
        start = read(before / "last.ckpt")["state_dict"]
        alone, *together = (read(after / f"epoch_{epoch:04d}.ckpt")["state_dict"] for epoch in range(3))
        scales = {name.split(".")[3] for name in start if name.startswith("generator.")}
        for scale in scales:
            prefix = f"generator.frame.scales.{scale}."
            # taken over and still, bit for bit; then it learns
            assert same(start, alone, prefix) == {True}
            assert False in same(alone, together[0], prefix)
            assert False in same(together[0], together[1], prefix)
        assert False in same(start, alone, "discriminators.video.")
    stages_are_judged_each_at_its_size(vid2vid)
    what_is_done_is_not_done_again(vid2vid, [*command, *every])


def stages_are_judged_each_at_its_size(vid2vid: Run) -> None:
    last = Path("run/checkpoints/last.ckpt")
    assert last.read_bytes() == Path("run/stage_3/checkpoints/last.ckpt").read_bytes()
    assert load(last).generator.config.scales == 3
    config = OmegaConf.load("run/stage_2/config.yaml")
    assert (config.generator.scales, config.trainer.max_epochs, len(config.stages)) == (2, 3, 1)
    for checkpoint, height in ((last, 48), (Path("run/stage_1/checkpoints/last.ckpt"), 12)):
        done = vid2vid("evaluate", f"checkpoint={checkpoint}")
        assert done.returncode == 0, done.stderr
        frame = next(iter(stream_frames(checkpoint.parents[1] / "evaluation" / "synthesis.mp4")))
        assert frame.shape[0] == height


def what_is_done_is_not_done_again(vid2vid: Run, command: list[str]) -> None:
    paths = [Path(f"run/stage_{i}/checkpoints/last.ckpt") for i in (1, 2, 3)]
    written = [path.stat().st_mtime_ns for path in paths[:2]]
    before = read(paths[2])["state_dict"]
    rmtree(paths[2].parent)
    done = vid2vid("train", *command, "run_dir=run", "resume=true")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("has already finished") == 2
    assert [path.stat().st_mtime_ns for path in paths[:2]] == written
    # the last stage does as before, bit for bit
    assert same(before, read(paths[2])["state_dict"], "") == {True}
    paths[2].unlink()
    done = vid2vid("train", "resume=run/stage_3/checkpoints/epoch_0001.ckpt")
    assert done.returncode == 0, done.stderr
    assert same(before, read(paths[2])["state_dict"], "") == {True}


ENDED, STOPPED, ALREADY = Outcome.ENDED, Outcome.STOPPED, Outcome.ALREADY
COURSES: list[tuple[bool | str, list[Outcome], list[bool | str]]] = [
    (False, [ENDED, ENDED, ENDED], [False, False, False]),
    (True, [ALREADY, ENDED, ENDED], [True, True, False]),
    (True, [ALREADY, STOPPED], [True, True]),
    ("stage_2/checkpoints/a.ckpt", [ALREADY, ENDED, ENDED], [True, "stage_2/checkpoints/a.ckpt", False]),
]


@pytest.mark.parametrize(("resume", "outcomes", "expected"), COURSES)
def test_from_where_each_stage_goes_on(
    resume: bool | str,
    outcomes: list[Outcome],
    expected: list[bool | str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = replace(composed(), stages=[StageConfig(epochs=1)] * 3, run_dir="", resume=resume)
    asked = []

    def train(stage: Train) -> Outcome:
        asked.append(stage.resume)
        write_text(Path(stage.run_dir) / "checkpoints" / "last.ckpt", stage.run_dir)
        return outcomes[len(asked) - 1]

    run_stages(plan(settings), settings, train)
    assert asked == expected
    last = Path("checkpoints/last.ckpt")
    assert (last.read_text() if last.exists() else None) == ("stage_3" if STOPPED not in outcomes else None)
    assert ("vid2vid: stage 2 of 3 stopped before its end" in capsys.readouterr().err) == (STOPPED in outcomes)


def test_a_checkpoint_of_no_stage_is_refused() -> None:
    settings = replace(composed(), stages=[StageConfig(epochs=1)], resume="elsewhere/checkpoints/last.ckpt")
    with pytest.raises(ConfigError, match="is not a checkpoint of a stage of this training"):
        run_stages(plan(settings), settings, lambda _: ENDED)


def composed() -> Train:
    register()
    settings = OmegaConf.to_object(check(conf_dir(), "train", []))
    assert isinstance(settings, Train)
    return settings


ALONE = "epochs:2,freeze_coarse_epochs"
MISTAKES = {
    f"{{epochs:2}},{{scales:2,{ALONE}:2}}": "stages.1: freeze_coarse_epochs=2 must be below epochs=2",
    f"{{scales:2,{ALONE}:1}}": "stages.0: freeze_coarse_epochs=1 is for a scale that joins trained ones",
    f"{{epochs:2}},{{scales:3,{ALONE}:1}}": "stages.1: scales=3 after 1: with freeze_coarse_epochs=1 only one",
    "{epochs:2},{scales:4,epochs:2}": "stages.1: generator.base_channels must be a multiple of 8",
    "{height:8,width:16,scales:3}": "stages.0: 16 x 8 is too small for F",
    "{epochs:2},{height:32}": "stages.1: give both height and width",
    "{epochs:-1}": "stages.0: epochs must be at least 0",
    "{epochs:2},{clip_frames:1}": "stages.1: data.clip_frames must be at least 2",
}


@pytest.mark.parametrize("stages", MISTAKES)
def test_mistakes_are_found_before_the_first_stage(stages: str, vid2vid: Run, small: list[str]) -> None:
    done = vid2vid("train", *progressive(small, stages), "run_dir=run")
    assert done.returncode == 2
    assert f"vid2vid: {MISTAKES[stages]}" in done.stderr
    assert not Path("run").exists()


def test_the_nearest_setting_of_a_stage_is_named(vid2vid: Run) -> None:
    done = vid2vid("train", "experiment=street_progressive", "stages.1.epoch=3")
    assert (done.returncode, "Did you mean stages.1.epochs?" in done.stderr) == (2, True)


@pytest.mark.slow
def test_stages_of_an_image_generator(vid2vid: Run, small: list[str]) -> None:
    stages = "{height:16,width:32,epochs:1},{height:32,width:64,scales:2,epochs:2,freeze_coarse_epochs:1}"
    done = vid2vid("train", "model=image", *progressive(small, stages), "run_dir=run")
    assert done.returncode == 0, done.stderr
    assert "not in it, starts untrained: generator.scales.1 (" in done.stderr
    assert "generator.head.1.weight (3 x 4 x 7 x 7 in it, 3 x 2 x 7 x 7 here)" in done.stderr
    # a model of one kind is of no use to the other
    given = "init_from=run/checkpoints/last.ckpt"
    done = vid2vid("train", *DATA, *small, given, "run_dir=other")
    assert (done.returncode, "last.ckpt: none of its weights fit" in done.stderr) == (2, True)
    done = vid2vid("train", *DATA, *small, "init_from=street/manifest.json", "run_dir=other")
    assert (done.returncode, "manifest.json: cannot be read as a checkpoint" in done.stderr) == (2, True)
