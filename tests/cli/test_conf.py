"""Every file in conf/ composes, and every experiment runs."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import cv2
import pytest
import torch
from omegaconf import OmegaConf

from vid2vid.cli.composition import check, conf_dir, register
from vid2vid.config.commands import COMMANDS
from vid2vid.data.manifest import Manifest
from vid2vid.video import stream_frames, write_video

CONF = conf_dir()
OPTIONS = sorted(
    f"{path.parent.name}={path.stem}" for path in CONF.glob("*/*.yaml") if path.parent.name not in ("experiment",)
)
EXPERIMENTS = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
GIVEN = {
    "synthesize": ["checkpoint=a.ckpt", "source=a.mp4", "output=b.mp4"],
    "export": ["checkpoint=a.ckpt", "output=b.onnx", "height=64", "width=128"],
    "styles": ["checkpoint=a.ckpt"],
    "predict": ["checkpoint=a.ckpt", "source=a.mkv", "output=b"],
    "evaluate": ["checkpoint=a.ckpt"],
    "compare": ["models={a:b,c:d}"],
    "tally": ["key=a.json", "votes=[b.csv]"],
    "import": ["checkpoint_dir=a", "output=b.ckpt"],
    "share": ["checkpoint=a.ckpt", "output=b"],
    "info": ["checkpoint=a.ckpt"],
    "studio": ["checkpoint=a.ckpt"],
    "live": ["checkpoint=a.ckpt"],
}


@pytest.fixture(autouse=True)
def _schema() -> None:
    register()


@cache
def composed(verb: str, *overrides: str) -> dict[str, Any]:
    """Return a configuration; whoever asks must not change it."""
    config = OmegaConf.to_container(check(CONF, verb, list(overrides)), resolve=True)
    assert isinstance(config, dict)
    return {str(key): value for key, value in config.items()}


def written_in(group: str, name: str) -> str:
    """Return what stands in the file of an option, and in those of the same group that it is based on."""
    text = (CONF / group / f"{name}.yaml").read_text()
    bases = re.findall(r"^  - (\w+)$", text, re.MULTILINE)
    return text + "".join(written_in(group, base) for base in bases if base != "_self_")


def missing(option: str) -> list[str]:
    """What must be given beside an option, itself or the data that it chooses."""
    text = written_in(*option.split("="))
    data = re.search(r"override /data: (\w+)", text)
    text += (CONF / "data" / f"{data[1]}.yaml").read_text() if data else ""
    return ["data.path=somewhere"] if "path: ???" in text else []


def test_there_is_a_file_for_each_verb() -> None:
    assert {path.stem for path in CONF.glob("*.yaml")} == set(COMMANDS)
    assert not list(CONF.glob("*/*/*"))


@pytest.mark.parametrize("verb", COMMANDS)
def test_each_verb_composes(verb: str) -> None:
    assert "hydra" not in composed(verb, *GIVEN.get(verb, []))


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_composes(option: str) -> None:
    group, name = option.split("=")
    config = composed("train", option, *missing(option))
    written = OmegaConf.to_container(OmegaConf.load(CONF / group / f"{name}.yaml"))
    assert isinstance(written, dict)
    for key, value in written.items():
        if key != "defaults" and "???" not in str(value) and "${" not in str(value):
            found = config[group][key]
            assert found == value or {**found, **value} == found, key
    for verb in ("prepare", "evaluate"):
        if group in composed(verb, *GIVEN.get(verb, [])):
            composed(verb, option, *missing(option), *GIVEN.get(verb, []))


def test_all_choices_go_together() -> None:
    groups = sorted({option.split("=")[0] for option in OPTIONS})
    last = [next(option for option in reversed(OPTIONS) if option.startswith(f"{group}=")) for group in groups]
    assert composed("train", *last, "data.path=somewhere")


def test_the_loader_reads_the_flows_that_d_v_needs() -> None:
    video = ["data=video", "data.path=somewhere"]
    assert composed("train", *video, "discriminators.temporal_strides=[1,2]")["data"]["flow_strides"] == [1, 2]
    assert composed("prepare", *video)["data"]["flow_strides"] == [1, 3, 9]


def test_keys_of_the_renderer_are_not_those_of_the_loader() -> None:
    data = composed("train", "data=street", "data.seed=1", "data.street.height=64", "data.height=32")["data"]
    assert (data["seed"], data["height"], data["width"]) == (1, 32, 256)
    assert (data["street"]["seed"], data["street"]["height"], data["street"]["width"]) == (0, 64, 256)
    assert composed("train", "experiment=demo")["data"]["height"] == 64


def test_an_experiment_has_the_last_word_but_for_the_command_line() -> None:
    assert composed("train", "experiment=street")["run_dir"] == "runs/street"
    assert composed("train", "experiment=street", "run_dir=mine")["run_dir"] == "mine"
    assert composed("train")["run_dir"].startswith("runs/20")


@pytest.fixture(scope="module")
def film(street_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_video(path, [f for s in Manifest.load(street_root).sequences for f in stream_frames(s.target)], 10)
    return path


@pytest.fixture(scope="module")
def cityscapes(street_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered streets under the names that Cityscapes has, each in a city of its own."""
    root = tmp_path_factory.mktemp("cityscapes")
    for city, sequence in enumerate(Manifest.load(street_root).sequences):
        folder, stem = f"{sequence.split}/city{city}", f"city{city}_000000_{{:06d}}_"
        (root / "leftImg8bit_sequence" / folder).mkdir(parents=True)
        (root / "gtFine" / folder).mkdir(parents=True)
        for t, (frame, labels) in enumerate(
            zip(stream_frames(sequence.target), stream_frames(sequence.source), strict=True)
        ):
            name = stem.format(t)
            cv2.imwrite(str(root / "leftImg8bit_sequence" / folder / f"{name}leftImg8bit.png"), frame[..., ::-1])
            for kind in ("labelIds", "instanceIds"):
                cv2.imwrite(str(root / "gtFine" / folder / f"{name}gtFine_{kind}.png"), labels[..., 0])
    return root


@pytest.fixture(scope="module")
def people(samples: Path) -> dict[str, list[str]]:
    """Overrides for the few real frames there are of a face and of a dancer, two of which are held out."""
    short = ["data.clip_frames=3", "data.val_frames=2", "data.holdout=0.4", "data.shortest=2", "data.cuts=ignore"]
    # too few to judge F on
    short += [
        "data.clip_double_every=0",
        "data.flow_strides=[1]",
        "trainer.limit_val_batches=0",
        "output.preview_every=0",
    ]
    folders = {"face": "ZzTpJYDc62E_4_ZzTpJYDc62E_4", "pose": "001_001"}
    return {kind: [*short, f"data.path={samples / kind / 'images' / name}"] for kind, name in folders.items()}


def tiny(experiment: str, film: Path, cityscapes: Path, stages: list[str]) -> Iterator[str]:
    """Overrides that leave of an experiment's data only the kind."""
    config = composed("train", f"experiment={experiment}", *missing(f"experiment={experiment}"))
    kind = config["data"]["kind"]
    yield from (stage for stage in stages if int(stage.split(".")[1]) < len(config["stages"]))
    yield from (f"stages.{i}.clip_frames=4" for i in range(len(config["stages"])))
    # small data have no longer clips
    yield from ("data.clip_double_every=0", f"rollout.lead_in={min(config['rollout']['lead_in'], 1)}")
    if config["init_from"]:
        # a model of its size is what it begins from
        own = config["generator"]
        yield from (f"generator.{name}={own[name]}" for name in ("base_channels", "blocks", "downsamples"))
    yield from ("data.height=32", "data.width=64", "data.num_workers=0", "data.clip_frames=4", "data.val_frames=4")
    if kind == "street":
        sizes = ("height=32", "width=64", "train_sequences=1", "val_sequences=1", "frames=9")
        yield from (f"data.street.{setting}" for setting in (*sizes, "render_workers=1", "root=street"))
    elif kind == "folder":
        yield f"data.path={cityscapes}"
    else:
        yield f"data.path={film}"


@pytest.mark.slow
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_each_experiment_runs(
    experiment: str,
    vid2vid: Callable[..., CompletedProcess[str]],
    small: list[str],
    small_stages: list[str],
    film: Path,
    cityscapes: Path,
    request: pytest.FixtureRequest,
) -> None:
    smaller = [*small, *tiny(experiment, film, cityscapes, small_stages), "trainer.limit_train_batches=2"]
    whole = composed("train", f"experiment={experiment}", *missing(f"experiment={experiment}"))
    condition = whole["data"].get("condition")
    if condition in ("face", "pose"):
        # who looks for people finds none in streets
        smaller += request.getfixturevalue("people")[condition]
    done = vid2vid("train", f"experiment={experiment}", *smaller)
    assert done.returncode == 0, done.stderr
    run_dir = Path(whole["run_dir"])
    content = torch.load(run_dir / "checkpoints" / "last.ckpt", weights_only=True)
    assert content["global_step"] > 0
    saved = OmegaConf.load(run_dir / "config.yaml")
    assert saved.trainer.limit_train_batches == 2
    assert saved.run_dir == str(run_dir)
