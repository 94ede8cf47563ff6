"""``vid2vid evaluate``."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from vid2vid.baselines import ImageModule
from vid2vid.cli.assemble import choose_device, make_data, plain, run_config, run_folder, whole_run_folder
from vid2vid.config import EvaluationConfig, FlowEstimatorConfig, build
from vid2vid.config.commands import Evaluate
from vid2vid.config.optimization import FIRST_FRAMES, require_image
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import ConfigError, choose
from vid2vid.evaluation import Verdict, compare, compare_predictions, judge_folders, performer
from vid2vid.evaluation.held_out import Performer
from vid2vid.evaluation.outcome import can_plot, check_names
from vid2vid.models import MODELS
from vid2vid.training import load
from vid2vid.training.adversarial_module import AdversarialModule

Settings = dict[str, Any]


def run(config: Evaluate) -> None:
    """Judge trained models on held-out clips, or videos in folders against real ones."""
    settings = plain(config)
    judging = build(EvaluationConfig, {f.name: settings[f.name] for f in fields(EvaluationConfig)}, "evaluate")
    checkpoints, generated = _paths(settings["checkpoint"]), _paths(settings["generated"])
    if bool(generated) != bool(settings["real"]) or bool(checkpoints) == bool(generated):
        raise ConfigError(
            "checkpoint must be given (one, or [a.ckpt,b.ckpt]), or generated and real, folders of videos: "
            "vid2vid evaluate checkpoint=... or vid2vid evaluate generated=... real=..."
        )
    if generated:
        verdict, output = _judge_folders(settings, generated, judging)
    else:
        verdict, output = _judge_models(settings, checkpoints, judging)
    print(verdict.text())  # noqa: T201
    plots = "curves.png" if can_plot() else "no curves.png, for which pip install 'vid2vid[plots]' is needed"
    print(f"written to {output}: metrics.json, metrics.md, sheet.png, videos, {plots}")  # noqa: T201


def _judge_folders(settings: Settings, generated: list[Path], judging: EvaluationConfig) -> tuple[Verdict, Path]:
    names = _given_names(settings, len(generated)) or _apart([[path.stem for path in generated]], "generated")
    output = Path(settings["output"] or "runs/evaluation")
    flow_estimator = build(FlowEstimatorConfig, None, "flow_estimator")
    device, given = choose_device(settings["device"]), settings["given_frames"]
    folders = dict(zip(names, generated, strict=True))
    return judge_folders(folders, Path(settings["real"]), output, judging, flow_estimator, given, device), output


def _judge_models(settings: Settings, checkpoints: list[Path], judging: EvaluationConfig) -> tuple[Verdict, Path]:
    first, image = choose(settings["first"], FIRST_FRAMES, "first"), settings["image_checkpoint"]
    require_image(first, image, "first", "image_checkpoint")
    names = _given_names(settings, len(checkpoints))
    modules: list[Any] = [load(checkpoint, device=choose_device(settings["device"])) for checkpoint in checkpoints]
    predictors = [module for module in modules if MODELS[module.kind].predicts == "labels"]
    if predictors and (len(predictors) < len(modules) or first != "given"):
        raise ConfigError("predictors are judged beside each other only, on what follows given label maps.")
    data = _data(settings, modules[0], checkpoints[0])
    several = len(modules) > 1
    output = Path(settings["output"] or run_folder(checkpoints[0]) / ("comparison" if several else "evaluation"))
    if predictors:
        names = names or _model_names(checkpoints, ["predictor"] * len(modules))
        foreseeing = dict(zip(names, predictors, strict=True))
        return compare_predictions(foreseeing, data, output, judging, settings["val_frames"]), output
    players: list[Performer] = []
    for module in modules:
        # beside video models, its rivals make each frame as ever
        begin: str | ImageModule = "given" if several and not MODELS[module.kind].first_frames else first
        if begin == "image":
            begin = load(image, ImageModule, device=module.device, condition=module.condition)
        players.append(performer(module, data, begin))
    names = names or _model_names(checkpoints, [player.name for player in players])
    performers = dict(zip(names, players, strict=True))
    return compare(performers, data, output, judging, settings["val_frames"]), output


def _data(settings: Settings, module: AdversarialModule[Any], checkpoint: Path) -> Vid2VidDataModule:
    """Make the data that is given, or that of the run which wrote a checkpoint."""
    config_of_run = {} if settings["data"] else run_config(checkpoint)
    # an image generator was trained without a flow estimator
    flow_estimator = module.hparams.get("flow_estimator") or config_of_run.get("flow_estimator") or {}
    return make_data(settings["data"] or config_of_run["data"], flow_estimator, config_of_run.get("stages") or [])


def _paths(given: Any) -> list[Path]:  # noqa: ANN401 - a path, several of them, or none
    several = given if isinstance(given, list) else [given] if given else []
    return [Path(str(one)) for one in several]


def _given_names(settings: Settings, count: int) -> list[str]:
    names = [str(name) for name in settings["names"]]
    if names and len(names) != count:
        raise ConfigError(f"names={names}: there must be one for each of the {count} that are judged.")
    check_names(names)
    return names


def _model_names(checkpoints: list[Path], kinds: list[str]) -> list[str]:
    """Name models by their kinds, or if these do not tell them apart by the folders of their runs, or by both."""
    runs = [whole_run_folder(checkpoint).name for checkpoint in checkpoints]
    files = [f"{run}/{checkpoint.stem}" for run, checkpoint in zip(runs, checkpoints, strict=True)]
    return _apart([kinds, runs, files], "checkpoint")


def _apart(choices: list[list[str]], key: str) -> list[str]:
    """Return the first names that differ.

    Raises:
        ConfigError: None do.
    """
    for names in choices:
        if len(set(names)) == len(names):
            check_names(names)
            return names
    raise ConfigError(f"{key}: {', '.join(choices[-1])} are not told apart by their paths; name them: names=[a,b].")
