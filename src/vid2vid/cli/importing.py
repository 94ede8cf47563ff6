"""``vid2vid import``."""

from pathlib import Path

from vid2vid.condition import KINDS, Condition
from vid2vid.config.commands import Import
from vid2vid.errors import ConfigError, choose
from vid2vid.files import refuse_overwriting
from vid2vid.tools.nvidia.import_checkpoint import import_folder, source_channels
from vid2vid.tools.nvidia.reference_files import read_checkpoints
from vid2vid.training.checkpoints.serialization import save


def run(config: Import) -> None:
    """Turn a folder of the reference's checkpoints into one of ours."""
    folder = Path(config.checkpoint_dir)
    refuse_overwriting([Path(config.output)], folder.glob("*"))
    tensors = read_checkpoints(folder, config.epoch)
    condition = _condition(config, source_channels(tensors, str(folder)))
    module = import_folder(tensors, condition, config.foreground_labels, str(folder))
    save(module, Path(config.output))
    print(f"{config.output}: {type(module).__name__} with {condition.channels} condition channels")  # noqa: T201


def _condition(config: Import, channels: int) -> Condition:
    """Make the condition; for labels, the number of channels does not tell whether one is for instance edges."""
    if not KINDS[choose(config.condition, KINDS, "condition")].has_labels:
        return Condition(kind=config.condition)
    edges = config.instance_edges
    if edges is None:
        raise ConfigError(
            f"{config.checkpoint_dir}: the generator sees {channels} channels of each condition. Give "
            f"instance_edges=true if the last one is the map of instance edges ({channels - 1} labels), or "
            f"instance_edges=false ({channels} labels)."
        )
    ids = config.label_ids or list(range(channels - int(edges)))
    return Condition(label_ids=ids, label_names=config.label_names, instance_edges=edges)
