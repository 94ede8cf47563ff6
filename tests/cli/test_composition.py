"""Mistakes on the command line end with exit status 2, one message, and the nearest right word."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from subprocess import CompletedProcess
from typing import get_args, get_type_hints

import pytest
from omegaconf import MISSING, OmegaConf

from vid2vid.cli.composition import compose_verb, conf_dir, parse_overrides, register
from vid2vid.config.commands import COMMANDS
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError

Run = Callable[..., CompletedProcess[str]]
MISTAKES = {
    "trian": "verb='trian' is unknown. Did you mean 'train'?",
    "train generator.base_chanels=3": "Did you mean generator.base_channels?",
    "train discriminators.image.layer=3": "Did you mean discriminators.image.layers?",
    "train run_dri=x": "Did you mean run_dir?",
    "train genrator=small": "Did you mean generator?",
    "train generator=smal": "Did you mean generator=small?",
    "train data=vidoe": "Did you mean data=video?",
    "train data=video data.holdut=0.2": "Did you mean data.holdout?",
    "train experiment=nowhere": "experiment=nowhere is unknown.\nChoose one of: ",
    "train trainer.max_epochs=abc": "trainer.max_epochs=abc: must be a whole number.",
    "train trainer.max_epochs=": "trainer.max_epochs=: must be a whole number.",
    "train optimizer.lr=fast": "optimizer.lr=fast: must be a number.",
    "train trainer.devices=[0,1]": "trainer.devices=[0,1]: must be a single value, not a list or mapping.",
    "train data.crop=wide": "data.crop=wide: must be a list, as in [1,2].",
    "train generator.use_flow=perhaps": "generator.use_flow=perhaps: must be true or false.",
    "train generator=3": "Choose one of: efficient, paper, small, tiny.",
    "train data.path=clip.mp4": "data.path is not a setting.",
    "train +depth=3": "depth is not a setting: vid2vid train knows",
    "train +generator.depth=3": "generator.depth is not a setting",
    "train ~seed": "seed cannot be removed",
    "train data.crop=[1,2": "'data.crop=[1,2' cannot be read",
    "train fast": "'fast' cannot be read",
    "train =3": "'=3' names no setting",
    "train data=video": "data.path must be given: vid2vid train data.path=...",
    "fetch dancr": "name='dancr' is unknown. Did you mean 'dancer'? Choose one of: dancer, ",
    "evaluate checkpoint=a.ckpt data.path=x": "Choose data first, data=...: one of folder, manifest, street, video.",
    "fetch dancer ouput=clips": "Did you mean output?",
    "fetch dancer portrait": "'portrait' cannot be read",
    "train data=video data.path=": "data.path must be given: vid2vid train data.path=...",
    "train run_dir=": "run_dir must be given: vid2vid train run_dir=...",
    "synthesize checkpoint= output=out.mp4 source=a.mp4": "checkpoint must be given: vid2vid synthesize checkpoint=...",
    "synthesize": "checkpoint, output must be given: vid2vid synthesize checkpoint=...",
    "evaluate": "give either checkpoint",
    "train generator.norm=bathc": "generator.norm='bathc' is unknown. Did you mean 'batch'?",
    "train objective.adversarial=hing": "objective.adversarial='hing' is unknown. Did you mean 'hinge'?",
    "train data.clip_frames=1": "data.clip_frames must be at least 2, but is 1",
    "train data.street.height=31": "data.street.height=31",
    "train data=manifest data.path=nowhere": "nowhere: there is no manifest here",
    "train data=video data.path=none.mp4": "none.mp4: there is no such file",
    "prepare data=video data.path=none.mp4": "none.mp4: there is no such file",
    "evaluate checkpoint=none.ckpt": "none.ckpt: there is no such checkpoint",
    "synthesize checkpoint=none.ckpt source=a.mp4 output=b.mp4": "none.ckpt: there is no such checkpoint",
}


@pytest.mark.parametrize("command", MISTAKES)
def test_mistakes_are_explained(command: str, vid2vid: Run) -> None:
    outcome = vid2vid(*command.split())
    assert outcome.returncode == 2
    assert MISTAKES[command] in outcome.stderr
    message = outcome.stderr[outcome.stderr.index("vid2vid: ") :]
    assert "Traceback" not in outcome.stderr
    for noise in ("provider=", "full_key", "To append", "HYDRA_FULL_ERROR"):
        assert noise not in message


def test_files_of_the_wrong_kind_are_named(vid2vid: Run) -> None:
    Path("text.ckpt").write_text("no weights")
    outcome = vid2vid("evaluate", "checkpoint=text.ckpt")
    assert (outcome.returncode, "text.ckpt: cannot be read as a checkpoint" in outcome.stderr) == (2, True)
    Path("film.mp4").write_text("no video")
    outcome = vid2vid("train", "data=video", "data.path=film.mp4", "run_dir=run")
    assert (outcome.returncode, "film.mp4: cannot be read as a video" in outcome.stderr) == (2, True)


def test_folders_that_cannot_be_written_are_named(vid2vid: Run) -> None:
    Path("file").write_text("in the way")
    outcome = vid2vid("train", "run_dir=file/run")
    assert outcome.returncode == 2
    assert "vid2vid: file" in outcome.stderr
    assert "Traceback" not in outcome.stderr


@pytest.mark.slow
def test_mistakes_found_while_training_are_explained(vid2vid: Run, small: list[str], street_root: Path) -> None:
    data = ["data=manifest", f"data.path={street_root}", "data.num_workers=0"]
    outcome = vid2vid("train", *data, *small, "data.clip_frames=2", "run_dir=run")
    assert outcome.returncode == 2
    assert "clips of 2 frames leave nothing to synthesise" in outcome.stderr
    outcome = vid2vid("train", *data, *small, "data.clip_frames=40", "run_dir=run")
    assert outcome.returncode == 2
    first = Manifest.load(street_root).split("train")[0]
    assert f"{first.target}: the sequence 'train-00000' has 12 frames, fewer than a clip of 40" in outcome.stderr


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 500 + "]" * 500])
def test_values_that_python_cannot_hold_are_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        parse_overrides([f"seed={value}"])


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_path_that_is_given_empty_is_none(verb: str) -> None:
    register()
    hints = get_type_hints(COMMANDS[verb])
    paths = [f for f in fields(COMMANDS[verb]) if Path in (hints[f.name], *get_args(hints[f.name]))]
    # a group, a list and a number have no empty value
    needed = [
        f.name
        for f in fields(COMMANDS[verb])
        if f.default == MISSING and f.name not in ("data", "votes") and hints[f.name] is not int
    ]
    for empty in ("", "''"):
        config, _ = compose_verb(conf_dir(), verb, [f"{f.name}={empty}" for f in paths])
        assert all(config[f.name] is None for f in paths if f.default is None)
        assert {f.name for f in paths if f.default == MISSING} <= OmegaConf.missing_keys(config)
        config, _ = compose_verb(conf_dir(), verb, [f"{name}={empty}" for name in needed])
        assert set(needed) <= OmegaConf.missing_keys(config)
    config, _ = compose_verb(conf_dir(), verb, [f"{f.name}=." for f in paths])
    assert all(config[f.name] == Path() for f in paths)
