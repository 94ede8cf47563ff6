"""``vid2vid evaluate``."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from vid2vid.cli.assemble import choose_device, make_data, plain, run_config, run_folder
from vid2vid.synthesis import evaluate
from vid2vid.training import load


def run(config: DictConfig) -> None:
    """Judge a trained model on held-out clips."""
    settings = plain(config)
    checkpoint = Path(settings["checkpoint"])
    module = load(checkpoint, choose_device(settings["device"]))
    teacher = module.hparams["teacher"]
    data = make_data(settings["data"] or run_config(checkpoint)["data"], teacher)
    output = Path(settings["output"] or run_folder(checkpoint) / "evaluation")
    print(table(evaluate(module, data, output)))  # noqa: T201
    print(f"written to {output}: metrics.json, sheet.png, synthesis.mp4")  # noqa: T201


def table(results: dict[str, Any]) -> str:
    """Return the metrics as a table for the terminal, one line a model."""
    models = {name: values for name, values in results.items() if isinstance(values, dict)}
    columns = list(next(iter(models.values())))
    lines = ["".join([f"{'':<12}", *(f"{column:>20}" for column in columns)])]
    for name, values in models.items():
        lines.append("".join([f"{name:<12}", *(f"{values[column]:>20.4f}" for column in columns)]))
    return "\n".join(lines)
