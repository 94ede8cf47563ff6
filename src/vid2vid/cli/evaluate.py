"""``vid2vid evaluate``."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from vid2vid.cli.assemble import choose_device, make_data, plain, run_config, run_folder
from vid2vid.errors import choose
from vid2vid.settings.learning import FIRST_FRAMES, require_image
from vid2vid.synthesis import evaluate
from vid2vid.training import load_any, load_image


def run(config: DictConfig) -> None:
    """Judge a trained model on held-out clips."""
    settings = plain(config)
    first, image = choose(settings["first"], FIRST_FRAMES, "first"), settings["image_checkpoint"]
    require_image(first, image, "first", "image_checkpoint")
    checkpoint = Path(settings["checkpoint"])
    module = load_any(checkpoint, choose_device(settings["device"]))
    config_of_run = {} if settings["data"] else run_config(checkpoint)
    # an image generator was trained without a teacher
    teacher = module.hparams.get("teacher") or config_of_run.get("teacher") or {}
    data = make_data(settings["data"] or config_of_run["data"], teacher, config_of_run.get("stages") or [])
    output = Path(settings["output"] or run_folder(checkpoint) / "evaluation")
    begin = load_image(image, module.device, module.condition) if first == "image" else first
    print(table(evaluate(module, data, output, begin)))  # noqa: T201
    print(f"written to {output}: metrics.json, sheet.png, synthesis.mp4")  # noqa: T201


def table(results: dict[str, Any]) -> str:
    """Return the metrics as a table for the terminal, one line a model."""
    models = {name: values for name, values in results.items() if isinstance(values, dict)}
    columns = list(next(iter(models.values())))
    lines = ["".join([f"{'':<12}", *(f"{column:>20}" for column in columns)])]
    for name, values in models.items():
        lines.append("".join([f"{name:<12}", *(f"{values[column]:>20.4f}" for column in columns)]))
    return "\n".join(lines)
