"""``vid2vid import``."""

from pathlib import Path
from typing import Any

from vid2vid.cli.assemble import plain
from vid2vid.condition import KINDS, Condition
from vid2vid.config.commands import Import
from vid2vid.errors import ConfigError, choose
from vid2vid.tools.nvidia.import_checkpoint import import_folder, source_channels
from vid2vid.tools.nvidia.reference_files import read_checkpoints
from vid2vid.training.checkpoints.serialization import save


def run(config: Import) -> None:
    """Turn a folder of the reference's checkpoints into one of ours."""
    settings = plain(config)
    folder = Path(settings["checkpoint_dir"])
    tensors = read_checkpoints(folder, settings["epoch"])
    condition = _condition(settings, source_channels(tensors, str(folder)), folder)
    module = import_folder(tensors, condition, settings["foreground_labels"], str(folder))
    output = Path(settings["output"])
    save(module, output)
    print(f"{output}: {type(module).__name__} with {condition.channels} condition channels")  # noqa: T201


def _condition(settings: dict[str, Any], channels: int, folder: Path) -> Condition:
    """Make the condition; for labels, the number of channels does not tell whether one is for instance edges."""
    kind, edges = settings["condition"], settings["instance_edges"]
    if not KINDS[choose(kind, KINDS, "condition.kind")].has_labels:
        return Condition(kind=kind)
    if edges is None:
        raise ConfigError(
            f"{folder}: the generator sees {channels} channels of each condition. Give instance_edges=true if the last "
            f"one is the map of instance edges ({channels - 1} labels), or instance_edges=false ({channels} labels)."
        )
    ids = settings["label_ids"] or list(range(channels - int(edges)))
    return Condition(label_ids=ids, label_names=settings["label_names"], instance_edges=edges)
