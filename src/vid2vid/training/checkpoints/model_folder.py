"""Model folders, for sharing: the weights of a generator (safetensors), its settings (JSON) and a card."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from vid2vid.errors import CheckpointError
from vid2vid.files import parse_json, write_bytes, write_text
from vid2vid.training.adversarial_module import FACTS, HEADER, AdversarialModule
from vid2vid.training.checkpoints.hub import download, is_model_id

WEIGHTS, SETTINGS, CARD = "model.safetensors", "config.json", "README.md"
METRICS = "metrics.json"
"""The file of the model's evaluation, if there is one."""
SHIPPED = Path(__file__).parents[2] / "pretrained"
"""The folder of the models that come with vid2vid, each in a folder of its name."""
_OF_TRAINING = ("objective", "optimizer", "rollout", "flow_estimator")


@dataclass(frozen=True)
class ModelFolder:
    """A folder with a model.

    Attributes:
        path: The folder.
    """

    path: Path

    @classmethod
    def find(cls, path: str | Path) -> "ModelFolder | None":
        """Return the folder of a model, given by its path, by the name of a shipped model, or by an id on the hub.

        The user's own folder takes precedence over a shipped model of the same name, and any file or folder over an
        id, ``owner/name`` or ``owner/name@revision``. Only the files that are read are downloaded from the hub.

        Returns:
            None if the path is something else.

        Raises:
            CheckpointError: It looks like an id, but there is no such model, or the hub cannot be reached.
            MissingExtraError: It looks like an id, and huggingface_hub is not installed.
        """
        named = [Path(path), *([SHIPPED / path] if str(path) in shipped_models() else [])]
        found = next((cls(folder) for folder in named if (folder / SETTINGS).is_file()), None)
        if found is None and is_model_id(str(path)) and not Path(path).exists():
            return cls.from_hub(str(path))
        return found

    @classmethod
    def from_hub(cls, model_id: str, **options: Any) -> "ModelFolder":  # noqa: ANN401 - those of `download`
        """Return the folder of a model on the hub; the arguments are those of `download`."""
        return cls(download(model_id, (SETTINGS, WEIGHTS), (METRICS,), **options))

    def read(self) -> dict[str, Any]:
        """Return the content in the form of a checkpoint, with the generator alone; nothing in it is executed.

        Raises:
            CheckpointError: A file is missing or damaged.
        """
        try:
            config = parse_json((self.path / SETTINGS).read_text(encoding="utf-8"))
            header, settings = config[HEADER], config["settings"]
            state = load_file(self.path / WEIGHTS)
        except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
            raise CheckpointError(f"{self.path}: cannot be read as the folder of a model: {error}") from error
        weights = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
        return {HEADER: header, "hyper_parameters": settings, FACTS: config.get(FACTS), "state_dict": weights}


def shipped_models() -> list[str]:
    """Return the names of the models that come with vid2vid."""
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{SETTINGS}"))


def save_model_folder(
    module: AdversarialModule[Any],
    folder: Path,
    card: str,
    half: bool = False,
    more: Mapping[str, bytes] | None = None,
) -> None:
    """Write the generator of a module into a folder, with its settings and a card; `vid2vid.load` reads it.

    Args:
        module: The module; where it has a running average of its weights, that is written.
        folder: The folder; it is made if it is missing.
        card: What the model is, in Markdown.
        half: Write the weights in float16, which takes half of the room.
        more: The content of further files, by name.

    Raises:
        OSError: A file cannot be written.
    """

    def stored(tensor: Tensor) -> Tensor:
        kept = tensor.detach().cpu().contiguous()
        return kept.half() if half and kept.is_floating_point() else kept

    state = {f"generator.{name}": tensor for name, tensor in module.synthesis_generator.state_dict().items()}
    state |= {name: tensor for name, tensor in module.state_dict().items() if name.startswith("class_colours.")}
    settings = {name: value for name, value in module.hparams.items() if name not in _OF_TRAINING}
    write_bytes(folder / WEIGHTS, save({name: stored(tensor) for name, tensor in state.items()}, {"format": "pt"}))
    content = {HEADER: module.header, "settings": settings, FACTS: asdict(module.facts)}
    write_text(folder / SETTINGS, json.dumps(content, indent=1) + "\n")
    for name, data in (more or {}).items():
        write_bytes(folder / name, data)
    write_text(folder / CARD, card)
