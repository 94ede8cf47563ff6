"""``vid2vid evaluate``."""

from pathlib import Path
from typing import Any

from vid2vid.baselines import ImageModule
from vid2vid.cli.assemble import choose_device, data_of_run, run_folder, whole_run_folder
from vid2vid.config import FlowEstimatorConfig
from vid2vid.config.commands import Evaluate
from vid2vid.config.optimization import FIRST_FRAMES, require_image
from vid2vid.errors import ConfigError, choose
from vid2vid.evaluation.held_out import evaluate_models
from vid2vid.evaluation.model_adapters import model_adapter
from vid2vid.evaluation.predictions import evaluate_predictions
from vid2vid.evaluation.report import Report, can_plot, check_names
from vid2vid.evaluation.video_folders import evaluate_folders
from vid2vid.models import MODELS
from vid2vid.training import load


def run(config: Evaluate) -> None:
    """Evaluate trained models on held-out clips, or videos in folders against real ones."""
    checkpoints, generated = _paths(config.checkpoint), _paths(config.generated)
    if bool(generated) != bool(config.real) or bool(checkpoints) == bool(generated):
        raise ConfigError(
            "give either checkpoint (one, or [a.ckpt,b.ckpt]), or generated and real (folders of videos): "
            "vid2vid evaluate checkpoint=... or vid2vid evaluate generated=... real=..."
        )
    if generated:
        names = _given_names(config, len(generated)) or _distinct([[path.stem for path in generated]], "generated")
        output = Path(config.output or "runs/evaluation")
        folders, device = dict(zip(names, generated, strict=True)), choose_device(config.device)
        report = evaluate_folders(
            folders, Path(config.real), output, config, FlowEstimatorConfig(), config.given_frames, device
        )
    else:
        report, output = _evaluate_checkpoints(config, checkpoints)
    print(report.text())  # noqa: T201
    plots = "curves.png" if can_plot() else "no curves.png, for which pip install 'vid2vid[plots]' is needed"
    print(f"written to {output}: metrics.json, metrics.md, sheet.png, videos, {plots}")  # noqa: T201


def _evaluate_checkpoints(config: Evaluate, checkpoints: list[Path]) -> tuple[Report, Path]:
    first, image = choose(config.first, FIRST_FRAMES, "first"), config.image_checkpoint
    require_image(first, image, "first", "image_checkpoint")
    names = _given_names(config, len(checkpoints))
    modules: list[Any] = [load(checkpoint, device=choose_device(config.device)) for checkpoint in checkpoints]
    predictors = [module for module in modules if MODELS[module.kind].predicts == "labels"]
    if predictors and (len(predictors) < len(modules) or first != "given"):
        raise ConfigError(
            "predictors of label maps can only be compared with each other, and with first=given; evaluate other "
            "models on their own."
        )
    data = data_of_run(checkpoints[0], config.data, modules[0].hparams.get("flow_estimator"))
    several = len(modules) > 1
    output = Path(config.output or run_folder(checkpoints[0]) / ("comparison" if several else "evaluation"))
    if predictors:
        names = names or _model_names(checkpoints, ["predictor"] * len(modules))
        named = dict(zip(names, predictors, strict=True))
        return evaluate_predictions(named, data, output, config, config.val_frames), output
    adapters = []
    for module in modules:
        # beside video models, the others make each frame as ever
        begin: str | ImageModule = "given" if several and not MODELS[module.kind].first_frames else first
        if begin == "image":
            begin = load(image, ImageModule, device=module.device, condition=module.condition)
        adapters.append(model_adapter(module, data, begin))
    names = names or _model_names(checkpoints, [adapter.name for adapter in adapters])
    models = dict(zip(names, adapters, strict=True))
    return evaluate_models(models, data, output, config, config.val_frames), output


def _paths(given: Any) -> list[Path]:  # noqa: ANN401 - a path, several of them, or none
    several = given if isinstance(given, list) else [given] if given else []
    return [Path(str(one)) for one in several]


def _given_names(config: Evaluate, count: int) -> list[str]:
    names = [str(name) for name in config.names]
    if names and len(names) != count:
        raise ConfigError(f"names={names}: give one for each of the {count} models or folders that are evaluated.")
    check_names(names)
    return names


def _model_names(checkpoints: list[Path], kinds: list[str]) -> list[str]:
    """Name models by their kinds, or if these do not tell them apart by the folders of their runs, or by both."""
    runs = [whole_run_folder(checkpoint).name for checkpoint in checkpoints]
    files = [f"{run}/{checkpoint.stem}" for run, checkpoint in zip(runs, checkpoints, strict=True)]
    return _distinct([kinds, runs, files], "checkpoint")


def _distinct(choices: list[list[str]], key: str) -> list[str]:
    """Return the first names that all differ.

    Raises:
        ConfigError: There are none.
    """
    for names in choices:
        if len(set(names)) == len(names):
            check_names(names)
            return names
    raise ConfigError(f"{key}: the paths do not tell {', '.join(choices[-1])} apart; name them: names=[a,b].")
