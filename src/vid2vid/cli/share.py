"""``vid2vid share``."""

from typing import Any

from vid2vid.config.commands import Share
from vid2vid.errors import ConfigError
from vid2vid.files import refuse_overwriting
from vid2vid.training import load
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.checkpoints.measured import Measured


def run(config: Share) -> None:
    """Write a model folder, and push it to the hub if an id is given."""
    if config.output is None and not config.hub:
        raise ConfigError("give output (a folder) or hub (an id): vid2vid share checkpoint=... output=FOLDER")
    if config.output is not None:
        refuse_overwriting([config.output], [config.checkpoint, config.evaluation])
        if config.output.exists() and (not config.output.is_dir() or any(config.output.iterdir())):
            raise ConfigError(f"{config.output}: exists already; choose a new or an empty folder.")
    module: Any = load(config.checkpoint)
    found = Measured.beside(config.checkpoint, fingerprint(module, config.half)) if config.evaluation is None else None
    saved: dict[str, Any] = {
        "evaluation": config.evaluation or (found.folder if found else None),
        "licence": config.licence,
        "data": config.training_data,
        "half": config.half,
    }
    if config.output is not None:
        module.save_pretrained(config.output, **saved)
        told = f"with what was measured in {saved['evaluation']}" if saved["evaluation"] else "nothing was measured"
        print(f"{config.output}: the model and its card ({told}); read README.md before you hand it on")  # noqa: T201
    if config.hub:
        print(module.push_to_hub(config.hub, private=config.private or None, **saved))  # noqa: T201
